/* Users and groups. */
#include "server/depot-private.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"

static int change_user(struct depot *d, const struct depot_user *u)
{
	int r = depot_run(d, "UPDATE user SET name = coalesce(?, name), password = coalesce(?, password), "
	                     "role = coalesce(?, role), disabled = coalesce(nullif(?, -1), disabled) WHERE id = ?", "ttzii",
	                  u->name, u->password, (int64_t)u->role, (int64_t)u->disabled, u->id);

	r = depot_changed(d, r, u->id, NULL);
	return r < 0 ? r : depot_run(d, "DELETE FROM token WHERE kind = ? AND user = ?", "ii", (int64_t)DEPOT_LOGIN, u->id);
}

int depot_user_put(struct depot *d, const struct depot_user *u, int64_t *ret_id)
{
	int r;

	if (u->id == 0) {
		r = depot_run(d, "INSERT INTO user(name, password, role, disabled, created_ms) VALUES(?, ?, ?, ?, ?)", "ttiii",
		              u->name, u->password, (int64_t)u->role, (int64_t)u->disabled, u->created_ms);
		return depot_changed(d, r, 0, ret_id);
	}
	r = sql_exec(d->db, "BEGIN IMMEDIATE");
	if (r < 0)
		return r;
	r = change_user(d, u);
	if (r == 0)
		r = sql_exec(d->db, "COMMIT");
	if (r < 0)
		sql_exec(d->db, "ROLLBACK");
	else if (ret_id)
		*ret_id = u->id;
	return r;
}

struct users {
	depot_user_fn *fn;
	void *data;
};

static int give_user(sqlite3_stmt *s, void *data)
{
	struct users *to = data;
	struct depot_user u = {
		.id = sqlite3_column_int64(s, 0), .name = depot_text(s, 1), .password = depot_text(s, 2),
		.role = sqlite3_column_int(s, 3), .disabled = sqlite3_column_int(s, 4),
		.created_ms = sqlite3_column_int64(s, 5),
	};

	return to->fn(&u, to->data);
}

int depot_user_each(struct depot *d, const char *name, depot_user_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct users to = { fn, data };
	int r = depot_prepare(d, &s, "SELECT id, name, password, role, disabled, created_ms FROM user "
	                             "WHERE ?1 IS NULL OR name = ?1 ORDER BY name", "t", name);

	return r < 0 ? r : depot_rows(s, give_user, &to);
}

int depot_group_put(struct depot *d, enum depot_group_kind kind, const char *name, int64_t *ret_id)
{
	AUTO_STMT *s = NULL;
	int r = depot_run(d, "INSERT OR IGNORE INTO \"group\"(kind, name) VALUES(?, ?)", "it", (int64_t)kind, name);

	if (r == 0)
		r = depot_prepare(d, &s, "SELECT id FROM \"group\" WHERE kind = ? AND name = ?", "it", (int64_t)kind, name);
	if (r < 0)
		return r;
	if (sqlite3_step(s) != SQLITE_ROW)
		return -EIO;
	*ret_id = sqlite3_column_int64(s, 0);
	return 0;
}

struct groups {
	depot_group_fn *fn;
	void *data;
};

static int give_group(sqlite3_stmt *s, void *data)
{
	struct groups *to = data;

	return to->fn(sqlite3_column_int64(s, 0), depot_text(s, 1), to->data);
}

int depot_group_each(struct depot *d, enum depot_group_kind kind, depot_group_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct groups to = { fn, data };
	int r = depot_prepare(d, &s, "SELECT id, name FROM \"group\" WHERE kind = ? ORDER BY name", "i", (int64_t)kind);

	return r < 0 ? r : depot_rows(s, give_group, &to);
}

int depot_group_link(struct depot *d, int64_t users, enum depot_link_kind kind, int64_t member, bool in)
{
	int r = depot_run(d, in ? "INSERT OR IGNORE INTO group_link(users, kind, member) VALUES(?, ?, ?)"
	                        : "DELETE FROM group_link WHERE users = ? AND kind = ? AND member = ?",
	                  "iii", users, (int64_t)kind, member);

	return in ? r : depot_changed(d, r, users, NULL);
}

struct ids {
	int64_t *p;
	size_t n, cap;
};

static int give_id(sqlite3_stmt *s, void *data)
{
	struct ids *to = data;

	if (to->n == to->cap) {
		size_t cap = to->cap ? to->cap * 2 : 16;
		int64_t *p = reallocarray(to->p, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		to->p = p;
		to->cap = cap;
	}
	to->p[to->n++] = sqlite3_column_int64(s, 0);
	return 0;
}

static int collect(struct depot *d, const char *sql, int64_t user, struct ids *ret)
{
	AUTO_STMT *s = NULL;
	int r = depot_prepare(d, &s, sql, "i", user);

	return r < 0 ? r : depot_rows(s, give_id, ret);
}

int depot_user_sees(struct depot *d, int64_t user, bool *ret_limited, int64_t **ret_groups, size_t *ret_n)
{
	struct ids in = { NULL, 0, 0 }, sees = { NULL, 0, 0 };
	int r = collect(d, "SELECT users FROM group_link WHERE kind = 1 AND member = ?", user, &in);

	if (r == 0)
		r = collect(d, "SELECT DISTINCT seen.member FROM group_link mine JOIN group_link seen ON seen.users = mine.users "
		               "WHERE mine.kind = 1 AND mine.member = ? AND seen.kind = 2 ORDER BY 1", user, &sees);
	free(in.p);
	if (r < 0) {
		free(sees.p);
		return r;
	}
	*ret_limited = in.n > 0;
	*ret_groups = sees.p;
	*ret_n = sees.n;
	return 0;
}
