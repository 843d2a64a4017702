/* Memory, disk and files fail at each call in turn: nothing crashes or leaks, and the database holds whole batches, all of
 * those at least whose commit was reported. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>

#include "recorder/store/schema.h"
#include "recorder/store/snapshot.h"
#include "tests/unit/fault/sweep.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

#define T0 INT64_C(1795571244000)

enum { BATCHES = 3, EVENTS = 12, OLD_BATCHES = 40, SPACING_MS = 5000, KEPT_MS = 60000 };

struct scene {
	struct place place;
	char copies[96];           /* folder of snapshots */
	struct batch *batches[BATCHES];
	struct store *store;
	char *error, *snapshot;
	int64_t prepared, reported; /* batches that were there; and whose commit was reported */
	unsigned flags;
};

/* ---- batches ---- */

/* A process with its image, EVENTS events, its end, and what else a batch may hold. */
static struct batch *make_batch(int64_t id)
{
	static const struct event_detail detail = { DETAIL_REASON, { "because", 7 } };
	static const int32_t lengths[] = { 7, 8 };
	int64_t ms = T0 + id * SPACING_MS;
	struct batch *b = batch_new();
	struct file_hash *hash = arena_alloc(&b->arena, sizeof(*hash));
	struct image_start *im;
	struct event *e = NULL;
	char name[64];

	if (id == 1)
		add_boot(b, 1);
	add_process(b, id, 100 + id, ms, id > 1 ? id - 1 : 0);
	snprintf(name, sizeof(name), "program --number %lld", (long long)id);
	im = add_image(b, id, id, ms, "/usr/bin/program", arena_copy(&b->arena, span_of(name)).p);
	*hash = (struct file_hash){ .size = id, .sha256 = { (unsigned char)id } };
	im->hash = hash;
	im->arg_lengths = lengths;
	im->argc = 2;
	for (int i = 0; i < EVENTS; i++) {
		snprintf(name, sizeof(name), "/tmp/%lld/%d", (long long)id, i / 2);
		e = add_event(b, ms + i, ACTION_FILE_WRITE, id, arena_copy(&b->arena, span_of(name)));
	}
	e->details = &detail;
	e->n_details = 1;
	batch_add(b, ITEM_END)->end = (struct process_end){ id, ms + 100, 0, 0 };
	batch_add(b, ITEM_GAP)->gap = (struct gap){ ms, ms + 1, GAP_KERNEL_LOST, 17 };
	return b;
}

/* ---- the database, undisturbed ---- */

static void assert_none(sqlite3 *db, const char *what)
{
	int64_t n = ask_db(db, what);

	if (n != 0)
		fail_msg("%lld: %s", (long long)n, what);
}

/* Nothing is half there, whatever is. */
static void assert_whole(const char *path)
{
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;

	if (vault_open(path, VAULT_CHECK, NULL, NULL, NULL, &db, &error) < 0)
		fail_msg("%s", error);
	vault_close(db);
	assert_string_equal(ask(path, "PRAGMA integrity_check"), "ok");
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_none(db, "SELECT count(*) FROM event WHERE image NOT IN (SELECT id FROM image)");
	assert_none(db, "SELECT count(*) FROM image WHERE process NOT IN (SELECT id FROM process)");
	assert_none(db, "SELECT count(*) FROM process WHERE id NOT IN (SELECT process FROM image)");
	assert_none(db, "SELECT count(*) FROM v_event WHERE object NOT LIKE '/tmp/%' OR "
	                "executable IS NOT '/usr/bin/program'");
	assert_none(db, "SELECT count(*) FROM v_process WHERE command_line IS NOT 'program --number ' || id "
	                "OR host IS NOT 'host-a'");
	assert_none(db, "SELECT (SELECT coalesce(sum(count), 0) FROM rollup) - (SELECT coalesce(sum(count), 0) FROM v_event)");
	assert_none(db, "SELECT count(*) FROM detail WHERE event NOT IN (SELECT id FROM event)");
	assert_none(db, "SELECT count(*) FROM (SELECT 1 FROM v_text GROUP BY kind, value HAVING count(*) > 1)");
	sqlite3_close(db);
}

static int64_t number(const char *path, const char *sql)
{
	return strtoll(ask(path, sql), NULL, 10);
}

/* Every batch that was reported, at most one more, and each with all that belongs to it. */
static void assert_batches(const struct scene *s)
{
	const char *path = s->place.path;
	int64_t n;

	if (access(path, F_OK) < 0) {
		assert_int_equal(s->reported, 0);
		return;
	}
	assert_whole(path);
	n = number(path, "SELECT count(*) FROM process");
	assert_in_range(n, s->reported, s->reported + 1);
	assert_int_equal(number(path, "SELECT max(id) FROM process"), n);
	assert_int_equal(number(path, "SELECT count(*) FROM image"), n);
	assert_int_equal(number(path, "SELECT sum(count) FROM v_event"), n * EVENTS);
	assert_int_equal(number(path, "SELECT count(*) FROM gap"), n);
	assert_int_equal(number(path, "SELECT count(*) FROM detail"), n);
	assert_int_equal(number(path, "SELECT count(*) FROM process WHERE end_ms IS NULL"), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void begin(struct scene *s)
{
	const char *below = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* nobody waits for a disk */

	snprintf(s->place.dir, sizeof(s->place.dir), "%s/test-fault-XXXXXX", below);
	assert_non_null(mkdtemp(s->place.dir));
	snprintf(s->place.path, sizeof(s->place.path), "%s/monitor.db", s->place.dir);
	snprintf(s->copies, sizeof(s->copies), "%s/copies", s->place.dir);
	assert_int_equal(mkdir(s->copies, 0700), 0);
	s->reported = s->prepared;
	for (int i = 0; i < BATCHES; i++)
		s->batches[i] = make_batch(s->prepared + i + 1);
}

static void end(struct scene *s)
{
	for (int i = 0; i < BATCHES; i++)
		batch_free(s->batches[i]);
	free(STEAL(s->error));
	free(STEAL(s->snapshot));
	assert_int_equal(nftw(s->place.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Beside the database there may be what belongs to it, and the folder of copies: nothing temporary. */
static void assert_clean(const struct scene *s)
{
	int known = 1;
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char name[128];

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", s->place.path, ends[i]);
		known += access(name, F_OK) == 0;
	}
	assert_int_equal(count_files(s->place.dir), known);
}

static void prepare_database(struct scene *s)
{
	struct store *store = open_store(s->place.path, STORE_CREATE);

	assert_int_equal(store_collate(store, STORE_COLLATE_MS), 0);
	for (int64_t id = 1; id <= s->prepared; id++) {
		struct batch *b = make_batch(id);

		assert_int_equal(store_write(store, b), 0);
		batch_free(b);
	}
	assert_int_equal(store_close(store), 0);
}

/* ---- writing ---- */

static int write_batches(struct scene *s)
{
	int r = store_collate(s->store, STORE_COLLATE_MS), first = 0;

	for (int i = 0; i < BATCHES && r == 0; i++) {
		r = store_write(s->store, s->batches[i]);
		if (r == 0)
			r = store_commit(s->store);
		first = first ? first : r;
		if (r < 0) { /* as after a full disk: the same again */
			r = store_write(s->store, s->batches[i]);
			if (r == 0)
				r = store_commit(s->store);
		}
		if (r == 0)
			s->reported++;
	}
	return first ? first : r;
}

static int work_write(void *data)
{
	struct scene *s = data;
	int r = store_open(s->place.path, s->flags, &s->store, &s->error), closed;

	if (r < 0)
		return r;
	r = write_batches(s);
	closed = store_close(STEAL(s->store));
	return r < 0 ? r : closed;
}

static void before_write(void *data)
{
	struct scene *s = data;

	begin(s);
	if (s->prepared)
		prepare_database(s);
}

static void after_write(void *data, int result)
{
	struct scene *s = data;

	assert_clean(s);
	assert_batches(s);
	if (result == 0)
		assert_int_equal(number(s->place.path, "SELECT count(*) FROM process"), s->prepared + BATCHES);
	end(s);
}

/* ---- a bulk load ---- */

static int work_bulk(void *data)
{
	struct scene *s = data;
	int r = store_open(s->place.path, STORE_CREATE | STORE_IMPORT, &s->store, &s->error);

	for (int i = 0; i < BATCHES && r == 0; i++)
		r = store_write(s->store, s->batches[i]);
	if (r == 0)
		return store_close(STEAL(s->store));
	store_discard(STEAL(s->store));
	return r;
}

/* Complete or not there. (Whether the folder could be synced is not told: dbfile.c.) */
static void after_bulk(void *data, int result)
{
	struct scene *s = data;

	assert_clean(s);
	s->reported = result == 0 ? BATCHES : access(s->place.path, F_OK) == 0 ? BATCHES : 0;
	assert_batches(s);
	end(s);
}

/* ---- deleting the oldest ---- */

static int work_purge(void *data)
{
	struct scene *s = data;
	struct store_limits limits = { .max_age_ms = KEPT_MS };
	int r = store_open(s->place.path, 0, &s->store, &s->error), closed;

	if (r < 0)
		return r;
	r = store_limit(s->store, &limits);
	if (r == 0)
		r = store_retain(s->store, T0 + s->prepared * SPACING_MS);
	if (r == 0)
		r = write_batches(s);
	closed = store_close(STEAL(s->store));
	return r < 0 ? r : closed;
}

static void after_purge(void *data, int result)
{
	struct scene *s = data;
	const char *path = s->place.path;

	assert_clean(s);
	assert_whole(path);
	assert_in_range(number(path, "SELECT max(id) FROM process"), s->reported, s->reported + 1);
	assert_int_equal(number(path, "SELECT coalesce(sum(count), 0) FROM gap WHERE cause = 7") +
	                 number(path, "SELECT sum(count) FROM v_event"), number(path, "SELECT max(id) FROM process") * EVENTS);
	if (result == 0)
		assert_true(number(path, "SELECT min(id) FROM event") >> 14 >= T0 + (s->prepared - 1) * SPACING_MS - 2 * KEPT_MS);
	end(s);
}

/* ---- a snapshot ---- */

static int work_snapshot(void *data)
{
	struct scene *s = data;

	return snapshot_take(s->place.path, s->copies, NULL, NULL, NULL, &s->snapshot, &s->error);
}

static void after_snapshot(void *data, int result)
{
	struct scene *s = data;

	assert_clean(s);
	assert_batches(s);
	assert_true((result == 0) == (s->snapshot != NULL));
	assert_true(result == 0 || count_files(s->copies) == 0);
	if (result == 0) {
		snprintf(s->place.path, sizeof(s->place.path), "%s", s->snapshot);
		assert_batches(s);
	}
	end(s);
}

/* ---- a database of an earlier version ---- */

static void before_migration(void *data)
{
	struct scene *s = data;

	begin(s);
	load_fixture(s->place.path, 1);
}

static int work_migration(void *data)
{
	struct scene *s = data;
	int r = store_open(s->place.path, 0, &s->store, &s->error);

	return r < 0 ? r : store_close(STEAL(s->store));
}

/* The old one, or the new one; and that can still be had from it. */
static void after_migration(void *data, int result)
{
	static char events[128], processes[128];
	static const char *const of_events = "SELECT count(*) || ' ' || sum(count) || ' ' || sum(length(coalesce(object, '') || "
	                                     "coalesce(object2, ''))) || ' ' || sum(result) FROM v_event";
	static const char *const of_processes = "SELECT count(*) || ' ' || sum(length(coalesce(executable, '') || "
	                                        "coalesce(command_line, '') || coalesce(cwd, ''))) FROM v_process";
	struct scene *s = data;
	const char *path = s->place.path;

	assert_clean(s);
	assert_string_equal(ask(path, "PRAGMA integrity_check"), "ok");
	if (result == 0)
		assert_int_equal(number(path, "PRAGMA user_version"), SCHEMA_VERSION);
	assert_int_equal(store_close(open_store(path, 0)), 0);
	if (!events[0]) {
		snprintf(events, sizeof(events), "%s", ask(path, of_events));
		snprintf(processes, sizeof(processes), "%s", ask(path, of_processes));
	}
	assert_string_equal(ask(path, of_events), events);
	assert_string_equal(ask(path, of_processes), processes);
	end(s);
}

/* ---- sweeps ---- */

static void sweep_all(const struct sweep *sweep, struct scene *s)
{
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		sweep_run(sweep, (enum fault_kind)kind, s);
}

static const struct sweep writing = { before_write, work_write, after_write };

static void test_new_database(void **state)
{
	sweep_all(&writing, &(struct scene){ .flags = STORE_CREATE });
}

static void test_existing_database(void **state)
{
	sweep_all(&writing, &(struct scene){ .prepared = 3 });
}

static void test_bulk_load(void **state)
{
	static const struct sweep bulk = { before_write, work_bulk, after_bulk };

	sweep_all(&bulk, &(struct scene){ 0 });
}

static void test_purge(void **state)
{
	static const struct sweep purge = { before_write, work_purge, after_purge };

	sweep_all(&purge, &(struct scene){ .prepared = OLD_BATCHES });
}

static void test_snapshot(void **state)
{
	static const struct sweep snapshot = { before_write, work_snapshot, after_snapshot };

	sweep_all(&snapshot, &(struct scene){ .prepared = 3 });
}

static void test_migration(void **state)
{
	static const struct sweep migration = { before_migration, work_migration, after_migration };

	sweep_all(&migration, &(struct scene){ 0 });
}

#define SWEPT(test) cmocka_unit_test_teardown(test, sweep_tell)

/* Argument: the name of a test, where only that is wanted. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		SWEPT(test_new_database), SWEPT(test_existing_database), SWEPT(test_bulk_load), SWEPT(test_purge),
		SWEPT(test_snapshot), SWEPT(test_migration),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every piece of memory is asked for */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
