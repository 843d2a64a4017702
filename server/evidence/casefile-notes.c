/* Recordings, and what is said of their rows. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "recorder/store/sql.h"
#include "server/evidence/casefile-def.h"

enum { MAX_NAME = 1000, MAX_IDENTITY = 200 };

/* ---- recordings ---- */

void casefile_make_fit(struct buf *out, struct span s, size_t n)
{
	text_visible(out, s);
	if (out->failed || out->n <= n)
		return;
	out->n = text_cut(buf_span(out), n).n;
	out->p[out->n] = '\0';
}

struct span casefile_identity(uint64_t recording, char ret[CASEFILE_IDENTITY])
{
	snprintf(ret, CASEFILE_IDENTITY, "recording:%016" PRIx64, recording);
	return span_of(ret);
}

int casefile_find_source(struct casefile *c, struct span identity, int64_t *ret)
{
	AUTO_STMT *s = NULL;
	int code, r = sql_prepare(c->db, "SELECT id FROM source WHERE identity = ?", &s);

	if (r == 0)
		r = sql_bind_span(s, 1, identity);
	if (r < 0)
		return r;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		*ret = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	return sql_error(code);
}

static int insert_source(struct casefile *c, const struct casefile_source *from)
{
	AUTO_BUF host = BUF_INIT, name = BUF_INIT;
	AUTO_STMT *s = NULL;
	int r = sql_prepare(c->db, "INSERT INTO source(identity, host, name, first_ms, last_ms, events, added_ms) "
	                           "VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", &s);

	if (r < 0)
		return r;
	casefile_make_fit(&host, from->host, MAX_NAME);
	casefile_make_fit(&name, from->name, MAX_NAME);
	if (host.failed || name.failed)
		return -ENOMEM;
	r = sql_bind_span(s, 1, from->identity);
	if (r == 0)
		r = sql_bind_span(s, 2, buf_span(&host));
	if (r == 0)
		r = sql_bind_span(s, 3, buf_span(&name));
	sqlite3_bind_int64(s, 4, from->first_ms);
	sqlite3_bind_int64(s, 5, from->last_ms);
	sqlite3_bind_int64(s, 6, from->events);
	sqlite3_bind_int64(s, 7, clock_now());
	return r < 0 ? r : sql_run(s);
}

int casefile_add_source(struct casefile *c, const struct casefile_source *s, int64_t *ret)
{
	int64_t id = 0;
	int r;

	if (!s->identity.n || s->identity.n > MAX_IDENTITY || !text_is_utf8(s->identity))
		return -EINVAL;
	r = casefile_find_source(c, s->identity, &id);
	if (r == 0 && !id)
		r = insert_source(c, s);
	if (r == 0 && !id)
		r = casefile_find_source(c, s->identity, &id);
	if (r == 0)
		*ret = id;
	return r;
}

int casefile_set_sha256(struct casefile *c, int64_t source, struct span sha256)
{
	AUTO_STMT *s = NULL;
	int r;

	if (sha256.n != 64 || !text_is_utf8(sha256))
		return -EINVAL;
	r = sql_prepare(c->db, "UPDATE source SET sha256 = ?2 WHERE id = ?1 AND sha256 IS NULL", &s);
	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	r = sql_bind_span(s, 2, sha256);
	return r < 0 ? r : sql_run(s);
}

int casefile_get_sha256(struct casefile *c, int64_t source, char **ret)
{
	AUTO_STMT *s = NULL;
	int code, r = sql_prepare(c->db, "SELECT sha256 FROM source WHERE id = ?", &s);
	struct span value = SPAN_NONE;
	char *copy = NULL;

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		value = sql_column(s, 0);
	if (value.p && !(copy = strndup(value.p, value.n)))
		return -ENOMEM;
	if (sql_error(code) < 0)
		return sql_error(code);
	*ret = copy;
	return 0;
}

/* ---- notes ---- */

void casefile_notes_free(struct casefile_notes *n)
{
	free(n->notes);
	arena_free(&n->arena);
	n->notes = NULL;
	n->n = 0;
}

static bool texts_equal(struct span a, struct span b)
{
	return span_eq(a, b) || (!a.n && !b.n);
}

/* As casefile_apply writes it: other tools write what they like. */
static bool is_fit(const struct casefile_state *s)
{
	AUTO_FREE char *tags = NULL;

	return s->comment.n <= CASEFILE_MAX_COMMENT && text_is_utf8(s->comment) && !memchr(s->comment.p ? s->comment.p : "", 0,
	       s->comment.n) && casefile_tags(s->tags, &tags) == 0 && texts_equal(span_of(tags), s->tags);
}

static int add_note(sqlite3_stmt *s, struct casefile_notes *to, size_t *room)
{
	struct casefile_note *n;

	if (to->n == CASEFILE_MAX_NOTES)
		return -EFBIG;
	if (to->n == *room) {
		size_t more = *room ? *room * 2 : 64;
		void *p = realloc(to->notes, more * sizeof(*to->notes));

		if (!p)
			return -ENOMEM;
		to->notes = p;
		*room = more;
	}
	n = &to->notes[to->n++];
	*n = (struct casefile_note){
		.event = sqlite3_column_int64(s, 0), .process = sqlite3_column_int64(s, 1),
		.time_ms = sqlite3_column_int64(s, 2), .state.marked = sqlite3_column_int(s, 3),
		.state.tags = arena_copy(&to->arena, sql_column(s, 4)),
		.state.comment = arena_copy(&to->arena, sql_column(s, 5)),
		.author = arena_copy(&to->arena, sql_column(s, 6)), .changed_ms = sqlite3_column_int64(s, 7),
	};
	if (to->arena.failed)
		return -ENOMEM;
	return is_fit(&n->state) && text_is_utf8(n->author) ? 0 : -EBADMSG;
}

int casefile_get_notes(struct casefile *c, int64_t source, struct casefile_notes *ret)
{
	struct casefile_notes found = { .arena = ARENA_INIT };
	size_t room = 0;
	AUTO_STMT *s = NULL;
	int code, r = sql_prepare(c->db, "SELECT event, process, time_ms, marked, tags, comment, author, changed_ms "
	                                 "FROM note WHERE source = ? ORDER BY event", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, source);
	while (r == 0 && (code = sqlite3_step(s)) == SQLITE_ROW)
		r = add_note(s, &found, &room);
	if (r == 0)
		r = sql_error(code);
	if (r < 0)
		casefile_notes_free(&found);
	else
		*ret = found;
	return r;
}

/* ---- changes ---- */

struct change_statements {
	sqlite3_stmt *find, *put, *drop;
};

/* What is there, with the difference made. `tags` holds the new ones. */
static int join(const struct casefile_change *change, struct casefile_state *now, struct buf *comment, char **tags)
{
	const struct casefile_state *before = &change->before, *after = &change->after;
	AUTO_FREE char *come = NULL, *gone = NULL;
	int r;

	if (before->marked != after->marked)
		now->marked = after->marked;
	if (!texts_equal(before->comment, after->comment)) {
		if (!texts_equal(before->comment, now->comment) && !texts_equal(after->comment, now->comment))
			return -ESTALE;
		now->comment = after->comment;
	}
	buf_add_span(comment, now->comment);
	r = casefile_merge_tags(after->tags, SPAN_NONE, before->tags, &come);
	if (r == 0)
		r = casefile_merge_tags(before->tags, SPAN_NONE, after->tags, &gone);
	if (r == 0)
		r = casefile_merge_tags(now->tags, span_of(come), span_of(gone), tags);
	return comment->failed ? -ENOMEM : r;
}

static int put(struct change_statements *st, int64_t source, const struct casefile_change *change,
               const struct casefile_state *now, struct span author)
{
	bool empty = !now->marked && !now->tags.n && !now->comment.n;
	sqlite3_stmt *s = empty ? st->drop : st->put;
	int r = 0;

	sqlite3_bind_int64(s, 1, source);
	sqlite3_bind_int64(s, 2, change->event);
	if (empty)
		return sql_run(s);
	sqlite3_bind_int64(s, 3, change->process);
	sqlite3_bind_int64(s, 4, change->time_ms);
	sqlite3_bind_int(s, 5, now->marked);
	r = sql_bind_span(s, 6, now->tags.p ? now->tags : SPAN(""));
	if (r == 0)
		r = sql_bind_span(s, 7, now->comment.p ? now->comment : SPAN(""));
	if (r == 0)
		r = sql_bind_span(s, 8, author);
	sqlite3_bind_int64(s, 9, clock_now());
	return r < 0 ? r : sql_run(s);
}

static int apply_one(struct change_statements *st, int64_t source, const struct casefile_change *change, struct span author)
{
	struct casefile_state now = { 0 };
	AUTO_FREE char *tags = NULL;
	AUTO_BUF comment = BUF_INIT;
	int code, r;

	sqlite3_bind_int64(st->find, 1, source);
	sqlite3_bind_int64(st->find, 2, change->event);
	code = sqlite3_step(st->find);
	if (code == SQLITE_ROW)
		now = (struct casefile_state){ sqlite3_column_int(st->find, 0), sql_column(st->find, 1),
		                               sql_column(st->find, 2) };
	r = sql_error(code);
	if (r == 0)
		r = join(change, &now, &comment, &tags);
	sqlite3_reset(st->find);
	if (r < 0)
		return r;
	now.tags = span_of(tags);
	now.comment = buf_span(&comment);
	return put(st, source, change, &now, author);
}

static int prepare(struct casefile *c, struct change_statements *st)
{
	int r = sql_prepare(c->db, "SELECT marked, tags, comment FROM note WHERE source = ? AND event = ?", &st->find);

	if (r == 0)
		r = sql_prepare(c->db, "INSERT INTO note(source, event, process, time_ms, marked, tags, comment, author, "
		                       "changed_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(source, event) DO UPDATE SET "
		                       "marked = excluded.marked, tags = excluded.tags, comment = excluded.comment, "
		                       "author = excluded.author, changed_ms = excluded.changed_ms", &st->put);
	if (r == 0)
		r = sql_prepare(c->db, "DELETE FROM note WHERE source = ? AND event = ?", &st->drop);
	return r;
}

int casefile_apply(struct casefile *c, int64_t source, const struct casefile_change *changes, size_t n, struct span author,
                   size_t *ret_at)
{
	struct change_statements st = { 0 };
	AUTO_BUF name = BUF_INIT;
	size_t i = 0;
	int r = n > CASEFILE_MAX_CHANGES ? -E2BIG : 0;

	casefile_make_fit(&name, author, CASEFILE_MAX_AUTHOR);
	if (r == 0 && name.failed)
		r = -ENOMEM;
	for (size_t k = 0; k < n && r == 0; k++)
		r = is_fit(&changes[k].before) && is_fit(&changes[k].after) ? 0 : -EINVAL;
	if (r == 0)
		r = casefile_begin(c);
	if (r < 0)
		return r;
	r = prepare(c, &st);
	for (; i < n && r == 0; i++)
		r = apply_one(&st, source, &changes[i], buf_span(&name));
	if (r == -ESTALE)
		*ret_at = i - 1;
	if (r == 0)
		r = casefile_check_number(c, "SELECT 1 FROM note WHERE source = ? LIMIT 1 OFFSET ?", source,
		                          CASEFILE_MAX_NOTES);
	sqlite3_finalize(st.find);
	sqlite3_finalize(st.put);
	sqlite3_finalize(st.drop);
	return casefile_end(c, r);
}
