#include "agent/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/file.h"
#include "agent/base/ini.h"

enum { BYTES_MAX = 1 << 20 };

static int fault(struct buf *why, const char *text)
{
	buf_add_z(why, text);
	return -EINVAL;
}

static int take_database(struct settings *s, struct span value, struct buf *why)
{
	if (!value.n || value.p[0] != '/')
		return fault(why, "database takes an absolute path");
	if (value.n >= sizeof(s->database))
		return fault(why, "the path is too long");
	snprintf(s->database, sizeof(s->database), "%.*s", SPAN_FMT(value));
	return 0;
}

static int take_source(struct settings *s, struct span value, struct buf *why)
{
	char name[16];

	snprintf(name, sizeof(name), "%.*s", SPAN_FMT(value));
	if (value.n >= sizeof(name) || source_kind_parse(name, &s->source) < 0)
		return fault(why, "source takes auto, unicast, multicast or plugin");
	return 0;
}

static int take(const struct ini_line *line, struct buf *why, void *data)
{
	struct settings *s = data;

	if (!line->key.p || !ini_is(line->section, "recorder"))
		return 0;
	if (span_eq(line->key, SPAN("database")))
		return take_database(s, line->value, why);
	if (span_eq(line->key, SPAN("source")))
		return take_source(s, line->value, why);
	return fault(why, "no such key in [recorder]");
}

int settings_load(const char *path, bool optional, struct settings *ret, char **ret_error)
{
	struct settings s = { .database = SETTINGS_DATABASE, .source = SOURCE_AUTO };
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF why = BUF_INIT;
	AUTO_BUF line = BUF_INIT;
	int r = file_read(path, BYTES_MAX, &text);

	if (r == -ENOENT && optional)
		r = 0;
	if (r == 0)
		r = ini_read(buf_span(&text), take, &why, &s);
	if (r == 0) {
		*ret = s;
		return 0;
	}
	if (why.n)
		buf_printf(&line, "%s: line %s", path, why.p);
	else
		buf_printf(&line, "%s: %s", path, strerror(-r));
	*ret_error = buf_steal(&line);
	return r;
}
