/* Files from elsewhere: whole ones open, every other gets one clear line. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/store/schema.h"
#include "recorder/store/store.h"
#include "recorder/store/text.h"
#include "recorder/store/vault.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

/* A sound recording of some hundred rows at path. */
static void make_recording(const char *path)
{
	struct store *s = open_store(path, STORE_CREATE | STORE_IMPORT);
	struct batch *b = batch_new();

	add_boot(b, 1);
	for (int i = 1; i <= 200; i++) {
		char text[64];
		const char *name;

		snprintf(text, sizeof(text), "/usr/bin/program-%d", i % 50);
		name = arena_copy(&b->arena, span_of(text)).p;
		add_process(b, i, 100 + i, T0 + i, i > 1 ? i - 1 : 0);
		add_image(b, i, i, T0 + i, name, name);
		add_event(b, T0 + i, ACTION_PROCESS_CREATE, i, span_of(i == 1 ? "/usr/bin/program-1" : "/usr/bin/x"));
		for (int k = 0; k < 10; k++)
			add_event(b, T0 + i * 100 + k, ACTION_FILE_WRITE, i, k % 2 ? SPAN("/tmp/Odd") : SPAN("/tmp/even"));
	}
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

/* What vault_open says, without the path; "" when it opens. */
__attribute__((noinline, returns_nonnull))
static const char *verdict(const char *path, unsigned flags, int *ret_error)
{
	static char text[1024];
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	int r = vault_open(path, flags, NULL, NULL, NULL, &db, &error);

	*ret_error = r;
	text[0] = 0;
	if (r == 0) {
		vault_close(db);
		return text;
	}
	assert_non_null(error);
	assert_null(strchr(error, '\n'));
	assert_memory_equal(error, path, strlen(path));
	snprintf(text, sizeof(text), "%s", error ? error + strlen(path) : "");
	return text;
}

static void assert_verdict(const char *path, int want, const char *text)
{
	int r;
	const char *said = verdict(path, VAULT_CHECK, &r);

	if (!strstr(said, text))
		fail_msg("said \"%s\", not \"%s\"", said, text);
	assert_int_equal(r, want);
}

/* Reads every row of every table. 0 or as vault_error. */
static int scan(sqlite3 *db)
{
	static const char *const questions[] = {
		"SELECT * FROM meta", "SELECT * FROM text", "SELECT * FROM text_hash", "SELECT * FROM text_birth",
		"SELECT * FROM boot", "SELECT * FROM credential", "SELECT * FROM process", "SELECT * FROM image",
		"SELECT * FROM event", "SELECT * FROM posting", "SELECT * FROM detail", "SELECT * FROM rollup",
		"SELECT * FROM gap", "SELECT * FROM record_count", "SELECT * FROM unparsed",
		"SELECT count(*) FROM process p JOIN process c ON c.parent_image = p.id",
	};

	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		sqlite3_stmt *s = NULL;
		int code = sqlite3_prepare_v2(db, questions[i], -1, &s, NULL);

		while (code == SQLITE_OK || code == SQLITE_ROW) {
			code = sqlite3_step(s);
			for (int c = 0; code == SQLITE_ROW && c < sqlite3_column_count(s); c++)
				(void)sqlite3_column_text(s, c);
		}
		sqlite3_finalize(s);
		if (code != SQLITE_DONE)
			return vault_error(code);
	}
	return 0;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
		out->n += n;
	fclose(f);
}

static void test_sound(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	int64_t n = 0;
	sqlite3_stmt *s;

	make_recording(p->path);
	assert_int_equal(vault_open(p->path, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(scan(db), 0);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM event", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	assert_int_equal(n, 2200);
	vault_close(db);
}

static int count_found(int64_t id, void *data)
{
	++*(int *)data;
	return 0;
}

static void test_text_find(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	int n = 0;

	make_recording(p->path);
	assert_int_equal(vault_open(p->path, 0, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(text_find(db, SPAN("/TMP/odd"), count_found, &n), 0);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(text_find(db, SPAN("/usr/bin/Program-7"), count_found, &n), 0);
	assert_int_equal(n, 2); /* as executable and as command line */
	n = 0;
	assert_int_equal(text_find(db, SPAN("/usr/bin/program-777"), count_found, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(text_find(db, SPAN("/tmp/\xc3\xa4"), count_found, &n), -EINVAL);
	vault_close(db);
}

static void spoor_test(sqlite3_context *c, int n, sqlite3_value **v)
{
	sqlite3_result_int(c, 42);
}

static void test_only_reading_is_allowed(void **state)
{
	static const char *const refused[] = {
		"DELETE FROM event", "INSERT INTO meta VALUES('a', 1)", "UPDATE event SET action = 1", "DROP TABLE event",
		"CREATE TABLE x(y)", "CREATE TEMP TABLE x(y)", "ATTACH ':memory:' AS x", "PRAGMA query_only = 0",
		"PRAGMA writable_schema = 1", "SELECT load_extension('x')", "SELECT * FROM v_event", "VACUUM INTO '/tmp/x'",
		"SELECT randomblob(10)", "SELECT * FROM pragma_table_info('event')", "PRAGMA journal_mode = DELETE",
	};
	static const char *const allowed[] = {
		"SELECT count(*) FROM event WHERE id > 5", "SELECT spoor_test()",
		"WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 5) SELECT max(i) FROM t",
		"SELECT d.value || '/' || t.value FROM text t JOIN text d ON d.id = t.dir WHERE t.value LIKE 'a%'",
		"BEGIN", "SELECT min(id) FROM (SELECT id FROM event LIMIT 5)", "COMMIT",
	};
	struct place *p = *state;
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;

	make_recording(p->path);
	assert_int_equal(vault_open(p->path, 0, NULL, NULL, NULL, &db, &error), 0);
	sqlite3_create_function(db, "spoor_test", 0, SQLITE_UTF8, NULL, spoor_test, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (sqlite3_exec(db, refused[i], NULL, NULL, NULL) == SQLITE_OK)
			fail_msg("allowed: %s", refused[i]);
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		if (sqlite3_exec(db, allowed[i], NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", allowed[i], sqlite3_errmsg(db));
	vault_close(db);
}

static void test_not_files(void **state)
{
	struct place *p = *state;
	char link[128];

	assert_verdict(p->path, -ENOENT, "No such file");
	assert_verdict(p->dir, -EISDIR, "Is a directory");
	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_verdict(p->path, -ENOTSUP, "not a regular file");
	unlink(p->path);
	make_recording(p->path);
	snprintf(link, sizeof(link), "%s/link", p->dir);
	assert_int_equal(symlink("monitor.db", link), 0);
	assert_verdict(link, -ELOOP, "symbolic link");
	assert_verdict(p->path, 0, "");
}

static void test_not_databases(void **state)
{
	struct place *p = *state;
	char bytes[5000];

	write_file(p->path, "", 0);
	assert_verdict(p->path, -ENOTSUP, "it is empty");
	write_file(p->path, "hello", 5);
	assert_verdict(p->path, -ENOTSUP, "not a database");
	memset(bytes, 0xaa, sizeof(bytes));
	write_file(p->path, bytes, sizeof(bytes));
	assert_verdict(p->path, -ENOTSUP, "not a database");
	memcpy(bytes, "SQLite format 3", 16);
	write_file(p->path, bytes, 50);
	assert_verdict(p->path, -EBADMSG, "cut off");
	write_file(p->path, bytes, sizeof(bytes));
	assert_verdict(p->path, -EBADMSG, "something else");
}

static void change(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *error = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

static void test_other_databases(void **state)
{
	struct place *p = *state;
	char sql[128];

	change(p->path, "CREATE TABLE cookies(x)");
	assert_verdict(p->path, -EBADMSG, "something else");
	unlink(p->path);
	snprintf(sql, sizeof(sql), "PRAGMA encoding = 'UTF-16le'; PRAGMA application_id = %d; PRAGMA user_version = 1;"
	         "CREATE TABLE t(x)", SCHEMA_APPLICATION_ID);
	change(p->path, sql);
	assert_verdict(p->path, -EBADMSG, "UTF-8");
	unlink(p->path);
	make_recording(p->path);
	change(p->path, "PRAGMA user_version = 99");
	assert_verdict(p->path, -EPROTONOSUPPORT, "newer version");
	change(p->path, "PRAGMA user_version = 0");
	assert_verdict(p->path, -EBADMSG, "schema version");
}

static void test_tampered_schema(void **state)
{
	static const struct { const char *sql, *said; } changes[] = {
		{ "CREATE TRIGGER t AFTER INSERT ON gap BEGIN DELETE FROM event; END", "trigger t does not belong" },
		{ "DROP VIEW v_text; CREATE VIEW v_text AS SELECT 1 AS id, 2 AS kind, 3 AS value", "view v_text differs" },
		{ "DROP INDEX image_process", "index image_process is missing" },
		{ "ALTER TABLE event ADD COLUMN extra", "table event differs" },
		{ "CREATE TABLE zzz(x)", "table zzz does not belong" },
		{ "DROP TABLE posting", "table posting is missing" },
		{ "CREATE TABLE aaa(x DEFAULT (abs(-9223372036854775808)))", "table aaa does not belong" },
		{ "CREATE INDEX bad ON event(hex(zeroblob(10)))", "index bad does not belong" },
		{ "CREATE VIRTUAL TABLE v USING fts4(x)", "does not belong" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		if (strstr(changes[i].sql, "fts4") && !sqlite3_compileoption_used("ENABLE_FTS4"))
			continue;
		unlink(p->path);
		make_recording(p->path);
		change(p->path, changes[i].sql);
		assert_verdict(p->path, -EBADMSG, changes[i].said);
		assert_verdict(p->path, -EBADMSG, "its schema was changed");
	}
}

static void test_truncated(void **state)
{
	struct place *p = *state;
	AUTO_BUF whole = BUF_INIT;
	int r;

	make_recording(p->path);
	read_file(p->path, &whole);
	srand(7);
	for (int i = 0; i < 200; i++) {
		size_t n = (size_t)rand() % whole.n;

		write_file(p->path, whole.p, n);
		verdict(p->path, i % 2 ? VAULT_CHECK : 0, &r);
		assert_true(r == -EBADMSG || r == -ENOTSUP);
	}
}

/* Damage that hides must still end in an error or in rows, never in a crash or without end. */
static void test_flipped_bits(void **state)
{
	struct place *p = *state;
	AUTO_BUF whole = BUF_INIT;
	int refused = 0;

	make_recording(p->path);
	read_file(p->path, &whole);
	srand(11);
	for (int i = 0; i < 300; i++) {
		/* Every third one in the header and the schema, where it hurts. */
		size_t at = (size_t)rand() % (i % 3 ? whole.n : 8192);
		char bit = (char)(1 << rand() % 8);
		AUTO_FREE char *error = NULL;
		sqlite3 *db = NULL;
		int r;

		whole.p[at] ^= bit;
		write_file(p->path, whole.p, whole.n);
		whole.p[at] ^= bit;
		r = vault_open(p->path, i % 2 ? VAULT_CHECK : 0, NULL, NULL, NULL, &db, &error);
		if (r == 0)
			r = scan(db);
		if (r < 0 && r != -EBADMSG && r != -ENOTSUP && r != -EPROTONOSUPPORT && r != -EIO && r != -ENOMEM)
			fail_msg("byte %zu bit %d: %d %s", at, bit, r, error ? error : "");
		refused += r < 0;
		vault_close(db);
	}
	assert_true(refused > 30);
}

/* A terabyte that takes no room on the disk: no time either, whether the header owns up to it or not. */
static void test_sparse(void **state)
{
	static const unsigned char pages[4] = { 0x10, 0, 0, 0 };
	struct place *p = *state;
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	int fd;

	make_recording(p->path);
	assert_int_equal(truncate(p->path, INT64_C(1) << 40), 0);
	assert_verdict(p->path, 0, "");
	fd = open(p->path, O_RDWR);
	assert_int_equal(pwrite(fd, pages, 4, 28), 4);
	close(fd);
	assert_int_equal(vault_open(p->path, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(scan(db), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 2200);
	vault_close(db);
	assert_int_equal(truncate(p->path, INT64_C(1) << 39), 0);
	assert_verdict(p->path, -EBADMSG, "it is cut off: 549755813888 of 1099511627776 bytes are there");
}

static void test_wal_is_read_and_kept(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	AUTO_FREE char *error = NULL;
	AUTO_BUF before = BUF_INIT;
	AUTO_BUF after = BUF_INIT;
	char copy[128], wal[128], copy_wal[136];
	sqlite3 *db = NULL;
	AUTO_BUF bytes = BUF_INIT;

	add_boot(b, 1);
	for (int i = 0; i < 100; i++)
		add_event(b, T0 + i, ACTION_FILE_WRITE, 0, SPAN("/in/wal"));
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_commit(s), 0);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	snprintf(copy, sizeof(copy), "%s/copy.db", p->dir);
	snprintf(copy_wal, sizeof(copy_wal), "%s-wal", copy);
	read_file(p->path, &before);
	write_file(copy, before.p, before.n);
	read_file(wal, &bytes);
	assert_true(bytes.n > 32);
	write_file(copy_wal, bytes.p, bytes.n);
	assert_int_equal(store_close(s), 0);
	batch_free(b);

	assert_int_equal(vault_open(copy, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 100);
	vault_close(db);
	read_file(copy, &after);
	assert_true(span_eq(buf_span(&before), buf_span(&after)));
	buf_clear(&after);
	read_file(copy_wal, &after);
	assert_true(span_eq(buf_span(&bytes), buf_span(&after)));
	unlink(copy_wal);
	assert_int_equal(vault_open(copy, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 0);
	vault_close(db);
	assert_int_equal(count_files(p->dir), 2); /* monitor.db, copy.db */
}

/* A database with rows in its WAL only, as a running recorder leaves it. */
static void make_with_wal(const struct place *p, char *copy, size_t size)
{
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	AUTO_BUF bytes = BUF_INIT;
	char wal[136];

	add_boot(b, 1);
	for (int i = 0; i < 100; i++)
		add_event(b, T0 + i, ACTION_FILE_WRITE, 0, SPAN("/in/wal"));
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_commit(s), 0);
	snprintf(copy, size, "%s/copy.db", p->dir);
	read_file(p->path, &bytes);
	write_file(copy, bytes.p, bytes.n);
	buf_clear(&bytes);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	read_file(wal, &bytes);
	snprintf(wal, sizeof(wal), "%s-wal", copy);
	write_file(wal, bytes.p, bytes.n);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

struct watched {
	const char *folder;
	unsigned told, names;
};

static void look_for_names(double fraction, void *data)
{
	struct watched *w = data;

	w->told++;
	w->names += count_files(w->folder) > 0;
}

/* Whatever ends the program while it copies, no name is left. */
static void test_copy_has_no_name(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *error = NULL;
	char copy[128], temp[128];
	struct watched w = { temp, 0, 0 };
	sqlite3 *db = NULL;

	make_with_wal(p, copy, sizeof(copy));
	snprintf(temp, sizeof(temp), "%s/temp", p->dir);
	assert_int_equal(mkdir(temp, 0700), 0);
	setenv("TMPDIR", temp, 1);
	assert_int_equal(vault_open(copy, VAULT_CHECK, NULL, look_for_names, &w, &db, &error), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 100);
	vault_close(db);
	unsetenv("TMPDIR");
	assert_true(w.told > 1);
	assert_int_equal(w.names, 0);
}

/* A terabyte of nothing is not copied. */
static void test_sparse_with_wal(void **state)
{
	struct place *p = *state;
	AUTO_FREE char *error = NULL;
	char copy[128];
	sqlite3 *db = NULL;

	make_with_wal(p, copy, sizeof(copy));
	assert_int_equal(truncate(copy, INT64_C(1) << 40), 0);
	assert_int_equal(vault_open(copy, VAULT_CHECK, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 100);
	vault_close(db);
}

static void test_hostile_wal(void **state)
{
	struct place *p = *state;
	char wal[128], junk[9000];
	int r;

	make_recording(p->path);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	memset(junk, 0x55, sizeof(junk));
	write_file(wal, junk, sizeof(junk));
	assert_verdict(p->path, 0, ""); /* no valid frame: it says nothing */
	unlink(wal);
	assert_int_equal(mkfifo(wal, 0600), 0);
	verdict(p->path, VAULT_CHECK, &r);
	assert_int_equal(r, 0);
}

static void test_live(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct batch *b = batch_new();
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;

	add_boot(b, 1);
	add_event(b, T0, ACTION_FILE_WRITE, 0, SPAN("/a"));
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(vault_open(p->path, VAULT_LIVE, NULL, NULL, NULL, &db, &error), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 1);
	batch_reset(b);
	add_event(b, T0, ACTION_FILE_WRITE, 0, SPAN("/b"));
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 1);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), 2);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM event", NULL, NULL, NULL), SQLITE_OK);
	vault_close(db);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static void cancel_at(double fraction, void *data)
{
	if (fraction > 0)
		atomic_store(&((struct cancel *)data)->requested, true);
}

static void note(double fraction, void *data)
{
	double *last = data;

	assert_true(fraction >= *last && fraction <= 1);
	*last = fraction;
}

static void test_cancel_and_progress(void **state)
{
	struct place *p = *state;
	struct cancel cancel = { false };
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	double last = 0;

	make_recording(p->path);
	assert_int_equal(vault_open(p->path, VAULT_CHECK, &cancel, cancel_at, &cancel, &db, &error), -ECANCELED);
	assert_null(db);
	free(error);
	atomic_store(&cancel.requested, false);
	assert_int_equal(vault_open(p->path, VAULT_CHECK, &cancel, note, &last, &db, &error), 0);
	assert_true(last > 0.5);
	atomic_store(&cancel.requested, true);
	assert_int_equal(vault_error(sqlite3_exec(db, "SELECT count(*) FROM event a, event b WHERE a.id + b.id = 1", NULL,
	                                          NULL, NULL)), -ECANCELED);
	vault_close(db);
}

static void test_no_permission(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	make_recording(p->path);
	chmod(p->path, 0);
	chmod(p->dir, 0755);
	pid = fork();
	if (pid == 0) {
		AUTO_FREE char *error = NULL;
		sqlite3 *db = NULL;
		int r;

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(3);
		r = vault_open(p->path, VAULT_CHECK, NULL, NULL, NULL, &db, &error);
		_exit(r == -EACCES && error && strstr(error, "Permission denied") ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_sound), PLACED(test_text_find), PLACED(test_only_reading_is_allowed), PLACED(test_not_files),
		PLACED(test_not_databases), PLACED(test_other_databases), PLACED(test_tampered_schema),
		PLACED(test_truncated), PLACED(test_flipped_bits), PLACED(test_sparse), PLACED(test_wal_is_read_and_kept),
		PLACED(test_copy_has_no_name), PLACED(test_sparse_with_wal), PLACED(test_hostile_wal),
		PLACED(test_live), PLACED(test_cancel_and_progress), PLACED(test_no_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
