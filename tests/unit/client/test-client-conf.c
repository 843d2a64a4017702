#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/client/client-conf.h"

static void what_is_not_said_is_as_usual(void **state)
{
	struct client_conf c;
	char *error = NULL;

	assert_int_equal(client_conf_parse("f", SPAN("[recorder]\ndatabase = /x\n[client]\n# nothing\n"), &c, &error), 0);
	assert_true(c.connect);
	assert_int_equal(c.n_servers, 0);
	assert_string_equal(c.user, "spoor");
	assert_string_equal(c.identity, CLIENT_CONF_IDENTITY);
	assert_int_equal(c.sessions, 8);
	assert_int_equal(c.log_level, LOG_LEVEL_INFO);
	assert_int_equal(client_conf_load("/nowhere/at/all", true, &c, &error), 0);
	assert_int_equal(client_conf_load("/nowhere/at/all", false, &c, &error), -ENOENT);
	assert_string_equal(error, "/nowhere/at/all: No such file or directory");
	free(error);
}

static void every_key_is_read(void **state)
{
	static const char text[] = "[client]\nconnect = no\nserver = a.example\nserver = b.example:1 192.0.2.1\nuser = x\n"
		"identity = /i\nstatus = /s\nlog = /l\nlog-level = debug\nsessions = 3\nsession-memory = 2G\n";
	struct client_conf c;
	char *error = NULL;

	assert_int_equal(client_conf_parse("f", span_of(text), &c, &error), 0);
	assert_false(c.connect);
	assert_int_equal(c.n_servers, 2);
	assert_string_equal(c.servers[0].name, "a.example");
	assert_string_equal(c.servers[0].address, "");
	assert_int_equal(c.servers[0].port, CLIENT_CONF_PORT);
	assert_string_equal(c.servers[1].address, "192.0.2.1");
	assert_int_equal(c.servers[1].port, 1);
	assert_string_equal(c.user, "x");
	assert_string_equal(c.identity, "/i");
	assert_string_equal(c.status, "/s");
	assert_string_equal(c.log, "/l");
	assert_int_equal(c.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(c.sessions, 3);
	assert_int_equal(c.session_memory, 2000000000);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const char *const wrong[] = {
		"nonsense = 1", "connect = maybe", "server =", "server = 192.0.2.1", "server = ::1", "server = a:0",
		"server = a:99999", "server = a b c", "server = a/b", "user =", "identity = relative", "log-level = loud",
		"sessions = 0", "sessions = 65",
		"session-memory = 1", "session-memory = 1M", "session-memory = 99999999999G", "status = ",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		AUTO_BUF text = BUF_INIT;
		AUTO_FREE char *error = NULL;
		struct client_conf c;

		buf_printf(&text, "[client]\n%s\n", wrong[i]);
		assert_int_equal(client_conf_parse("f", buf_span(&text), &c, &error), -EINVAL);
		assert_int_equal(strncmp(error, "f: line 2: ", 11), 0);
	}
}

static void a_server_has_a_name_and_perhaps_an_address(void **state)
{
	static const struct { const char *text, *name, *address; unsigned port; } good[] = {
		{ "spoor.example", "spoor.example", "", CLIENT_CONF_PORT }, { "spoor:99", "spoor", "", 99 },
		{ "  a.example:1\t192.0.2.7 ", "a.example", "192.0.2.7", 1 }, { "a 192.0.2.7:5", "a", "192.0.2.7", 5 },
		{ "a 2001:db8::1", "a", "2001:db8::1", CLIENT_CONF_PORT }, { "a [2001:db8::1]:7", "a", "2001:db8::1", 7 },
		{ "a [2001:db8::1]", "a", "2001:db8::1", CLIENT_CONF_PORT }, { "1.example", "1.example", "", CLIENT_CONF_PORT },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		AUTO_BUF why = BUF_INIT;
		struct client_conf_server s;

		assert_int_equal(client_conf_read_server(span_of(good[i].text), &s, &why), 0);
		assert_string_equal(s.name, good[i].name);
		assert_string_equal(s.address, good[i].address);
		assert_int_equal(s.port, good[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_as_usual),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_server_has_a_name_and_perhaps_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
