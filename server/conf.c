#include "server/conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/ini.h"
#include "agent/wire/wire.h"
#include "server/place.h"

/* Keys with a number: where it goes, in units of `factor`. */
static const struct number {
	const char *section, *key;
	size_t at;
	int64_t least, most, factor, usual; /* usual: the default, in the file's units */
} numbers[] = {
	{ "listen", "app-port", offsetof(struct conf, app_port), 0, 65535, 1, 17443 },
	{ "listen", "agent-port", offsetof(struct conf, agent_port), 0, 65535, 1, 17444 },
	{ "limits", "connections", offsetof(struct conf, connections), 8, 100000, 1, 8192 },
	{ "limits", "strangers", offsetof(struct conf, strangers), 0, 100000, 1, 256 },
	{ "limits", "unopened", offsetof(struct conf, unopened), 8, 100000, 1, 1024 },
	{ "limits", "sessions", offsetof(struct conf, sessions), 1, 10000, 1, 256 },
	{ "limits", "sessions-per-user", offsetof(struct conf, sessions_per_user), 1, 10000, 1, 64 },
	{ "limits", "sessions-per-endpoint", offsetof(struct conf, sessions_per_endpoint), 1, 1000, 1, 16 },
	{ "limits", "idle-seconds", offsetof(struct conf, idle_ms), 1, 86400, MS_PER_SEC, WIRE_IDLE_MS / 1000 },
	{ "limits", "login-hours", offsetof(struct conf, login_ms), 1, 720, 3600000, 12 },
	{ "storage", "file-megabytes", offsetof(struct conf, file_bytes), 1, 1 << 30, 1000000, 64000 },
	{ "storage", "all-megabytes", offsetof(struct conf, stored_bytes), 1, 1 << 30, 1000000, 1000000 },
	{ "storage", "free-megabytes", offsetof(struct conf, free_bytes), 0, 1 << 30, 1000000, 1000 },
	{ "agents", "certificate-days", offsetof(struct conf, certificate_days), 1, 3650, 1, 825 },
};

static int take_number(struct conf *c, const struct number *n, struct span value, struct buf *why)
{
	int64_t v;
	int r = ini_number(value, n->least, n->most, why, &v);

	if (r == 0)
		*(int64_t *)(void *)((char *)c + n->at) = v * n->factor;
	return r;
}

static int take_text(struct span value, char **ret)
{
	char *copy = value.n ? strndup(value.p, value.n) : NULL;

	if (value.n && !copy)
		return -ENOMEM;
	free(*ret);
	*ret = copy;
	return 0;
}

static int take_format(struct span value, struct buf *why, enum log_format *ret)
{
	if (!span_eq(value, SPAN("text")) && !span_eq(value, SPAN("json"))) {
		buf_printf(why, "a format is text or json, not \"%.*s\"", SPAN_FMT(value));
		return -EINVAL;
	}
	*ret = span_eq(value, SPAN("json")) ? LOG_JSON : LOG_TEXT;
	return 0;
}

static int take(const struct ini_line *line, struct buf *why, void *data)
{
	struct span section = line->section, key = line->key, value = line->value;
	struct conf *c = data;
	int r;

	if (!key.p)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (span_eq(section, span_of(numbers[i].section)) && span_eq(key, span_of(numbers[i].key)))
			return take_number(c, &numbers[i], value, why);
	if (span_eq(section, SPAN("listen")) && span_eq(key, SPAN("address")))
		return take_text(value, &c->address);
	if (span_eq(section, SPAN("log")) && span_eq(key, SPAN("file")))
		return take_text(value, &c->log_file);
	if (span_eq(section, SPAN("log")) && span_eq(key, SPAN("level")))
		return ini_level(value, why, &c->log_level);
	if (span_eq(section, SPAN("log")) && span_eq(key, SPAN("format")))
		return take_format(value, why, &c->log_format);
	if (span_eq(section, SPAN("agents")) && span_eq(key, SPAN("log-level"))) {
		r = ini_level(value, why, &c->agents_level);
		c->tells_agents |= r == 0;
		return r;
	}
	buf_printf(why, "there is no key \"%.*s\" in [%.*s]", SPAN_FMT(key), SPAN_FMT(section));
	return -EINVAL;
}

void conf_default(struct conf *ret)
{
	*ret = (struct conf){ .log_level = LOG_LEVEL_INFO };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		*(int64_t *)(void *)((char *)ret + numbers[i].at) = numbers[i].usual * numbers[i].factor;
}

int conf_load(const char *path, struct conf *ret, char **ret_error)
{
	AUTO_FREE char *text = NULL;
	AUTO_BUF why = BUF_INIT;
	AUTO_BUF line = BUF_INIT;
	struct conf c;
	int r;

	*ret_error = NULL;
	conf_default(&c);
	r = place_read(path, &text);
	if (r == 0)
		r = ini_read(span_of(text), take, &why, &c);
	if (r == 0) {
		*ret = c;
		return 0;
	}
	conf_free(&c);
	if (why.n)
		buf_printf(&line, "%s:%s", path, why.p);
	else
		buf_printf(&line, "%s: %s", path, strerror(-r));
	*ret_error = buf_steal(&line);
	return r;
}

int conf_load_usual(const char *path, struct conf *ret, char **ret_error)
{
	if (path || access(CONF_DEFAULT, F_OK) == 0 || errno != ENOENT)
		return conf_load(path ? path : CONF_DEFAULT, ret, ret_error);
	conf_default(ret);
	return 0;
}

void conf_free(struct conf *c)
{
	free(c->address);
	free(c->log_file);
	*c = (struct conf){ 0 };
}
