#include "agent/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

enum { LINE_MAX_BYTES = 4096 };

static int fail(char **ret_error, const char *path, int line, const char *why, int error)
{
	AUTO_BUF text = BUF_INIT;

	if (line)
		buf_printf(&text, "%s: line %d: %s", path, line, why);
	else
		buf_printf(&text, "%s: %s", path, why);
	*ret_error = buf_steal(&text);
	return error;
}

/* Without blanks at both ends, in place. */
static char *trim(char *z)
{
	size_t n;

	z += strspn(z, " \t\r\n");
	for (n = strlen(z); n > 0 && strchr(" \t\r\n", z[n - 1]); n--)
		;
	z[n] = 0;
	return z;
}

static const char *set(struct settings *s, const char *key, const char *value)
{
	if (strcmp(key, "database") == 0) {
		if (value[0] != '/')
			return "database takes an absolute path";
		if (strlen(value) >= sizeof(s->database))
			return "the path is too long";
		snprintf(s->database, sizeof(s->database), "%s", value);
		return NULL;
	}
	if (strcmp(key, "source") == 0)
		return source_kind_parse(value, &s->source) < 0 ? "source takes auto, unicast, multicast or plugin" : NULL;
	return "no such key in [recorder]";
}

/* NULL, or why the line is wrong. */
static const char *read_line(struct settings *s, char *line, bool *ours)
{
	char *equals;

	line = trim(line);
	if (line[0] == 0 || line[0] == '#' || line[0] == ';')
		return NULL;
	if (line[0] == '[') {
		if (line[strlen(line) - 1] != ']')
			return "a section ends with ]";
		*ours = strcmp(line, "[recorder]") == 0;
		return NULL;
	}
	if (!*ours)
		return NULL;
	equals = strchr(line, '=');
	if (!equals)
		return "neither a section nor key = value";
	*equals = 0;
	return set(s, trim(line), trim(equals + 1));
}

int settings_load(const char *path, bool optional, struct settings *ret, char **ret_error)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	struct settings s = { .database = SETTINGS_DATABASE, .source = SOURCE_AUTO };
	char line[LINE_MAX_BYTES];
	bool ours = false;
	const char *why = NULL;

	if (!f && !(optional && errno == ENOENT)) {
		int error = -errno;

		return fail(ret_error, path, 0, strerror(-error), error);
	}
	for (int n = 1; f && fgets(line, sizeof(line), f); n++) {
		why = strchr(line, '\n') || feof(f) ? read_line(&s, line, &ours) : "the line is too long";
		if (why)
			return fail(ret_error, path, n, why, -EINVAL);
	}
	if (f && ferror(f))
		return fail(ret_error, path, 0, strerror(EIO), -EIO);
	*ret = s;
	return 0;
}
