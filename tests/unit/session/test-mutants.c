/* Damaged recordings, any number of them: each does not open, with one line why, or every call of a reader ends with an
 * answer or an error, in this process (where a sanitizer looks on), without and with the check before.
 *
 *   SPOOR_MUTANTS=10000    that many instead of a few; SPOOR_MUTANTS_FROM=N: from that one on
 *   SPOOR_MUTANT=N         that one only: its number is printed before it is tried
 *   SPOOR_MUTANTS_OF=A:B   of these recordings too */
#include "tests/unit/test.h"

#include <sqlite3.h>

#include "agent/base/clock.h"
#include "agent/session/serve.h"
#include "recorder/query/reader.h"
#include "recorder/store/vault.h"
#include "tests/unit/query/story.h"
#include "tests/unit/session/mutant.h"
#include "tests/unit/store/place.h"

enum { FEW = 120, VERSIONS = 2, MAX_SOUND = 32, HANG_SECONDS = 300 };

struct sums {
	uint64_t refused, opened, answers, errors;
	int64_t slowest;
	uint64_t slowest_number;
};

/* ---- what they are made of ---- */

static struct buf sound[MAX_SOUND];
static size_t n_sound;

static void add_sound(const char *path)
{
	AUTO_FCLOSE FILE *f = fopen(path, "rb");
	struct buf *b = &sound[n_sound];
	char *to;
	size_t n;

	if (!f)
		fail_msg("%s: cannot open", path);
	assert_true(n_sound < MAX_SOUND);
	while ((to = buf_reserve(b, 65536)) && (n = fread(to, 1, 65536, f)) > 0)
		b->n += n;
	assert_false(b->failed);
	n_sound++;
}

/* With enough of everything for tables of more than a page, and maps of pointers as the recorder's own have. */
static void make_old(const char *path, int version)
{
	static const char more[] = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
		"INSERT OR IGNORE INTO event(id, action, image, object) SELECT e.id + i * 163840000, e.action, e.image, e.object "
		"FROM event e, n; WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
		"INSERT OR IGNORE INTO text(id, kind, value) "
		"SELECT i + 1000, 3, printf('/usr/bin/x --job=%d %.*c', i, i, 'y') FROM n;"
		"DELETE FROM text WHERE id > 1400";
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	load_fixture(path, version);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, more, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void gather(struct place *p)
{
	AUTO_FREE char *others = getenv("SPOOR_MUTANTS_OF") ? strdup(getenv("SPOOR_MUTANTS_OF")) : NULL;
	struct story *s = story_new(7);

	add_sound(s->path);
	story_free(s);
	for (int version = 1; version <= VERSIONS; version++) {
		make_old(p->path, version);
		add_sound(p->path);
		unlink(p->path);
	}
	for (char *rest = others, *one; (one = strsep(&rest, ":"));)
		add_sound(one);
}

/* ---- asking ---- */

static void call(struct reader *r, struct messages_call c, struct sums *sums)
{
	union messages_answer a;
	int e;

	if (messages_bound_call(&c) < 0)
		return;
	e = serve_run(r, NULL, &c, &a);
	assert_true(e <= 0);
	if (e == 0)
		messages_answer_free(c.type, &a);
	if (e == 0)
		sums->answers++;
	else
		sums->errors++;
}

/* Every kind of call there is. */
static void ask_all(struct reader *r, uint64_t number, struct sums *sums)
{
	static const char *const expressions[] = {
		"process.name contains \"a\"", "file.path startswith \"/\" or destination.ip cidr 10.0.0.0/8",
		"process.command_line matches \"-?q.*e\" and not user.name == \"x\"",
		"process.parent.name exists or event.serial > 3",
	};
	AUTO_EXPR *where = NULL;
	struct expr_error fault;

	assert_int_equal(expr_parse(span_of(expressions[number % ARRAY_LEN(expressions)]), &where, &fault), 0);
	for (int type = MESSAGES_INFO; type < MESSAGES_TYPE_COUNT; type++)
		for (int i = 0; i < 3; i++) {
			struct messages_call c = { .type = (enum messages_type)type, .range = READER_ALL_TIME, .step = 10, .n = 200,
				.max_children = 50, .by = (enum reader_group)((number + (uint64_t)i) % READER_GROUPS),
				.process = i == 2 ? (int64_t)(number % 60) : i + 1, .limits = { 8, 3, 50, 50 },
				.at = { i ? READER_NEWEST_FIRST : READER_OLDEST_FIRST, 0, 3 }, .where = i == 1 ? where : NULL };

			if (i == 2)
				c.range = (struct reader_range){ STORY_FROM + 60000, STORY_TO };
			call(r, c, sums);
		}
}

static void open_and_ask(const char *path, unsigned flags, uint64_t number, struct sums *sums)
{
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;
	AUTO_READER *r = NULL;

	if (vault_open(path, flags, NULL, NULL, NULL, &db, &error) < 0) {
		if (db || !error || strchr(error, '\n'))
			fail_msg("mutant %llu: no line about it", (unsigned long long)number);
		sums->refused++;
		return;
	}
	r = reader_open_db(db);
	assert_non_null(r);
	sums->opened++;
	ask_all(r, number, sums);
}

/* ---- the test ---- */

static void try(const char *path, uint64_t number, struct sums *sums)
{
	AUTO_FREE char *wal = NULL;
	int64_t before = clock_monotonic(), took;

	assert_int_equal(mutant_make(&sound[number % n_sound], number, path), 0);
	fprintf(stderr, "mutant %llu: %s\n", (unsigned long long)number, mutant_words());
	alarm(HANG_SECONDS); /* nothing takes so long: what does ends the test */
	open_and_ask(path, 0, number, sums);
	open_and_ask(path, VAULT_CHECK, number, sums);
	alarm(0);
	took = clock_monotonic() - before;
	if (took > sums->slowest) {
		sums->slowest = took;
		sums->slowest_number = number;
	}
	unlink(path);
	assert_true(asprintf(&wal, "%s-wal", path) > 0);
	unlink(wal);
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	const char *many = getenv("SPOOR_MUTANTS"), *one = getenv("SPOOR_MUTANT");
	const char *from = getenv("SPOOR_MUTANTS_FROM");
	uint64_t n = many ? strtoull(many, NULL, 10) : FEW, first = from ? strtoull(from, NULL, 10) : 0;
	struct sums sums = { 0 };

	gather(p);
	if (one) {
		first = strtoull(one, NULL, 10);
		n = first + 1;
	}
	for (uint64_t number = first; number < n; number++)
		try(p->path, number, &sums);
	printf("%llu mutants of %zu recordings: %llu openings refused, %llu not; %llu answers, %llu errors; the slowest "
	       "(%llu) took %.1f s\n", (unsigned long long)(n - first), n_sound, (unsigned long long)sums.refused,
	       (unsigned long long)sums.opened, (unsigned long long)sums.answers, (unsigned long long)sums.errors,
	       (unsigned long long)sums.slowest_number, (double)sums.slowest / 1e3);
	/* Damage that is never noticed, or that nothing survives, would test nothing. */
	n -= first;
	if (!one)
		assert_true(sums.refused > n / 4 && sums.opened > n / 4 && sums.answers > 10 * n && sums.errors > n / 4);
	for (size_t i = 0; i < n_sound; i++)
		buf_free(&sound[i]);
	n_sound = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { PLACED(test_mutants) };

	return cmocka_run_group_tests_name("mutants", tests, NULL, NULL);
}
