/* Case files: what is said stays, changes of two people join or conflict, no foreign file is touched, and whatever ends
 * the program leaves a whole file. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <time.h>

#include "agent/base/buf.h"
#include "server/evidence/casefile.h"
#include "tests/unit/store/place.h"

/* Valid until the fourth call from then on. */
static const char *place_path(const struct place *p, const char *name)
{
	static char paths[4][160];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", p->dir, name);
	return path;
}

static struct casefile *open_case(const char *path)
{
	AUTO_FREE char *error = NULL;
	struct casefile *c = NULL;

	if (casefile_open(path, true, &c, &error) < 0)
		fail_msg("%s", error);
	return c;
}

static int64_t add_source(struct casefile *c, const char *identity)
{
	struct casefile_source s = { span_of(identity), SPAN("web-03"), SPAN("web-03.db"), 1000, 2000, 30 };
	int64_t id = 0;

	assert_int_equal(casefile_add_source(c, &s, &id), 0);
	assert_true(id > 0);
	return id;
}

static struct casefile_state says(bool marked, const char *tags, const char *comment)
{
	return (struct casefile_state){ marked, span_of(tags), span_of(comment) };
}

static int change(struct casefile *c, int64_t source, int64_t event, struct casefile_state before,
                  struct casefile_state after)
{
	struct casefile_change one = { event, 7, 1500, before, after };
	size_t at = 99;

	return casefile_apply(c, source, &one, 1, SPAN("alice"), &at);
}

static void expect(struct casefile *c, int64_t source, int64_t event, bool marked, const char *tags, const char *comment)
{
	struct casefile_notes notes;
	size_t i = 0;

	assert_int_equal(casefile_get_notes(c, source, &notes), 0);
	while (i < notes.n && notes.notes[i].event != event)
		i++;
	assert_true(i < notes.n);
	assert_int_equal(notes.notes[i].state.marked, marked);
	assert_true(span_eq(notes.notes[i].state.tags, span_of(tags)));
	assert_true(span_eq(notes.notes[i].state.comment, span_of(comment)));
	assert_true(span_eq(notes.notes[i].author, SPAN("alice")));
	assert_true(notes.notes[i].changed_ms > 0 && notes.notes[i].process == 7 && notes.notes[i].time_ms == 1500);
	casefile_notes_free(&notes);
}

static size_t count(struct casefile *c, int64_t source)
{
	struct casefile_notes notes;
	size_t n;

	assert_int_equal(casefile_get_notes(c, source, &notes), 0);
	n = notes.n;
	casefile_notes_free(&notes);
	return n;
}

static void test_what_is_said_stays(void **state)
{
	const char *path = place_path(*state, "a.case");
	struct casefile *c = open_case(path);
	int64_t source = add_source(c, "recording:1");

	assert_int_equal(add_source(c, "recording:1"), source);
	assert_int_not_equal(add_source(c, "recording:2"), source);
	assert_int_equal(change(c, source, 42, says(0, "", ""), says(1, "c2\nstaging", "first contact\nÜ")), 0);
	casefile_close(c);
	c = open_case(path);
	expect(c, source, 42, true, "c2\nstaging", "first contact\nÜ");
	assert_int_equal(count(c, source + 1), 0);
	assert_int_equal(change(c, source, 42, says(1, "c2\nstaging", "first contact\nÜ"), says(0, "", "")), 0);
	assert_int_equal(count(c, source), 0);
	casefile_close(c);
}

static void test_two_people(void **state)
{
	const char *path = place_path(*state, "two.case");
	AUTO_CASEFILE *a = open_case(path), *b = open_case(path);
	int64_t source = add_source(a, "x");
	bool changed = false;

	assert_int_equal(casefile_changed(b, &changed), 0);
	assert_true(changed);
	assert_int_equal(casefile_changed(b, &changed), 0);
	assert_false(changed);
	assert_int_equal(change(a, source, 1, says(0, "", ""), says(0, "red", "mine")), 0);
	assert_int_equal(casefile_changed(b, &changed), 0);
	assert_true(changed);
	/* b saw nothing yet: its mark and tag join what a did, its comment does not replace a's. */
	assert_int_equal(change(b, source, 1, says(0, "", ""), says(1, "blue", "")), 0);
	expect(b, source, 1, true, "blue\nred", "mine");
	assert_int_equal(change(b, source, 1, says(0, "", ""), says(0, "", "theirs")), -ESTALE);
	expect(a, source, 1, true, "blue\nred", "mine");
	assert_int_equal(change(b, source, 1, says(0, "red", "mine"), says(0, "", "theirs")), 0);
	expect(a, source, 1, true, "blue", "theirs");
	/* Both want the same: no conflict. */
	assert_int_equal(change(a, source, 1, says(0, "red", "mine"), says(0, "", "theirs")), 0);
}

/* Only what comes and goes is joined: what somebody else removed stays removed, and a full row takes a new for an old. */
static void test_tags_of_two(void **state)
{
	AUTO_CASEFILE *c = open_case(place_path(*state, "tags.case"));
	int64_t source = add_source(c, "x");
	AUTO_BUF full = BUF_INIT, other = BUF_INIT;

	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "red", "kept")), 0);
	assert_int_equal(change(c, source, 1, says(0, "red", "kept"), says(0, "", "kept")), 0);
	assert_int_equal(change(c, source, 1, says(0, "red", "kept"), says(0, "blue\nred", "kept")), 0);
	expect(c, source, 1, false, "blue", "kept");
	for (int i = 0; i < CASEFILE_MAX_TAGS; i++) {
		buf_printf(&full, "%stag%02d", i ? "\n" : "", i);
		buf_printf(&other, "%stag%02d", i ? "\n" : "", i + 1);
	}
	assert_int_equal(change(c, source, 2, says(0, "", ""), says(0, full.p, "")), 0);
	assert_int_equal(change(c, source, 2, says(0, full.p, ""), says(0, other.p, "")), 0);
	expect(c, source, 2, false, other.p, "");
}

static void test_all_or_none(void **state)
{
	AUTO_CASEFILE *c = open_case(place_path(*state, "all.case"));
	int64_t source = add_source(c, "x");
	struct casefile_change three[3] = {
		{ 1, 7, 1500, says(0, "", ""), says(1, "", "") }, { 2, 7, 1500, says(0, "", "seen"), says(0, "", "new") },
		{ 3, 7, 1500, says(0, "", ""), says(1, "", "") },
	};
	size_t at = 99;

	assert_int_equal(change(c, source, 2, says(0, "", ""), says(0, "", "other")), 0);
	assert_int_equal(casefile_apply(c, source, three, 3, SPAN("alice"), &at), -ESTALE);
	assert_int_equal(at, 1);
	assert_int_equal(count(c, source), 1);
	three[1].before.comment = SPAN("other");
	assert_int_equal(casefile_apply(c, source, three, 3, SPAN("alice"), &at), 0);
	assert_int_equal(count(c, source), 3);
}

static void test_what_is_not_taken(void **state)
{
	AUTO_CASEFILE *c = open_case(place_path(*state, "not.case"));
	int64_t source = add_source(c, "x");
	char long_text[CASEFILE_MAX_COMMENT + 2];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "", long_text)), -EINVAL);
	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "", "\xff")), -EINVAL);
	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "b\na", "")), -EINVAL);
	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "a\na", "")), -EINVAL);
	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "a\xe2\x80\xae", "")), -EINVAL);
	assert_int_equal(count(c, source), 0);
	long_text[CASEFILE_MAX_COMMENT] = '\0';
	assert_int_equal(change(c, source, 1, says(0, "", ""), says(0, "", long_text)), 0);
}

static void test_tags(void **state)
{
	AUTO_FREE char *tags = NULL;
	char many[40 * 4] = "";

	assert_int_equal(casefile_tags(SPAN(" b, a ,b\nc d,, "), &tags), 0);
	assert_string_equal(tags, "a\nb\nc d");
	free(STEAL(tags));
	assert_int_equal(casefile_tags(SPAN_NONE, &tags), 0);
	assert_string_equal(tags, "");
	free(STEAL(tags));
	assert_int_equal(casefile_merge_tags(SPAN("a\nb"), SPAN("c\na"), SPAN("b"), &tags), 0);
	assert_string_equal(tags, "a\nc");
	assert_int_equal(casefile_tags(SPAN("a\x1b[1m"), &tags), -EINVAL);
	for (int i = 0; i <= CASEFILE_MAX_TAGS; i++)
		snprintf(many + strlen(many), 5, "%d,", i);
	assert_int_equal(casefile_tags(span_of(many), &tags), -EINVAL);
}

static void test_sha256(void **state)
{
	AUTO_CASEFILE *c = open_case(place_path(*state, "sha.case"));
	int64_t source = add_source(c, "x");
	AUTO_FREE char *sha = NULL;
	char one[65], other[65];

	memset(one, 'a', 64);
	memset(other, 'b', 64);
	one[64] = other[64] = '\0';
	assert_int_equal(casefile_get_sha256(c, source, &sha), 0);
	assert_null(sha);
	assert_int_equal(casefile_set_sha256(c, source, SPAN("short")), -EINVAL);
	assert_int_equal(casefile_set_sha256(c, source, span_of(one)), 0);
	assert_int_equal(casefile_set_sha256(c, source, span_of(other)), 0);
	assert_int_equal(casefile_get_sha256(c, source, &sha), 0);
	assert_string_equal(sha, one);
}

/* ---- bookmarks ---- */

static int name_moment(struct casefile *c, int64_t source, int64_t ms, const char *before, const char *after)
{
	struct casefile_bookmark_change one = { ms, 7, span_of(before), span_of(after) };

	return casefile_set_bookmark(c, source, &one, SPAN("alice"));
}

/* "1500 first, 1600 second" */
static void has_bookmarks(struct casefile *c, int64_t source, const char *expected)
{
	struct casefile_bookmarks b;
	AUTO_BUF text = BUF_INIT;

	assert_int_equal(casefile_get_bookmarks(c, source, &b), 0);
	for (size_t i = 0; i < b.n; i++) {
		buf_printf(&text, "%s%lld ", i ? ", " : "", (long long)b.bookmarks[i].time_ms);
		buf_add_span(&text, b.bookmarks[i].name);
		assert_true(b.bookmarks[i].process == 7 && b.bookmarks[i].changed_ms > 0);
		assert_true(span_eq(b.bookmarks[i].author, SPAN("alice")));
	}
	casefile_bookmarks_free(&b);
	assert_string_equal(text.n ? text.p : "", expected);
}

static void test_bookmarks(void **state)
{
	const char *path = place_path(*state, "marks.case");
	struct casefile *c = open_case(path);
	int64_t source = add_source(c, "x"), other = add_source(c, "y");

	has_bookmarks(c, source, "");
	assert_int_equal(name_moment(c, source, 1600, "", "second"), 0);
	assert_int_equal(name_moment(c, source, 1500, "", "first Ü"), 0);
	assert_int_equal(name_moment(c, other, 1500, "", "elsewhere"), 0);
	casefile_close(c);
	c = open_case(path);
	has_bookmarks(c, source, "1500 first Ü, 1600 second");
	assert_int_equal(name_moment(c, source, 1600, "second", "third"), 0);
	assert_int_equal(name_moment(c, source, 1500, "first Ü", ""), 0);
	has_bookmarks(c, source, "1600 third");
	has_bookmarks(c, other, "1500 elsewhere");
	casefile_close(c);
}

/* What somebody else has named is never replaced unseen; who wants the same has it. */
static void test_bookmarks_of_two(void **state)
{
	const char *path = place_path(*state, "marks-of-two.case");
	AUTO_CASEFILE *a = open_case(path), *b = open_case(path);
	int64_t source = add_source(a, "x");

	assert_int_equal(name_moment(a, source, 1500, "", "mine"), 0);
	assert_int_equal(name_moment(b, source, 1500, "", "theirs"), -ESTALE);
	assert_int_equal(name_moment(b, source, 1500, "seen", ""), -ESTALE);
	assert_int_equal(name_moment(b, source, 1500, "", "mine"), 0);
	assert_int_equal(name_moment(b, source, 1500, "mine", "theirs"), 0);
	assert_int_equal(name_moment(a, source, 1500, "mine", "again mine"), -ESTALE);
	assert_int_equal(name_moment(b, source, 1500, "theirs", ""), 0);
	assert_int_equal(name_moment(a, source, 1500, "mine", ""), 0);
	assert_int_equal(name_moment(a, source, 1500, "mine", "renamed"), -ESTALE);
	has_bookmarks(a, source, "");
}

static void test_bookmark_names(void **state)
{
	AUTO_CASEFILE *c = open_case(place_path(*state, "names.case"));
	int64_t source = add_source(c, "x");
	char long_name[CASEFILE_MAX_BOOKMARK + 10];
	AUTO_FREE char *name = NULL, *cut = NULL;

	assert_int_equal(casefile_bookmark_name(SPAN("  odd\nmoment "), &name), 0);
	assert_string_equal(name, "odd\\nmoment");
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(casefile_bookmark_name(span_of(long_name), &cut), 0);
	assert_int_equal(strlen(cut), CASEFILE_MAX_BOOKMARK);
	assert_int_equal(name_moment(c, source, 1, "", cut), 0);
	assert_int_equal(name_moment(c, source, 2, "", long_name), -EINVAL);
	assert_int_equal(name_moment(c, source, 2, "", "two\nlines"), -EINVAL);
	assert_int_equal(name_moment(c, source, 2, "", " "), -EINVAL);
	for (int i = 2; i <= CASEFILE_MAX_BOOKMARKS; i++)
		assert_int_equal(name_moment(c, source, i, "", "many"), 0);
	assert_int_equal(name_moment(c, source, 0, "", "one too many"), -EFBIG);
}

/* ---- files that are not ours ---- */

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *error = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

static void write_file(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static void refused(const char *path, int error, const char *part)
{
	struct casefile *c = NULL;
	AUTO_FREE char *line = NULL;
	int r = casefile_open(path, true, &c, &line);

	if (r != error || !line || !strstr(line, part))
		fail_msg("%s: %d, expected %d with “%s”: %s", path, r, error, part, line ? line : "");
}

static void expect_v1(struct casefile *c)
{
	struct casefile_notes notes;

	assert_int_equal(casefile_get_notes(c, 1, &notes), 0);
	assert_int_equal(notes.n, 2);
	assert_true(span_eq(notes.notes[0].state.tags, SPAN("c2\nstaging")) && notes.notes[0].state.marked);
	assert_true(span_eq(notes.notes[1].state.comment, SPAN("second")) && span_eq(notes.notes[1].author, SPAN("bob")));
	casefile_notes_free(&notes);
}

/* A file of version 1: what it says stays, and it can hold bookmarks from then on. */
static void test_first_version(void **state)
{
	const char *path = place_path(*state, "v1.case");
	AUTO_CASEFILE *c = NULL;
	char sql[4096], file[PATH_MAX];
	int64_t source = 0;
	size_t n;
	FILE *f;

	assert_non_null(getenv("FIXTURES"));
	snprintf(file, sizeof(file), "%s/case-v1.sql", getenv("FIXTURES"));
	f = fopen(file, "r");
	assert_non_null(f);
	n = fread(sql, 1, sizeof(sql) - 1, f);
	fclose(f);
	sql[n] = '\0';
	run_sql(path, sql);
	c = open_case(path);
	assert_int_equal(casefile_find_source(c, SPAN("recording:1"), &source), 0);
	assert_int_equal(source, 1);
	expect_v1(c);
	has_bookmarks(c, source, "");
	assert_int_equal(name_moment(c, source, 1500, "", "first"), 0);
	casefile_close(STEAL(c));
	c = open_case(path);
	expect_v1(c);
	has_bookmarks(c, source, "1500 first");
}

static void test_foreign_files(void **state)
{
	static const struct {
		const char *sql, *part;
		int error;
	} cases[] = {
		{ "PRAGMA application_id = 1", "something else", -EBADMSG },
		{ "PRAGMA user_version = 3", "newer version", -EPROTONOSUPPORT },
		{ "PRAGMA user_version = 1", "tables", -EBADMSG },
		{ "PRAGMA user_version = 0", "makes no sense", -EBADMSG },
		{ "CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM source; END", "tables", -EBADMSG },
		{ "CREATE VIEW v AS SELECT 1", "tables", -EBADMSG },
		{ "DROP TABLE note", "tables", -EBADMSG },
		{ "CREATE INDEX i ON note(comment)", "tables", -EBADMSG },
		{ "PRAGMA ignore_check_constraints = 1; INSERT INTO note VALUES(1, 1, 0, 0, 5, '', '', '', 0)", "damaged",
		  -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[32];
		const char *path;

		snprintf(name, sizeof(name), "foreign-%zu.case", i);
		path = place_path(*state, name);
		casefile_close(open_case(path));
		run_sql(path, cases[i].sql);
		refused(path, cases[i].error, cases[i].part);
	}
}

static void put_be32(unsigned char *to, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(n >> (24 - 8 * i));
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* A journal without a page that names a super-journal: SQLite deletes that file when it plays it back. */
static void plant_journal(const char *path, const char *victim)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char bytes[1024] = "", *at = bytes + 512;
	size_t n = strlen(victim);
	uint32_t sum = 0;

	memcpy(bytes, magic, sizeof(magic));
	put_be32(bytes + 16, 8); /* pages of the database */
	put_be32(bytes + 20, 512);
	put_be32(bytes + 24, 4096);
	put_be32(at, 0x40000000 / 4096 + 1);
	memcpy(at + 4, victim, n);
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)victim[i];
	put_be32(at + 4 + n, (uint32_t)n);
	put_be32(at + 8 + n, sum);
	memcpy(at + 12 + n, magic, sizeof(magic));
	write_bytes(path, bytes, 512 + 20 + n);
}

static void test_what_lies_beside(void **state)
{
	const char *path = place_path(*state, "beside.case"), *victim = place_path(*state, "victim");
	char journal[200], wal[200];
	struct stat st;

	snprintf(journal, sizeof(journal), "%s-journal", path);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	casefile_close(open_case(path));
	write_file(victim, "stays");
	plant_journal(journal, victim);
	refused(path, -EBADMSG, "names another file");
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(unlink(journal), 0);
	assert_int_equal(symlink(victim, journal), 0);
	refused(path, -EBADMSG, "cannot be read");
	assert_int_equal(unlink(journal), 0);
	write_file(wal, "a log of something else");
	refused(path, -EBADMSG, "write-ahead log");
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_size, 23);
	assert_int_equal(unlink(wal), 0);
	casefile_close(open_case(path));
}

/* What no table can forbid is found when it is read. */
static void test_foreign_words(void **state)
{
	static const char *const words[] = {
		"'', x'' || cast(x'ff' AS TEXT)", "'b' || char(10) || 'a', ''", "'a' || char(8238), ''",
		"'', 'a' || char(0) || 'b'",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		char name[32], sql[256];
		struct casefile_notes notes;
		const char *path;
		struct casefile *c;
		int64_t source;

		snprintf(name, sizeof(name), "words-%zu.case", i);
		path = place_path(*state, name);
		c = open_case(path);
		source = add_source(c, "x");
		snprintf(sql, sizeof(sql), "INSERT INTO note VALUES(%lld, 1, 0, 0, 1, %s, '', 0)", (long long)source, words[i]);
		run_sql(path, sql);
		assert_int_equal(casefile_get_notes(c, source, &notes), -EBADMSG);
		casefile_close(c);
	}
}

static void test_no_case_file(void **state)
{
	const char *path = place_path(*state, "no.case");
	AUTO_FREE char *error = NULL;
	AUTO_FREE char *link_path = strdup(place_path(*state, "link.case"));
	AUTO_FREE char *target = strdup(place_path(*state, "target.case"));
	struct casefile *c = NULL;
	struct stat st;

	assert_int_equal(casefile_open(path, false, &c, &error), -ENOENT);
	free(STEAL(error));
	assert_int_equal(stat(path, &st), -1);
	write_file(path, "");
	assert_int_equal(casefile_open(path, false, &c, &error), -ENOENT);
	write_file(path, "not a database, but long enough to look like a file that somebody wrote by hand");
	refused(path, -ENOTSUP, "not a database");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 50);
	casefile_close(open_case(target));
	assert_int_equal(symlink(target, link_path), 0);
	refused(link_path, -ENOTSUP, "not a regular file");
	refused(place_path(*state, "."), -EISDIR, "directory");
	refused("/sys/kernel/a.case", -EACCES, "denied"); /* sysfs takes no files, from nobody */
	refused("/nowhere/a.case", -ENOENT, "No such");
}

static void test_cut_off(void **state)
{
	const char *path = place_path(*state, "cut.case");
	struct casefile *c = open_case(path);
	int64_t source = add_source(c, "x");
	struct casefile_change many[500];
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct casefile_change){ (int64_t)i, 7, 1500, says(0, "", ""), says(1, "tag", "some words") };
	assert_int_equal(casefile_apply(c, source, many, ARRAY_LEN(many), SPAN("alice"), &at), 0);
	casefile_close(c);
	assert_int_equal(truncate(path, 8192), 0);
	refused(path, -EBADMSG, "damaged");
}

/* ---- kill -9 ---- */

static void write_for_ever(const char *path, int fd)
{
	struct casefile *c = open_case(path);
	int64_t source = add_source(c, "x");

	for (int64_t i = (int64_t)count(c, source) / 3;; i++) {
		struct casefile_change three[3];
		size_t at;

		for (int k = 0; k < 3; k++)
			three[k] = (struct casefile_change){ i * 3 + k + 1, 7, 1500, says(0, "", ""), says(1, "a", "words") };
		if (casefile_apply(c, source, three, 3, SPAN("alice"), &at) < 0 || write(fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

static void test_killed(void **state)
{
	const char *path = place_path(*state, "killed.case");
	int64_t told = -1, i;

	for (int round = 0; round < 20; round++) {
		struct timespec pause = { 0, 1000000L * (round * 7 % 23 + 1) };
		int ends[2], status;
		pid_t child;
		struct casefile *c;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (child == 0)
			write_for_ever(path, ends[1]);
		close(ends[1]);
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		while (read(ends[0], &i, sizeof(i)) == sizeof(i))
			told = i;
		close(ends[0]);
		c = open_case(path);
		assert_int_equal(count(c, add_source(c, "x")) % 3, 0);
		assert_true((int64_t)count(c, add_source(c, "x")) >= (told + 1) * 3);
		casefile_close(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_what_is_said_stays), PLACED(test_two_people), PLACED(test_tags_of_two),
		PLACED(test_all_or_none), PLACED(test_what_lies_beside),
		PLACED(test_what_is_not_taken), cmocka_unit_test(test_tags), PLACED(test_sha256), PLACED(test_foreign_files),
		PLACED(test_foreign_words), PLACED(test_no_case_file), PLACED(test_cut_off), PLACED(test_killed),
		PLACED(test_bookmarks), PLACED(test_bookmarks_of_two), PLACED(test_bookmark_names), PLACED(test_first_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
