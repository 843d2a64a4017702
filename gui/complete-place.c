#include "gui/complete-place.h"

#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/query/expr.h"
#include "recorder/query/lex.h"

enum { BACK = 3 }; /* tokens before the place that tell what it is for */

/* The tokens before the place, the last of them first. */
struct before {
	struct lex_token t[BACK];
	struct lex_token list[2]; /* before the "(" that is still open: the last two tokens then */
	gboolean in_list;
};

void complete_place_clear(struct complete_place *p)
{
	g_free(p->part);
	*p = (struct complete_place){ 0 };
}

static void push(struct before *b, const struct lex_token *t)
{
	if (t->type == LEX_OPEN) {
		b->list[0] = b->t[0];
		b->list[1] = b->t[1];
	}
	b->in_list = t->type == LEX_OPEN || (b->in_list && t->type != LEX_CLOSE);
	memmove(b->t + 1, b->t, sizeof(b->t) - sizeof(*b->t));
	b->t[0] = *t;
}

static gboolean is_word(const struct lex_token *t, const char *word)
{
	return t->type == LEX_WORD && t->text.n == strlen(word) && g_ascii_strncasecmp(t->text.p, word, t->text.n) == 0;
}

static gboolean takes_value(const struct lex_token *t)
{
	static const char *const words[] = { "contains", "startswith", "endswith", "cidr" };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (is_word(t, words[i]))
			return TRUE;
	return t->type == LEX_COMPARE;
}

static const struct field *field_of(const struct lex_token *t)
{
	return t->type == LEX_WORD ? field_find(t->text) : NULL;
}

/* Whose value stands behind these tokens; NULL: none does. */
static const struct field *value_behind(const struct before *b)
{
	const struct lex_token *t = b->t;

	if (b->in_list && (t[0].type == LEX_OPEN || t[0].type == LEX_COMMA))
		return is_word(&b->list[0], "in") ? field_of(&b->list[1]) : NULL;
	if (is_word(&t[0], "cased"))
		t++;
	return takes_value(&t[0]) ? field_of(&t[1]) : NULL;
}

static gboolean is_nothing(const struct before *b)
{
	return is_word(&b->t[0], "matches") && field_of(&b->t[1]);
}

struct complete_place complete_place_of(const char *text, gsize cursor)
{
	struct arena arena = ARENA_INIT;
	struct lex lex = { { text, cursor }, 0, &arena };
	struct before before = { 0 };
	struct complete_place place = { .is = COMPLETE_WORD, .from = cursor, .to = cursor };
	struct expr_error fault = { 0 };
	struct lex_token t;
	int r;

	while ((r = lex_next(&lex, &t, &fault)) == 0 && t.type != LEX_END) {
		if (t.to == cursor && (t.type == LEX_WORD || t.type == LEX_STRING)) {
			place.from = t.from;
			break;
		}
		push(&before, &t);
	}
	place.field = value_behind(&before);
	if (r == 0 && t.type == LEX_STRING && place.from < cursor) {
		place.is = COMPLETE_NOTHING; /* it is whole */
	} else if (r < 0 && !(fault.column < cursor && strchr("\"'", text[fault.column]) && place.field)) {
		place.is = COMPLETE_NOTHING;
	} else if (r < 0) {
		place.from = fault.column;
		place.part = g_strndup(text + fault.column + 1, cursor - fault.column - 1);
	} else {
		place.part = g_strndup(text + place.from, cursor - place.from);
	}
	if (place.is != COMPLETE_NOTHING)
		place.is = place.field ? COMPLETE_VALUE : is_nothing(&before) ? COMPLETE_NOTHING : COMPLETE_WORD;
	place.quotes = TRUE;
	arena_free(&arena);
	return place;
}

char *complete_place_written(const struct complete_place *p, struct span value)
{
	AUTO_BUF out = BUF_INIT;
	AUTO_EXPR *e = NULL;
	gsize head;

	if (!p->quotes)
		return text_is_utf8(value) && !memchr(value.p, ',', value.n) ? g_strndup(value.p, value.n) : NULL;
	e = expr_condition(p->field, EXPR_EQ, value);
	if (!e)
		return NULL;
	expr_print(e, &out);
	head = strlen(p->field->name) + strlen(" == ");
	return out.failed || out.n < head ? NULL : g_strndup(out.p + head, out.n - head);
}
