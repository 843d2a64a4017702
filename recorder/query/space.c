#include "recorder/query/space-def.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/statement.h"

enum { MAX_TALLIES = 1 << 20 };

/* ---- tallies ---- */

int space_tally_add(struct space_tallies *t, int64_t key, int64_t rows, int64_t events, int64_t weight)
{
	uint64_t *at = map_get(&t->at, (uint64_t)key);
	struct space_tally *one;

	if (!at) {
		if (t->n >= MAX_TALLIES)
			return 0; /* the rarest are missing from lists of the costliest */
		if (t->n == t->cap) {
			size_t cap = t->cap ? t->cap * 2 : 64;
			struct space_tally *grown = reallocarray(t->all, cap, sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			t->all = grown;
			t->cap = cap;
		}
		if (map_put(&t->at, (uint64_t)key, t->n) < 0)
			return -ENOMEM;
		t->all[t->n] = (struct space_tally){ .key = key };
		one = &t->all[t->n++];
	} else {
		one = &t->all[*at];
	}
	one->rows += rows;
	one->events += events;
	one->weight += weight;
	return 0;
}

void space_tallies_free(struct space_tallies *t)
{
	map_free(&t->at);
	free(t->all);
	*t = (struct space_tallies){ 0 };
}

static int add(struct space *s, int by, int64_t key, const struct space_event *e)
{
	int64_t events = e->events < INT32_MAX ? (int64_t)e->events : INT32_MAX;

	return key ? space_tally_add(&s->by[by], key, 1, events, e->weight) : 0;
}

static int add_file(struct space *s, const struct space_event *e)
{
	bool two = e->directory2 && e->directory2 != e->directory;
	int r = add(s, SPACE_BY_DIRECTORY, e->directory, e);

	if (r == 0 && two)
		r = add(s, SPACE_BY_DIRECTORY, e->directory2, e);
	if (r == 0 && two && e->directory)
		r = add(s, SPACE_BY_TWO, (int64_t)((uint64_t)e->directory << 32 | e->directory2), e);
	return r;
}

int space_add(struct space *s, const struct space_event *e)
{
	int r = add(s, SPACE_BY_ACTION, e->action, e);

	if (r == 0)
		r = add(s, SPACE_BY_IMAGE, e->image, e);
	if (r == 0 && e->category == EVENT_FILE)
		r = add_file(s, e);
	if (r == 0 && e->category == EVENT_NETWORK)
		r = add(s, SPACE_BY_ADDRESS, e->object, e);
	if (r == 0 && e->category == EVENT_NETWORK)
		r = add(s, SPACE_BY_PORT, e->port, e);
	return r;
}

int space_open(struct space *s, struct reader_db *r, struct arena *arena)
{
	*s = (struct space){ .r = r, .scratch = ARENA_INIT, .arena = arena };
	return dictionary_open(&s->texts, r->db, &s->scratch);
}

void space_close(struct space *s)
{
	dictionary_close(&s->texts);
	arena_free(&s->scratch);
	for (int i = 0; i < SPACE_TALLIES; i++)
		space_tallies_free(&s->by[i]);
}

/* ---- costs ---- */

static int by_weight(const void *a, const void *b)
{
	const struct space_tally *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static int add_cost(struct space *s, const struct space_tally *t, struct reader_cost cost, double scale,
                    struct reader_space *out)
{
	void *costs = out->costs;
	double bytes = (double)t->weight * scale;
	int r = reader_db_grow(s->arena, &costs, out->n, sizeof(*out->costs));

	out->costs = costs;
	if (r < 0)
		return r;
	cost.name = arena_copy(s->arena, cost.name);
	if (s->arena->failed)
		return -ENOMEM;
	cost.rows = (uint64_t)t->rows;
	cost.events = (uint64_t)t->events;
	cost.bytes = bytes < (double)out->event_bytes ? (uint64_t)bytes : out->event_bytes;
	out->costs[out->n++] = cost;
	return 0;
}

int space_emit(struct space *s, enum reader_cost_by by, const struct space_tallies *t, bool named, double scale, size_t max,
               struct reader_space *out)
{
	int r = 0;

	if (t->n)
		qsort(t->all, t->n, sizeof(*t->all), by_weight);
	for (size_t i = 0, n = 0; i < t->n && n < max && r == 0; i++) {
		struct reader_cost cost = { .by = by, .key = named ? 0 : t->all[i].key };

		if (named)
			r = dictionary_get(&s->texts, t->all[i].key, &cost.name);
		if (r < 0 || (named && !cost.name.n))
			continue;
		r = add_cost(s, &t->all[i], cost, scale, out);
		n++;
	}
	return r;
}

/* Users by name (key: text * 2) and, where they have none, by number (key: number * 2 + 1). */
static int emit_users(struct space *s, struct space_tallies *t, double scale, size_t max, struct reader_space *out)
{
	int r = 0;

	if (t->n)
		qsort(t->all, t->n, sizeof(*t->all), by_weight);
	for (size_t i = 0, n = 0; i < t->n && n < max && r == 0; i++) {
		struct reader_cost cost = { .by = READER_COST_USER, .key = -1 };

		if (t->all[i].key & 1)
			cost.key = t->all[i].key >> 1;
		else
			r = dictionary_get(&s->texts, t->all[i].key >> 1, &cost.name);
		if (r < 0 || (cost.key < 0 && !cost.name.n))
			continue;
		r = add_cost(s, &t->all[i], cost, scale, out);
		n++;
	}
	return r;
}

/* From images to their programs and users. */
static int tell_images(struct space *s, struct space_tallies *programs, struct space_tallies *users)
{
	AUTO_STATEMENT *image = NULL;
	int r = statement_prepare(s->r->db, "SELECT i.executable, CASE WHEN k.user > 0 THEN k.user * 2 "
	                          "WHEN k.euid >= 0 THEN k.euid * 2 + 1 END FROM image i "
	                          "LEFT JOIN credential k ON k.id = i.credential WHERE i.id = ?", &image);

	for (size_t i = 0; i < s->by[SPACE_BY_IMAGE].n && r == 0; i++) {
		const struct space_tally *t = &s->by[SPACE_BY_IMAGE].all[i];

		sqlite3_bind_int64(image, 1, t->key);
		r = statement_step(image);
		if (r == 1) {
			int64_t program = sqlite3_column_int64(image, 0), user = sqlite3_column_int64(image, 1);

			r = program ? space_tally_add(programs, program, t->rows, t->events, t->weight) : 0;
			if (r == 0 && sqlite3_column_type(image, 1) != SQLITE_NULL)
				r = space_tally_add(users, user, t->rows, t->events, t->weight);
		}
		sqlite3_reset(image);
	}
	return r;
}

int space_answer(struct space *s, double scale, size_t max, struct reader_space *out)
{
	struct space_tallies programs = { 0 }, users = { 0 };
	int r = space_emit(s, READER_COST_ACTION, &s->by[SPACE_BY_ACTION], false, scale, max, out);

	if (r == 0)
		r = space_emit_directories(s, scale, max, out);
	if (r == 0)
		r = tell_images(s, &programs, &users);
	if (r == 0)
		r = space_emit(s, READER_COST_EXECUTABLE, &programs, true, scale, max, out);
	if (r == 0)
		r = emit_users(s, &users, scale, max, out);
	if (r == 0)
		r = space_emit(s, READER_COST_ADDRESS, &s->by[SPACE_BY_ADDRESS], true, scale, max, out);
	if (r == 0)
		r = space_emit(s, READER_COST_PORT, &s->by[SPACE_BY_PORT], false, scale, max, out);
	space_tallies_free(&programs);
	space_tallies_free(&users);
	return r;
}
