#include <errno.h>

#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { PAGE_MAX = 5000, PAGE_BYTES = 64 << 20 };

/* What rows share with others of the same image. */
struct who {
	int64_t process, pid, uid, euid, auid, session;
	struct span executable, command_line, user, comm;
};

struct filler {
	struct dictionary texts;
	sqlite3_stmt *image;
	struct map known; /* image → struct who * in the page's arena */
	struct arena *arena;
};

static void filler_close(struct filler *f)
{
	dictionary_close(&f->texts);
	sqlite3_finalize(f->image);
	map_free(&f->known);
}

static int filler_open(struct filler *f, sqlite3 *db, struct arena *arena)
{
	int r;

	*f = (struct filler){ .arena = arena };
	r = dictionary_open(&f->texts, db, arena);
	if (r == 0)
		r = statement_prepare(db, "SELECT i.process, p.pid, coalesce(k.uid, -1), coalesce(k.euid, -1), "
		                      "coalesce(k.auid, -1), coalesce(k.session, -1), i.executable, i.command_line, k.user, i.comm "
		                      "FROM image i LEFT JOIN process p ON p.id = i.process "
		                      "LEFT JOIN credential k ON k.id = i.credential WHERE i.id = ?", &f->image);
	if (r < 0)
		filler_close(f);
	return r;
}

static int load_who(struct filler *f, int64_t image, struct who *w)
{
	int r;

	*w = (struct who){ .uid = -1, .euid = -1, .auid = -1, .session = -1 };
	sqlite3_bind_int64(f->image, 1, image);
	r = statement_step(f->image);
	if (r == 1) {
		w->process = sqlite3_column_int64(f->image, 0);
		w->pid = sqlite3_column_int64(f->image, 1);
		w->uid = sqlite3_column_int64(f->image, 2);
		w->euid = sqlite3_column_int64(f->image, 3);
		w->auid = sqlite3_column_int64(f->image, 4);
		w->session = sqlite3_column_int64(f->image, 5);
		r = dictionary_column(&f->texts, f->image, 6, &w->executable);
		if (r == 0)
			r = dictionary_column(&f->texts, f->image, 7, &w->command_line);
		if (r == 0)
			r = dictionary_column(&f->texts, f->image, 8, &w->user);
		if (r == 0)
			r = dictionary_column(&f->texts, f->image, 9, &w->comm);
	}
	sqlite3_reset(f->image);
	return r;
}

static int get_who(struct filler *f, int64_t image, const struct who **ret)
{
	uint64_t *known = map_get(&f->known, (uint64_t)image);
	struct who *w;
	int r;

	if (known) {
		*ret = (const struct who *)(uintptr_t)*known;
		return 0;
	}
	w = arena_alloc(f->arena, sizeof(*w));
	if (!w)
		return -ENOMEM;
	r = load_who(f, image, w);
	if (r < 0)
		return r;
	*ret = w;
	return map_put(&f->known, (uint64_t)image, (uintptr_t)w);
}

static const char columns[] = "e.id, e.action, e.image, e.object, e.object2, e.result, e.port, e.port2, e.flags, "
                              PLAN_SERIAL ", coalesce(e.count, 1), e.span_ms";

static int fill_row(struct filler *f, sqlite3_stmt *s, struct reader_row *row)
{
	const struct who *w;
	int r;

	row->id = sqlite3_column_int64(s, 0);
	row->time_ms = row->id >> 14;
	row->action = sqlite3_column_int(s, 1);
	row->category = (int)reader_db_category(row->action);
	row->image = sqlite3_column_int64(s, 2);
	row->result = sqlite3_column_int(s, 5);
	row->port = sqlite3_column_int(s, 6);
	row->port2 = sqlite3_column_int(s, 7);
	row->flags = sqlite3_column_int(s, 8);
	row->serial = (uint64_t)sqlite3_column_int64(s, 9);
	row->count = (uint64_t)sqlite3_column_int64(s, 10);
	row->span_ms = sqlite3_column_int64(s, 11);
	r = get_who(f, row->image, &w);
	if (r == 0)
		r = dictionary_column(&f->texts, s, 3, &row->object);
	if (r == 0)
		r = dictionary_column(&f->texts, s, 4, &row->object2);
	if (r < 0)
		return r;
	if (!row->object.p && (row->action == ACTION_PROCESS_CREATE || row->action == ACTION_PROCESS_SEEN))
		row->object = w->executable;
	row->process = w->process;
	row->pid = w->pid;
	row->uid = w->uid;
	row->euid = w->euid;
	row->auid = w->auid;
	row->session = w->session;
	row->executable = w->executable;
	row->command_line = w->command_line;
	row->user = w->user;
	row->comm = w->comm;
	return 0;
}

static int skip_rows(struct cursor *c, uint64_t n)
{
	int r = 1;

	while (n-- && r == 1)
		r = cursor_next(c);
	return r;
}

static int fill_page(struct reader_db *r, struct cursor *c, uint64_t skip, size_t n, struct reader_page *page)
{
	struct filler f;
	int error = filler_open(&f, r->db, &page->arena);

	if (error < 0)
		return error;
	page->rows = reader_db_array(&page->arena, n, sizeof(*page->rows));
	error = page->rows ? skip_rows(c, skip) : -ENOMEM;
	while (error == 1 && (error = cursor_next(c)) == 1) {
		if (page->n == n || (page->n && page->arena.total > PAGE_BYTES)) {
			page->more = true;
			break;
		}
		error = fill_row(&f, c->row, &page->rows[page->n]);
		if (error == 0) {
			page->n++;
			error = 1;
		}
	}
	filler_close(&f);
	return error < 0 ? error : 0;
}

static struct range starting_at(struct range ids, struct reader_place at)
{
	if (at.id == 0)
		return ids;
	if (at.order == READER_OLDEST_FIRST)
		ids.from = at.id > ids.from ? at.id : ids.from;
	else if (at.id < INT64_MAX)
		ids.to = at.id + 1 < ids.to ? at.id + 1 : ids.to;
	return ids;
}

int reader_db_page(struct reader *reader, struct cancel *cancel, const struct expr *where, struct reader_range range,
                   struct reader_place at, size_t n, struct reader_page *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_page page = { .arena = ARENA_INIT };
	struct plan *plan;
	struct cursor c;
	int error;

	if (n == 0 || n > PAGE_MAX || (at.order != READER_OLDEST_FIRST && at.order != READER_NEWEST_FIRST))
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = reader_db_plan(r, where, &plan);
	if (error == 0)
		error = cursor_open(&c, plan, columns, starting_at(cursor_ids(range.from_ms, range.to_ms), at),
		                    at.order == READER_NEWEST_FIRST);
	if (error == 0) {
		error = fill_page(r, &c, at.skip, n, &page);
		cursor_close(&c);
	}
	if (error < 0)
		reader_page_free(&page);
	else
		*ret = page;
	return reader_db_end(r, error);
}
