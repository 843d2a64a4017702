#define PCRE2_CODE_UNIT_WIDTH 8
#include "recorder/query/match.h"

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "agent/base/text.h"

/* Steps of one match, backtracking depth, and KiB of heap. A match within them takes some 10 ms at most. */
enum { STEP_LIMIT = 300000, DEPTH_LIMIT = 20000, HEAP_LIMIT_KIB = 8192, NEST_LIMIT = 50 };

struct match {
	enum expr_op op;
	bool cased;
	size_t n;
	struct span *values;  /* folded unless cased */
	struct map by_hash;   /* IN with many: hash → index + 1 of the first with that hash */
	size_t *same_hash;    /* index + 1 of the next one */
	struct arena arena;
	struct buf scratch;   /* folded text */
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

enum { HASH_FROM = 8 }; /* so many values are looked up instead of tried */

void match_free(struct match *m)
{
	if (!m)
		return;
	pcre2_code_free(m->code);
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->limits);
	buf_free(&m->scratch);
	map_free(&m->by_hash);
	free(m->same_hash);
	free(m->values);
	arena_free(&m->arena);
	free(m);
}

static int compile(struct span pattern, bool cased, pcre2_code **ret, int *ret_code, size_t *ret_offset)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	uint32_t options = PCRE2_NEVER_BACKSLASH_C | (cased ? 0 : PCRE2_CASELESS);

	if (!context)
		return -ENOMEM;
	pcre2_set_parens_nest_limit(context, NEST_LIMIT);
	pcre2_set_max_pattern_length(context, MATCH_MAX_PATTERN);
	if (text_is_utf8(pattern))
		options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	*ret = pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n, options, ret_code, ret_offset, context);
	pcre2_compile_context_free(context);
	return *ret ? 0 : -EINVAL;
}

int match_check_pattern(struct span pattern, size_t *ret_offset, char *ret_message, size_t size)
{
	pcre2_code *code;
	int number = 0, r;

	r = compile(pattern, false, &code, &number, ret_offset);
	if (r == 0)
		pcre2_code_free(code);
	if (r == -EINVAL && pcre2_get_error_message(number, (PCRE2_UCHAR *)ret_message, size) < 0)
		snprintf(ret_message, size, "not a regular expression");
	return r;
}

static int make_regex(struct match *m, struct span pattern)
{
	size_t offset;
	int number, r;

	r = compile(pattern, m->cased, &m->code, &number, &offset);
	if (r < 0)
		return r;
	m->data = pcre2_match_data_create(1, NULL);
	m->limits = pcre2_match_context_create(NULL);
	if (!m->data || !m->limits)
		return -ENOMEM;
	pcre2_set_match_limit(m->limits, STEP_LIMIT);
	pcre2_set_depth_limit(m->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(m->limits, HEAP_LIMIT_KIB);
	return 0;
}

static int make_hash(struct match *m)
{
	m->same_hash = calloc(m->n, sizeof(*m->same_hash));
	if (!m->same_hash)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++) {
		uint64_t hash = span_hash(m->values[i]);
		uint64_t *first = map_get(&m->by_hash, hash);

		m->same_hash[i] = first ? (size_t)*first : 0;
		if (map_put(&m->by_hash, hash, i + 1) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int make_values(struct match *m, const struct expr *condition)
{
	m->values = calloc(condition->n_values, sizeof(*m->values));
	if (!m->values)
		return -ENOMEM;
	for (size_t i = 0; i < condition->n_values; i++) {
		buf_clear(&m->scratch);
		if (m->cased)
			buf_add_span(&m->scratch, condition->values[i].text);
		else
			text_fold(&m->scratch, condition->values[i].text);
		m->values[i] = arena_copy(&m->arena, buf_span(&m->scratch));
		if (m->scratch.failed || !m->values[i].p)
			return -ENOMEM;
		m->n++;
	}
	return m->op == EXPR_IN && m->n >= HASH_FROM ? make_hash(m) : 0;
}

int match_new(const struct expr *condition, struct match **ret)
{
	AUTO_MATCH *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->op = condition->op == EXPR_NE ? EXPR_EQ : condition->op;
	m->cased = condition->cased;
	r = m->op == EXPR_MATCHES ? make_regex(m, condition->values[0].text) : make_values(m, condition);
	if (r < 0)
		return r;
	*ret = STEAL(m);
	return 0;
}

static int regex(const struct match *m, struct span text)
{
	int r = pcre2_match(m->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, m->data, m->limits);

	if (r >= 0)
		return 1;
	if (r == PCRE2_ERROR_NOMEMORY)
		return -ENOMEM;
	if (r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_HEAPLIMIT)
		return -ERANGE;
	return 0;
}

static bool equals(const struct match *m, struct span text, struct span value)
{
	return m->cased ? span_eq(text, value) : text_equals_folded(text, value);
}

static int in_hash(const struct match *m, struct span text)
{
	struct buf *scratch = (struct buf *)&m->scratch;
	uint64_t *at;

	if (!m->cased) {
		buf_clear(scratch);
		text_fold(scratch, text);
		if (scratch->failed)
			return -ENOMEM;
		text = buf_span(scratch);
	}
	at = map_get(&m->by_hash, span_hash(text));
	for (size_t i = at ? (size_t)*at : 0; i; i = m->same_hash[i - 1])
		if (span_eq(text, m->values[i - 1]))
			return 1;
	return 0;
}

static int in(const struct match *m, struct span text)
{
	if (m->same_hash)
		return in_hash(m, text);
	for (size_t i = 0; i < m->n; i++)
		if (equals(m, text, m->values[i]))
			return 1;
	return 0;
}

static bool contains(const struct match *m, struct span text)
{
	struct span v = m->values[0];

	return m->cased ? v.n == 0 || (text.n && memmem(text.p, text.n, v.p, v.n)) : text_contains_folded(text, v);
}

static bool starts(const struct match *m, struct span text)
{
	return m->cased ? span_starts(text, m->values[0]) : text_starts_folded(text, m->values[0]);
}

static bool ends(const struct match *m, struct span text)
{
	struct span v = m->values[0];

	if (!m->cased)
		return text_ends_folded(text, v);
	return text.n >= v.n && (v.n == 0 || memcmp(text.p + text.n - v.n, v.p, v.n) == 0);
}

int match_text(const struct match *m, struct span text)
{
	switch (m->op) {
	case EXPR_EQ: return equals(m, text, m->values[0]);
	case EXPR_IN: return in(m, text);
	case EXPR_CONTAINS: return contains(m, text);
	case EXPR_STARTSWITH: return starts(m, text);
	case EXPR_ENDSWITH: return ends(m, text);
	case EXPR_MATCHES: return regex(m, text);
	default: return 0;
	}
}
