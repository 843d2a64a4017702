#include "recorder/query/valueset.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "recorder/event.h"
#include "recorder/query/address.h"
#include "recorder/query/field-def.h"
#include "recorder/query/functions.h"
#include "recorder/query/textset.h"

enum { LOOKED_UP_BYTES = 16 << 20, KEYS_MAX = 2 * VALUESET_MAX, MAX_TRIES = 16 };
enum { LEAVE_OUT = 0 }; /* in of_key: what is no value; else index + 1 */

int valueset_init(struct valueset *s, sqlite3 *db, const struct field *field, struct match *part)
{
	const struct field_def *d = field_def(field);

	*s = (struct valueset){ .db = db, .field = field, .form = plan_value_of(field), .part = part };
	s->by_text = s->form.is == PLAN_RAW_TEXT || (s->form.is == PLAN_TEXT_ID &&
	             (part || d->part != PART_WHOLE || field->type == FIELD_ADDRESS || d->source == SOURCE_NET_TYPE ||
	              d->source == SOURCE_PROCESS_NAME || d->source == SOURCE_OBJECT));
	return dictionary_open(&s->dictionary, db, &s->looked_up);
}

void valueset_free(struct valueset *s)
{
	dictionary_close(&s->dictionary);
	arena_free(&s->looked_up);
	arena_free(&s->texts);
	map_free(&s->of_key);
	map_free(&s->of_hash);
	free(s->v);
}

/* ---- telling apart ---- */

static bool is_full(const struct valueset *s)
{
	return s->n >= VALUESET_MAX || s->texts.total > VALUESET_BYTES;
}

/* 1 with the index, 0 when there is no room for another. */
static int add(struct valueset *s, struct valueset_value value, size_t *ret)
{
	if (is_full(s)) {
		s->full = true;
		return 0;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		struct valueset_value *grown = reallocarray(s->v, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		s->v = grown;
		s->cap = cap;
	}
	s->v[s->n] = value;
	*ret = s->n++;
	return 1;
}

static int of_text(struct valueset *s, struct span text, size_t *ret)
{
	uint64_t hash = span_hash(text), *first = map_get(&s->of_hash, hash);
	struct valueset_value value = { .next = first ? (uint32_t)*first : 0 };
	int r, tries = 0;

	for (uint32_t i = value.next; i && tries < MAX_TRIES; i = s->v[i - 1].next, tries++) {
		if (!span_eq(s->v[i - 1].text, text))
			continue;
		*ret = i - 1;
		return 1;
	}
	if (tries == MAX_TRIES || is_full(s)) { /* so many of one hash are made on purpose */
		s->full = true;
		return 0;
	}
	value.text = arena_copy(&s->texts, text);
	if (!value.text.p)
		return -ENOMEM;
	r = add(s, value, ret);
	return r == 1 && map_put(&s->of_hash, hash, *ret + 1) < 0 ? -ENOMEM : r;
}

/* What of a stored text is the value; absent: nothing. `written`: where one that is not stored so is put. */
static struct span value_of(const struct valueset *s, struct span whole, bool second, char written[ADDRESS_TEXT])
{
	const struct field_def *d = field_def(s->field);
	struct address address;

	if (d->source == SOURCE_PROCESS_NAME)
		return second ? whole : textset_part(whole, PART_NAME);
	if (d->source == SOURCE_NET_TYPE || s->field->type == FIELD_ADDRESS) {
		bool known = whole.p && address_parse(whole, &address) == 0;

		if (s->field->type == FIELD_ADDRESS)
			return known ? span_of(address_format(&address, written)) : SPAN_NONE;
		return !whole.p ? SPAN_NONE : span_of(field_word_at(s->field, !known ? NETWORK_UNIX :
		                                                   address.v6 ? NETWORK_IPV6 : NETWORK_IPV4));
	}
	return textset_part(whole, d->part);
}

static int of_part(struct valueset *s, struct span text, size_t *ret)
{
	int r = text.p ? 1 : 0;

	if (r && s->part)
		r = match_text(s->part, text);
	return r == 1 ? of_text(s, text, ret) : r;
}

static int look_up(struct valueset *s, int64_t id, bool second, size_t *ret)
{
	char written[ADDRESS_TEXT];
	struct span whole;
	int r;

	if (s->looked_up.total > LOOKED_UP_BYTES) {
		map_clear(&s->dictionary.known);
		arena_free(&s->looked_up);
		s->looked_up = ARENA_INIT;
	}
	r = dictionary_get(&s->dictionary, id, &whole);
	return r < 0 ? r : of_part(s, value_of(s, whole, second, written), ret);
}

/* 1 with the index, 0 no value. */
static int of_key(struct valueset *s, int64_t key, bool second, size_t *ret)
{
	/* A process's two names are different parts of texts that one id could stand for. */
	uint64_t known_as = s->by_text && s->form.twice ? (uint64_t)key * 2 + second : (uint64_t)key;
	uint64_t *known = map_get(&s->of_key, known_as);
	int r;

	if (known) {
		*ret = (size_t)*known - 1;
		return *known != LEAVE_OUT;
	}
	r = s->by_text ? look_up(s, key, second, ret) : add(s, (struct valueset_value){ .key = key }, ret);
	if (r < 0 || s->of_key.n >= KEYS_MAX)
		return r;
	return map_put(&s->of_key, known_as, r == 1 ? *ret + 1 : LEAVE_OUT) < 0 ? -ENOMEM : r;
}

int valueset_number(struct valueset *s, int64_t number, size_t *ret)
{
	return of_key(s, number, false, ret);
}

int valueset_take(struct valueset *s, sqlite3_stmt *row, int at, size_t ret[2])
{
	int n = 0;

	for (int i = 0; i < 2; i++) {
		int type = sqlite3_column_type(row, at + i), r = 0;

		if (s->form.is == PLAN_RAW_TEXT && type != SQLITE_NULL)
			r = of_part(s, functions_column(row, at + i), &ret[n]);
		else if (type == SQLITE_INTEGER)
			r = of_key(s, sqlite3_column_int64(row, at + i), i == 1, &ret[n]);
		if (r < 0)
			return r;
		if (r == 1 && (n == 0 || ret[0] != ret[1]))
			n++;
	}
	return n;
}

/* ---- as text ---- */

static const char *word_of(const struct field *f, int64_t number)
{
	enum field_source source = field_def(f)->source;
	const char *name = NULL;

	if (source == SOURCE_EVENT_ACTION)
		name = number >= 0 && number <= INT32_MAX ? event_action_name((int)number) : NULL;
	else if (source == SOURCE_EVENT_CATEGORY)
		name = number > 0 && number < EVENT_CATEGORY_COUNT ? event_category_name((enum event_category)number) : NULL;
	else if (number >= 0 && number < 64)
		name = field_word_at(f, (size_t)number);
	return name;
}

bool valueset_has_word(const struct valueset *s, size_t i)
{
	return word_of(s->field, s->v[i].key) != NULL;
}

static void number_text(const struct field *f, int64_t number, struct buf *out)
{
	const char *word = NULL;
	char time[CLOCK_TEXT];

	if (f->type == FIELD_ENUM)
		word = word_of(f, number);
	else if (f->type == FIELD_BOOL)
		word = number ? "true" : "false";
	else if (f->type == FIELD_TIME)
		word = clock_format(number, time);
	else if (field_def(f)->source == SOURCE_ERROR_CODE)
		word = field_errno_name(number);
	if (word)
		buf_add_z(out, word);
	else
		buf_printf(out, "%" PRId64, number);
}

int valueset_text(struct valueset *s, size_t i, struct buf *out)
{
	struct span text = s->v[i].text;
	int r = 0;

	if (!s->by_text && s->form.is == PLAN_TEXT_ID)
		r = dictionary_get(&s->dictionary, s->v[i].key, &text);
	if (s->by_text || s->form.is == PLAN_TEXT_ID)
		buf_add_span(out, text);
	else
		number_text(s->field, s->v[i].key, out);
	return r < 0 ? r : out->failed ? -ENOMEM : 0;
}
