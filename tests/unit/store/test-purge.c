#include "tests/unit/test.h"

#include <errno.h>
#include <unistd.h>

#include "recorder/store/text.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

static uint64_t seed;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

/* ---- a random machine ---- */

enum { ALIVE = 12 };

struct machine {
	int64_t now, ids, boot; /* ids: of processes and images */
	struct { int64_t process, image; } alive[ALIVE];
};

static struct span __attribute__((format(printf, 2, 3))) name(struct batch *b, const char *format, ...)
{
	char text[200];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_copy(&b->arena, (struct span){ text, (size_t)n });
}

static struct span path_of(struct batch *b)
{
	return below(3) ? name(b, "/tmp/d%u/f%u", below(40), below(1000)) : name(b, "/etc/f%u", below(9));
}

static void exec(struct machine *m, struct batch *b, unsigned slot, int64_t id)
{
	struct image_start *im;

	m->alive[slot].image = id;
	im = add_image(b, id, m->alive[slot].process, m->now, "/bin/sh", "sh");
	im->executable = name(b, "/opt/v%u/bin/p%u", below(30), below(60));
	im->command_line = below(2) ? name(b, "p --number %u-%u", below(1 << 20), below(9)) :
	                   name(b, "compile-%u -quiet -I include -I ../../include/%u -dumpbase f%u.c -O2 -Wall -o f%u.s",
	                        below(5), below(300), below(1 << 20), below(9));
	im->cwd = name(b, "/home/u%u", below(50));
	if (below(4) == 0)
		im->comm = name(b, "thread-%u", below(50));
	if (below(4) == 0)
		im->script = path_of(b);
	im->who.session = m->now / 60000 % 1000;
	im->who.tty = name(b, "pts%u", (unsigned)(m->now / 60000 % 1000));
	if (below(3) == 0) {
		struct file_hash *hash = arena_alloc(&b->arena, sizeof(*hash));

		*hash = (struct file_hash){ .sha256 = { (unsigned char)below(2), (unsigned char)(m->now / 60000) }, .size = 1 };
		im->hash = hash;
	}
	add_event(b, m->now, ACTION_PROCESS_CREATE, id, im->executable);
}

static void start(struct machine *m, struct batch *b, unsigned slot)
{
	int64_t parent = m->alive[below(ALIVE)].image;

	m->alive[slot].process = ++m->ids;
	add_process(b, m->ids, 100 + m->ids, m->now, parent);
	b->items[b->n - 1].process.boot = m->boot;
	exec(m, b, slot, below(9) ? m->ids : ++m->ids);
}

static void end(struct machine *m, struct batch *b, unsigned slot)
{
	add_event(b, m->now, ACTION_PROCESS_EXIT, m->alive[slot].image, SPAN_NONE);
	batch_add(b, ITEM_END)->end = (struct process_end){ m->alive[slot].process, m->now, 0, 0 };
	start(m, b, slot);
}

static void act(struct machine *m, struct batch *b)
{
	unsigned slot = below(ALIVE);
	struct event_detail *detail;
	struct event *e;

	m->now += below(400);
	switch (below(24)) {
	case 0: exec(m, b, slot, ++m->ids); return;
	case 1: if (slot > 1) end(m, b, slot); return;
	case 2:
		detail = arena_alloc(&b->arena, sizeof(*detail));
		*detail = (struct event_detail){ DETAIL_REASON, name(b, "reason %u", below(300)) };
		e = add_event(b, m->now, ACTION_SECURITY_LOGIN, m->alive[slot].image, SPAN("alice"));
		e->details = detail;
		e->n_details = 1;
		return;
	case 3:
		e = add_event(b, m->now, ACTION_FILE_RENAME, m->alive[slot].image, path_of(b));
		e->object2 = path_of(b);
		return;
	case 4:
		add_event(b, m->now, ACTION_NETWORK_CONNECT, m->alive[slot].image, name(b, "10.0.%u.%u", below(9), below(99)));
		return;
	default: /* late ones too, and rows of many */
		e = add_event(b, m->now - (below(50) ? 0 : below(5000)), ACTION_FILE_WRITE, m->alive[slot].image, path_of(b));
		e->result = below(2) ? 0 : 13;
	}
}

/* Logons from weeks before anything else, told after it began. */
static void earlier(struct machine *m, struct batch *b)
{
	for (unsigned i = 0; i < 40; i++) {
		struct event_detail *detail = arena_alloc(&b->arena, sizeof(*detail));
		struct event *e = add_event(b, m->now - (1 + (int64_t)below(25 * 24 * 60)) * 60000, ACTION_SECURITY_LOGIN, 0,
		                            name(b, "old-%u", below(9)));

		*detail = (struct event_detail){ DETAIL_TERMINAL, name(b, "pts/%u", below(20)) };
		e->object2 = name(b, "198.51.100.%u", below(9));
		e->details = detail;
		e->n_details = 1;
		e->flags = EVENT_FLAG_READ;
	}
}

static void boot(struct machine *m, struct batch *b)
{
	struct item *i = batch_add(b, ITEM_BOOT);
	bool first = m->boot == 0;

	i->boot = (struct boot_seen){ ++m->boot, SPAN("host-a"), name(b, "boot-%u", (unsigned)m->boot), m->now };
	for (unsigned i2 = 0; i2 < ALIVE; i2++)
		start(m, b, i2);
	if (first)
		earlier(m, b);
}

static void live(struct machine *m, struct store *s, int events)
{
	struct batch *b = batch_new();

	if (!m->boot || below(4) == 0)
		boot(m, b);
	for (int i = 0; i < events; i++) {
		act(m, b);
		if (b->n < 200)
			continue;
		assert_int_equal(store_write(s, b), 0);
		assert_int_equal(store_commit(s), 0);
		batch_reset(b);
	}
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_commit(s), 0);
	batch_free(b);
}

/* ---- what must hold after any purge ---- */

#define BIRTH_OF_TEXT(t) "(SELECT b.bucket FROM text_birth b WHERE b.text <= " t " ORDER BY b.text DESC LIMIT 1)"
#define IMAGES_OF(p) "(SELECT id FROM image WHERE of = " p " OR (id = " p " AND of IS NULL))"
#define POSTED(term, bucket) "EXISTS (SELECT 1 FROM posting p WHERE p.term = " term " AND p.bucket = " bucket ")"

static const struct { const char *what, *none; } rules[] = {
	{ "a text that nothing refers to", "SELECT id FROM text WHERE id NOT IN (SELECT object FROM event WHERE object NOT NULL "
	  "UNION SELECT object2 FROM event WHERE object2 NOT NULL UNION SELECT dir FROM text WHERE dir NOT NULL "
	  "UNION SELECT executable FROM image WHERE executable NOT NULL UNION SELECT comm FROM image WHERE comm NOT NULL "
	  "UNION SELECT script FROM image WHERE script NOT NULL UNION SELECT cwd FROM image WHERE cwd NOT NULL "
	  "UNION SELECT command_line FROM image WHERE command_line NOT NULL UNION SELECT host FROM boot "
	  "UNION SELECT user FROM credential WHERE user NOT NULL UNION SELECT tty FROM credential WHERE tty NOT NULL "
	  "UNION SELECT cgroup FROM credential WHERE cgroup NOT NULL UNION SELECT value FROM detail)" },
	{ "an event without its texts", "SELECT id FROM event WHERE (object NOT NULL AND object NOT IN (SELECT id FROM text)) "
	  "OR (object2 NOT NULL AND object2 NOT IN (SELECT id FROM text))" },
	{ "an event without its image", "SELECT id FROM event WHERE image NOT IN (SELECT id FROM image)" },
	{ "an image without its texts", "SELECT id FROM image WHERE executable NOT IN (SELECT id FROM text) "
	  "OR command_line NOT IN (SELECT id FROM text) OR cwd NOT IN (SELECT id FROM text) "
	  "OR (comm NOT NULL AND comm NOT IN (SELECT id FROM text)) OR (script NOT NULL AND script NOT IN "
	  "(SELECT id FROM text))" },
	{ "a path without its directory", "SELECT id FROM text WHERE dir NOT NULL AND dir NOT IN (SELECT id FROM text)" },
	{ "an image without its credential", "SELECT id FROM image WHERE credential NOT IN (SELECT id FROM credential)" },
	{ "an image without its hash", "SELECT id FROM image WHERE hash NOT NULL AND hash NOT IN (SELECT id FROM file_hash)" },
	{ "a credential without its texts", "SELECT id FROM credential WHERE tty NOT IN (SELECT id FROM text)" },
	{ "a delta of what is none to have", "SELECT t.id FROM text t JOIN text d ON d.id = t.dir WHERE t.kind = 3 AND "
	  "(d.kind <> 3 OR d.dir NOT NULL)" },
	{ "an image without its process", "SELECT id FROM image WHERE process NOT IN (SELECT id FROM process)" },
	{ "a process without its parent", "SELECT id FROM process WHERE parent_image NOT NULL AND parent_image NOT IN "
	  "(SELECT id FROM image)" },
	{ "a process that is over and unused", "SELECT id FROM process p WHERE ((end_ms >> 12) < (SELECT min(id) >> 26 FROM "
	  "event) OR boot < (SELECT max(id) FROM boot)) AND NOT EXISTS (SELECT 1 FROM event WHERE image IN "
	  IMAGES_OF("p.id") ") AND NOT EXISTS (SELECT 1 FROM process c WHERE c.parent_image IN "
	  IMAGES_OF("p.id") ") AND (SELECT max(coalesce(i.start_ms, p.start_ms)) >> 12 FROM image i "
	  "WHERE id IN " IMAGES_OF("p.id") ") < "
	  "(SELECT min(id) >> 26 FROM event)" },
	{ "an event that the index of texts misses", "SELECT id FROM event e WHERE object NOT NULL AND NOT (id >> 26 = "
	  BIRTH_OF_TEXT("e.object") " OR " POSTED("e.object * 2 + 1", "e.id >> 26") ")" },
	{ "an event that the index of second texts misses", "SELECT id FROM event e WHERE object2 NOT NULL AND NOT (id >> 26 = "
	  BIRTH_OF_TEXT("e.object2") " OR " POSTED("e.object2 * 2 + 1", "e.id >> 26") ")" },
	{ "an event that the index of images misses", "SELECT e.id FROM event e JOIN image i ON i.id = e.image "
	  "JOIN process p ON p.id = i.process WHERE NOT (e.id >> 26 = coalesce(i.start_ms, p.start_ms) >> 12 OR "
	  POSTED("e.image * 2", "e.id >> 26") ")" },
	{ "an index entry of what is gone", "SELECT term FROM posting WHERE term / 2 NOT IN (SELECT id FROM text "
	  "UNION SELECT id FROM image)" },
	{ "a detail of no event", "SELECT event FROM detail WHERE event NOT IN (SELECT id FROM event) OR value NOT IN "
	  "(SELECT id FROM text)" },
	{ "a sum that is wrong", "SELECT * FROM (SELECT (id >> 14) / 60000 AS m, action AS a, sum(coalesce(count, 1)) AS c, "
	  "count(*) AS r FROM event GROUP BY 1, 2) e LEFT JOIN rollup o ON o.minute = m AND o.action = a "
	  "WHERE c IS NOT o.count OR r <> coalesce(o.rows, o.count)" },
	{ "a sum of nothing", "SELECT minute FROM rollup WHERE NOT EXISTS (SELECT 1 FROM event WHERE (id >> 14) / 60000 = minute "
	  "AND action = rollup.action)" },
};

static void assert_rules(sqlite3 *db)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		int64_t bad = ask_db(db, rules[i].none);

		if (bad != -1)
			fail_msg("%s: %lld", rules[i].what, (long long)bad);
	}
}

static int found(int64_t id, void *data)
{
	int64_t *want = data;

	if (id == *want)
		*want = 0;
	return 0;
}

/* Every text is where text_find looks, and nothing else is. */
static void assert_hash(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int64_t entries = 0, texts = 0;

	assert_int_equal(sqlite3_prepare_v2(db, "SELECT id, value FROM v_text", -1, &s, NULL), SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		int64_t want = sqlite3_column_int64(s, 0);
		struct span value = { sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1) };

		assert_int_equal(text_find(db, value, found, &want), 0);
		if (want)
			fail_msg("text %lld is not in text_hash", (long long)want);
		texts++;
	}
	sqlite3_finalize(s);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT texts FROM text_hash", -1, &s, NULL), SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct span rest = { sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) };
		unsigned char tag;
		int64_t id = 0;

		while (text_bucket_next(&rest, &id, &tag))
			entries++;
		assert_int_equal(rest.n, 0);
	}
	sqlite3_finalize(s);
	assert_int_equal(entries, texts);
}

/* What survives reads as in a database that was never purged. */
static void assert_same_history(const char *path, const char *whole, bool collated)
{
	sqlite3 *db = NULL;
	char attach[256];

	snprintf(attach, sizeof(attach), "ATTACH '%s' AS w", whole);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
	if (!collated) /* else rows begin anew after a purge */
		assert_int_equal(ask_db(db, "SELECT count(*) FROM (SELECT * FROM main.v_event EXCEPT SELECT * FROM w.v_event)"), 0);
	if (!collated)
		assert_int_equal(ask_db(db, "SELECT count(*) FROM (SELECT * FROM w.v_event WHERE id >> 26 >= "
	                        "(SELECT min(id) >> 26 FROM main.event) EXCEPT SELECT * FROM main.v_event)"), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM (SELECT * FROM main.v_process EXCEPT SELECT * FROM w.v_process)"), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM gap WHERE cause = 7"), 1);
	assert_int_equal(ask_db(db, "SELECT (SELECT count FROM main.gap WHERE cause = 7) + (SELECT sum(count) FROM main.rollup) "
	                        "- (SELECT sum(count) FROM w.rollup)"), 0);
	assert_true(ask_db(db, "SELECT to_ms FROM gap WHERE cause = 7") <= ask_db(db, "SELECT min(id) >> 14 FROM event"));
	assert_rules(db);
	assert_hash(db);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	sqlite3_close(db);
}

static void run_old(const char *path, int64_t age, bool collate)
{
	struct store *s = open_store(path, STORE_CREATE);
	struct store_limits limits = { 0, age };

	if (collate)
		assert_int_equal(store_collate(s, 20000), 0);
	assert_int_equal(store_limit(s, &limits), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(store_retain(s, T0 * 2), 0);
	assert_int_equal(store_close(s), 0);
}

/* The same history into two databases, one of them purged now and then. */
static void test_as_if_never_there(void **state)
{
	struct place *p = *state;
	char whole[128];
	int64_t purged = 0;

	snprintf(whole, sizeof(whole), "%s/whole.db", p->dir);
	for (int round = 0; round < 24; round++) {
		const char *const paths[] = { p->path, whole };
		static struct machine machines[2];
		uint64_t start_seed = (uint64_t)round * 77 + 5;

		if (round % 12 == 0) {
			for (int k = 0; k < 2; k++) {
				unlink(paths[k]);
				machines[k] = (struct machine){ .now = T0 };
			}
			purged = 0;
		}
		for (int k = 0; k < 2; k++) {
			struct store *s = open_store(paths[k], STORE_CREATE);

			seed = start_seed;
			if (round >= 12)
				assert_int_equal(store_collate(s, 20000), 0);
			live(&machines[k], s, 1000);
			if (k == 0 && round % 12 > 2) { /* and go on with what is remembered */
				struct store_limits limits = { 0, 300000 };

				assert_int_equal(store_limit(s, &limits), 0);
				assert_int_equal(store_retain(s, T0 * 2), 0);
			}
			live(&machines[k], s, 500);
			assert_int_equal(store_close(s), 0);
		}
		if (round % 12 > 2) {
			run_old(p->path, 200000 + 100000 * below(3), round >= 12);
			assert_same_history(p->path, whole, round >= 12);
			purged++;
		}
	}
	assert_true(purged > 5);
}

/* ---- size ---- */

static void fill_for_ever(const char *path, int64_t max, int events)
{
	struct store *s = open_store(path, STORE_CREATE);
	struct store_limits limits = { max, 0 };
	struct machine m = { .now = T0 };
	struct batch *b = batch_new();
	int64_t most = 0;

	seed = 9;
	assert_int_equal(store_limit(s, &limits), 0);
	boot(&m, b);
	for (int i = 0; i < events; i++) {
		act(&m, b);
		if (b->n < 250)
			continue;
		assert_int_equal(store_write(s, b), 0);
		assert_int_equal(store_commit(s), 0);
		most = store_size(s) > most ? store_size(s) : most;
		assert_int_equal(store_retain(s, T0 * 2), 0);
		most = store_size(s) > most ? store_size(s) : most;
		batch_reset(b);
	}
	if (most > max + max / 20)
		fail_msg("%lld bytes at most, %lld seen", (long long)max, (long long)most);
	assert_true(most > max / 3);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static void test_size_holds_always(void **state)
{
	struct place *p = *state;
	sqlite3 *db = NULL;

	fill_for_ever(p->path, STORE_MIN_BYTES, 120000);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_rules(db);
	assert_hash(db);
	assert_true(ask_db(db, "SELECT count(*) FROM event") > 200);
	assert_true(ask_db(db, "SELECT max(id) - count(*) FROM file_hash") > 0);
	assert_true(ask_db(db, "SELECT max(id) - count(*) FROM credential") > 0);
	assert_true(ask_db(db, "SELECT (SELECT count(*) FROM credential WHERE id NOT IN (SELECT credential FROM image)) + "
	                   "(SELECT count(*) FROM file_hash WHERE id NOT IN (SELECT hash FROM image WHERE hash NOT NULL)) "
	                   "- (SELECT count(*) FROM image) / 4") < 400);
	sqlite3_close(db);
}

/* A smaller limit for a database that is there: the file shrinks. */
static void test_shrinks(void **state)
{
	struct place *p = *state;
	struct store_limits limits = { 4 << 20, 0 };
	struct machine m = { .now = T0 };
	struct store *s = open_store(p->path, STORE_CREATE);

	seed = 4;
	live(&m, s, 150000);
	assert_true(store_size(s) > 6 << 20);
	assert_int_equal(store_limit(s, &limits), 0);
	for (int i = 0; i < 1000 && store_size(s) > 4 << 20; i++)
		assert_int_equal(store_retain(s, T0 * 2), 0);
	assert_true(store_size(s) <= 4 << 20);
	assert_int_equal(store_close(s), 0);
}

/* Somebody reads while 250 events a commit are written until there is no more room: then nothing is, and all goes on when
 * the reader has gone. */
static void test_size_holds_with_a_reader(void **state)
{
	enum { MAX = 8 << 20 };
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct store_limits limits = { MAX, 0 };
	struct machine m = { .now = T0 };
	struct batch *b = batch_new();
	sqlite3 *reader = NULL;
	int64_t most = 0, events;
	int r = 0, commits = 0;

	seed = 12;
	assert_int_equal(store_limit(s, &limits), 0);
	live(&m, s, 100000);
	for (int i = 0; i < 1000 && store_size(s) > MAX / 4 * 3; i++)
		assert_int_equal(store_retain(s, T0 * 2), 0);
	assert_int_equal(sqlite3_open(p->path, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM event", NULL, NULL, NULL), SQLITE_OK);
	events = ask_db(reader, "SELECT count(*) FROM event");
	while (commits < 2000) {
		while (b->n < 250)
			act(&m, b);
		r = store_write(s, b);
		if (r < 0)
			break;
		assert_int_equal(store_commit(s), 0);
		commits++;
		most = store_size(s) > most ? store_size(s) : most;
		assert_int_equal(store_retain(s, T0 * 2), 0);
		most = store_size(s) > most ? store_size(s) : most;
		batch_reset(b);
	}
	assert_int_equal(r, -EDQUOT);
	assert_true(commits > 0);
	if (most > MAX + MAX / 20)
		fail_msg("%d bytes at most, %lld seen", MAX, (long long)most);
	assert_int_equal(store_retain(s, T0 * 2), 0);
	assert_int_equal(store_write(s, b), -EDQUOT);
	assert_int_equal(ask_db(reader, "SELECT count(*) FROM event"), events); /* what it began to read */
	sqlite3_close(reader);
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_commit(s), 0);
	for (int i = 0; i < 1000 && store_size(s) > MAX; i++)
		assert_int_equal(store_retain(s, T0 * 2), 0);
	assert_true(store_size(s) <= MAX);
	assert_true(ask(p->path, "SELECT 1 FROM gap WHERE cause = 7")[0] == '1');
	batch_free(b);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(sqlite3_open(p->path, &reader), SQLITE_OK);
	assert_rules(reader);
	sqlite3_close(reader);
}

/* Something else fills the file: all events are deleted, and then recording has to stop. */
static void test_twice_the_maximum(void **state)
{
	struct place *p = *state;
	struct store *s = open_store(p->path, STORE_CREATE);
	struct store_limits limits = { 2 << 20, 0 };
	struct machine m = { .now = T0 };
	sqlite3 *other = NULL;
	int r = 0;

	seed = 3;
	live(&m, s, 3000);
	assert_int_equal(sqlite3_open(p->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "INSERT INTO meta VALUES('filler', zeroblob(5000000))", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_int_equal(store_limit(s, &limits), 0);
	for (int i = 0; i < 1000 && r == 0; i++)
		r = store_retain(s, T0 * 2);
	assert_int_equal(r, -EFBIG);
	assert_int_equal(store_close(s), 0);
}

/* A clock that jumps ten years ahead costs nothing; and limits that make no sense are refused. */
static void test_clock(void **state)
{
	struct place *p = *state;
	struct store_limits limits = { 0, INT64_C(30) * 86400000 }, small = { 1000, 0 }, negative = { 0, -1 };
	struct machine m = { .now = T0 };
	struct store *s = open_store(p->path, STORE_CREATE);
	int64_t before;
	sqlite3 *db = NULL;

	seed = 2;
	live(&m, s, 2000);
	assert_int_equal(store_limit(s, &small), -EINVAL);
	assert_int_equal(store_limit(s, &negative), -EINVAL);
	assert_int_equal(store_limit(s, &limits), 0);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	before = ask_db(db, "SELECT count(*) FROM event");
	for (int years = -10; years <= 10; years += 5)
		assert_int_equal(store_retain(s, m.now + years * INT64_C(366) * 86400000), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), before);
	/* Events at that time too, and the recorder starts anew. */
	m.now += INT64_C(3660) * 86400000;
	live(&m, s, 10);
	before = ask_db(db, "SELECT count(*) FROM event");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_close(s), 0);
		s = open_store(p->path, 0);
		assert_int_equal(store_limit(s, &limits), 0);
		assert_int_equal(store_retain(s, m.now), 0);
	}
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), before);
	sqlite3_close(db);
	assert_int_equal(store_close(s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_as_if_never_there),
		PLACED(test_size_holds_always),
		PLACED(test_shrinks),
		PLACED(test_size_holds_with_a_reader),
		PLACED(test_twice_the_maximum),
		PLACED(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
