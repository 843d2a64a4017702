#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/base/translate.h"
#include "recorder/query/expr-def.h"
#include "recorder/query/lex.h"

struct parser {
	struct lex lex;
	struct lex_token token;
	size_t last_to; /* where the token before it ended */
	size_t nodes;
	unsigned depth;
	struct expr_error *error;
};

static int fault(struct parser *p, const struct lex_token *t, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int fault(struct parser *p, const struct lex_token *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	expr_error_vsay(p->error, format, args);
	va_end(args);
	p->error->column = t->from;
	p->error->length = t->to > t->from ? t->to - t->from : 1;
	return -EINVAL;
}

/* The token as the source has it, fit for a message. */
static const char *shown(struct parser *p, const struct lex_token *t, char out[80])
{
	AUTO_BUF b = BUF_INIT;
	size_t n = t->to - t->from;

	text_visible(&b, (struct span){ p->lex.source.p + t->from, n < 40 ? n : 40 });
	snprintf(out, 80, "%.70s%s", b.p ? b.p : "", n > 40 ? "…" : "");
	return out;
}

static int advance(struct parser *p)
{
	p->last_to = p->token.to;
	return lex_next(&p->lex, &p->token, p->error);
}

static bool is_word(const struct lex_token *t, const char *word)
{
	return t->type == LEX_WORD && t->text.n == strlen(word) && strncasecmp(t->text.p, word, t->text.n) == 0;
}

static bool is_connective(const struct lex_token *t)
{
	return is_word(t, "and") || is_word(t, "or") || is_word(t, "not");
}

static int count_node(struct parser *p)
{
	char most[16];

	if (++p->nodes <= EXPR_MAX_NODES)
		return 0;
	snprintf(most, sizeof(most), "%d", EXPR_MAX_NODES);
	fault(p, &p->token, N_("too many conditions: at most %s"), most);
	return -E2BIG;
}

static int new_node(struct parser *p, enum expr_op op, struct expr **ret)
{
	struct expr *e;
	int r = count_node(p);

	if (r < 0)
		return r;
	e = expr_new(op);
	if (!e)
		return -ENOMEM;
	e->from = p->token.from;
	*ret = e;
	return 0;
}

static int deeper(struct parser *p)
{
	char most[16];

	if (++p->depth < EXPR_MAX_DEPTH)
		return 0;
	snprintf(most, sizeof(most), "%d", EXPR_MAX_DEPTH);
	fault(p, &p->token, N_("nested too deeply: at most %s levels"), most);
	return -E2BIG;
}

/* ---- conditions ---- */

static const struct { const char *word; enum expr_op op; } word_ops[] = {
	{ "contains", EXPR_CONTAINS }, { "startswith", EXPR_STARTSWITH }, { "endswith", EXPR_ENDSWITH },
	{ "matches", EXPR_MATCHES }, { "in", EXPR_IN }, { "cidr", EXPR_CIDR }, { "exists", EXPR_EXISTS },
};

static int unknown_field(struct parser *p)
{
	const struct field *near = field_nearest(p->token.text);
	char word[80];

	shown(p, &p->token, word);
	if (near)
		return fault(p, &p->token, N_("unknown field %s, did you mean %s?"), word, near->name);
	return fault(p, &p->token, N_("unknown field %s"), word);
}

static int take_field(struct parser *p, struct expr *e)
{
	char word[80];

	if (p->token.type == LEX_END)
		return fault(p, &p->token, N_("a condition is missing at the end"));
	if (p->token.type == LEX_STRING)
		return fault(p, &p->token, N_("a condition begins with a field name, not with text"));
	if (p->token.type != LEX_WORD || is_word(&p->token, "and") || is_word(&p->token, "or"))
		return fault(p, &p->token, N_("a condition is missing before %s"), shown(p, &p->token, word));
	e->field = field_find(p->token.text);
	return e->field ? advance(p) : unknown_field(p);
}

/* A sentence of its own for each type: in other languages its word may change the others. */
static int refuse_op(struct parser *p, const struct expr *e)
{
	const char *name = e->field->name, *op = expr_op_word(e->op), *ops = expr_type_operators(e->field->type);

	switch (e->field->type) {
	case FIELD_TEXT:
		return fault(p, &p->token, N_("%s is text: %s does not apply, one of %s does"), name, op, ops);
	case FIELD_NUMBER:
		return fault(p, &p->token, N_("%s is a number: %s does not apply, one of %s does"), name, op, ops);
	case FIELD_TIME:
		return fault(p, &p->token, N_("%s is a time: %s does not apply, one of %s does"), name, op, ops);
	case FIELD_ADDRESS:
		return fault(p, &p->token, N_("%s is an address: %s does not apply, one of %s does"), name, op, ops);
	case FIELD_ENUM:
		return fault(p, &p->token, N_("%s is one of a list of words: %s does not apply, one of %s does"), name, op, ops);
	case FIELD_BOOL:
		break;
	}
	return fault(p, &p->token, N_("%s is true or false: %s does not apply, one of %s does"), name, op, ops);
}

static int take_op(struct parser *p, struct expr *e)
{
	const struct field *f = e->field;
	bool found = p->token.type == LEX_COMPARE;
	char word[80];

	if (found)
		e->op = p->token.op;
	for (size_t i = 0; i < ARRAY_LEN(word_ops) && !found; i++) {
		found = is_word(&p->token, word_ops[i].word);
		e->op = word_ops[i].op;
	}
	if (!found && p->token.type == LEX_END)
		return fault(p, &p->token, N_("an operator is missing at the end: %s"), expr_type_operators(f->type));
	if (!found)
		return fault(p, &p->token, N_("an operator is missing before %s: %s"), shown(p, &p->token, word),
		             expr_type_operators(f->type));
	if (!expr_op_applies(e->op, f->type))
		return refuse_op(p, e);
	return advance(p);
}

static int take_cased(struct parser *p, struct expr *e)
{
	if (!is_word(&p->token, "cased"))
		return 0;
	if (!expr_op_takes_case(e->op, e->field->type))
		return e->op == EXPR_EXISTS ?
		       fault(p, &p->token, N_("\"cased\" applies to what is compared, not to \"exists\"")) :
		       fault(p, &p->token, N_("\"cased\" applies to text only, which %s is not"), e->field->name);
	e->cased = true;
	return advance(p);
}

static bool looks_like_clock(struct span s)
{
	return s.n >= 5 && s.p[0] >= '0' && s.p[0] <= '2' && s.p[2] == ':';
}

/* A time may be written with a space and without quotes: joins its two words. *ret_joined is for the result. */
static int join_time(struct parser *p, const struct expr *e, struct lex_token *value, char joined[64])
{
	struct span date = value->text, clock = p->token.text;

	if (e->field->type != FIELD_TIME || value->type != LEX_WORD || date.n != 10 || p->token.type != LEX_WORD ||
	    !looks_like_clock(clock) || date.n + 1 + clock.n >= 64)
		return 0;
	snprintf(joined, 64, "%.*s %.*s", SPAN_FMT(date), SPAN_FMT(clock));
	value->text = span_of(joined);
	value->to = p->token.to;
	return advance(p);
}

static int take_value(struct parser *p, struct expr *e)
{
	struct lex_token value = p->token;
	char word[80], joined[64];
	int r;

	if (value.type == LEX_END)
		return fault(p, &value, N_("a value is missing at the end"));
	if ((value.type != LEX_WORD && value.type != LEX_STRING) || is_connective(&value))
		return fault(p, &value, N_("a value is missing before %s"), shown(p, &value, word));
	r = advance(p);
	if (r == 0)
		r = join_time(p, e, &value, joined);
	if (r < 0)
		return r;
	r = expr_add_value(e, value.text, p->error);
	if (r == -EINVAL) {
		p->error->column = value.from;
		p->error->length = value.to - value.from;
	}
	return r;
}

static int take_list(struct parser *p, struct expr *e)
{
	struct lex_token open = p->token;
	char word[80];
	int r;

	if (open.type != LEX_OPEN)
		return fault(p, &open, N_("a list in parentheses must follow \"in\""));
	do {
		r = advance(p);
		if (r == 0)
			r = count_node(p);
		if (r == 0)
			r = take_value(p, e);
		if (r < 0)
			return r;
	} while (p->token.type == LEX_COMMA);
	if (p->token.type == LEX_END)
		return fault(p, &open, N_("this parenthesis is not closed"));
	if (p->token.type != LEX_CLOSE)
		return fault(p, &p->token, N_("a comma or \")\" is missing before %s"), shown(p, &p->token, word));
	return advance(p);
}

static int parse_condition(struct parser *p, struct expr **ret)
{
	AUTO_EXPR *e = NULL;
	int r = new_node(p, EXPR_EXISTS, &e);

	if (r == 0)
		r = take_field(p, e);
	if (r == 0)
		r = take_op(p, e);
	if (r == 0)
		r = take_cased(p, e);
	if (r == 0 && e->op == EXPR_IN)
		r = take_list(p, e);
	else if (r == 0 && e->op != EXPR_EXISTS)
		r = take_value(p, e);
	if (r < 0)
		return r;
	e->to = p->last_to;
	*ret = STEAL(e);
	return 0;
}

/* ---- and, or, not, ( ) ---- */

static int parse_or(struct parser *p, struct expr **ret);

static int parse_group(struct parser *p, struct expr **ret)
{
	struct lex_token open = p->token;
	AUTO_EXPR *e = NULL;
	char word[80];
	int r = advance(p);

	if (r < 0)
		return r;
	r = p->token.type == LEX_CLOSE ? new_node(p, EXPR_ALL, &e) : parse_or(p, &e);
	if (r < 0)
		return r;
	if (p->token.type == LEX_END)
		return fault(p, &open, N_("this parenthesis is not closed"));
	if (p->token.type != LEX_CLOSE)
		return fault(p, &p->token, N_("\"and\", \"or\" or \")\" is missing before %s"), shown(p, &p->token, word));
	r = advance(p);
	if (r < 0)
		return r;
	*ret = STEAL(e);
	return 0;
}

static int parse_unary(struct parser *p, struct expr **ret);

static int parse_not(struct parser *p, struct expr **ret)
{
	AUTO_EXPR *e = NULL;
	struct expr *kid;
	int r = new_node(p, EXPR_NOT, &e);

	if (r == 0)
		r = advance(p);
	if (r == 0)
		r = parse_unary(p, &kid);
	if (r == 0)
		r = expr_add_kid(e, kid);
	if (r < 0)
		return r;
	e->to = p->last_to;
	*ret = STEAL(e);
	return 0;
}

static int parse_unary(struct parser *p, struct expr **ret)
{
	bool nests = p->token.type == LEX_OPEN || is_word(&p->token, "not");
	int r;

	if (!nests)
		return parse_condition(p, ret);
	r = deeper(p);
	if (r == 0)
		r = p->token.type == LEX_OPEN ? parse_group(p, ret) : parse_not(p, ret);
	p->depth--;
	return r;
}

/* One operand, or several with `word` between them. */
static int parse_chain(struct parser *p, enum expr_op op, int (*operand)(struct parser *, struct expr **),
                       struct expr **ret)
{
	AUTO_EXPR *first = NULL, *chain = NULL;
	struct expr *kid;
	int r = operand(p, &first);

	if (r < 0 || !is_word(&p->token, expr_op_word(op))) {
		if (r == 0)
			*ret = STEAL(first);
		return r;
	}
	r = new_node(p, op, &chain);
	if (r < 0)
		return r;
	chain->from = first->from;
	r = expr_add_kid(chain, STEAL(first));
	while (r == 0 && is_word(&p->token, expr_op_word(op))) {
		r = advance(p);
		if (r == 0)
			r = operand(p, &kid);
		if (r == 0)
			r = expr_add_kid(chain, kid);
	}
	if (r < 0)
		return r;
	chain->to = p->last_to;
	*ret = STEAL(chain);
	return 0;
}

static int parse_and(struct parser *p, struct expr **ret)
{
	return parse_chain(p, EXPR_AND, parse_unary, ret);
}

static int parse_or(struct parser *p, struct expr **ret)
{
	return parse_chain(p, EXPR_OR, parse_and, ret);
}

static int parse_all(struct parser *p, struct expr **ret)
{
	char word[80];
	int r = advance(p);

	if (r < 0)
		return r;
	if (p->token.type == LEX_END)
		return new_node(p, EXPR_ALL, ret);
	r = parse_or(p, ret);
	if (r == 0 && p->token.type == LEX_CLOSE)
		r = fault(p, &p->token, N_("this parenthesis was not opened"));
	else if (r == 0 && p->token.type != LEX_END)
		r = fault(p, &p->token, N_("\"and\" or \"or\" is missing before %s"), shown(p, &p->token, word));
	return r;
}

int expr_parse(struct span text, struct expr **ret, struct expr_error *ret_error)
{
	struct arena arena = ARENA_INIT;
	struct parser p = { .lex = { .source = text, .arena = &arena }, .error = ret_error };
	AUTO_EXPR *e = NULL;
	int r;

	*ret_error = (struct expr_error){ .length = 1 };
	if (!text.p)
		p.lex.source = SPAN("");
	if (text.n > EXPR_MAX_TEXT) {
		fault(&p, &(struct lex_token){ .from = EXPR_MAX_TEXT, .to = text.n }, N_("the expression is too long"));
		return -E2BIG;
	}
	r = parse_all(&p, &e);
	arena_free(&arena);
	if (r < 0)
		return r;
	*ret = STEAL(e);
	return 0;
}
