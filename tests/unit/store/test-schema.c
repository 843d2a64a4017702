/* Versions: what is ours, and how an old database becomes a new one. */
#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/store/schema.h"
#include "recorder/store/vault.h"
#include "tests/unit/store/items.h"
#include "tests/unit/store/place.h"

static sqlite3 *make_old(int version)
{
	sqlite3 *db = NULL;
	char mark[64];

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE event(id INTEGER PRIMARY KEY, action); "
	                                  "INSERT INTO event VALUES(1, 200), (2, 201)", NULL, NULL, NULL), SQLITE_OK);
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d", version);
	assert_int_equal(sqlite3_exec(db, mark, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static int run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -EIO;
}

static int add_count(sqlite3 *db)
{
	return run(db, "ALTER TABLE event ADD COLUMN count; UPDATE event SET count = 1");
}

static int add_extra(sqlite3 *db)
{
	return run(db, "CREATE TABLE extra(x); INSERT INTO extra SELECT sum(count) FROM event");
}

static int add_nonsense(sqlite3 *db)
{
	return run(db, "UPDATE event SET action = action + 1000; INSERT INTO no_such_table VALUES(1)");
}

static const struct schema_migration steps[] = { { 1, add_count }, { 2, add_extra }, { 3, add_nonsense } };

static void test_steps_in_order(void **state)
{
	sqlite3 *db = make_old(1);

	assert_int_equal(schema_migrate(db, steps, 3, 3), 0);
	assert_int_equal(ask_db(db, "PRAGMA user_version"), 3);
	assert_int_equal(ask_db(db, "SELECT x FROM extra"), 2);
	assert_int_equal(schema_migrate(db, steps, 3, 3), 0); /* nothing to do */
	sqlite3_close(db);
	db = make_old(2);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE event ADD COLUMN count", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(schema_migrate(db, steps, 3, 3), 0); /* starts in the middle */
	assert_int_equal(ask_db(db, "SELECT count(*) FROM extra"), 1);
	sqlite3_close(db);
}

static void test_failure_changes_nothing(void **state)
{
	sqlite3 *db = make_old(1);

	assert_true(schema_migrate(db, steps, 3, 4) < 0);
	assert_int_equal(ask_db(db, "PRAGMA user_version"), 1);
	assert_int_equal(ask_db(db, "SELECT max(action) FROM event"), 201);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_true(sqlite3_get_autocommit(db));
	assert_int_equal(schema_migrate(db, steps, 1, 3), -EPROTONOSUPPORT); /* a step is missing */
	assert_int_equal(ask_db(db, "PRAGMA user_version"), 1);
	sqlite3_close(db);
	db = make_old(9);
	assert_int_equal(schema_migrate(db, steps, 3, 3), -EPROTONOSUPPORT);
	assert_int_equal(ask_db(db, "PRAGMA user_version"), 9);
	sqlite3_close(db);
}

static void test_our_steps_reach_our_version(void **state)
{
	assert_int_equal(schema_n_migrations, SCHEMA_VERSION - 1);
	for (size_t i = 0; i < schema_n_migrations; i++)
		assert_int_equal(schema_migrations[i].from, (int)i + 1);
}

static void test_created_is_exact(void **state)
{
	sqlite3 *db = NULL;
	char *what = NULL;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(schema_create(db), 0);
	assert_int_equal(schema_check(db, SCHEMA_VERSION, &what), 0);
	assert_int_equal(ask_db(db, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
	assert_int_equal(ask_db(db, "PRAGMA user_version"), SCHEMA_VERSION);
	assert_int_equal(sqlite3_exec(db, "DROP VIEW v_event", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(schema_check(db, SCHEMA_VERSION, &what), -EBADMSG);
	assert_string_equal(what, "view v_event is missing");
	free(what);
	sqlite3_close(db);
}

/* Goes on writing in what an earlier version began. */
static void go_on(const char *path)
{
	struct store *s = open_store(path, 0);
	struct store_ids ids = store_ids(s);
	struct batch *b = batch_new();
	int64_t id = ids.process > ids.image ? ids.process + 1 : ids.image + 1;

	add_process(b, id, 500, 1700000010000, 1);
	add_image(b, id, id, 1700000010000, "/usr/bin/id", "id --of --what=comes-after-an-upgrade");
	add_image(b, id + 1, id, 1700000011000, "/usr/bin/id", "id --of --what=comes-behind-an-upgrade");
	add_event(b, 1700000010000, ACTION_PROCESS_CREATE, id, SPAN("/usr/bin/id"))->serial = 70;
	add_event(b, 1700000009000, ACTION_FILE_WRITE, id, SPAN("/tmp/late"))->serial = 69;
	batch_add(b, ITEM_END)->end = (struct process_end){ id, 1700000012000, 0, 0 };
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static void check_old(sqlite3 *db, int version)
{
	int events = version == 1 ? 3 : 5;

	assert_int_equal(ask_db(db, "PRAGMA user_version"), SCHEMA_VERSION);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event"), events + 2);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM event e JOIN text t ON t.id = e.object "
	                            "WHERE typeof(t.value) = 'blob'"), 1);
	assert_int_equal(ask_db(db, "SELECT group_concat(serial, '') = iif((SELECT count(*) FROM event) = 5, '1236970', "
	                            "'123456970') FROM (SELECT serial FROM v_event ORDER BY id)"), 1);
	assert_int_equal(ask_db(db, "SELECT sum(pid = 500) FROM v_event"), 2);
	assert_int_equal(ask_db(db, "SELECT end_ms FROM process WHERE pid = 70"), 1700000002300);
	assert_int_equal(ask_db(db, "SELECT end_ms FROM process WHERE pid = 500"), 1700000012000);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM v_process WHERE pid = 500 AND parent = 1 AND end LIKE '%:32.000'"), 2);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM v_process WHERE pid = 70 AND command_line LIKE 'sh -c echo hi%'"), 1);
	assert_int_equal(ask_db(db, "SELECT count(*) FROM v_event WHERE object = '/usr/bin/dash' AND action = 100"), 1);
}

static void test_old_databases(void **state)
{
	struct place *p = *state;

	for (int version = 1; version <= SCHEMA_VERSION; version++) {
		AUTO_FREE char *error = NULL;
		sqlite3 *db = NULL;

		load_fixture(p->path, version);
		go_on(p->path);
		assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
		check_old(db, version);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		if (vault_open(p->path, VAULT_CHECK, NULL, NULL, NULL, &db, &error) < 0)
			fail_msg("%s", error);
		vault_close(db);
		unlink(p->path);
	}
}

/* What only claims to be an old version stays as it is. */
static void test_changed_old_database(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;
	char *error = NULL;

	load_fixture(p->path, 1);
	ask(p->path, "CREATE TABLE more(x)");
	assert_int_equal(store_open(p->path, 0, &s, &error), -EBADMSG);
	assert_non_null(strstr(error, "table more does not belong there"));
	free(error);
	assert_string_equal(ask(p->path, "PRAGMA user_version"), "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_in_order),
		cmocka_unit_test(test_failure_changes_nothing),
		cmocka_unit_test(test_our_steps_reach_our_version),
		cmocka_unit_test(test_created_is_exact),
		PLACED(test_old_databases),
		PLACED(test_changed_old_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
