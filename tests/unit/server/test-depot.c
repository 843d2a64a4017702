#include "tests/unit/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "server/authorise.h"
#include "server/depot.h"

static char folder[64], path[96];

/* What walks hand out, as text. */
enum { TEXT = 16384 };
static char text[TEXT];

static void __attribute__((format(printf, 1, 2))) add(const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, TEXT - n, format, args);
	va_end(args);
}

static struct depot *open_it(void)
{
	struct depot *d = NULL;
	char *error = NULL;

	assert_int_equal(depot_open(path, true, &d, &error), 0);
	return d;
}

static int begin(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/test-depot-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/server.db", folder);
	text[0] = '\0';
	*state = open_it();
	return 0;
}

static int end(void **state)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char name[128];

	depot_close(*state);
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		unlink(name);
	}
	return rmdir(folder);
}

/* ---- users and groups ---- */

static int user_text(const struct depot_user *u, void *data)
{
	add("%d %s %s %d %d %d;", (int)u->id, u->name, u->password, u->role, u->disabled, (int)u->created_ms);
	return 0;
}

static void users(void **state)
{
	struct depot *d = *state;
	struct depot_user u = { 0, "berta", "h1", AUTHORISE_VIEWER, false, 5 };
	int64_t id = 0;

	assert_int_equal(depot_user_put(d, &u, &id), 0);
	assert_int_equal(id, 1);
	assert_int_equal(depot_user_put(d, &u, &id), -EEXIST);
	u.name = "BERTA";
	assert_int_equal(depot_user_put(d, &u, &id), -EEXIST);
	u.name = "Anna";
	assert_int_equal(depot_user_put(d, &u, NULL), 0);
	u = (struct depot_user){ 1, "berta", "h2", AUTHORISE_ADMINISTRATOR, true, 99 };
	assert_int_equal(depot_user_put(d, &u, &id), 0);
	assert_int_equal(depot_user_put(d, &(struct depot_user){ .id = 1, .disabled = -1 }, NULL), 0); /* nothing changes */
	u.id = 77;
	u.name = "carla";
	assert_int_equal(depot_user_put(d, &u, &id), -ENOENT);
	assert_int_equal(depot_user_each(d, NULL, user_text, NULL), 0);
	assert_string_equal(text, "2 Anna h1 1 0 5;1 berta h2 3 1 5;");
	text[0] = '\0';
	assert_int_equal(depot_user_each(d, "bErTa", user_text, NULL), 0);
	assert_string_equal(text, "1 berta h2 3 1 5;");
	text[0] = '\0';
	assert_int_equal(depot_user_each(d, "' OR 1 --", user_text, NULL), 0);
	assert_string_equal(text, "");
}

static int stop(const struct depot_user *u, void *data)
{
	++*(int *)data;
	return 42;
}

static void a_walk_ends_when_told(void **state)
{
	int calls = 0;

	for (int i = 0; i < 3; i++) {
		char name[16];
		struct depot_user u = { 0, name, "h", AUTHORISE_VIEWER, false, 5 };

		snprintf(name, sizeof(name), "u%d", i);
		assert_int_equal(depot_user_put(*state, &u, NULL), 0);
	}
	assert_int_equal(depot_user_each(*state, NULL, stop, &calls), 42);
	assert_int_equal(calls, 1);
}

static void who_sees_what(void **state)
{
	struct depot *d = *state;
	int64_t web, db, mail, first, second, again, *sees = NULL;
	bool limited = true;
	size_t n = 9;

	assert_int_equal(depot_user_sees(d, 5, &limited, &sees, &n), 0);
	assert_false(limited);
	assert_int_equal(n, 0);
	free(sees);
	assert_int_equal(depot_group_put(d, DEPOT_COMPUTERS, "web", &web), 0);
	assert_int_equal(depot_group_put(d, DEPOT_COMPUTERS, "db", &db), 0);
	assert_int_equal(depot_group_put(d, DEPOT_COMPUTERS, "mail", &mail), 0);
	assert_int_equal(depot_group_put(d, DEPOT_USERS, "web", &first), 0); /* another kind: another group */
	assert_int_equal(depot_group_put(d, DEPOT_USERS, "dba", &second), 0);
	assert_int_equal(depot_group_put(d, DEPOT_COMPUTERS, "WEB", &again), 0);
	assert_int_equal(again, web);
	assert_int_not_equal(first, web);
	depot_group_link(d, first, DEPOT_LINK_USER, 5, true);
	depot_group_link(d, first, DEPOT_LINK_USER, 5, true);
	assert_int_equal(depot_user_sees(d, 5, &limited, &sees, &n), 0);
	assert_true(limited);
	assert_int_equal(n, 0);
	free(sees);
	depot_group_link(d, first, DEPOT_LINK_COMPUTERS, web, true);
	depot_group_link(d, second, DEPOT_LINK_COMPUTERS, web, true);
	depot_group_link(d, second, DEPOT_LINK_COMPUTERS, db, true);
	depot_group_link(d, second, DEPOT_LINK_USER, 5, true);
	assert_int_equal(depot_user_sees(d, 5, &limited, &sees, &n), 0);
	assert_int_equal(n, 2);
	assert_true(sees[0] == web && sees[1] == db && web < db);
	free(sees);
	assert_int_equal(depot_group_link(d, second, DEPOT_LINK_USER, 5, false), 0);
	assert_int_equal(depot_group_link(d, second, DEPOT_LINK_USER, 5, false), -ENOENT);
	assert_int_equal(depot_user_sees(d, 5, &limited, &sees, &n), 0);
	assert_int_equal(n, 1);
	free(sees);
	assert_int_not_equal(depot_group_link(d, 999, DEPOT_LINK_USER, 5, true), 0);
}

/* ---- endpoints, tokens ---- */

#define KEY8(c) c c c c c c c c
#define KEY(c) KEY8(c) KEY8(c) KEY8(c) KEY8(c) KEY8(c) KEY8(c) KEY8(c) KEY8(c)

static int endpoint_text(const struct depot_endpoint *e, void *data)
{
	add("%c %s %d %d %s %d;", e->key[0], e->name, (int)e->computers, (int)e->contact_ms, e->address,
	        (int)e->revoked_ms);
	return 0;
}

static void a_name_may_be_two_endpoints_a_key_one(void **state)
{
	struct depot *d = *state;
	struct depot_endpoint e = { .key = KEY("b"), .name = "web-03", .enrolled_ms = 1, .address = "", .agent = "0.1" };
	int64_t id, other;

	assert_int_equal(depot_endpoint_put(d, &e, &id), 0);
	assert_int_equal(depot_endpoint_put(d, &e, &other), -EEXIST);
	e.key = KEY("a");
	assert_int_equal(depot_endpoint_put(d, &e, &other), 0);
	e = (struct depot_endpoint){ .id = id, .key = KEY("c"), .name = "web-03", .contact_ms = 70, .address = "192.0.2.1",
	                             .agent = "0.1", .revoked_ms = 80 };
	assert_int_equal(depot_endpoint_put(d, &e, NULL), 0);
	assert_int_equal(depot_endpoint_each(d, "WEB-03", endpoint_text, NULL), 0);
	assert_string_equal(text, "b web-03 0 70 192.0.2.1 80;a web-03 0 0  0;");
	text[0] = '\0';
	assert_int_equal(depot_endpoint_each(d, KEY("a"), endpoint_text, NULL), 0);
	assert_string_equal(text, "a web-03 0 0  0;");
	assert_int_equal(depot_delete(d, DEPOT_AN_ENDPOINT, id), 0);
	assert_int_equal(depot_delete(d, DEPOT_AN_ENDPOINT, id), -ENOENT);
	text[0] = '\0';
	assert_int_equal(depot_endpoint_each(d, NULL, endpoint_text, NULL), 0);
	assert_string_equal(text, "a web-03 0 0  0;");
}

static int count_token(const struct depot_token *t, void *data)
{
	++*(int *)data;
	return 0;
}

static int tokens(struct depot *d, enum depot_token_kind kind)
{
	int n = 0;

	assert_int_equal(depot_token_each(d, kind, count_token, &n), 0);
	return n;
}

static void a_token_is_used_up(void **state)
{
	struct depot *d = *state;
	unsigned char hash[DEPOT_TOKEN_HASH] = "one", other[DEPOT_TOKEN_HASH] = "two", none[DEPOT_TOKEN_HASH] = "three";
	struct depot_token t = { .hash = hash, .kind = DEPOT_ENROL, .user = 1, .computers = 4, .created_ms = 1, .expires_ms = 100,
	                         .uses = 2 };
	struct depot_token got;
	int64_t id;

	assert_int_equal(depot_token_put(d, &t, &id), 0);
	assert_int_equal(depot_token_put(d, &t, &id), -EEXIST);
	t.hash = other;
	t.uses = 0;
	assert_int_equal(depot_token_put(d, &t, &id), 0);
	assert_int_equal(depot_token_take(d, DEPOT_ENROL, none, 50, &got), -ENOENT);
	assert_int_equal(depot_token_take(d, DEPOT_LOGIN, hash, 50, &got), -ENOENT);
	assert_int_equal(depot_token_take(d, DEPOT_ENROL, hash, 50, &got), 0);
	assert_int_equal(got.computers, 4);
	assert_int_equal(depot_token_take(d, DEPOT_ENROL, hash, 50, &got), 0);
	assert_int_equal(depot_token_take(d, DEPOT_ENROL, hash, 50, &got), -ENOENT);
	for (int i = 0; i < 5; i++)
		assert_int_equal(depot_token_take(d, DEPOT_ENROL, other, 99, &got), 0);
	assert_int_equal(tokens(d, DEPOT_ENROL), 1);
	assert_int_equal(depot_token_take(d, DEPOT_ENROL, other, 100, &got), -ETIMEDOUT);
	assert_int_equal(tokens(d, DEPOT_ENROL), 0);
}

/* A contact that is noted late does not take a revocation back, nor does a change of the role enable anybody. */
static void what_is_taken_away_stays_so(void **state)
{
	struct depot *d = *state;
	struct depot_endpoint e = { .key = KEY("b"), .name = "web-03", .enrolled_ms = 1, .address = "", .agent = "" };
	struct depot_user u = { 0, "anna", "h", AUTHORISE_VIEWER, true, 5 };
	unsigned char hash[DEPOT_TOKEN_HASH] = "";
	struct depot_token t = { .hash = hash, .kind = DEPOT_LOGIN, .created_ms = 1, .expires_ms = 100 };
	int64_t id;

	assert_int_equal(depot_endpoint_put(d, &e, &id), 0);
	assert_int_equal(depot_endpoint_put(d, &(struct depot_endpoint){ .id = id, .revoked_ms = 80 }, NULL), 0);
	e = (struct depot_endpoint){ .id = id, .contact_ms = 90, .revoked_ms = 95 };
	assert_int_equal(depot_endpoint_put(d, &e, NULL), 0);
	assert_int_equal(depot_endpoint_each(d, NULL, endpoint_text, NULL), 0);
	assert_string_equal(text, "b web-03 0 90  80;");
	text[0] = '\0';
	assert_int_equal(depot_user_put(d, &u, &t.user), 0);
	assert_int_equal(depot_token_put(d, &t, NULL), 0);
	u = (struct depot_user){ .id = t.user, .role = AUTHORISE_INVESTIGATOR, .disabled = -1 };
	assert_int_equal(depot_user_put(d, &u, NULL), 0);
	assert_int_equal(depot_user_each(d, NULL, user_text, NULL), 0);
	assert_string_equal(text, "1 anna h 2 1 5;");
	assert_int_equal(tokens(d, DEPOT_LOGIN), 0);
}

static void tokens_go_one_by_one(void **state)
{
	struct depot *d = *state;
	unsigned char hash[DEPOT_TOKEN_HASH] = "";
	struct depot_token t = { .hash = hash, .kind = DEPOT_LOGIN, .created_ms = 1, .expires_ms = 100 };
	int64_t ids[2];

	for (int i = 0; i < 2; i++) {
		hash[0] = (unsigned char)i;
		assert_int_equal(depot_token_put(d, &t, &ids[i]), 0);
	}
	assert_int_equal(depot_delete(d, DEPOT_AN_ENROL_TOKEN, ids[1]), -ENOENT);
	assert_int_equal(depot_delete(d, DEPOT_A_LOGIN_TOKEN, ids[1]), 0);
	assert_int_equal(depot_delete(d, DEPOT_A_LOGIN_TOKEN, ids[1]), -ENOENT);
	assert_int_equal(tokens(d, DEPOT_LOGIN), 1);
}

static void others_changes_are_noticed(void **state)
{
	struct depot *d = *state, *other;
	char *error = NULL;
	int64_t before, after;

	assert_int_equal(depot_group_put(d, DEPOT_COMPUTERS, "web", &after), 0);
	assert_int_equal(depot_changes(d, &before), 0);
	assert_int_equal(depot_group_put(d, DEPOT_COMPUTERS, "db", &after), 0);
	assert_int_equal(depot_changes(d, &after), 0);
	assert_int_equal(after, before);
	assert_int_equal(depot_open(path, false, &other, &error), 0);
	assert_int_equal(depot_group_put(other, DEPOT_COMPUTERS, "mail", &after), 0);
	depot_close(other);
	assert_int_equal(depot_changes(d, &after), 0);
	assert_int_not_equal(after, before);
}

/* ---- objects, activity ---- */

static int object_text(const struct depot_object *o, void *data)
{
	add("%s %s %d %s;", o->host, o->name, (int)o->size, o->about);
	return 0;
}

static void objects_share_their_bytes(void **state)
{
	struct depot *d = *state;
	struct depot_object o = { .kind = DEPOT_SNAPSHOT, .sha256 = "aa", .size = 5, .name = "one", .host = "web-03", .user = 1,
	                          .created_ms = 10, .about = "{}" };
	int64_t first, second;
	bool last = true;

	assert_int_equal(depot_object_put(d, &o, &first), 0);
	o.name = "two";
	o.created_ms = 20;
	assert_int_equal(depot_object_put(d, &o, &second), 0);
	o.host = "db";
	o.sha256 = "bb";
	assert_int_equal(depot_object_put(d, &o, NULL), 0);
	assert_int_equal(depot_object_each(d, DEPOT_SNAPSHOT, NULL, object_text, NULL), 0);
	assert_string_equal(text, "db two 5 {};web-03 two 5 {};web-03 one 5 {};");
	text[0] = '\0';
	assert_int_equal(depot_object_each(d, DEPOT_FILE, NULL, object_text, NULL), 0);
	assert_string_equal(text, "");
	assert_int_equal(depot_object_delete(d, first, &last), 0);
	assert_false(last);
	assert_int_equal(depot_object_delete(d, first, &last), -ENOENT);
	assert_int_equal(depot_object_delete(d, second, &last), 0);
	assert_true(last);
}

static int activity_text(const struct depot_activity *a, void *data)
{
	add("%s;", a->request);
	return 0;
}

static void activity_is_only_added_to(void **state)
{
	struct depot *d = *state;
	struct depot_activity a = { 0, 5, 1, "192.0.2.1", "first", "", "ok" };
	sqlite3 *db;

	assert_int_equal(depot_activity_add(d, &a), 0);
	a.request = "second";
	assert_int_equal(depot_activity_add(d, &a), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM activity", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "UPDATE activity SET user = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(depot_activity_each(d, 10, activity_text, NULL), 0);
	assert_string_equal(text, "second;first;");
	text[0] = '\0';
	assert_int_equal(depot_activity_each(d, 1, activity_text, NULL), 0);
	assert_string_equal(text, "second;");
}

/* ---- the file ---- */

static void refuse(const char *make, const char *why)
{
	struct depot *d = NULL;
	AUTO_FREE char *error = NULL;
	char other[128];
	sqlite3 *db;

	snprintf(other, sizeof(other), "%s/other.db", folder);
	assert_int_equal(sqlite3_open(other, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, make, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_not_equal(depot_open(other, true, &d, &error), 0);
	assert_null(d);
	assert_non_null(strstr(error, other));
	assert_non_null(strstr(error, why));
	unlink(other);
}

static void foreign_files_are_refused(void **state)
{
	struct depot *d = NULL;
	char *error = NULL;
	char none[128];

	refuse("CREATE TABLE t(x)", "not a database of spoor-server");
	refuse("PRAGMA application_id = 1397773907; PRAGMA user_version = 1", "not a database of spoor-server");
	refuse("PRAGMA application_id = 1397773142; PRAGMA user_version = 2", "later version");
	snprintf(none, sizeof(none), "%s/none.db", folder);
	assert_int_equal(depot_open(none, false, &d, &error), -EACCES);
	free(error);
	assert_int_not_equal(access(none, F_OK), 0);
}

/* Whatever was acknowledged before a kill is there after it. */
static void acknowledged_is_kept(void **state)
{
	int acknowledged[2], status;
	char last = 0, byte;
	pid_t pid;

	depot_close(*state);
	*state = NULL;
	assert_int_equal(pipe(acknowledged), 0);
	pid = fork();
	if (pid == 0) {
		struct depot *d = NULL;
		char *error = NULL, name[2] = "";

		if (depot_open(path, true, &d, &error) < 0)
			_exit(1);
		for (name[0] = 'a';; name[0] = name[0] == 'z' ? 'A' : (char)(name[0] + 1)) {
			struct depot_activity a = { 0, 1, 1, "", name, "", "ok" };

			if (depot_activity_add(d, &a) < 0 || write(acknowledged[1], name, 1) != 1)
				_exit(1);
		}
	}
	close(acknowledged[1]);
	for (int i = 0; i < 20; i++)
		assert_int_equal(read(acknowledged[0], &last, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(acknowledged[0], &byte, 1) == 1)
		last = byte;
	close(acknowledged[0]);
	*state = open_it();
	assert_int_equal(depot_activity_each(*state, 1000, activity_text, NULL), 0);
	assert_non_null(strchr(text, last));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(users), TEST(a_walk_ends_when_told), TEST(who_sees_what), TEST(a_name_may_be_two_endpoints_a_key_one),
		TEST(a_token_is_used_up), TEST(what_is_taken_away_stays_so),
		TEST(tokens_go_one_by_one), TEST(objects_share_their_bytes),
		TEST(others_changes_are_noticed), TEST(objects_share_their_bytes),
		TEST(activity_is_only_added_to), TEST(foreign_files_are_refused), TEST(acknowledged_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
