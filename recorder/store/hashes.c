#include "recorder/store/hashes.h"

#include <errno.h>
#include <stdlib.h>

#include "recorder/store/sql.h"

struct hashes {
	sqlite3 *db;
	sqlite3_stmt *find, *add, *set;
};

int hashes_new(sqlite3 *db, struct hashes **ret)
{
	struct hashes *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	h->db = db;
	r = sql_prepare(db, "SELECT id FROM file_hash WHERE sha256 = ?", &h->find);
	if (r == 0)
		r = sql_prepare(db, "INSERT INTO file_hash(md5, sha256, size) VALUES(?, ?, ?)", &h->add);
	if (r == 0)
		r = sql_prepare(db, "UPDATE image SET hash = ?2, hash_reason = ?3 WHERE id = ?1", &h->set);
	if (r < 0) {
		hashes_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void hashes_free(struct hashes *h)
{
	if (!h)
		return;
	sqlite3_finalize(h->find);
	sqlite3_finalize(h->add);
	sqlite3_finalize(h->set);
	free(h);
}

static int add(struct hashes *h, const struct file_hash *hash, int64_t *ret)
{
	int r;

	sqlite3_bind_blob(h->add, 1, hash->md5, sizeof(hash->md5), SQLITE_STATIC);
	sqlite3_bind_blob(h->add, 2, hash->sha256, sizeof(hash->sha256), SQLITE_STATIC);
	sqlite3_bind_int64(h->add, 3, hash->size);
	r = sql_run(h->add);
	if (r == 0)
		*ret = sqlite3_last_insert_rowid(h->db);
	return r;
}

int hashes_id(struct hashes *h, const struct file_hash *hash, int64_t *ret)
{
	int64_t id = 0;
	int code;

	sqlite3_bind_blob(h->find, 1, hash->sha256, sizeof(hash->sha256), SQLITE_STATIC);
	code = sqlite3_step(h->find);
	if (code == SQLITE_ROW)
		id = sqlite3_column_int64(h->find, 0);
	sqlite3_reset(h->find);
	if (code == SQLITE_DONE)
		return add(h, hash, ret);
	if (code != SQLITE_ROW)
		return sql_error(code);
	*ret = id;
	return 0;
}

int hashes_set(struct hashes *h, const struct image_hash *hash)
{
	int64_t id = 0;
	int r = hash->reason ? 0 : hashes_id(h, &hash->hash, &id);

	if (r < 0)
		return r;
	sqlite3_bind_int64(h->set, 1, hash->image);
	sql_bind_or_null(h->set, 2, id, 0);
	sql_bind_or_null(h->set, 3, (int64_t)hash->reason, 0);
	return sql_run(h->set);
}
