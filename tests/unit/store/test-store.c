/* What is written is what plain SQLite reads. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/store.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

static void assert_sound(const char *path)
{
	assert_string_equal(ask(path, "PRAGMA integrity_check"), "ok");
}

static void write_all(struct store *s, struct batch *b)
{
	assert_int_equal(store_write(s, b), 0);
	batch_reset(b);
}

static void fill(struct batch *b)
{
	static const int32_t lengths[] = { 3, 3, -1, 0 };
	struct image_start *im;
	struct event *e;

	add_boot(b, 1);
	add_process(b, 1, 100, T0, 0);
	add_image(b, 1, 1, T0, "/usr/bin/bash", "bash -l");
	add_event(b, T0, ACTION_PROCESS_CREATE, 1, SPAN("/usr/bin/bash"));
	add_process(b, 2, 101, T0 + 5, 1);
	b->items[b->n - 1].process.ns_pid = 7;
	im = add_image(b, 2, 2, T0 + 5, "/opt/a b", "a b c d");
	im->arg_lengths = lengths;
	im->argc = 4;
	im->comm = SPAN("other");
	im->script = SPAN("/usr/local/bin/tool");
	e = add_event(b, T0 + 9, ACTION_FILE_RENAME, 2, SPAN("/tmp/\xff\xfe old"));
	e->object2 = SPAN("/new");
	e->flags = EVENT_FLAG_COMPAT;
	e = add_event(b, T0 + 20, ACTION_NETWORK_CONNECT_FAILED, 2, SPAN("10.0.0.1"));
	e->port = 443;
	e->result = 111;
	batch_add(b, ITEM_END)->end = (struct process_end){ 2, T0 + 30, 3, 0 };
	batch_add(b, ITEM_GAP)->gap = (struct gap){ T0, T0 + 1, GAP_KERNEL_LOST, 17 };
	batch_add(b, ITEM_UNPARSED)->unparsed = (struct unparsed){ T0, SPAN("type=X\0y"), "no serial" };
}

static void check_filled(const char *path)
{
	assert_sound(path);
	assert_string_equal(ask(path, "SELECT group_concat(time || action || ' ' || pid || coalesce(executable, ''), '|') "
	                              "FROM (SELECT * FROM v_event ORDER BY id)"),
	                    "2026-11-25 01:47:24.000100 100/usr/bin/bash|2026-11-25 01:47:24.009203 101/opt/a b|"
	                    "2026-11-25 01:47:24.020302 101/opt/a b");
	assert_string_equal(ask(path, "SELECT hex(object) || object2 FROM v_event WHERE action = 203"),
	                    "2F746D702FFFFE206F6C64/new");
	assert_string_equal(ask(path, "SELECT object || port || result FROM v_event WHERE action = 302"), "10.0.0.1443111");
	assert_string_equal(ask(path, "SELECT pid || ' ' || exit_code || ' ' || parent_pid || ' ' || cwd || user || host "
	                              "FROM v_process WHERE id = 2"), "101 3 100 /rootroothost-a");
	assert_string_equal(ask(path, "SELECT script || ns_pid || cgroup FROM v_process WHERE id = 2"),
	                    "/usr/local/bin/tool7/user.slice/session-3.scope");
	assert_string_equal(ask(path, "SELECT hex(arg_lengths) FROM image WHERE id = 2"), "04040001");
	assert_string_equal(ask(path, "SELECT value FROM text WHERE id = (SELECT comm FROM image WHERE id = 2)"), "other");
	assert_string_equal(ask(path, "SELECT from_ms || ' ' || cause || ' ' || count FROM gap"), "1795571244000 1 17");
	assert_string_equal(ask(path, "SELECT hex(line) FROM unparsed"), "747970653D580079");
	assert_string_equal(ask(path, "SELECT sum(count) FROM rollup"), "3");
	assert_string_equal(ask(path, "SELECT value FROM meta WHERE key = 'unparsed'"), "5");
	assert_string_equal(ask(path, "SELECT name || count || used FROM record_count"), "SYSCALL128");
	assert_string_equal(ask(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL"), "2");
}

static void write_filled(const char *path, unsigned flags)
{
	struct store *s = open_store(path, flags);
	struct batch *b = batch_new();

	fill(b);
	for (unsigned i = 0; i < 2; i++) {
		batch_add(b, ITEM_COUNT)->count = (struct record_count){ 0, SPAN_NONE, 2 + i, 0 };
		batch_add(b, ITEM_COUNT)->count = (struct record_count){ 1300, SPAN("SYSCALL"), 5 + 2 * i, 4 };
	}
	write_all(s, b);
	assert_int_equal(store_events(s), 3);
	assert_int_equal(store_ids(s).image, 2);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static void test_live_rows(void **state)
{
	struct place *p = *state;

	write_filled(p->path, STORE_CREATE);
	check_filled(p->path);
}

static void test_bulk_rows(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
	struct batch *b = batch_new();

	fill(b);
	write_all(s, b);
	assert_int_equal(access(p->path, F_OK), -1);
	store_discard(s);
	assert_string_equal(ask(":memory:", "SELECT 1"), "1");
	batch_free(b);
	assert_int_equal(rmdir(p->dir), 0); /* nothing is left in it */
	assert_int_equal(mkdir(p->dir, 0700), 0);
	write_filled(p->path, STORE_CREATE | STORE_IMPORT);
	check_filled(p->path);
}

/* More milliseconds than are remembered, with writes to the table falling inside one: no two rows get one id. */
static void test_flush_within_a_millisecond(void **state)
{
	enum { MILLISECONDS = 80000, EACH = 3 };
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE | STORE_IMPORT);
	struct batch *b = batch_new();
	char want[32];

	for (int i = 0; i < MILLISECONDS * EACH; i++) {
		add_event(b, T0 + i / EACH, ACTION_FILE_WRITE, 0, SPAN("/tmp/x"));
		if (b->n == 1000)
			write_all(s, b);
	}
	write_all(s, b);
	assert_int_equal(store_close(s), 0);
	snprintf(want, sizeof(want), "%d|%d", MILLISECONDS * EACH, MILLISECONDS);
	assert_string_equal(ask(p->path, "SELECT count(*) || '|' || count(DISTINCT id >> 14) FROM event"), want);
	batch_free(b);
}

static void expect_open(const char *path, unsigned flags, int want, const char *text)
{
	AUTO_FREE char *error = NULL;
	struct store *s = NULL;
	int r = store_open(path, flags, &s, &error);

	if (r == 0)
		store_close(s);
	assert_int_equal(r, want);
	assert_non_null(error);
	if (!strstr(error, text) || strchr(error, '\n'))
		fail_msg("said \"%s\", not \"%s\"", error, text);
}

static void test_opening(void **state)
{
	struct place *p = *state;
	struct store *s;

	expect_open(p->path, 0, -ENOENT, "No such file");
	expect_open(p->dir, STORE_CREATE, -EISDIR, "Is a directory");
	expect_open("/nowhere/at/all.db", STORE_CREATE, -ENOENT, "No such file");
	s = open_store(p->path, STORE_CREATE);
	expect_open(p->path, STORE_CREATE, -EBUSY, "another process is writing it");
	expect_open(p->path, STORE_CREATE | STORE_SET_ASIDE, -EBUSY, "another process is writing it");
	assert_int_equal(store_close(s), 0);
	s = open_store(p->path, 0);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(count_files(p->dir), 1);
}

/* Not ours: left alone byte by byte, or moved away with its bytes. */
static void test_foreign_files(void **state)
{
	static const struct { const char *sql; int error; const char *text; } files[] = {
		{ NULL, -ENOTSUP, "not a database" },
		{ "CREATE TABLE cookies(x)", -EBADMSG, "something else" },
		{ "PRAGMA application_id = 0x53504f52; PRAGMA user_version = 99; CREATE TABLE x(y)", -EPROTONOSUPPORT, "newer" },
		{ "PRAGMA application_id = 0x53504f52; PRAGMA user_version = 1; CREATE TABLE x(y)", -EBADMSG, "missing" },
		{ "PRAGMA application_id = 0x53504f52; PRAGMA user_version = 2; CREATE TABLE x(y)", -EBADMSG, "missing" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct store *s;
		struct stat before, after;

		if (files[i].sql) {
			sqlite3 *db;

			assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
			assert_int_equal(sqlite3_exec(db, files[i].sql, NULL, NULL, NULL), SQLITE_OK);
			sqlite3_close(db);
		} else {
			FILE *f = fopen(p->path, "w");

			fputs("my diary", f);
			fclose(f);
		}
		assert_int_equal(stat(p->path, &before), 0);
		expect_open(p->path, STORE_CREATE, files[i].error, files[i].text);
		assert_int_equal(stat(p->path, &after), 0);
		assert_int_equal(before.st_ino, after.st_ino);
		assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
		assert_int_equal(count_files(p->dir), 1 + (int)i);
		s = open_store(p->path, STORE_CREATE | STORE_SET_ASIDE);
		assert_int_equal(store_close(s), 0);
		assert_int_equal(count_files(p->dir), 2 + (int)i);
		assert_string_equal(ask(p->path, "SELECT cause FROM gap"), "10");
		unlink(p->path);
	}
}

static void test_event_order(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();

	add_boot(b, 1);
	add_event(b, T0 + 100, ACTION_FILE_WRITE, 0, SPAN("/b"));
	add_event(b, T0 + 50, ACTION_FILE_WRITE, 0, SPAN("/a"));
	add_event(b, T0 + 100, ACTION_FILE_WRITE, 0, SPAN("/c"));
	add_event(b, -5, ACTION_FILE_WRITE, 0, SPAN("/before 1970"));
	add_event(b, INT64_MAX, ACTION_FILE_WRITE, 0, SPAN("/never"));
	write_all(s, b);
	assert_int_equal(store_close(s), 0);
	/* After a restart, times that are there already. */
	s = open_store(p->path, 0);
	add_event(b, T0 + 100, ACTION_FILE_WRITE, 0, SPAN("/d"));
	add_event(b, -7, ACTION_FILE_WRITE, 0, SPAN("/too"));
	write_all(s, b);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
	assert_string_equal(ask(p->path, "SELECT group_concat(object) FROM (SELECT * FROM v_event ORDER BY id)"),
	                    "/before 1970,/too,/a,/b,/c,/d,/never");
	assert_string_equal(ask(p->path, "SELECT group_concat(id) FROM (SELECT id FROM event ORDER BY id LIMIT 2)"), "0,1");
	assert_string_equal(ask(p->path, "SELECT max(id >> 14) FROM event"), "253402300799999");
}

static void test_full_millisecond(void **state)
{
	struct place *p = *state;
	char question[200];

	for (unsigned bulk = 0; bulk < 2; bulk++) {
		struct store *s = open_store(p->path, STORE_CREATE | (bulk ? STORE_IMPORT : 0));
		struct batch *b = batch_new();

		add_event(b, T0 + 1, ACTION_FILE_DELETE, 0, SPAN("/next"));
		for (int i = 0; i < 40000; i++)
			add_event(b, T0, ACTION_FILE_WRITE, 0, SPAN("/x"));
		write_all(s, b);
		assert_int_equal(store_close(s), 0);
		snprintf(question, sizeof(question), "SELECT count(*) || ' ' || sum(id >> 14 = %lld) || ' ' || "
		         "(sum(id >> 14 = %lld) > 16000) || ' ' || sum(id >> 14 BETWEEN %lld AND %lld) FROM event", (long long)T0,
		         (long long)T0 + 1, (long long)T0, (long long)T0 + 2);
		assert_string_equal(ask(p->path, question), "40001 16384 1 40001");
		assert_string_equal(ask(p->path, "SELECT sum(count) FROM rollup"), "40001");
		assert_sound(p->path);
		unlink(p->path);
		batch_free(b);
	}
}

/* Writes n events on `names` different paths, several commits, `each` events a commit. */
static void write_paths(struct store *s, int n, int names, int each)
{
	struct batch *b = batch_new();
	char name[64];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "/d%d/%s%d", i % 7, i % 3 ? "f" : "F", i % names);
		add_event(b, T0 + i * 37, ACTION_FILE_WRITE, i % 5 + 1, arena_copy(&b->arena, span_of(name)));
		if (i % each == each - 1) {
			write_all(s, b);
			assert_int_equal(store_commit(s), 0);
		}
	}
	write_all(s, b);
	batch_free(b);
}

/* Every text once, and every (term, bucket) findable, across commits, restarts and a cache that forgets. */
static void test_texts_and_postings(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < 3; i++) {
		struct store *s = open_store(p->path, STORE_CREATE);
		struct batch *b = batch_new();

		if (i == 0) {
			add_boot(b, 1);
			add_process(b, 1, 1, T0, 0);
			for (int k = 1; k <= 5; k++)
				add_image(b, k, 1, T0 + k, "/bin/x", "x");
			write_all(s, b);
		}
		write_paths(s, 3000, 1000, 400);
		assert_int_equal(store_close(s), 0);
		batch_free(b);
	}
	assert_sound(p->path);
	assert_string_equal(ask(p->path, "SELECT count(*) FROM event"), "9000");
	assert_string_equal(ask(p->path, "SELECT count(*) FROM (SELECT 1 FROM text GROUP BY kind, dir, value "
	                                 "HAVING count(*) > 1)"), "0");
	assert_string_equal(ask(p->path, "SELECT count(DISTINCT object) FROM v_event"), ask(p->path,
	                    "SELECT count(*) FROM text WHERE kind = 1 AND id IN (SELECT object FROM event)"));
	assert_string_equal(ask(p->path,
		"SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT 1 FROM posting WHERE term = e.object * 2 + 1 AND "
		"bucket = e.id >> 26) AND (SELECT bucket FROM text_birth WHERE text <= e.object ORDER BY text DESC LIMIT 1) "
		"<> e.id >> 26"), "0");
	assert_string_equal(ask(p->path,
		"SELECT count(*) FROM event e JOIN image i ON i.id = e.image WHERE NOT EXISTS (SELECT 1 FROM posting "
		"WHERE term = e.image * 2 AND bucket = e.id >> 26) AND i.start_ms >> 12 <> e.id >> 26"), "0");
}

static void test_big_cache(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	char *name = malloc(4001);

	/* More text than two generations of the live cache hold, then all of it again. */
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2500; i++) {
			struct batch *b = batch_new();

			memset(name, 'a' + i % 26, 4000);
			snprintf(name, 32, "/%d", i);
			name[strlen(name)] = 'x';
			name[4000] = 0;
			add_event(b, T0 + i, ACTION_FILE_WRITE, 0, span_of(name));
			write_all(s, b);
			batch_free(b);
		}
	}
	free(name);
	assert_int_equal(store_close(s), 0);
	assert_string_equal(ask(p->path, "SELECT count(*) || ' ' || count(DISTINCT object) FROM event"), "5000 2500");
	assert_string_equal(ask(p->path, "SELECT count(*) FROM text WHERE kind = 1"), "2500");
}

static void test_path_forms(void **state)
{
	static const char *const paths[] = { "/", "//", "/a", "//a", "/a/", "/a//b", "a", "a/b", "", "./a", "/a/b/c", "../" };
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	char question[128];

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		add_event(b, T0 + (int64_t)i, ACTION_FILE_WRITE, 0, span_of(paths[i]));
	write_all(s, b);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		snprintf(question, sizeof(question), "SELECT object FROM v_event ORDER BY id LIMIT 1 OFFSET %zu", i);
		assert_string_equal(ask(p->path, question), paths[i]);
	}
}

/* A full disk: the transaction is gone, what was committed stays, and it goes on once there is room. */
static void test_disk_full(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	uint64_t written;
	int r = 0;

	write_paths(s, 100, 100, 10);
	assert_int_equal(store_commit(s), 0);
	store_limit_pages(s, store_size(s) / 4096 + 80);
	for (int i = 0; i < 100 && r == 0; i++) {
		char name[64];

		for (int k = 0; k < 500; k++) {
			snprintf(name, sizeof(name), "/full/%d-%d", i, k);
			add_event(b, T0 + i, ACTION_FILE_WRITE, 0, arena_copy(&b->arena, span_of(name)));
		}
		r = store_write(s, b);
		batch_reset(b);
		if (r == 0)
			r = store_commit(s);
	}
	assert_int_equal(r, -ENOSPC);
	store_limit_pages(s, 1 << 30);
	add_event(b, T0, ACTION_FILE_DELETE, 0, SPAN("/full/0-0"));
	add_event(b, T0, ACTION_FILE_DELETE, 0, SPAN("/full/99-499"));
	write_all(s, b);
	written = store_events(s);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
	assert_sound(p->path);
	assert_int_equal(atoll(ask(p->path, "SELECT count(*) FROM event")), written);
	assert_string_equal(ask(p->path, "SELECT count(*) FROM v_event WHERE object LIKE '/d%'"), "100");
	assert_string_equal(ask(p->path, "SELECT count(*) FROM v_event WHERE action = 202 AND object LIKE '/full/%'"), "2");
	assert_string_equal(ask(p->path, "SELECT sum((SELECT sum(count) FROM rollup) = (SELECT count(*) FROM event))"), "1");
}

struct seen_open {
	int n;
	struct store_open_process last;
	char executable[64];
};

static int see_open(const struct store_open_process *p, void *data)
{
	struct seen_open *seen = data;

	seen->n++;
	seen->last = *p;
	snprintf(seen->executable, sizeof(seen->executable), "%.*s", SPAN_FMT(p->executable));
	return 0;
}

static void test_going_on(void **state)
{
	struct place *p = *state;
	struct seen_open seen = { 0 };
	struct store *s;

	write_filled(p->path, STORE_CREATE);
	s = open_store(p->path, 0);
	assert_int_equal(store_ids(s).boot, 1);
	assert_int_equal(store_ids(s).process, 2);
	assert_int_equal(store_ids(s).image, 2);
	assert_int_equal(store_find_boot(s, SPAN("host-a"), SPAN("11111111-2222-3333-4444-555555555555")), 1);
	assert_int_equal(store_find_boot(s, SPAN("host-b"), SPAN("11111111-2222-3333-4444-555555555555")), 0);
	assert_int_equal(store_find_boot_id(s, SPAN("11111111-2222-3333-4444-555555555555")), 1);
	assert_int_equal(store_find_boot_id(s, SPAN("11111111-2222-3333-4444-555555555556")), 0);
	assert_int_equal(store_open_processes(s, 1, see_open, &seen), 0);
	assert_int_equal(seen.n, 1); /* the other one has ended */
	assert_int_equal(seen.last.process.pid, 100);
	assert_int_equal(seen.last.process.start_ms, T0);
	assert_true(seen.last.process.start_known);
	assert_int_equal(seen.last.image, 1);
	assert_string_equal(seen.executable, "/usr/bin/bash");
	assert_int_equal(store_meta_set(s, "host", "one"), 0);
	assert_int_equal(store_meta_set(s, "host", "two"), 0);
	AUTO_FREE char *host = store_meta_get(s, "host");
	assert_string_equal(host, "two");
	assert_null(store_meta_get(s, "nothing"));
	struct batch *b = batch_new();
	batch_add(b, ITEM_END)->end = (struct process_end){ 1, T0 + 99, -1, 9 };
	write_all(s, b);
	batch_free(b);
	assert_int_equal(store_close(s), 0);
	assert_string_equal(ask(p->path, "SELECT end_ms || ' ' || signal || ' ' || (exit_code IS NULL) FROM process "
	                                 "WHERE id = 1"), "1795571244099 9 1");
}

static void test_discard(void **state)
{
	struct place *p = *state;
	struct store *s;
	struct batch *b = batch_new();

	write_filled(p->path, STORE_CREATE);
	s = open_store(p->path, 0);
	add_event(b, T0, ACTION_FILE_WRITE, 0, SPAN("/gone"));
	write_all(s, b);
	store_discard(s);
	batch_free(b);
	assert_string_equal(ask(p->path, "SELECT count(*) FROM event"), "3");
}

/* A database that was removed without its WAL: the new one of its name must not get its pages. */
static void test_orphan_wal(void **state)
{
	struct place *p = *state;
	char wal[128];
	FILE *f;

	for (unsigned flags = STORE_CREATE; flags <= (STORE_CREATE | STORE_IMPORT); flags += STORE_IMPORT) {
		snprintf(wal, sizeof(wal), "%s-wal", p->path);
		f = fopen(wal, "w");
		fputs("old", f);
		fclose(f);
		write_filled(p->path, flags);
		check_filled(p->path);
		unlink(p->path);
		assert_int_equal(access(wal, F_OK), -1);
	}
	assert_int_equal(count_files(p->dir), 2); /* both are kept under another name */
}

static int files_in(const char *dir)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(folder);
	return n;
}

/* Another process that has begun a bulk load. */
static pid_t begin_import(const char *path)
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct batch *b = batch_new();

		open_store(path, STORE_CREATE | STORE_IMPORT);
		fill(b);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end_import(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* What a killed bulk load left is removed by the next of that name; that of one that goes on, and anything else, is not. */
static void test_killed_import(void **state)
{
	struct place *p = *state;
	char other[160];
	pid_t killed = begin_import(p->path), running = begin_import(p->path);
	FILE *f;

	assert_int_equal(files_in(p->dir), 2);
	snprintf(other, sizeof(other), "%s/.monitor.db.import-notes", p->dir);
	f = fopen(other, "w");
	assert_non_null(f);
	fclose(f);
	end_import(killed);
	assert_int_equal(files_in(p->dir), 3);
	assert_int_equal(store_close(open_store(p->path, STORE_CREATE | STORE_IMPORT)), 0);
	assert_int_equal(files_in(p->dir), 3); /* the database, what goes on, the notes */
	assert_int_equal(access(other, F_OK), 0);
	assert_sound(p->path);
	end_import(running);
	assert_int_equal(unlink(p->path), 0);
	store_discard(open_store(p->path, STORE_CREATE | STORE_IMPORT));
	assert_int_equal(files_in(p->dir), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_live_rows), PLACED(test_bulk_rows), PLACED(test_flush_within_a_millisecond),
		PLACED(test_opening), PLACED(test_foreign_files),
		PLACED(test_event_order), PLACED(test_full_millisecond), PLACED(test_texts_and_postings),
		PLACED(test_big_cache), PLACED(test_path_forms), PLACED(test_disk_full), PLACED(test_going_on),
		PLACED(test_discard), PLACED(test_orphan_wal), PLACED(test_killed_import),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
