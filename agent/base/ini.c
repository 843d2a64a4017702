#include "agent/base/ini.h"

#include <errno.h>

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

static int read_line(struct span line, struct span *section, ini_fn *fn, struct buf *why, void *data)
{
	const char *equals;

	line = trim(line);
	if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
		return 0;
	if (memchr(line.p, 0, line.n))
		return fault(why, "it has a NUL byte");
	if (line.p[0] == '[')
		return read_section(line, why, section);
	equals = memchr(line.p, '=', line.n);
	if (!equals)
		return fault(why, "this is neither [SECTION] nor KEY = VALUE");
	if (!section->p)
		return fault(why, "a key stands before the first section");
	return fn(*section, trim((struct span){ line.p, (size_t)(equals - line.p) }),
		  trim((struct span){ equals + 1, line.n - (size_t)(equals + 1 - line.p) }), why, data);
}

int ini_read(struct span text, ini_fn *fn, struct buf *why, void *data)
{
	AUTO_BUF reason = BUF_INIT;
	struct span section = SPAN_NONE, line;

	for (size_t n = 1; span_next(&text, '\n', &line); n++) {
		int r = read_line(line, &section, fn, &reason, data);

		if (r < 0) {
			buf_printf(why, "%zu: %s", n, reason.n ? reason.p : strerror(-r));
			return r;
		}
	}
	return 0;
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
