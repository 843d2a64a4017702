/* What a logon caused: every process of its session, whoever it has become since, and all that these started. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/cleanup.h"
#include "agent/base/translate.h"
#include "recorder/query/functions.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { MAX_UP = 64, MAX_PROCESSES = 200000, LOGON_BEFORE_MS = 60000, LOGON_AFTER_MS = 10000 };

struct telling {
	struct reader_db *r;
	struct reader_story *out;
	int64_t boot, first;   /* first: the process that all began with */
	int64_t *found;        /* processes; grows while it is walked */
	size_t n;
	struct map seen;
};

/* ---- the session ---- */

static int one_number(sqlite3 *db, const char *sql, int64_t a, int64_t b, int64_t *ret)
{
	AUTO_STATEMENT *s = NULL;
	int r = statement_prepare(db, sql, &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, a);
	if (sqlite3_bind_parameter_count(s) > 1)
		sqlite3_bind_int64(s, 2, b);
	r = statement_step(s);
	*ret = r == 1 && sqlite3_column_type(s, 0) != SQLITE_NULL ? sqlite3_column_int64(s, 0) : -1;
	return r < 0 ? r : 0;
}

static const char session_of[] = "SELECT max(k.session) FROM image i JOIN credential k ON k.id = i.credential "
                                 "WHERE i.id IN (" READER_DB_IMAGES_OF("?1") ") AND k.session >= 0";
/* What made a logon (sshd, login) has no session itself, but what it started has. */
static const char session_below[] =
	"SELECT max(k.session) FROM process p JOIN image i ON i.process = p.id JOIN credential k ON k.id = i.credential "
	"WHERE p.parent_image IN (" READER_DB_IMAGES_OF("?1") ") AND k.session >= 0";
static const char parent_of[] = "SELECT i.process FROM process p JOIN image i ON i.id = p.parent_image WHERE p.id = ?";

/* Its own, else that of what it started, else the nearest ancestor's. */
static int find_session(struct telling *t, int64_t process)
{
	sqlite3 *db = t->r->db;
	int r = one_number(db, "SELECT boot FROM process WHERE id = ?", process, 0, &t->boot);

	if (r < 0 || t->boot < 0)
		return r < 0 ? r : -ENOENT;
	r = one_number(db, session_of, process, 0, &t->out->session);
	if (r == 0 && t->out->session < 0)
		r = one_number(db, session_below, process, 0, &t->out->session);
	for (int up = 0; up < MAX_UP && r == 0 && t->out->session < 0 && process > 0; up++) {
		r = one_number(db, parent_of, process, 0, &process);
		if (r == 0 && process > 0)
			r = one_number(db, session_of, process, 0, &t->out->session);
	}
	return r < 0 ? r : t->out->session < 0 ? -ENOENT : 0;
}

/* ---- its processes ---- */

static int add(struct telling *t, int64_t process)
{
	if (process <= 0 || map_get(&t->seen, (uint64_t)process))
		return 0;
	if (t->n >= MAX_PROCESSES) {
		t->out->left_out++;
		return 0;
	}
	if ((t->n & (t->n - 1)) == 0) {
		int64_t *grown = reallocarray(t->found, t->n ? t->n * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		t->found = grown;
	}
	t->found[t->n++] = process;
	return map_put(&t->seen, (uint64_t)process, 1);
}

static int add_all(struct telling *t, sqlite3_stmt *s)
{
	int r;

	while ((r = statement_step(s)) == 1) {
		r = add(t, sqlite3_column_int64(s, 0));
		if (r < 0)
			break;
	}
	sqlite3_reset(s);
	return r;
}

static int add_session(struct telling *t)
{
	AUTO_STATEMENT *s = NULL;
	int r = statement_prepare(t->r->db, "SELECT i.process FROM image i JOIN process p ON p.id = i.process "
	                          "WHERE i.credential IN (SELECT id FROM credential WHERE session = ?1) AND p.boot = ?2 "
	                          "ORDER BY i.id", &s);

	if (r < 0)
		return r;
	sqlite3_bind_int64(s, 1, t->out->session);
	sqlite3_bind_int64(s, 2, t->boot);
	return add_all(t, s);
}

/* Also those that have left the session. */
static int add_descendants(struct telling *t)
{
	AUTO_STATEMENT *s = NULL;
	int r = statement_prepare(t->r->db, "SELECT id FROM process WHERE parent_image IN "
	                          "(" READER_DB_IMAGES_OF("?1") ")", &s);

	for (size_t i = 0; i < t->n && r == 0; i++) {
		sqlite3_bind_int64(s, 1, t->found[i]);
		r = add_all(t, s);
	}
	return r;
}

/* ---- the logon ---- */

static int take_logon(struct telling *t, sqlite3_stmt *row, struct dictionary *d)
{
	static const struct { enum detail_field field; size_t offset; } details[] = {
		{ DETAIL_TERMINAL, offsetof(struct reader_story, terminal) },
		{ DETAIL_LOGON_TYPE, offsetof(struct reader_story, type) },
		{ DETAIL_SOURCE_HOST, offsetof(struct reader_story, source) },
	};
	AUTO_STATEMENT *s = NULL;
	int r = dictionary_column(d, row, 1, &t->out->user);

	if (r == 0)
		r = dictionary_column(d, row, 2, &t->out->source);
	if (r == 0)
		r = statement_prepare(t->r->db, "SELECT value FROM detail WHERE event = ? AND field = ?", &s);
	for (size_t i = 0; i < ARRAY_LEN(details) && r == 0; i++) {
		struct span *to = (struct span *)((char *)t->out + details[i].offset);

		if (to->n)
			continue;
		sqlite3_bind_int64(s, 1, sqlite3_column_int64(row, 0));
		sqlite3_bind_int64(s, 2, details[i].field);
		r = statement_step(s);
		if (r == 1)
			r = dictionary_column(d, s, 0, to);
		sqlite3_reset(s);
	}
	t->out->logon_ms = sqlite3_column_int64(row, 0) >> 14;
	return r;
}

/* The last successful logon that `process` made around the time at which the session's first process started. */
static int find_logon_of(struct telling *t, int64_t process, int64_t start_ms, struct dictionary *d)
{
	AUTO_PLAN *plan = NULL;
	struct idset *images;
	struct cursor c;
	int r = reader_db_images(t->r, process, false, &images);

	/* A hostile file's times may be anything. */
	start_ms = start_ms < 0 ? 0 : start_ms > CLOCK_MAX ? CLOCK_MAX : start_ms;
	if (r == 0)
		r = plan_new_images(t->r->db, images, &plan);
	if (r == 0)
		r = cursor_open(&c, plan, "e.id, e.object, e.object2, e.action, coalesce(e.result, 0)",
		                cursor_ids(start_ms - LOGON_BEFORE_MS, start_ms + LOGON_AFTER_MS), true);
	if (r < 0)
		return r;
	while ((r = cursor_next(&c)) == 1) {
		if (sqlite3_column_int(c.row, 3) != ACTION_SECURITY_LOGIN || sqlite3_column_int(c.row, 4) != 0)
			continue;
		r = take_logon(t, c.row, d);
		t->first = process;
		break;
	}
	cursor_close(&c);
	return r < 0 ? r : 0;
}

/* The first process of the session, then those above it, up to the one that made the logon. */
static int find_logon(struct telling *t)
{
	AUTO_DICTIONARY d;
	int64_t at = t->first, start;
	int r = dictionary_open(&d, t->r->db, &t->out->tree.arena);

	if (r == 0)
		r = one_number(t->r->db, "SELECT start_ms FROM process WHERE id = ?", at, 0, &start);
	for (int up = 0; up < 4 && r == 0 && at > 0 && !t->out->logon_ms; up++) {
		r = find_logon_of(t, at, start, &d);
		if (r == 0)
			r = one_number(t->r->db, parent_of, at, 0, &at);
	}
	return r;
}

/* ---- answering ---- */

static int fill_nodes(struct telling *t, size_t max)
{
	struct reader_tree *tree = &t->out->tree;
	struct reader_db_nodes nodes;
	int r = reader_db_nodes_open(&nodes, t->r, &tree->arena);

	if (r < 0)
		return r;
	tree->nodes = reader_db_array(&tree->arena, t->n + 1, sizeof(*tree->nodes));
	r = tree->nodes ? 0 : -ENOMEM;
	for (size_t i = 0; i < t->n && r == 0; i++) {
		if (tree->n >= max) {
			t->out->left_out += t->n - i;
			break;
		}
		r = reader_db_nodes_get(&nodes, t->found[i], &tree->nodes[tree->n]);
		tree->n += r == 0;
		r = r == -ENOENT ? 0 : r;
	}
	reader_db_nodes_close(&nodes);
	return r;
}

/* The first one stays where it is, the others by start. */
static int answer(struct telling *t, size_t max)
{
	struct reader_tree *tree = &t->out->tree;
	int r;

	for (size_t i = 0; i < t->n; i++) {
		if (t->found[i] == t->first) {
			t->found[i] = t->found[0];
			t->found[0] = t->first;
		}
	}
	r = fill_nodes(t, max);
	if (r < 0)
		return r;
	if (tree->n == 0 || tree->nodes[0].process != t->first)
		return -ENOENT;
	qsort(tree->nodes + 1, tree->n - 1, sizeof(*tree->nodes), reader_db_nodes_by_start);
	return 0;
}

static int tell(struct telling *t, int64_t process, size_t max)
{
	int r = find_session(t, process);

	if (r == 0)
		r = add_session(t);
	if (r == 0 && t->n == 0)
		r = -ENOENT;
	if (r < 0)
		return r;
	t->first = t->found[0];
	r = find_logon(t);
	if (r == 0)
		r = add(t, t->first);
	if (r == 0)
		r = one_number(t->r->db, "SELECT max(k.auid) FROM image i JOIN credential k ON k.id = i.credential "
		               "WHERE i.id IN (" READER_DB_IMAGES_OF("?1") ") AND k.session = ?2",
		               t->found[0], t->out->session, &t->out->auid);
	if (r == 0)
		r = add_descendants(t);
	return r < 0 ? r : answer(t, max);
}

int reader_db_story(struct reader *reader, struct cancel *cancel, int64_t process, size_t max, struct reader_story *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_story out = { .session = -1, .auid = -1 };
	struct telling t = { .r = r, .out = &out };
	int error;

	if (max == 0)
		return -EINVAL;
	reader_db_begin(r, cancel);
	error = tell(&t, process, max);
	free(t.found);
	map_free(&t.seen);
	if (error < 0)
		reader_story_free(&out);
	else
		*ret = out;
	error = reader_db_end(r, error);
	if (error == -ENOENT)
		snprintf(r->reader.error, sizeof(r->reader.error), "%s",
		         N_("this process comes from no logon that was recorded"));
	return error;
}
