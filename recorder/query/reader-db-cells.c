/* What some events hold in some fields, and which of some expressions each fulfils. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"
#include "recorder/query/valueset.h"

struct filling {
	struct reader_db *r;
	const struct reader_cells_wish *wish;
	struct reader_cells *out;
	int64_t *images; /* of the events; 0: none, or there is no such event */
	sqlite3_stmt *image_of;
};

/* Two values of one event stand beside each other: a rename's names. */
static int put_cell(struct filling *f, struct valueset *set, sqlite3_stmt *row, int at, struct span *ret)
{
	AUTO_BUF text = BUF_INIT;
	size_t which[2];
	int n = valueset_take(set, row, at, which), r = n < 0 ? n : 0;

	for (int i = 0; i < n && r == 0; i++) {
		buf_add_z(&text, i ? " → " : "");
		r = valueset_text(set, which[i], &text);
	}
	if (r < 0 || n == 0)
		return r;
	if (text.failed)
		return -ENOMEM;
	*ret = arena_copy(&f->out->arena, text_cut(buf_span(&text), READER_VALUE_BYTES));
	return ret->p ? 0 : -ENOMEM;
}

static int look_up(struct filling *f, struct valueset *set, sqlite3_stmt *s, int64_t key, int at, struct span *ret)
{
	int r;

	sqlite3_bind_int64(s, 1, key);
	r = statement_step(s);
	if (r == 1)
		r = put_cell(f, set, s, at, ret);
	sqlite3_reset(s);
	return r;
}

static int prepare(struct filling *f, const struct field *field, bool of_images, sqlite3_stmt **ret)
{
	AUTO_BUF sql = BUF_INIT;

	if (of_images) {
		plan_value_images(field, &sql);
		buf_add_z(&sql, " WHERE i.id = ?1");
	} else {
		buf_add_z(&sql, "SELECT ");
		plan_value_columns(field, &sql);
		buf_add_z(&sql, " FROM event e WHERE e.id = ?1");
	}
	return sql.failed ? -ENOMEM : statement_prepare(f->r->db, sql.p, ret);
}

static int fill_field(struct filling *f, size_t column)
{
	const struct field *field = f->wish->fields[column];
	bool of_images = field->level == FIELD_OF_IMAGE || field->level == FIELD_OF_PARENT;
	AUTO_STATEMENT *s = NULL;
	struct valueset set;
	int r = valueset_init(&set, f->r->db, field, NULL);

	if (r == 0)
		r = prepare(f, field, of_images, &s);
	for (size_t i = 0; i < f->wish->n_ids && r == 0; i++) {
		struct span *cell = &f->out->texts[i * f->wish->n_fields + column];

		if (i > 0 && of_images && f->images[i] == f->images[i - 1])
			*cell = cell[-(ptrdiff_t)f->wish->n_fields];
		else if (of_images)
			r = f->images[i] ? look_up(f, &set, s, f->images[i], 1, cell) : 0;
		else
			r = look_up(f, &set, s, f->wish->ids[i], 0, cell);
	}
	valueset_free(&set);
	return r;
}

static int find_images(struct filling *f)
{
	int r = statement_prepare(f->r->db, "SELECT image FROM event WHERE id = ?", &f->image_of);

	for (size_t i = 0; i < f->wish->n_ids && r == 0; i++) {
		sqlite3_bind_int64(f->image_of, 1, f->wish->ids[i]);
		r = statement_step(f->image_of);
		if (r == 1)
			f->images[i] = sqlite3_column_int64(f->image_of, 0);
		r = r < 0 ? r : 0;
		sqlite3_reset(f->image_of);
	}
	return r;
}

static int ask_rule(struct filling *f, size_t rule)
{
	AUTO_EXPR *e = NULL;
	AUTO_STATEMENT *s = NULL;
	struct expr_error fault;
	struct plan *plan;
	int r = expr_parse(f->wish->rules[rule], &e, &fault);

	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	r = reader_db_plan(f->r, e, &plan);
	if (r == 0)
		r = plan_prepare(plan, "1", "event", "e.id = ?1", "", &s);
	for (size_t i = 0; i < f->wish->n_ids && r == 0; i++) {
		sqlite3_bind_int64(s, 1, f->wish->ids[i]);
		r = statement_step(s);
		if (r == 1)
			f->out->fulfilled[i] |= UINT32_C(1) << rule;
		r = r < 0 ? r : 0;
		sqlite3_reset(s);
	}
	return r;
}

static int fill(struct filling *f)
{
	const struct reader_cells_wish *w = f->wish;
	int r;

	f->out->n_ids = w->n_ids;
	f->out->n_fields = w->n_fields;
	f->out->texts = reader_db_array(&f->out->arena, w->n_ids * w->n_fields + 1, sizeof(*f->out->texts));
	f->out->fulfilled = reader_db_array(&f->out->arena, w->n_ids + 1, sizeof(*f->out->fulfilled));
	f->images = calloc(w->n_ids + 1, sizeof(*f->images));
	if (!f->out->texts || !f->out->fulfilled || !f->images)
		return -ENOMEM;
	r = find_images(f);
	for (size_t i = 0; i < w->n_fields && r == 0; i++)
		r = fill_field(f, i);
	for (size_t i = 0; i < w->n_rules && r == 0; i++)
		r = ask_rule(f, i);
	return r;
}

int reader_db_cells(struct reader *reader, struct cancel *cancel, const struct reader_cells_wish *wish,
                    struct reader_cells *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_cells out = { .arena = ARENA_INIT };
	struct filling f = { .r = r, .wish = wish, .out = &out };
	int error;

	if (!reader_cells_wish_is_sound(wish))
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = fill(&f);
	sqlite3_finalize(f.image_of);
	free(f.images);
	if (error < 0)
		reader_cells_free(&out);
	else
		*ret = out;
	return reader_db_end(r, error);
}
