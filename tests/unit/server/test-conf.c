/* The argument: assets/spoor-server.conf, which shows every key with its default. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "server/conf.h"
#include "server/place.h"

static const char *sample;
static char path[] = "/tmp/test-conf-XXXXXX";

static void write_file(const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int forget(void **state)
{
	return unlink(path);
}

static struct conf load(const char *text)
{
	struct conf c;
	char *error = NULL;

	write_file(text);
	assert_int_equal(conf_load(path, &c, &error), 0);
	assert_null(error);
	return c;
}

/* Its comments with a key are lines that can be used. */
static void the_sample_shows_the_defaults(void **state)
{
	AUTO_FREE char *text = NULL;
	AUTO_BUF lines = BUF_INIT;
	struct conf shown, usual;
	size_t n = 0;

	assert_int_equal(place_read(sample, &text), 0);
	for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		bool is_key = line[0] == '#' && line[1] != ' ' && strstr(line, " =");

		n += is_key;
		buf_printf(&lines, "%s\n", line + is_key);
	}
	assert_int_equal(n, 19);
	shown = load(lines.p);
	conf_default(&usual);
	assert_true(shown.tells_agents); /* the one key that is an example */
	shown.tells_agents = false;
	shown.agents_level = usual.agents_level;
	assert_null(shown.address);
	assert_null(shown.log_file);
	assert_memory_equal(&shown, &usual, sizeof(usual));
}

static void values_are_taken(void **state)
{
	struct conf c = load("[listen]\naddress = ::1\napp-port = 0\n[limits]\nidle-seconds = 2\nlogin-hours = 1\n"
			     "[log]\nlevel = debug\nformat = json\nfile = /var/log/x\n[agents]\nlog-level = error\n");

	assert_string_equal(c.address, "::1");
	assert_int_equal(c.app_port, 0);
	assert_int_equal(c.idle_ms, 2000);
	assert_int_equal(c.login_ms, 3600000);
	assert_int_equal(c.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(c.log_format, LOG_JSON);
	assert_string_equal(c.log_file, "/var/log/x");
	assert_true(c.tells_agents);
	assert_int_equal(c.agents_level, LOG_LEVEL_ERROR);
	conf_free(&c);
}

static void faults_are_told_with_their_place(void **state)
{
	static const char *const texts[][2] = {
		{ "[log]\nlevel = loud", ":2: error, warning, info or debug is wanted, not \"loud\"" },
		{ "[log]\nformat = xml", ":2: a format is text or json, not \"xml\"" },
		{ "[limits]\nsessions = 0", ":2: a number from 1 to 10000 is wanted, not \"0\"" },
		{ "[listen]\napp-port = 65536", ":2: a number from 0 to 65535 is wanted, not \"65536\"" },
		{ "[log]\nport = 1", ":2: there is no key \"port\" in [log]" },
		{ "[listen]\naddress = ::1\n[x]\ny = z", ":4: there is no key \"y\" in [x]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_FREE char *error = NULL;
		struct conf c;

		write_file(texts[i][0]);
		assert_int_equal(conf_load(path, &c, &error), -EINVAL);
		assert_memory_equal(error, path, strlen(path));
		assert_string_equal(error + strlen(path), texts[i][1]);
	}
}

static void a_file_that_is_not_there(void **state)
{
	AUTO_FREE char *error = NULL;
	struct conf c;

	assert_int_equal(conf_load_usual("/nonexistent/conf", &c, &error), -ENOENT);
	assert_string_equal(error, "/nonexistent/conf: No such file or directory");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_shows_the_defaults),
		cmocka_unit_test(values_are_taken),
		cmocka_unit_test(faults_are_told_with_their_place),
		cmocka_unit_test(a_file_that_is_not_there),
	};

	sample = argv[1];
	return cmocka_run_group_tests(tests, make, forget);
}
