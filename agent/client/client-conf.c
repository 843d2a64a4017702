#include "agent/client/client-conf.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/file.h"
#include "agent/base/ini.h"

enum { BYTES_MAX = 1 << 20, MEMORY_LEAST_MB = 16 };

static bool is(struct span s, const char *z)
{
	return span_eq(s, span_of(z));
}

/* ---- servers ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span next_word(struct span *rest)
{
	struct span word;

	while (rest->n && is_blank(*rest->p))
		*rest = (struct span){ rest->p + 1, rest->n - 1 };
	word = (struct span){ rest->p, 0 };
	while (word.n < rest->n && !is_blank(word.p[word.n]))
		word.n++;
	*rest = (struct span){ rest->p + word.n, rest->n - word.n };
	return word;
}

/* Cuts ":PORT" off. An IPv6 address without brackets has no port: its colons are its own. */
static int cut_port(struct span *host, uint16_t *port, struct buf *why)
{
	const char *colon = memrchr(host->p, ':', host->n), *bracket = memrchr(host->p, ']', host->n);
	bool bare_v6 = colon && !bracket && memchr(host->p, ':', (size_t)(colon - host->p));
	uint64_t n;

	if (colon && colon > bracket && !bare_v6) {
		struct span digits = { colon + 1, host->n - (size_t)(colon + 1 - host->p) };

		if (span_to_u64(digits, &n) < 0 || n < 1 || n > 65535) {
			buf_printf(why, "\"%.*s\" is no port", SPAN_FMT(digits));
			return -EINVAL;
		}
		*port = (uint16_t)n;
		host->n = (size_t)(colon - host->p);
	}
	if (host->n >= 2 && host->p[0] == '[' && host->p[host->n - 1] == ']')
		*host = (struct span){ host->p + 1, host->n - 2 };
	return 0;
}

static int keep(char *to, size_t size, struct span value, const char *what, struct buf *why)
{
	if (value.n == 0 || value.n >= size) {
		buf_printf(why, "%s %s", what, value.n ? "is too long" : "is missing");
		return -EINVAL;
	}
	memcpy(to, value.p, value.n);
	to[value.n] = 0;
	return 0;
}

/* A name has a letter in its last label; an address has none, or a colon. */
static bool is_name(struct span host)
{
	const char *dot = memrchr(host.p, '.', host.n);
	struct span last = dot ? (struct span){ dot + 1, host.n - (size_t)(dot + 1 - host.p) } : host;

	for (size_t i = 0; i < host.n; i++)
		if ((unsigned char)host.p[i] <= ' ' || host.p[i] == ':' || host.p[i] == '/' || (unsigned char)host.p[i] > '~')
			return false;
	for (size_t i = 0; i < last.n; i++)
		if (last.p[i] < '0' || last.p[i] > '9')
			return true;
	return false;
}

int client_conf_read_server(struct span value, struct client_conf_server *ret, struct buf *why)
{
	struct client_conf_server s = { .port = CLIENT_CONF_PORT };
	struct span name = next_word(&value), address = next_word(&value), more = next_word(&value);
	int r = cut_port(&name, &s.port, why);

	if (r == 0)
		r = keep(s.name, sizeof(s.name), name, "the server's name", why);
	if (r == 0 && !is_name(name)) {
		buf_printf(why, "\"%.*s\" is no host's name: the server's certificate is checked for its name, so NAME ADDRESS "
			   "is wanted where the name leads nowhere", SPAN_FMT(name));
		r = -EINVAL;
	}
	if (r == 0 && address.n)
		r = cut_port(&address, &s.port, why);
	if (r == 0 && address.n)
		r = keep(s.address, sizeof(s.address), address, "the address", why);
	if (r == 0 && more.n) {
		buf_add_z(why, "NAME[:PORT] and at most one ADDRESS[:PORT] are wanted");
		r = -EINVAL;
	}
	if (r == 0)
		*ret = s;
	return r;
}

/* ---- keys ---- */

static int take_server(struct client_conf *c, struct span value, struct buf *why)
{
	int r;

	if (c->n_servers == CLIENT_CONF_SERVERS) {
		buf_printf(why, "more than %d servers", CLIENT_CONF_SERVERS);
		return -EINVAL;
	}
	r = client_conf_read_server(value, &c->servers[c->n_servers], why);
	if (r == 0)
		c->n_servers++;
	return r;
}

static int take_path(char *to, struct span value, struct buf *why)
{
	if (value.n && value.p[0] != '/') {
		buf_add_z(why, "an absolute path is wanted");
		return -EINVAL;
	}
	return keep(to, CLIENT_CONF_PATH, value, "the path", why);
}

static int take_memory(struct client_conf *c, struct span value, struct buf *why)
{
	struct span digits = value;
	uint64_t unit = value.n == 0 ? 0 : value.p[value.n - 1] == 'M' ? 1000000 : value.p[value.n - 1] == 'G' ? 1000000000 : 0;
	uint64_t n;

	if (digits.n)
		digits.n--;
	if (unit == 0 || span_to_u64(digits, &n) < 0 || n > 1000000 || n * unit < MEMORY_LEAST_MB * UINT64_C(1000000)) {
		buf_printf(why, "a size like 128M is wanted, at least %dM", MEMORY_LEAST_MB);
		return -EINVAL;
	}
	c->session_memory = n * unit;
	return 0;
}

static int take(const struct ini_line *line, struct buf *why, void *data)
{
	struct span key = line->key, value = line->value;
	struct client_conf *c = data;
	int64_t n;
	int r;

	if (!key.p || !ini_is(line->section, "client"))
		return 0;
	if (is(key, "connect"))
		return ini_choice(value, why, &c->connect);
	if (is(key, "server"))
		return take_server(c, value, why);
	if (is(key, "user"))
		return keep(c->user, sizeof(c->user), value, "the user", why);
	if (is(key, "identity"))
		return take_path(c->identity, value, why);
	if (is(key, "status"))
		return take_path(c->status, value, why);
	if (is(key, "log"))
		return take_path(c->log, value, why);
	if (is(key, "log-level"))
		return ini_level(value, why, &c->log_level);
	if (is(key, "session-memory"))
		return take_memory(c, value, why);
	if (is(key, "sessions")) {
		r = ini_number(value, 1, CLIENT_CONF_SESSIONS_MAX, why, &n);
		if (r == 0)
			c->sessions = (unsigned)n;
		return r;
	}
	buf_printf(why, "[client] has no key \"%.*s\"", SPAN_FMT(key));
	return -EINVAL;
}

int client_conf_parse(const char *name, struct span text, struct client_conf *ret, char **ret_error)
{
	struct client_conf c = { .connect = true, .user = "spoor", .identity = CLIENT_CONF_IDENTITY,
				 .status = CLIENT_CONF_STATUS, .log = CLIENT_CONF_LOG,
				 .log_level = LOG_LEVEL_INFO, .sessions = 8, .session_memory = UINT64_C(128000000) };
	AUTO_BUF why = BUF_INIT;
	AUTO_BUF line = BUF_INIT;
	int r = ini_read(text, take, &why, &c);

	if (r == 0) {
		*ret = c;
		return 0;
	}
	buf_printf(&line, "%s: line %s", name, why.failed || !why.n ? strerror(-r) : why.p);
	*ret_error = buf_steal(&line);
	return r;
}

int client_conf_load(const char *path, bool optional, struct client_conf *ret, char **ret_error)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF line = BUF_INIT;
	int r = file_read(path, BYTES_MAX, &text);

	if (r == -ENOENT && optional)
		r = 0;
	if (r == 0)
		return client_conf_parse(path, buf_span(&text), ret, ret_error);
	buf_printf(&line, "%s: %s", path, strerror(-r));
	*ret_error = buf_steal(&line);
	return r;
}
