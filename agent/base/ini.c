#include "agent/base/ini.h"

#include <errno.h>
#include <strings.h>

#include "agent/base/text.h"

enum { REASON_MAX = 512 };

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static int fault(struct buf *why, const char *text)
{
	buf_add_z(why, text);
	return -EINVAL;
}

static int read_section(struct span line, struct buf *why, struct span *ret)
{
	if (line.p[line.n - 1] != ']')
		return fault(why, "a section ends with \"]\"");
	*ret = trim((struct span){ line.p + 1, line.n - 2 });
	return 0;
}

static int read_pair(struct span text, struct ini_line *line, struct buf *why)
{
	const char *equals = memchr(text.p, '=', text.n);

	if (!equals)
		return fault(why, "this is neither [SECTION] nor KEY = VALUE");
	line->key = trim((struct span){ text.p, (size_t)(equals - text.p) });
	line->value = trim((struct span){ equals + 1, text.n - (size_t)(equals + 1 - text.p) });
	if (line->section.p)
		return 0;
	buf_printf(why, "\"%.*s\" stands before the first section", SPAN_FMT(line->key));
	return -EINVAL;
}

static int read_line(struct span text, struct ini_line *line, ini_fn *fn, struct buf *why, void *data)
{
	int r;

	text = trim(text);
	line->key = line->value = SPAN_NONE;
	if (text.n == 0 || text.p[0] == '#' || text.p[0] == ';')
		return 0;
	if (memchr(text.p, 0, text.n))
		return fault(why, "it has a NUL byte");
	r = text.p[0] == '[' ? read_section(text, why, &line->section) : read_pair(text, line, why);
	return r < 0 ? r : fn(line, why, data);
}

int ini_read(struct span text, ini_fn *fn, struct buf *why, void *data)
{
	AUTO_BUF reason = BUF_INIT;
	struct ini_line line = { 0 };
	struct span one;

	while (span_next(&text, '\n', &one)) {
		int r;

		line.number++;
		r = read_line(one, &line, fn, &reason, data);
		if (r < 0) {
			struct span told = text_cut(reason.n ? buf_span(&reason) : span_of(strerror(-r)), REASON_MAX);

			buf_printf(why, "%zu: %.*s", line.number, SPAN_FMT(told));
			return r;
		}
	}
	return 0;
}

bool ini_is(struct span name, const char *z)
{
	return name.n == strlen(z) && (name.n == 0 || strncasecmp(name.p, z, name.n) == 0);
}

int ini_number(struct span value, int64_t least, int64_t most, struct buf *why, int64_t *ret)
{
	int64_t n;

	if (span_to_i64(value, &n) < 0 || n < least || n > most) {
		buf_printf(why, "a number from %lld to %lld is wanted, not \"%.*s\"", (long long)least, (long long)most,
			   SPAN_FMT(value));
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

int ini_choice(struct span value, struct buf *why, bool *ret)
{
	if (!span_eq(value, SPAN("yes")) && !span_eq(value, SPAN("no"))) {
		buf_printf(why, "yes or no is wanted, not \"%.*s\"", SPAN_FMT(value));
		return -EINVAL;
	}
	*ret = span_eq(value, SPAN("yes"));
	return 0;
}

int ini_level(struct span value, struct buf *why, enum log_level *ret)
{
	if (log_level_named(value, ret))
		return 0;
	buf_printf(why, "error, warning, info or debug is wanted, not \"%.*s\"", SPAN_FMT(value));
	return -EINVAL;
}
