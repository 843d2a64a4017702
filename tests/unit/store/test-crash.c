/* A recorder killed at any moment: the database opens, is sound, and holds the committed batches whole. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>

#include "recorder/store/vault.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

enum { ROUNDS = 30, EVENTS = 40 };

/* One batch: a process with its image, EVENTS events and its end. */
static void fill(struct batch *b, int64_t id)
{
	char name[64];

	add_process(b, id, 100 + id, T0 + id, id > 1 ? id - 1 : 0);
	snprintf(name, sizeof(name), "program --number %lld", (long long)id);
	add_image(b, id, id, T0 + id, "/usr/bin/program", arena_copy(&b->arena, span_of(name)).p);
	for (int i = 0; i < EVENTS; i++) {
		snprintf(name, sizeof(name), "/tmp/%lld/%d", (long long)id, i);
		add_event(b, T0 + id, ACTION_FILE_WRITE, id, arena_copy(&b->arena, span_of(name)));
	}
	batch_add(b, ITEM_END)->end = (struct process_end){ id, T0 + id + 1, 0, 0 };
}

/* Never returns. Tells on fd each id that is committed. */
static void write_for_ever(const char *path, int fd)
{
	AUTO_FREE char *error = NULL;
	struct store *s = NULL;
	struct batch *b = batch_new();
	int64_t id;

	if (store_open(path, STORE_CREATE, &s, &error) < 0)
		_exit(1);
	for (id = store_ids(s).process + 1;; id++) {
		if (id == 1)
			add_boot(b, 1);
		fill(b, id);
		if (store_write(s, b) < 0 || store_commit(s) < 0)
			_exit(2);
		batch_reset(b);
		if (write(fd, &id, sizeof(id)) != (ssize_t)sizeof(id))
			_exit(3);
	}
}

/* The greatest id that was told. */
static int64_t read_committed(int fd, int64_t last)
{
	int64_t id;

	while (read(fd, &id, sizeof(id)) == (ssize_t)sizeof(id))
		last = id;
	return last;
}

/* How many batches are there. */
static int64_t check(const char *path, int64_t committed)
{
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	if (vault_open(path, VAULT_CHECK, NULL, NULL, NULL, &db, &error) < 0)
		fail_msg("%s", error);
	n = ask_db(db, "SELECT count(*) FROM process");
	assert_in_range(n, committed, committed + 1); /* killed between the commit and telling */
	assert_int_equal(ask_db(db, "SELECT count(*) FROM image"), n);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), n * EVENTS);
	assert_int_equal(ask_db(db, "SELECT coalesce(sum(count), 0) FROM rollup"), n * EVENTS);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM process WHERE end_ms IS NULL"), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event e JOIN text t ON t.id = e.object"), n * EVENTS);
	vault_close(db);
	return n;
}

static void test_killed_writer(void **state)
{
	struct place *p = *state;
	int64_t committed = 0;

	srand(5);
	for (int round = 0; round < ROUNDS; round++) {
		struct timespec wait = { 0, 1000000L * (rand() % 60) };
		int fds[2], status;
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			close(fds[0]);
			write_for_ever(p->path, fds[1]);
		}
		close(fds[1]);
		/* Now and then while it opens; else once it has written, however slow the machine is. */
		if (round % 4)
			assert_int_equal(read(fds[0], &committed, sizeof(committed)), sizeof(committed));
		nanosleep(&wait, NULL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		committed = read_committed(fds[0], committed);
		close(fds[0]);
		if (access(p->path, F_OK) == 0)
			committed = check(p->path, committed);
		else
			assert_int_equal(committed, 0);
	}
	assert_true(committed >= ROUNDS / 4 * 3);
	assert_string_equal(ask(p->path, "PRAGMA integrity_check"), "ok");
	assert_string_equal(ask(p->path, "SELECT count(*) FROM (SELECT 1 FROM text GROUP BY kind, dir, value "
	                                 "HAVING count(*) > 1)"), "0");
}

/* A bulk load that is killed leaves no database, and the next one is not in its way. */
static void test_killed_bulk(void **state)
{
	struct place *p = *state;
	struct store *s;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct batch *b = batch_new();

		s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
		for (int64_t id = 1; id < 2000; id++) {
			fill(b, id);
			store_write(s, b);
			batch_reset(b);
		}
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(access(p->path, F_OK), -1);
	s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
	assert_int_equal(store_close(s), 0);
	check(p->path, 0);
}

static void remove_database(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char name[128];

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

/* A real full disk, where we may mount one. */
static void test_full_file_system(void **state)
{
	struct place *p = *state;
	struct batch *b = batch_new();
	struct store *s;
	int64_t id = 1, committed = 0;
	int r = 0;

	if (mount("none", p->dir, "tmpfs", 0, "size=2m") < 0) {
		print_message("mounting a small tmpfs is not allowed here: skipped\n");
		batch_free(b);
		skip();
	}
	s = open_store(p->path, STORE_CREATE);
	for (; r == 0 && id < 100000; id++) {
		fill(b, id);
		r = store_write(s, b);
		batch_reset(b);
		if (r == 0)
			r = store_commit(s);
		if (r == 0)
			committed = id;
	}
	assert_int_equal(r, -ENOSPC);
	assert_true(committed > 0);
	store_close(s);
	check(p->path, committed);
	remove_database(p->path);
	assert_int_equal(count_files(p->dir), 0);
	s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
	r = 0;
	for (id = 1; r == 0 && id < 100000; id++) {
		fill(b, id);
		r = store_write(s, b);
		batch_reset(b);
	}
	if (r == 0)
		r = store_close(s);
	else
		store_discard(s);
	batch_free(b);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(count_files(p->dir), 0);
	assert_int_equal(umount(p->dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_killed_writer), PLACED(test_killed_bulk), PLACED(test_full_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
