/* Large things, and who did what. */
#include "server/depot-private.h"

#include <errno.h>

int depot_object_put(struct depot *d, const struct depot_object *o, int64_t *ret_id)
{
	int r;

	if (o->id)
		r = depot_run(d, "UPDATE object SET sha256 = ?, size = ?, name = ?, about = ? WHERE id = ?", "titti",
		              o->sha256, o->size, o->name, o->about, o->id);
	else
		r = depot_run(d, "INSERT INTO object(kind, sha256, size, name, host, endpoint, computers, user, created_ms, "
		                 "about) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ititt" "zziit", (int64_t)o->kind, o->sha256,
		              o->size, o->name, o->host, o->endpoint, o->computers, o->user, o->created_ms, o->about);
	return depot_changed(d, r, o->id, ret_id);
}

struct objects {
	depot_object_fn *fn;
	void *data;
};

static int give_object(sqlite3_stmt *s, void *data)
{
	struct objects *to = data;
	struct depot_object o = {
		.id = sqlite3_column_int64(s, 0), .kind = sqlite3_column_int(s, 1), .sha256 = depot_text(s, 2),
		.size = sqlite3_column_int64(s, 3), .name = depot_text(s, 4), .host = depot_text(s, 5),
		.endpoint = sqlite3_column_int64(s, 6), .computers = sqlite3_column_int64(s, 7),
		.user = sqlite3_column_int64(s, 8), .created_ms = sqlite3_column_int64(s, 9), .about = depot_text(s, 10),
	};

	return to->fn(&o, to->data);
}

int depot_object_each(struct depot *d, enum depot_object_kind kind, const char *host, depot_object_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct objects to = { fn, data };
	int r = depot_prepare(d, &s, "SELECT id, kind, sha256, size, name, host, endpoint, computers, user, created_ms, about "
	                             "FROM object WHERE kind = ?1 AND (?2 IS NULL OR host = ?2) "
	                             "ORDER BY host, created_ms DESC, id DESC", "it", (int64_t)kind, host);

	return r < 0 ? r : depot_rows(s, give_object, &to);
}

static int delete(struct depot *d, int64_t id, bool *ret_last)
{
	AUTO_STMT *s = NULL;
	int r = depot_prepare(d, &s, "SELECT count(*) FROM object o JOIN object same ON same.sha256 = o.sha256 WHERE o.id = ?",
	                      "i", id);
	int64_t same;

	if (r < 0)
		return r;
	if (sqlite3_step(s) != SQLITE_ROW)
		return -EIO;
	same = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	if (same == 0)
		return -ENOENT;
	*ret_last = same == 1;
	return depot_run(d, "DELETE FROM object WHERE id = ?", "i", id);
}

int depot_object_delete(struct depot *d, int64_t id, bool *ret_last)
{
	bool last = false;
	int r = sql_exec(d->db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = delete(d, id, &last);
	if (r == 0)
		r = sql_exec(d->db, "COMMIT");
	if (r < 0)
		sql_exec(d->db, "ROLLBACK");
	else
		*ret_last = last;
	return r;
}

/* ---- activity ---- */

int depot_activity_add(struct depot *d, const struct depot_activity *a)
{
	return depot_run(d, "INSERT INTO activity(time_ms, user, address, request, about, outcome) VALUES(?, ?, ?, ?, ?, ?)",
	                 "iitttt", a->time_ms, a->user, a->address, a->request, a->about, a->outcome);
}

struct activities {
	depot_activity_fn *fn;
	void *data;
};

static int give_activity(sqlite3_stmt *s, void *data)
{
	struct activities *to = data;
	struct depot_activity a = {
		.id = sqlite3_column_int64(s, 0), .time_ms = sqlite3_column_int64(s, 1), .user = sqlite3_column_int64(s, 2),
		.address = depot_text(s, 3), .request = depot_text(s, 4), .about = depot_text(s, 5), .outcome = depot_text(s, 6),
	};

	return to->fn(&a, to->data);
}

int depot_activity_each(struct depot *d, int64_t n, depot_activity_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct activities to = { fn, data };
	int r = depot_prepare(d, &s, "SELECT id, time_ms, user, address, request, about, outcome FROM activity "
	                             "ORDER BY id DESC LIMIT ?", "i", n);

	return r < 0 ? r : depot_rows(s, give_activity, &to);
}
