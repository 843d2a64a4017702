#include <strings.h>

#include "agent/base/text.h"
#include "recorder/query/expr-def.h"

/* U+0080 to U+009F: text_visible writes their number, which read back would be one byte. */
static bool is_c1(struct span s, size_t i)
{
	return i + 1 < s.n && (unsigned char)s.p[i] == 0xc2 && (unsigned char)s.p[i + 1] >= 0x80 &&
	       (unsigned char)s.p[i + 1] < 0xa0;
}

/* Text always stands in quotes; invisible and invalid bytes are escaped, so that the result is one clean line. */
static void quote(struct buf *out, struct span s)
{
	size_t from = 0, i = 0;

	buf_add_char(out, '"');
	while (i < s.n) {
		size_t special = s.p[i] == '\\' || s.p[i] == '"' ? 1 : is_c1(s, i) ? 2 : 0;

		if (special) {
			text_visible(out, (struct span){ s.p + from, i - from });
			if (special == 1)
				buf_printf(out, "\\%c", s.p[i]);
			else
				buf_printf(out, "\\xc2\\x%02x", (unsigned)(unsigned char)s.p[i + 1]);
			from = i + special;
		}
		i += special ? special : 1;
	}
	text_visible(out, (struct span){ s.p + from, s.n - from });
	buf_add_char(out, '"');
}

static bool is_keyword(struct span s)
{
	static const char *const keywords[] = { "and", "or", "not", "cased" };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (s.n == strlen(keywords[i]) && strncasecmp(s.p, keywords[i], s.n) == 0)
			return true;
	return false;
}

/* Can it stand without quotes? Numbers, times without a space, words and addresses can. */
static bool is_bare(struct span s)
{
	static const char others[] = "-+.:/_";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alphanumeric = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

		if (!alphanumeric && (c == 0 || !strchr(others, c)))
			return false;
	}
	return s.n > 0 && !is_keyword(s);
}

static void print_value(struct buf *out, const struct field *f, const struct expr_value *v)
{
	if (f->type != FIELD_TEXT && is_bare(v->text))
		buf_add_span(out, v->text);
	else
		quote(out, v->text);
}

static void print_condition(const struct expr *e, struct buf *out)
{
	buf_printf(out, "%s %s", e->field->name, expr_op_word(e->op));
	if (e->op == EXPR_EXISTS)
		return;
	buf_add_z(out, e->cased ? " cased " : " ");
	if (e->op != EXPR_IN) {
		print_value(out, e->field, &e->values[0]);
		return;
	}
	for (size_t i = 0; i < e->n_values; i++) {
		buf_add_z(out, i ? ", " : "(");
		print_value(out, e->field, &e->values[i]);
	}
	buf_add_char(out, ')');
}

/* Does the kid need parentheses below an operator of that kind to be read back as it is? */
static bool needs_group(enum expr_op parent, const struct expr *kid)
{
	if (kid->op == EXPR_OR || kid->op == parent)
		return kid->op != EXPR_NOT;
	return parent == EXPR_NOT && kid->op == EXPR_AND;
}

static void print_kid(const struct expr *parent, const struct expr *kid, struct buf *out);

static void print_node(const struct expr *e, struct buf *out)
{
	switch (e->op) {
	case EXPR_ALL:
		buf_add_z(out, "()");
		return;
	case EXPR_NOT:
		buf_add_z(out, "not ");
		print_kid(e, e->kids[0], out);
		return;
	case EXPR_AND: case EXPR_OR:
		for (size_t i = 0; i < e->n_kids; i++) {
			buf_add_z(out, i == 0 ? "" : e->op == EXPR_AND ? " and " : " or ");
			print_kid(e, e->kids[i], out);
		}
		return;
	default:
		print_condition(e, out);
	}
}

static void print_kid(const struct expr *parent, const struct expr *kid, struct buf *out)
{
	bool group = needs_group(parent->op, kid);

	buf_add_z(out, group ? "(" : "");
	print_node(kid, out);
	buf_add_z(out, group ? ")" : "");
}

void expr_print(const struct expr *e, struct buf *out)
{
	if (e->op != EXPR_ALL)
		print_node(e, out);
}

void expr_print_text(const char *field, enum expr_op op, bool cased, struct span text, struct buf *out)
{
	struct expr_value value = { .text = text };
	struct expr e = { .op = op, .field = field_find(span_of(field)), .values = &value, .n_values = 1, .cased = cased };

	if (e.field)
		expr_print(&e, out);
}
