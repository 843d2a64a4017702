/* Endpoints, and the tokens that they enrol and users log in with. */
#include "server/depot-private.h"

#include <errno.h>
#include <string.h>

#include "agent/base/cleanup.h"

static const char change[] = "UPDATE endpoint SET name = coalesce(?, name), computers = coalesce(?, computers), "
	"contact_ms = coalesce(?, contact_ms), address = coalesce(?, address), agent = coalesce(?, agent), "
	"revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?";

int depot_endpoint_put(struct depot *d, const struct depot_endpoint *e, int64_t *ret_id)
{
	int r;

	if (e->id == 0)
		r = depot_run(d, "INSERT INTO endpoint(name, computers, contact_ms, address, agent, revoked_ms, key, enrolled_ms) "
		                 "VALUES(?, ?, ?, ?, ?, ?, ?, ?)", "tzzttzti", e->name, e->computers, e->contact_ms, e->address,
		              e->agent, e->revoked_ms, e->key, e->enrolled_ms);
	else
		r = depot_run(d, change, "tzzttzi", e->name, e->computers, e->contact_ms, e->address, e->agent, e->revoked_ms,
		              e->id);
	return depot_changed(d, r, e->id, ret_id);
}

struct endpoints {
	depot_endpoint_fn *fn;
	void *data;
};

static int give_endpoint(sqlite3_stmt *s, void *data)
{
	struct endpoints *to = data;
	struct depot_endpoint e = {
		.id = sqlite3_column_int64(s, 0), .key = depot_text(s, 1), .name = depot_text(s, 2),
		.computers = sqlite3_column_int64(s, 3), .enrolled_ms = sqlite3_column_int64(s, 4),
		.contact_ms = sqlite3_column_int64(s, 5), .address = depot_text(s, 6), .agent = depot_text(s, 7),
		.revoked_ms = sqlite3_column_int64(s, 8),
	};

	return to->fn(&e, to->data);
}

static bool is_key(const char *which)
{
	return strlen(which) == DEPOT_KEY && strspn(which, "0123456789abcdef") == DEPOT_KEY;
}

#define ENDPOINTS "SELECT id, key, name, computers, enrolled_ms, contact_ms, address, agent, revoked_ms FROM endpoint "

int depot_endpoint_each(struct depot *d, const char *which, depot_endpoint_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct endpoints to = { fn, data };
	const char *sql = !which ? ENDPOINTS "ORDER BY name, id"
	                : is_key(which) ? ENDPOINTS "WHERE key = ?" : ENDPOINTS "WHERE name = ? ORDER BY id";
	int r = depot_prepare(d, &s, sql, which ? "t" : "", which);

	return r < 0 ? r : depot_rows(s, give_endpoint, &to);
}

/* ---- tokens ---- */

int depot_token_put(struct depot *d, const struct depot_token *t, int64_t *ret_id)
{
	int r = depot_run(d, "INSERT INTO token(hash, kind, user, computers, created_ms, expires_ms, uses) "
	                     "VALUES(?, ?, ?, ?, ?, ?, ?)", "hiiziiz", t->hash, (int64_t)t->kind, t->user, t->computers,
	                  t->created_ms, t->expires_ms, t->uses);

	return depot_changed(d, r, 0, ret_id);
}

static void read_token(sqlite3_stmt *s, struct depot_token *ret)
{
	*ret = (struct depot_token){
		.id = sqlite3_column_int64(s, 0), .kind = sqlite3_column_int(s, 1), .user = sqlite3_column_int64(s, 2),
		.computers = sqlite3_column_int64(s, 3), .created_ms = sqlite3_column_int64(s, 4),
		.expires_ms = sqlite3_column_int64(s, 5), .uses = sqlite3_column_int64(s, 6),
	};
}

#define TOKENS "SELECT id, kind, user, computers, created_ms, expires_ms, uses FROM token "

static int take(struct depot *d, enum depot_token_kind kind, const unsigned char *hash, int64_t now,
                struct depot_token *ret)
{
	AUTO_STMT *s = NULL;
	int r = depot_prepare(d, &s, TOKENS "WHERE hash = ? AND kind = ?", "hi", hash, (int64_t)kind);

	if (r < 0)
		return r;
	switch (sqlite3_step(s)) {
	case SQLITE_ROW: break;
	case SQLITE_DONE: return -ENOENT;
	default: return -EIO;
	}
	read_token(s, ret);
	sqlite3_reset(s);
	if (ret->expires_ms <= now || ret->uses == 1)
		r = depot_run(d, "DELETE FROM token WHERE hash = ?", "h", hash);
	else if (ret->uses > 1)
		r = depot_run(d, "UPDATE token SET uses = uses - 1 WHERE hash = ?", "h", hash);
	return r;
}

int depot_token_take(struct depot *d, enum depot_token_kind kind, const unsigned char *hash, int64_t now,
                     struct depot_token *ret)
{
	struct depot_token t;
	int r = sql_exec(d->db, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = take(d, kind, hash, now, &t);
	if (r == 0)
		r = sql_exec(d->db, "COMMIT");
	if (r < 0) {
		sql_exec(d->db, "ROLLBACK");
		return r;
	}
	if (t.expires_ms <= now)
		return -ETIMEDOUT;
	*ret = t;
	return 0;
}

struct tokens {
	depot_token_fn *fn;
	void *data;
};

static int give_token(sqlite3_stmt *s, void *data)
{
	struct tokens *to = data;
	struct depot_token t;

	read_token(s, &t);
	return to->fn(&t, to->data);
}

int depot_token_each(struct depot *d, enum depot_token_kind kind, depot_token_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct tokens to = { fn, data };
	int r = depot_prepare(d, &s, TOKENS "WHERE kind = ? ORDER BY id", "i", (int64_t)kind);

	return r < 0 ? r : depot_rows(s, give_token, &to);
}
