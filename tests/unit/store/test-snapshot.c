/* A copy is whole, of one moment, and of one file, or not there. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "recorder/store/snapshot.h"
#include "recorder/store/vault.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

static void write_events(struct store *s, struct batch *b, int from, int n)
{
	for (int i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/tmp/%d", from + i);
		add_event(b, T0 + from + i, ACTION_FILE_WRITE, 0, arena_copy(&b->arena, span_of(name)));
	}
	assert_int_equal(store_write(s, b), 0);
	batch_reset(b);
}

static char *make_folder(const struct place *p)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/out", p->dir) > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	return path;
}

static void test_live_copy(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *out = make_folder(p);
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *error = NULL;
	AUTO_FREE char *pattern = NULL;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	unsigned char header[20];
	sqlite3 *db = NULL;
	int fd, year, ms;

	add_boot(b, 1);
	write_events(s, b, 0, 1000);
	assert_int_equal(store_meta_set(s, "host", "../web 01.example"), 0);
	assert_int_equal(store_commit(s), 0);
	write_events(s, b, 1000, 500); /* not committed: not in it */
	assert_int_equal(snapshot_take(p->path, out, NULL, NULL, NULL, &path, &error), 0);
	assert_int_equal(store_close(s), 0);
	batch_free(b);

	assert_int_equal(count_files(out), 1);
	assert_memory_equal(path + strlen(out), "/_._web_01.example_20", 21);
	assert_int_equal(sscanf(path + strlen(out), "/_._web_01.example_%d_%*2d_%*2dT%*2d.%*2d.%*2d.%3dZ.db", &year, &ms), 2);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, header, sizeof(header)), 20);
	close(fd);
	assert_int_equal(header[18], 1); /* no WAL: journal_mode DELETE */
	assert_int_equal(vault_open(path, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 1000);
	assert_true(ask_db(db, "SELECT value FROM meta WHERE key = 'snapshot_ms'") > T0 / 2);
	vault_close(db);
}

/* A name that a snapshot of process `pid` would have while it is made. */
static int make_part(const char *out, int pid, char name[256])
{
	snprintf(name, 256, "%s/.web_2026_11_20T09.14.02.113Z.db.part-%d", out, pid);
	return open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
}

/* What killed ones left is gone after the next; what somebody is at work on, elsewhere too, is not, nor other files. */
static void test_leftovers_are_removed(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *out = make_folder(p);
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *error = NULL;
	char left[256], ours[256], held[256], lives[256], other[512];
	int dead = fork(), other_dead, lock, fds[5];

	if (dead == 0)
		_exit(0);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	other_dead = fork();
	if (other_dead == 0)
		_exit(0);
	assert_int_equal(waitpid(other_dead, NULL, 0), other_dead);
	assert_int_equal(store_close(open_store(p->path, STORE_CREATE)), 0);
	fds[0] = make_part(out, dead, left);
	fds[1] = make_part(out, getpid(), ours);
	fds[2] = make_part(out, getppid(), lives);
	lock = fds[3] = make_part(out, other_dead, held);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	snprintf(other, sizeof(other), "%s/web.db.part-%d", out, dead);
	fds[4] = open(other, O_CREAT | O_EXCL | O_WRONLY, 0600);
	for (size_t i = 0; i < 5; i++)
		assert_true(fds[i] >= 0);
	assert_int_equal(snapshot_take(p->path, out, NULL, NULL, NULL, &path, &error), 0);
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(ours, F_OK), -1);
	assert_int_equal(access(lives, F_OK), 0);
	assert_int_equal(access(held, F_OK), 0);
	assert_int_equal(access(other, F_OK), 0);
	assert_int_equal(count_files(out), 4);
	for (size_t i = 0; i < 5; i++)
		close(fds[i]);
	unlink(lives);
	unlink(held);
	unlink(other);
}

static void test_failures_leave_nothing(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *out = make_folder(p);
	struct cancel cancel = { true };
	char missing[128];
	char *path = NULL, *error = NULL;

	assert_int_equal(snapshot_take(p->path, out, NULL, NULL, NULL, &path, &error), -ENOENT);
	assert_non_null(strstr(error, "No such file"));
	free(error);
	assert_int_equal(store_close(open_store(p->path, STORE_CREATE)), 0);
	snprintf(missing, sizeof(missing), "%s/missing", p->dir);
	assert_int_equal(snapshot_take(p->path, missing, NULL, NULL, NULL, &path, &error), -ENOENT);
	free(error);
	assert_int_equal(snapshot_take(p->path, p->path, NULL, NULL, NULL, &path, &error), -ENOTDIR);
	free(error);
	assert_int_equal(snapshot_take(p->path, out, &cancel, NULL, NULL, &path, &error), -ECANCELED);
	assert_non_null(strstr(error, "cancelled"));
	free(error);
	assert_null(path);
	assert_int_equal(count_files(out), 0);
}

static void cancel_late(double fraction, void *data)
{
	assert_true(fraction >= 0 && fraction <= 1);
	if (fraction > 0.3)
		atomic_store(&((struct cancel *)data)->requested, true);
}

static void test_cancelled_half_way(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *out = make_folder(p);
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	struct cancel cancel = { false };
	char *path = NULL, *error = NULL;

	write_events(s, b, 0, 50000);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
	assert_int_equal(snapshot_take(p->path, out, &cancel, cancel_late, &cancel, &path, &error), -ECANCELED);
	free(error);
	assert_int_equal(count_files(out), 0);
}

static void test_full_disk(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *out = make_folder(p);
	struct store *s;
	struct batch *b;
	char *path = NULL, *error = NULL;

	if (mount("none", out, "tmpfs", 0, "size=1m") < 0) {
		print_message("mounting a small tmpfs is not allowed here: skipped\n");
		free(STEAL(out));
		skip();
	}
	s = open_store(p->path, STORE_CREATE);
	b = batch_new();
	write_events(s, b, 0, 50000);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
	assert_int_equal(snapshot_take(p->path, out, NULL, NULL, NULL, &path, &error), -ENOSPC);
	assert_non_null(strstr(error, "No space left on device"));
	free(error);
	assert_int_equal(count_files(out), 0);
	assert_int_equal(umount(out), 0);
}

struct writer {
	const char *path;
	atomic_bool stop;
};

/* Commits pairs: a copy of one moment never holds a half of one. */
static void *write_pairs(void *data)
{
	struct writer *w = data;
	AUTO_FREE char *error = NULL;
	struct store *s = NULL;
	struct batch *b = batch_new();
	int r = store_open(w->path, 0, &s, &error);

	for (int i = 0; r == 0 && !atomic_load(&w->stop); i += 2) {
		add_event(b, T0 + i, ACTION_FILE_WRITE, 0, SPAN("/one"));
		add_event(b, T0 + i, ACTION_FILE_DELETE, 0, SPAN("/other"));
		r = store_write(s, b);
		batch_reset(b);
		if (r == 0)
			r = store_commit(s);
	}
	batch_free(b);
	if (r == 0)
		r = store_close(s);
	return r == 0 ? NULL : w;
}

static void test_while_written(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *out = make_folder(p);
	struct writer w = { .path = p->path };
	pthread_t thread;
	void *bad;
	int64_t last = -1, n;

	assert_int_equal(store_close(open_store(p->path, STORE_CREATE)), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_pairs, &w), 0);
	for (int i = 0; i < 20; i++) {
		AUTO_FREE char *path = NULL;
		AUTO_FREE char *error = NULL;
		sqlite3 *db = NULL;

		if (snapshot_take(p->path, out, NULL, NULL, NULL, &path, &error) != 0)
			fail_msg("%s", error);
		assert_int_equal(vault_open(path, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
		n = ask_db(db, "SELECT count(*) FROM event");
		assert_int_equal(n % 2, 0);
		assert_int_equal(n / 2, ask_db(db, "SELECT count(*) FROM event WHERE action = 202"));
		assert_true(n >= last);
		last = n;
		vault_close(db);
		unlink(path);
	}
	atomic_store(&w.stop, true);
	pthread_join(thread, &bad);
	assert_null(bad);
	assert_true(last > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_live_copy), PLACED(test_leftovers_are_removed), PLACED(test_failures_leave_nothing),
		PLACED(test_cancelled_half_way),
		PLACED(test_full_disk), PLACED(test_while_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
