/* Which values a field has in the matching events, and how many have each. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/query/field-def.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"
#include "recorder/query/valueset.h"

enum {
	MAX_IMAGES = 4 << 20,  /* counted one by one; the events of more than any recorder keeps are not told apart */
	QUICK_ROWS = 50000,    /* of the newest that have a value */
	QUICK_IMAGES = 500000,
	TELL_ROWS = 1024,      /* between two looks at how far it is */
};

struct count {
	uint64_t rows, events;
};

struct counting {
	struct reader_db *r;
	const struct reader_values_wish *wish;
	struct reader_values *out;
	struct valueset set;
	struct match *part;
	struct reader_range all; /* what is read, of the recording */
	/* Fields of images: */
	struct map of_image; /* image → index + 1 */
	struct count *images;
	size_t n_images, cap_images;
};

/* ---- events ---- */

static void count_all(struct counting *c, const struct reader_db_sum *sum)
{
	c->out->rows += sum->rows;
	c->out->events += sum->events;
}

/* Rows come in the order of their times. */
static void tell_progress(const struct counting *c, const struct reader_db_sum *sum)
{
	const struct reader *reader = &c->r->reader;
	double all = (double)c->all.to_ms - (double)c->all.from_ms, done = (double)sum->time_ms - (double)c->all.from_ms;

	if (c->out->rows % TELL_ROWS == 0 && reader->progress && !c->wish->quick && done > 0 && done < all)
		reader->progress(done / all, reader->progress_data);
}

static void count_value(struct counting *c, size_t i, uint64_t rows, uint64_t events)
{
	c->set.v[i].rows += rows;
	c->set.v[i].events += events;
}

/* The row's value or values are in the columns behind the sum's. */
static int count_row(struct counting *c, sqlite3_stmt *row, int at, const struct reader_db_sum *sum)
{
	size_t which[2];
	int n = valueset_take(&c->set, row, at, which);

	for (int i = 0; i < n; i++)
		count_value(c, which[i], sum->rows, sum->events);
	if (n == 0)
		c->out->without += sum->events;
	return n < 0 ? n : 0;
}

static int count_rows(struct counting *c, const struct plan *plan, struct reader_range range, uint64_t max)
{
	AUTO_BUF columns = BUF_INIT;
	struct cursor cursor;
	int r;

	buf_add_z(&columns, READER_DB_SUM_COLUMNS ", ");
	plan_value_columns(c->wish->field, &columns);
	r = columns.failed ? -ENOMEM : cursor_open(&cursor, plan, columns.p, cursor_ids(range.from_ms, range.to_ms),
	                                           max != UINT64_MAX);
	if (r < 0)
		return r;
	while (c->out->rows < max && (r = cursor_next(&cursor)) == 1) {
		struct reader_db_sum sum = reader_db_sum_of(cursor.row);

		count_all(c, &sum);
		tell_progress(c, &sum);
		r = count_row(c, cursor.row, 4, &sum);
		if (r < 0)
			break;
	}
	cursor_close(&cursor);
	return r < 0 ? r : 0;
}

/* ---- what the action tells: from the rollup where there is one ---- */

static int count_action(const struct reader_db_sum *sum, void *data)
{
	struct counting *c = data;
	bool category = field_def(c->wish->field)->source == SOURCE_EVENT_CATEGORY;
	size_t i;
	int r = valueset_number(&c->set, category ? sum->action / 100 : sum->action, &i);

	count_all(c, sum);
	if (r == 1)
		count_value(c, i, sum->rows, sum->events);
	return r < 0 ? r : 0;
}

/* ---- images: the events of each, then what its value is ---- */

static int image_slot(struct counting *c, int64_t image, size_t *ret)
{
	uint64_t *known = map_get(&c->of_image, (uint64_t)image);

	if (known) {
		*ret = (size_t)*known - 1;
		return 1;
	}
	if (c->n_images >= MAX_IMAGES) {
		c->out->more = true;
		return 0;
	}
	if (c->n_images == c->cap_images) {
		size_t cap = c->cap_images ? c->cap_images * 2 : 1024;
		struct count *grown = reallocarray(c->images, cap, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		c->images = grown;
		c->cap_images = cap;
	}
	c->images[c->n_images] = (struct count){ 0 };
	*ret = c->n_images++;
	return map_put(&c->of_image, (uint64_t)image, *ret + 1) < 0 ? -ENOMEM : 1;
}

static int count_images(struct counting *c, const struct plan *plan, struct reader_range range)
{
	struct cursor cursor;
	int r = cursor_open(&cursor, plan, READER_DB_SUM_COLUMNS ", e.image", cursor_ids(range.from_ms, range.to_ms), false);

	if (r < 0)
		return r;
	while ((r = cursor_next(&cursor)) == 1) {
		struct reader_db_sum sum = reader_db_sum_of(cursor.row);
		size_t slot;

		count_all(c, &sum);
		tell_progress(c, &sum);
		c->out->without += sum.events; /* until its image is found to have a value */
		if (sqlite3_column_type(cursor.row, 4) == SQLITE_NULL)
			continue;
		r = image_slot(c, sqlite3_column_int64(cursor.row, 4), &slot);
		if (r < 0)
			break;
		if (r == 0)
			continue;
		c->images[slot].rows++;
		c->images[slot].events += sum.events;
	}
	cursor_close(&cursor);
	return r;
}

static int value_of_image(struct counting *c, sqlite3_stmt *row)
{
	const uint64_t *slot = c->wish->quick ? NULL : map_get(&c->of_image, (uint64_t)sqlite3_column_int64(row, 0));
	struct count count = c->wish->quick ? (struct count){ 1, 1 } : slot ? c->images[*slot - 1] : (struct count){ 0 };
	size_t which[2];
	int n;

	if (!count.rows)
		return 0;
	n = valueset_take(&c->set, row, 1, which);
	for (int i = 0; i < n; i++)
		count_value(c, which[i], count.rows, count.events);
	if (n > 0 && !c->wish->quick)
		c->out->without -= count.events;
	return n < 0 ? n : 0;
}

static int resolve_images(struct counting *c)
{
	AUTO_STATEMENT *s = NULL;
	AUTO_BUF sql = BUF_INIT;
	size_t n = 0;
	int r;

	plan_value_images(c->wish->field, &sql);
	buf_add_z(&sql, c->wish->quick ? " ORDER BY i.id DESC" : " ORDER BY i.id");
	r = sql.failed ? -ENOMEM : statement_prepare(c->r->db, sql.p, &s);
	while (r == 0 && (!c->wish->quick || n++ < QUICK_IMAGES) && (r = statement_step(s)) == 1)
		r = value_of_image(c, s);
	return r;
}

/* ---- answering ---- */

struct ranked {
	const struct valueset_value *values;
	bool rare;
};

static int by_number(const void *a, const void *b, void *data)
{
	const struct ranked *ranked = data;
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t nx = ranked->values[x].events, ny = ranked->values[y].events;

	if (nx != ny)
		return (nx < ny) != ranked->rare ? 1 : -1;
	return x < y ? -1 : x > y;
}

/* Does what is no text in the recording fit, as it is written? Numbers that no word stands for cannot be asked for. */
static int fits(struct counting *c, size_t i, struct buf *scratch)
{
	int r;

	if (c->set.form.is != PLAN_NUMBER)
		return 1;
	if (c->set.field->type == FIELD_ENUM && !valueset_has_word(&c->set, i))
		return 0;
	if (!c->part)
		return 1;
	buf_clear(scratch);
	r = valueset_text(&c->set, i, scratch);
	return r < 0 ? r : match_text(c->part, buf_span(scratch));
}

static int tell(struct counting *c, size_t i, struct reader_value *ret)
{
	AUTO_BUF text = BUF_INIT;
	struct span s;
	int r = valueset_text(&c->set, i, &text);

	if (r < 0)
		return r;
	s = buf_span(&text);
	*ret = (struct reader_value){ .cut = s.n > READER_VALUE_BYTES, .rows = c->set.v[i].rows, .events = c->set.v[i].events };
	ret->text = arena_copy(&c->out->arena, text_cut(s, READER_VALUE_BYTES));
	return ret->text.p ? 0 : -ENOMEM;
}

static int answer(struct counting *c)
{
	AUTO_FREE uint32_t *order = calloc(c->set.n + 1, sizeof(*order));
	AUTO_BUF scratch = BUF_INIT;
	struct ranked ranked = { c->set.v, c->wish->order == READER_RARE_FIRST };
	struct reader_values *out = c->out;
	int r = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < c->set.n; i++) {
		r = c->set.v[i].rows ? fits(c, i, &scratch) : 0;
		if (r < 0)
			return r;
		if (r)
			order[out->distinct++] = (uint32_t)i;
	}
	qsort_r(order, (size_t)out->distinct, sizeof(*order), by_number, &ranked);
	out->n = out->distinct < c->wish->max ? (size_t)out->distinct : c->wish->max;
	out->more = out->more || c->set.full || c->wish->quick;
	if (c->part)
		out->without = 0;
	out->values = reader_db_array(&out->arena, out->n + 1, sizeof(*out->values));
	r = out->values ? 0 : -ENOMEM;
	for (size_t i = 0; i < out->n && r == 0; i++)
		r = tell(c, order[i], &out->values[i]);
	return r;
}

/* ---- the call ---- */

static bool is_of_images(const struct field *f)
{
	return f->level == FIELD_OF_IMAGE || f->level == FIELD_OF_PARENT;
}

/* What the counted events must fulfil: `where`, and where an index can find them, that they have such a value. */
struct narrowed {
	struct expr both, has, *kids[2];
	struct expr_value value;
	const struct expr *where;
};

static void narrow(struct narrowed *n, const struct expr *where, const struct reader_values_wish *wish)
{
	bool text = wish->field->type == FIELD_TEXT && wish->part.n;

	n->where = wish->quick ? NULL : where;
	if (!text && !wish->quick)
		return;
	n->value = (struct expr_value){ .text = wish->part };
	n->has = (struct expr){ .op = EXPR_EXISTS, .field = wish->field };
	if (text)
		n->has = (struct expr){ .op = wish->prefix ? EXPR_STARTSWITH : EXPR_CONTAINS, .field = wish->field,
			.values = &n->value, .n_values = 1 };
	n->kids[0] = (struct expr *)n->where;
	n->kids[1] = &n->has;
	n->both = (struct expr){ .op = EXPR_AND, .kids = n->kids, .n_kids = 2 };
	n->where = n->where ? &n->both : &n->has;
}

static int prepare(struct counting *c)
{
	const struct reader_values_wish *w = c->wish;
	struct expr_value value = { .text = w->part };
	struct expr e = { .op = w->prefix ? EXPR_STARTSWITH : EXPR_CONTAINS, .field = w->field, .values = &value, .n_values = 1 };
	int r = w->part.n ? match_new(&e, &c->part) : 0;

	return r < 0 ? r : valueset_init(&c->set, c->r->db, w->field, c->part);
}

static int run(struct counting *c, const struct expr *where, struct reader_range range)
{
	struct narrowed narrowed = { 0 };
	const struct field *f = c->wish->field;
	struct plan *plan;
	int r;

	if (c->r->cancel && atomic_load(&c->r->cancel->requested))
		return -ECANCELED;
	if (is_of_images(f) && c->wish->quick)
		return resolve_images(c);
	c->all = range;
	r = reader_db_clamp(c->r, &c->all);
	if (r < 0)
		return r;
	narrow(&narrowed, where, c->wish);
	r = reader_db_plan(c->r, narrowed.where, &plan);
	if (r < 0)
		return r;
	if (is_of_images(f)) {
		r = count_images(c, plan, range);
		return r < 0 ? r : resolve_images(c);
	}
	if (plan_value_of(f).of_actions)
		return reader_db_tally(c->r, plan, c->wish->quick ? READER_ALL_TIME : range, 0, count_action, c);
	return c->wish->quick ? count_rows(c, plan, READER_ALL_TIME, QUICK_ROWS) : count_rows(c, plan, range, UINT64_MAX);
}

static void counting_free(struct counting *c)
{
	valueset_free(&c->set);
	match_free(c->part);
	map_free(&c->of_image);
	free(c->images);
}

int reader_db_values(struct reader *reader, struct cancel *cancel, const struct expr *where, struct reader_range range,
                     const struct reader_values_wish *wish, struct reader_values *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_values out = { .arena = ARENA_INIT };
	struct counting c = { .r = r, .wish = wish, .out = &out };
	int error;

	if (!wish->field || (unsigned)wish->order > READER_RARE_FIRST || wish->max > READER_MAX_VALUES ||
	    wish->part.n > READER_VALUE_BYTES)
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = prepare(&c);
	if (error == 0)
		error = run(&c, where, range);
	if (error == 0)
		error = answer(&c);
	counting_free(&c);
	if (error < 0)
		reader_values_free(&out);
	else
		*ret = out;
	return reader_db_end(r, error);
}
