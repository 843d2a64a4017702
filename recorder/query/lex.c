#include "recorder/query/lex.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/base/translate.h"

static int fault(struct expr_error *e, size_t column, size_t length, const char *message)
{
	e->column = column;
	e->length = length ? length : 1;
	snprintf(e->message, sizeof(e->message), "%s", message);
	e->format = message; /* without arguments */
	return -EINVAL;
}

/* Bytes that end a word. Everything else may be in one: paths, addresses, times and wildcards need few quotes. */
static bool ends_word(char c)
{
	return (unsigned char)c <= ' ' || strchr("(),\"'=!<>", c) != NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_code_point(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(out, (char)c);
		return;
	}
	if (c >= 0x10000) {
		buf_add_char(out, (char)(0xf0 | c >> 18));
		buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		buf_add_char(out, (char)(0xe0 | c >> 12));
	}
	if (c >= 0x800)
		buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	else
		buf_add_char(out, (char)(0xc0 | c >> 6));
	buf_add_char(out, (char)(0x80 | (c & 0x3f)));
}

/* After "\u": {1 to 6 hex digits}. Returns how many bytes it took, 0 when it is wrong. */
static size_t take_code_point(struct span s, struct buf *out)
{
	uint32_t c = 0;
	size_t i = 1;

	if (s.n == 0 || s.p[0] != '{')
		return 0;
	for (; i < s.n && i <= 6 && hex_digit(s.p[i]) >= 0; i++)
		c = c << 4 | (uint32_t)hex_digit(s.p[i]);
	if (i == 1 || i == s.n || s.p[i] != '}' || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	add_code_point(out, c);
	return i + 1;
}

/* What follows a backslash. One before any other character stays, so that a pattern or a Windows path need not double
 * it. Returns how many bytes it took, 0 when \x or \u is wrong. */
static size_t take_escape(struct span s, struct buf *out)
{
	static const char from[] = "\"\\'ntr", to[] = "\"\\'\n\t\r";
	const char *p = s.n && s.p[0] ? strchr(from, s.p[0]) : NULL;
	size_t n;

	if (p) {
		buf_add_char(out, to[p - from]);
		return 1;
	}
	if (s.n == 0 || (s.p[0] != 'x' && s.p[0] != 'u')) {
		buf_add_char(out, '\\');
		buf_add(out, s.p, s.n ? 1 : 0);
		return s.n ? 1 : 0;
	}
	if (s.p[0] == 'u') {
		n = take_code_point((struct span){ s.p + 1, s.n - 1 }, out);
		return n ? n + 1 : 0;
	}
	if (s.n < 3 || hex_digit(s.p[1]) < 0 || hex_digit(s.p[2]) < 0)
		return 0;
	buf_add_char(out, (char)(hex_digit(s.p[1]) << 4 | hex_digit(s.p[2])));
	return 3;
}

static int quoted(struct lex *l, struct lex_token *t, struct expr_error *e)
{
	struct span s = l->source;
	char quote = s.p[l->at];
	size_t i = l->at + 1, n;
	AUTO_BUF text = BUF_INIT;

	while (i < s.n && s.p[i] != quote) {
		if (s.p[i] != '\\' || quote == '\'') {
			buf_add_char(&text, s.p[i++]);
			continue;
		}
		n = take_escape((struct span){ s.p + i + 1, s.n - i - 1 }, &text);
		if (n == 0)
			return fault(e, i, 2, N_("wrong escape: write \\xNN or \\u{N}, or \\\\ for a backslash"));
		i += 1 + n;
	}
	if (i == s.n)
		return fault(e, l->at, s.n - l->at, N_("the closing quote is missing"));
	t->type = LEX_STRING;
	t->text = arena_copy(l->arena, buf_span(&text));
	if (text.failed || !t->text.p)
		return -ENOMEM;
	l->at = i + 1;
	return 0;
}

static int compare(struct lex *l, struct lex_token *t, struct expr_error *e)
{
	char c = l->source.p[l->at];
	bool equals = l->at + 1 < l->source.n && l->source.p[l->at + 1] == '=';

	if (c == '=' && !equals)
		return fault(e, l->at, 1, N_("\"=\" alone is not an operator: write =="));
	if (c == '!' && !equals)
		return fault(e, l->at, 1, N_("\"!\" alone is not an operator: write not"));
	t->type = LEX_COMPARE;
	if (c == '=')
		t->op = EXPR_EQ;
	else if (c == '!')
		t->op = EXPR_NE;
	else if (c == '<')
		t->op = equals ? EXPR_LE : EXPR_LT;
	else
		t->op = equals ? EXPR_GE : EXPR_GT;
	l->at += equals ? 2 : 1;
	t->text = (struct span){ l->source.p + t->from, l->at - t->from };
	return 0;
}

static int word(struct lex *l, struct lex_token *t, struct expr_error *e)
{
	struct span s = l->source;

	while (l->at < s.n && !ends_word(s.p[l->at]))
		l->at++;
	t->type = LEX_WORD;
	t->text = (struct span){ s.p + t->from, l->at - t->from };
	if (t->text.n == 0)
		return fault(e, t->from, 1, N_("a control character outside quotes"));
	if (span_eq(t->text, SPAN("&&")))
		return fault(e, t->from, 2, N_("\"&&\" is not an operator: write and"));
	if (span_eq(t->text, SPAN("||")))
		return fault(e, t->from, 2, N_("\"||\" is not an operator: write or"));
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int lex_next(struct lex *l, struct lex_token *ret, struct expr_error *ret_error)
{
	struct lex_token t = { .type = LEX_END };
	struct span s = l->source;
	int r = 0;

	while (l->at < s.n && is_space(s.p[l->at]))
		l->at++;
	t.from = t.to = l->at;
	if (l->at == s.n) {
		*ret = t;
		return 0;
	}
	switch (s.p[l->at]) {
	case '(': t.type = LEX_OPEN; l->at++; break;
	case ')': t.type = LEX_CLOSE; l->at++; break;
	case ',': t.type = LEX_COMMA; l->at++; break;
	case '"': case '\'': r = quoted(l, &t, ret_error); break;
	case '=': case '!': case '<': case '>': r = compare(l, &t, ret_error); break;
	default: r = word(l, &t, ret_error); break;
	}
	if (r < 0)
		return r;
	t.to = l->at;
	if (!t.text.p)
		t.text = (struct span){ s.p + t.from, t.to - t.from };
	*ret = t;
	return 0;
}
