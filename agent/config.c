#include "agent/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/file.h"
#include "agent/base/ini.h"
#include "recorder/query/eval.h"

struct parser {
	size_t line;
	struct config *config;
	struct buf *why;
};

static int __attribute__((format(printf, 2, 3))) fault(struct parser *p, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_add_z(p->why, text);
	return -EINVAL;
}

static struct span trim(struct span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* ---- values ---- */

/* "1G", "500M", "2000000": powers of ten, as disks are sold. */
static int take_size(struct parser *p, struct span value)
{
	static const struct { char letter; int64_t factor; } units[] = { { 'k', 1000 }, { 'm', 1000000 }, { 'g', 1000000000 },
		{ 't', INT64_C(1000000000000) } };
	int64_t n, factor = 1;

	for (size_t i = 0; value.n && i < ARRAY_LEN(units); i++)
		if ((value.p[value.n - 1] | 32) == units[i].letter)
			factor = units[i].factor;
	if (factor > 1)
		value = trim((struct span){ value.p, value.n - 1 });
	if (span_to_i64(value, &n) < 0 || n < 0 || __builtin_mul_overflow(n, factor, &n) || n > INT64_C(1) << 50)
		return fault(p, "a size is a number with K, M, G or T, not \"%.*s\"", (int)value.n, value.p);
	if (n < STORE_MIN_BYTES)
		return fault(p, "at least %d bytes are needed", STORE_MIN_BYTES);
	p->config->limits.max_bytes = n;
	return 0;
}

static int take_number(struct parser *p, struct span value, int64_t most, int64_t factor, int64_t *ret)
{
	int64_t n;

	if (span_to_i64(value, &n) < 0 || n < 0 || n > most)
		return fault(p, "a number from 0 to %lld is wanted, not \"%.*s\"", (long long)most, (int)value.n, value.p);
	*ret = n * factor;
	return 0;
}

static int take_choice(struct parser *p, struct span value, bool *ret)
{
	if (!ini_is(value, "yes") && !ini_is(value, "no"))
		return fault(p, "yes or no is wanted, not \"%.*s\"", (int)value.n, value.p);
	*ret = ini_is(value, "yes");
	return 0;
}

static int take_kinds(struct parser *p, struct span value)
{
	unsigned categories = 1u << EVENT_PROCESS;
	struct span one;

	while (span_next(&value, ',', &one)) {
		int c = EVENT_PROCESS;

		one = trim(one);
		while (c < EVENT_CATEGORY_COUNT && !ini_is(one, event_category_name((enum event_category)c)))
			c++;
		if (c == EVENT_CATEGORY_COUNT)
			return fault(p, "there is no kind of event \"%.*s\"", (int)one.n, one.p);
		categories |= 1u << c;
	}
	p->config->categories = categories;
	return 0;
}

/* ---- what is excluded ---- */

static int exclude(struct parser *p, struct expr *e)
{
	struct expr *before = p->config->exclude;
	struct expr *both = before ? expr_or(before, e) : e;

	p->config->exclude = both;
	return both ? 0 : -ENOMEM;
}

static int exclude_text(struct parser *p, struct span text)
{
	struct expr_error error;
	struct eval *tried = NULL;
	struct expr *e = NULL;
	int r = expr_parse(text, &e, &error);

	if (r == 0 && e->op == EXPR_ALL) {
		expr_free(e);
		return fault(p, "an expression is missing");
	}
	if (r == 0)
		r = eval_new(e, &tried, &error);
	eval_free(tried);
	if (r < 0)
		expr_free(e);
	if (r == -ENOMEM)
		return r;
	return r < 0 ? fault(p, "column %zu of the expression: %s", error.column + 1, error.message) : exclude(p, e);
}

/* "FIELD OP VALUE", with every other FIELD or-ed; quoted for the expression language. */
static int exclude_value(struct parser *p, const char *condition, const char *other, struct span value)
{
	AUTO_BUF text = BUF_INIT;
	const char *const parts[] = { condition, other };

	if (value.n == 0 || memchr(value.p, '\'', value.n))
		return fault(p, value.n ? "a quote cannot be part of it: use \"event = EXPRESSION\"" : "a value is missing");
	for (size_t i = 0; i < 2 && parts[i]; i++)
		buf_printf(&text, "%s%s '%.*s'", i ? " or " : "", parts[i], (int)value.n, value.p);
	return text.failed ? -ENOMEM : exclude_text(p, buf_span(&text));
}

static int exclude_user(struct parser *p, struct span value)
{
	int64_t uid;

	if (span_to_i64(value, &uid) == 0)
		return exclude_value(p, "user.id ==", NULL, value);
	return exclude_value(p, "user.name == cased", NULL, value);
}

static int exclude_by(struct parser *p, enum config_key key, struct span value)
{
	switch (key) {
	case CONFIG_FILE_PREFIX: return exclude_value(p, "file.path startswith cased", NULL, value);
	case CONFIG_EXECUTABLE: return exclude_value(p, "process.executable == cased", NULL, value);
	case CONFIG_USER: return exclude_user(p, value);
	case CONFIG_ADDRESS: return exclude_value(p, "source.ip cidr", "destination.ip cidr", value);
	case CONFIG_PORT: return exclude_value(p, "source.port ==", "destination.port ==", value);
	case CONFIG_OPERATION: return exclude_value(p, "event.action ==", NULL, value);
	default: return exclude_text(p, value);
	}
}

static const char *const key_names[CONFIG_KEY_COUNT] = {
	"event", "file-prefix", "executable", "user", "address", "port", "operation",
};

const char *config_key_name(enum config_key key)
{
	return key_names[key];
}

static int add_exclusion(struct parser *p, enum config_key key, struct span value)
{
	struct config *c = p->config;
	struct config_exclusion *more = reallocarray(c->exclusions, c->n_exclusions + 1, sizeof(*more));
	int r;

	if (!more)
		return -ENOMEM;
	c->exclusions = more;
	r = exclude_by(p, key, value);
	if (r < 0)
		return r;
	more[c->n_exclusions] = (struct config_exclusion){ key, p->line, strndup(value.p, value.n) };
	return more[c->n_exclusions++].value ? 0 : -ENOMEM;
}

static int take_exclude(struct parser *p, struct span key, struct span value)
{
	for (int k = 0; k < CONFIG_KEY_COUNT; k++)
		if (ini_is(key, key_names[k]))
			return add_exclusion(p, (enum config_key)k, value);
	if (ini_is(key, "noise"))
		return take_choice(p, value, &p->config->noise);
	return fault(p, "[exclude] has no key \"%.*s\"", (int)key.n, key.p);
}

/* Interfaces of the kernel and of terminals that look like files. */
static int exclude_noise(struct parser *p)
{
	static const char *const prefixes[] = { "/proc/", "/sys/", "/dev/pts/", "/dev/null", "/dev/tty", "/dev/ptmx" };
	int r = 0;

	p->line = 0;
	for (size_t i = 0; i < ARRAY_LEN(prefixes) && r == 0; i++)
		r = add_exclusion(p, CONFIG_FILE_PREFIX, span_of(prefixes[i]));
	return r;
}

/* ---- lines ---- */

static int take_limit(struct parser *p, struct span key, struct span value)
{
	struct config *c = p->config;

	if (ini_is(key, "max-size"))
		return take_size(p, value);
	if (ini_is(key, "max-days"))
		return take_number(p, value, 36500, INT64_C(86400000), &c->limits.max_age_ms);
	return fault(p, "[limits] has no key \"%.*s\"", (int)key.n, key.p);
}

static int take_record(struct parser *p, struct span key, struct span value)
{
	if (ini_is(key, "kinds"))
		return take_kinds(p, value);
	if (ini_is(key, "sendto"))
		return take_choice(p, value, &p->config->sendto);
	if (ini_is(key, "unix-sockets"))
		return take_choice(p, value, &p->config->unix_sockets);
	if (ini_is(key, "collate-seconds"))
		return take_number(p, value, STORE_COLLATE_MAX_MS / 1000, 1000, &p->config->collate_ms);
	return fault(p, "[record] has no key \"%.*s\"", (int)key.n, key.p);
}

static int take(const struct ini_line *line, struct buf *why, void *data)
{
	struct parser *p = data;

	p->line = line->number;
	p->why = why;
	if (ini_is(line->section, "recorder") || ini_is(line->section, "client"))
		return 0; /* settings.c, client/client-conf.c */
	if (ini_is(line->section, "limits"))
		return line->key.p ? take_limit(p, line->key, line->value) : 0;
	if (ini_is(line->section, "record"))
		return line->key.p ? take_record(p, line->key, line->value) : 0;
	if (ini_is(line->section, "exclude"))
		return line->key.p ? take_exclude(p, line->key, line->value) : 0;
	return fault(p, "there is no section [%.*s]", SPAN_FMT(line->section));
}

int config_default(struct config *c)
{
	AUTO_FREE char *error = NULL;

	return config_parse("defaults", SPAN(""), c, &error);
}

int config_parse(const char *name, struct span text, struct config *ret, char **ret_error)
{
	struct config c = { .limits = { STORE_DEFAULT_BYTES, 0 }, .collate_ms = STORE_COLLATE_MS,
		.categories = (1u << EVENT_CATEGORY_COUNT) - 2, .noise = true };
	AUTO_BUF why = BUF_INIT;
	AUTO_BUF line = BUF_INIT;
	struct parser p = { .config = &c, .why = &why };
	int r = ini_read(text, take, &why, &p);

	*ret_error = NULL;
	p.why = &why;
	if (r == 0 && c.noise)
		r = exclude_noise(&p);
	if (r == 0) {
		*ret = c;
		return 0;
	}
	config_free(&c);
	if (why.n) {
		buf_printf(&line, "%s:%s", name, why.p);
		*ret_error = buf_steal(&line);
	}
	return r;
}

int config_load(const char *path, struct config *ret, char **ret_error)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF line = BUF_INIT;
	int r = file_read(path, CONFIG_MAX_BYTES, &text);

	*ret_error = NULL;
	if (r == 0)
		r = config_parse(path, buf_span(&text), ret, ret_error);
	if (r < 0 && !*ret_error) {
		buf_printf(&line, "%s: %s", path, strerror(-r));
		*ret_error = buf_steal(&line);
	}
	return r;
}

/* Of which kinds can an event match? Fields say where they have a value. */
static unsigned kinds_of(const struct expr *e)
{
	unsigned all = (1u << EVENT_CATEGORY_COUNT) - 2, kinds = e->op == EXPR_AND ? all : 0;

	if (e->field)
		return e->op == EXPR_NE || !e->field->categories ? all : e->field->categories;
	if (e->op == EXPR_NOT || e->op == EXPR_ALL)
		return all;
	for (size_t i = 0; i < e->n_kids; i++)
		kinds = e->op == EXPR_AND ? kinds & kinds_of(e->kids[i]) : kinds | kinds_of(e->kids[i]);
	return kinds;
}

unsigned config_filtered(const struct config *c)
{
	return c->exclude ? kinds_of(c->exclude) & c->categories & ~(1u << EVENT_PROCESS) : 0;
}

void config_free(struct config *c)
{
	expr_free(c->exclude);
	for (size_t i = 0; i < c->n_exclusions; i++)
		free(c->exclusions[i].value);
	free(c->exclusions);
	*c = (struct config){ 0 };
}
