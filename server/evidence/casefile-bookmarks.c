/* Moments of recordings that have a name. */
#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "recorder/store/sql.h"
#include "server/evidence/casefile-def.h"

static struct span trimmed(struct span s)
{
	while (s.n && *s.p == ' ')
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

int casefile_bookmark_name(struct span written, char **ret)
{
	AUTO_BUF fit = BUF_INIT;
	struct span name;
	char *copy;

	casefile_make_fit(&fit, trimmed(written), CASEFILE_MAX_BOOKMARK);
	if (fit.failed)
		return -ENOMEM;
	name = trimmed(buf_span(&fit));
	copy = strndup(name.n ? name.p : "", name.n);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

/* As casefile_bookmark_name makes it: other tools write what they like. */
static bool is_fit(struct span name)
{
	AUTO_FREE char *fit = NULL;

	return !name.n || (casefile_bookmark_name(name, &fit) == 0 && span_eq(span_of(fit), name));
}

/* ---- reading ---- */

void casefile_bookmarks_free(struct casefile_bookmarks *b)
{
	free(b->bookmarks);
	arena_free(&b->arena);
	b->bookmarks = NULL;
	b->n = 0;
}

static int add(sqlite3_stmt *s, struct casefile_bookmarks *to)
{
	struct casefile_bookmark *b = &to->bookmarks[to->n];

	if (to->n == CASEFILE_MAX_BOOKMARKS)
		return -EFBIG;
	*b = (struct casefile_bookmark){
		.time_ms = sqlite3_column_int64(s, 0), .process = sqlite3_column_int64(s, 1),
		.name = arena_copy(&to->arena, sql_column(s, 2)), .author = arena_copy(&to->arena, sql_column(s, 3)),
		.changed_ms = sqlite3_column_int64(s, 4),
	};
	to->n++;
	if (to->arena.failed)
		return -ENOMEM;
	return b->name.n && is_fit(b->name) && text_is_utf8(b->author) ? 0 : -EBADMSG;
}

int casefile_get_bookmarks(struct casefile *c, int64_t source, struct casefile_bookmarks *ret)
{
	struct casefile_bookmarks found = { .arena = ARENA_INIT };
	AUTO_STMT *s = NULL;
	int code, r = c->version < 2 ? 0 : sql_prepare(c->db, "SELECT time_ms, process, name, author, changed_ms "
	                                                      "FROM bookmark WHERE source = ? ORDER BY time_ms", &s);

	if (r < 0)
		return r;
	found.bookmarks = calloc(CASEFILE_MAX_BOOKMARKS, sizeof(*found.bookmarks));
	if (!found.bookmarks)
		return -ENOMEM;
	if (s)
		sqlite3_bind_int64(s, 1, source);
	code = SQLITE_DONE;
	while (s && r == 0 && (code = sqlite3_step(s)) == SQLITE_ROW)
		r = add(s, &found);
	if (r == 0)
		r = sql_error(code);
	if (r < 0)
		casefile_bookmarks_free(&found);
	else
		*ret = found;
	return r;
}

/* ---- changing ---- */

/* -ESTALE when its name is neither what was seen nor what it is to be. */
static int compare(struct casefile *c, int64_t source, const struct casefile_bookmark_change *change)
{
	AUTO_STMT *s = NULL;
	struct span now = SPAN_NONE;
	int code, r = sql_prepare(c->db, "SELECT name FROM bookmark WHERE source = ? AND time_ms = ?", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	sqlite3_bind_int64(s, 2, change->time_ms);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		now = sql_column(s, 0);
	if (sql_error(code) < 0)
		return sql_error(code);
	if (now.n ? span_eq(now, change->before) || span_eq(now, change->after) : !change->before.n || !change->after.n)
		return 0;
	return -ESTALE;
}

static int take_away(struct casefile *c, int64_t source, int64_t time_ms)
{
	AUTO_STMT *s = NULL;
	int r = sql_prepare(c->db, "DELETE FROM bookmark WHERE source = ? AND time_ms = ?", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	sqlite3_bind_int64(s, 2, time_ms);
	return sql_run(s);
}

static int put(struct casefile *c, int64_t source, const struct casefile_bookmark_change *change, struct span author)
{
	AUTO_STMT *s = NULL;
	int r = sql_prepare(c->db, "INSERT INTO bookmark(source, time_ms, process, name, author, changed_ms) "
	                           "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(source, time_ms) DO UPDATE SET "
	                           "name = excluded.name, author = excluded.author, changed_ms = excluded.changed_ms", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	sqlite3_bind_int64(s, 2, change->time_ms);
	sqlite3_bind_int64(s, 3, change->process);
	r = sql_bind_span(s, 4, change->after);
	if (r == 0)
		r = sql_bind_span(s, 5, author);
	sqlite3_bind_int64(s, 6, clock_now());
	return r < 0 ? r : sql_run(s);
}

int casefile_set_bookmark(struct casefile *c, int64_t source, const struct casefile_bookmark_change *change,
                          struct span author)
{
	AUTO_BUF by = BUF_INIT;
	int r;

	if (!is_fit(change->before) || !is_fit(change->after))
		return -EINVAL;
	if (c->version < 2)
		return -EACCES;
	casefile_make_fit(&by, author, CASEFILE_MAX_AUTHOR);
	r = by.failed ? -ENOMEM : casefile_begin(c);
	if (r < 0)
		return r;
	r = compare(c, source, change);
	if (r == 0)
		r = change->after.n ? put(c, source, change, buf_span(&by)) : take_away(c, source, change->time_ms);
	if (r == 0)
		r = casefile_check_number(c, "SELECT 1 FROM bookmark WHERE source = ? LIMIT 1 OFFSET ?", source,
		                          CASEFILE_MAX_BOOKMARKS);
	return casefile_end(c, r);
}
