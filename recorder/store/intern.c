#include "recorder/store/intern.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "recorder/store/bases.h"
#include "recorder/store/delta.h"
#include "recorder/store/sql.h"

enum {
	KIND_CREDENTIAL = 100, /* in the cache only: the bytes of the row */
	DELTA_MOST = 25,       /* per cent of its length that a delta may have, and */
	DELTA_MORE = 16,       /* so many bytes */
};

/* ---- cache: two generations, the older dropped when the younger is full ---- */

struct entry {
	uint64_t hash;
	int64_t id, birth, dir; /* id 0: was deleted */
	size_t at; /* in bytes */
	uint32_t n;
	int kind;
};

struct generation {
	struct entry *entries;
	size_t n, cap;
	uint32_t *slots; /* index + 1, 0 free */
	size_t n_slots;
	struct buf bytes;
};

/* A new text that is not in text_hash yet. */
struct pending {
	uint64_t hash;
	int64_t id;
};

enum stmt { ADD_TEXT, GET_TEXT, ADD_BIRTH, GET_BUCKET, SET_BUCKET, DROP_BUCKET, DROP_TEXT, ADD_CREDENTIAL,
	FIND_CREDENTIAL, STMT_COUNT };

static const char *const stmt_sql[STMT_COUNT] = {
	[ADD_TEXT] = "INSERT INTO text(id, kind, dir, value) VALUES(?, ?, ?, ?)",
	[GET_TEXT] = "SELECT t.kind, t.value, d.value, t.dir FROM text t LEFT JOIN text d ON d.id = t.dir WHERE t.id = ?",
	[ADD_BIRTH] = "INSERT INTO text_birth(text, bucket) VALUES(?, ?)",
	[GET_BUCKET] = "SELECT texts FROM text_hash WHERE bucket = ?",
	[SET_BUCKET] = "INSERT OR REPLACE INTO text_hash(bucket, texts) VALUES(?, ?)",
	[DROP_BUCKET] = "DELETE FROM text_hash WHERE bucket = ?",
	[DROP_TEXT] = "DELETE FROM text WHERE id = ?",
	[ADD_CREDENTIAL] = "INSERT INTO credential VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[FIND_CREDENTIAL] = ("SELECT id FROM credential WHERE auid = ? AND uid = ? AND gid = ? AND euid = ? AND "
	                     "egid = ? AND session = ? AND user IS ? AND auser IS ? AND tty IS ? AND "
	                     "cgroup IS ?"),
};

struct intern {
	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT];
	struct text_key key;
	struct generation young, old;
	size_t limit;       /* bytes a generation may hold */
	bool complete;      /* the cache holds every text of the database */
	int64_t next_text;
	int64_t last_birth; /* bucket of the last row in text_birth */
	struct pending *pending;
	size_t n_pending, cap_pending;
	struct bases *bases;      /* command lines that others are stored as deltas of */
	struct delta_work *work;
	struct buf delta, whole;
};

static void generation_free(struct generation *g)
{
	free(g->entries);
	free(g->slots);
	buf_free(&g->bytes);
	*g = (struct generation){ 0 };
}

static bool entry_is(const struct generation *g, const struct entry *e, uint64_t hash, int kind, struct span value)
{
	return e->hash == hash && e->kind == kind && e->id &&
	       span_eq((struct span){ g->bytes.p + e->at, e->n }, value);
}

static const struct entry *generation_find(const struct generation *g, uint64_t hash, int kind, struct span value)
{
	if (!g->n_slots)
		return NULL;
	for (size_t at = hash & (g->n_slots - 1); g->slots[at]; at = (at + 1) & (g->n_slots - 1))
		if (entry_is(g, &g->entries[g->slots[at] - 1], hash, kind, value))
			return &g->entries[g->slots[at] - 1];
	return NULL;
}

static int generation_grow(struct generation *g)
{
	size_t cap = g->cap ? g->cap * 2 : 1024;
	struct entry *entries = realloc(g->entries, cap * sizeof(*entries));
	uint32_t *slots;

	if (!entries)
		return -ENOMEM;
	g->entries = entries;
	slots = calloc(cap * 2, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(g->slots);
	g->slots = slots;
	g->n_slots = cap * 2;
	g->cap = cap;
	for (size_t i = 0; i < g->n; i++) {
		size_t at = g->entries[i].hash & (g->n_slots - 1);

		while (g->slots[at])
			at = (at + 1) & (g->n_slots - 1);
		g->slots[at] = (uint32_t)i + 1;
	}
	return 0;
}

static int generation_add(struct generation *g, struct entry e, struct span value)
{
	size_t at;

	if (g->n == g->cap && generation_grow(g) < 0)
		return -ENOMEM;
	e.at = g->bytes.n;
	e.n = (uint32_t)value.n;
	buf_add_span(&g->bytes, value);
	if (g->bytes.failed)
		return -ENOMEM;
	for (at = e.hash & (g->n_slots - 1); g->slots[at]; at = (at + 1) & (g->n_slots - 1))
		;
	g->entries[g->n++] = e;
	g->slots[at] = (uint32_t)g->n;
	return 0;
}

static size_t generation_size(const struct generation *g)
{
	return g->bytes.n + g->n * (sizeof(struct entry) + 2 * sizeof(uint32_t));
}

/* A text that waits for text_hash must be found in the cache, so it is written before the cache forgets any. */
static int cache_add(struct intern *in, struct entry e, struct span value)
{
	int r;

	if (generation_size(&in->young) > in->limit) {
		r = intern_flush(in);
		if (r < 0)
			return r;
		if (in->old.n)
			in->complete = false;
		generation_free(&in->old);
		in->old = in->young;
		in->young = (struct generation){ 0 };
	}
	return generation_add(&in->young, e, value);
}

/* 1 found, 0 not, or an error. */
static int cache_find(struct intern *in, uint64_t hash, int kind, struct span value, struct intern_ref *ret)
{
	const struct entry *e = generation_find(&in->young, hash, kind, value);
	int r = 0;

	if (!e) {
		e = generation_find(&in->old, hash, kind, value);
		if (!e)
			return 0;
		*ret = (struct intern_ref){ e->id, e->birth, e->dir };
		r = cache_add(in, *e, value);
	} else {
		*ret = (struct intern_ref){ e->id, e->birth, e->dir };
	}
	return r < 0 ? r : 1;
}

/* ---- the database ---- */

/* Is the text with that id `value`? 1, 0, or an error. */
static int text_is(struct intern *in, int64_t id, int kind, struct span value, int64_t *ret_dir)
{
	sqlite3_stmt *s = in->stmts[GET_TEXT];
	struct span whole;
	int code, r = 0;

	sqlite3_bind_int64(s, 1, id);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW && sqlite3_column_int(s, 0) == kind) {
		*ret_dir = sqlite3_column_int64(s, 3);
		r = text_whole(kind, sql_column(s, 2), sql_column(s, 1), &in->whole, &whole);
		if (r == 0)
			r = span_eq(whole, value);
	}
	sqlite3_reset(s);
	return code == SQLITE_ROW || code == SQLITE_DONE ? r : sql_error(code);
}

static int bucket_read(struct intern *in, int64_t bucket, struct buf *out)
{
	sqlite3_stmt *s = in->stmts[GET_BUCKET];
	int code;

	buf_clear(out);
	sqlite3_bind_int64(s, 1, bucket);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		buf_add_span(out, sql_column(s, 0));
	sqlite3_reset(s);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sql_error(code);
	return out->failed ? -ENOMEM : 0;
}

/* 1 found, 0 not, or an error. */
static int database_find(struct intern *in, uint64_t folded, int kind, struct span value, struct intern_ref *ret)
{
	AUTO_BUF bucket = BUF_INIT;
	struct span rest;
	unsigned char tag;
	int64_t id = 0, dir = 0;
	int r = bucket_read(in, text_bucket(folded), &bucket);

	if (r < 0)
		return r;
	rest = buf_span(&bucket);
	while (text_bucket_next(&rest, &id, &tag)) {
		r = tag == text_tag(folded) ? text_is(in, id, kind, value, &dir) : 0;
		if (r == 1)
			*ret = (struct intern_ref){ id, -1, dir };
		if (r != 0)
			return r;
	}
	return 0;
}

static int pending_add(struct intern *in, uint64_t hash, int64_t id)
{
	if (in->n_pending == in->cap_pending) {
		size_t cap = in->cap_pending ? in->cap_pending * 2 : 1024;
		struct pending *p = realloc(in->pending, cap * sizeof(*p));

		if (!p)
			return -ENOMEM;
		in->pending = p;
		in->cap_pending = cap;
	}
	in->pending[in->n_pending++] = (struct pending){ hash, id };
	return 0;
}

static int add_birth(struct intern *in, int64_t bucket)
{
	int r;

	if (bucket == in->last_birth)
		return 0;
	sqlite3_bind_int64(in->stmts[ADD_BIRTH], 1, in->next_text);
	sqlite3_bind_int64(in->stmts[ADD_BIRTH], 2, bucket);
	r = sql_run(in->stmts[ADD_BIRTH]);
	if (r == 0)
		in->last_birth = bucket;
	return r;
}

/* Where the last name of a path begins, 0 when it is kept whole: the parts must give it back exactly. */
static size_t name_at(int kind, struct span value)
{
	const char *slash = kind == TEXT_PATH ? memrchr(value.p, '/', value.n) : NULL;
	size_t at = slash ? (size_t)(slash - value.p) : 0;

	if (!slash || at + 1 == value.n || (at > 0 && value.p[at - 1] == '/'))
		return 0;
	return at + 1;
}

/* Cuts *value down to what is stored of it beside another text, which is *dir then. */
static int shorten_path(struct intern *in, int kind, int64_t bucket, struct span *value, struct intern_ref *dir)
{
	size_t at = name_at(kind, *value);
	struct span path = { value->p, at > 1 ? at - 1 : 1 };

	value->p += at;
	value->n -= at;
	return at ? intern_text(in, TEXT_DIRECTORY, path, bucket, dir) : 0;
}

static int shorten_command_line(struct intern *in, struct span *value, struct intern_ref *dir)
{
	struct base base;

	if (!delta_may(*value))
		return 0;
	base = bases_find(in->bases, *value);
	buf_clear(&in->delta);
	if (!base.id || !delta_make(in->work, base.text, *value, value->n * DELTA_MOST / 100 + DELTA_MORE, &in->delta))
		return in->delta.failed ? -ENOMEM : bases_add(in->bases, in->next_text, *value);
	dir->id = base.id;
	*value = buf_span(&in->delta);
	return 0;
}

static int add_text(struct intern *in, int kind, struct span value, uint64_t folded, int64_t bucket,
                    struct intern_ref *ret)
{
	sqlite3_stmt *s = in->stmts[ADD_TEXT];
	struct intern_ref dir = { 0, -1, 0 };
	int r = kind == TEXT_COMMAND_LINE ? shorten_command_line(in, &value, &dir) :
	                                    shorten_path(in, kind, bucket, &value, &dir);

	if (r == 0)
		r = add_birth(in, bucket);
	if (r == 0)
		r = sqlite3_bind_int64(s, 1, in->next_text) || sqlite3_bind_int(s, 2, kind) ? -EIO : 0;
	if (r == 0)
		r = sql_bind_or_null(s, 3, dir.id, 0);
	if (r == 0)
		r = sql_bind_span(s, 4, value);
	if (r == 0)
		r = sql_run(s);
	if (r == 0)
		r = pending_add(in, folded, in->next_text);
	if (r == 0)
		*ret = (struct intern_ref){ in->next_text++, bucket, dir.id };
	return r;
}

int intern_text(struct intern *in, enum text_kind kind, struct span value, int64_t bucket, struct intern_ref *ret)
{
	struct intern_ref ref = { 0, -1, 0 };
	uint64_t hash, folded;
	int r;

	if (!value.p) {
		*ret = ref;
		return 0;
	}
	hash = text_hash_exact(&in->key, value);
	r = cache_find(in, hash, (int)kind, value, &ref);
	if (r == 0) {
		folded = text_hash(&in->key, value);
		if (!in->complete)
			r = database_find(in, folded, (int)kind, value, &ref);
		if (r == 0)
			r = add_text(in, (int)kind, value, folded, bucket, &ref);
		if (r >= 0)
			r = cache_add(in, (struct entry){ .hash = hash, .id = ref.id, .birth = ref.birth,
			                                  .dir = ref.dir, .kind = (int)kind }, value);
	}
	if (r < 0)
		return r;
	*ret = ref;
	return 0;
}

enum { CREDENTIAL_NUMBERS = 6, CREDENTIAL_COLUMNS = 10 }; /* the others are texts */

static int bind_credentials(sqlite3_stmt *s, const int64_t row[CREDENTIAL_COLUMNS])
{
	int r = 0;

	for (int i = 0; i < CREDENTIAL_COLUMNS && r == 0; i++)
		r = i < CREDENTIAL_NUMBERS ? sql_error(sqlite3_bind_int64(s, i + 1, row[i])) :
		                             sql_bind_or_null(s, i + 1, row[i], 0);
	return r;
}

static int credentials_row(struct intern *in, const int64_t row[CREDENTIAL_COLUMNS], int64_t *ret)
{
	sqlite3_stmt *s = in->stmts[FIND_CREDENTIAL];
	int code, r = bind_credentials(s, row);

	if (r < 0)
		return r;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*ret = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	if (code != SQLITE_DONE)
		return sql_error(code);
	s = in->stmts[ADD_CREDENTIAL];
	r = bind_credentials(s, row);
	if (r == 0)
		r = sql_run(s);
	if (r == 0)
		*ret = sqlite3_last_insert_rowid(in->db);
	return r;
}

int intern_credentials(struct intern *in, const struct credentials *who, int64_t bucket, int64_t *ret)
{
	struct intern_ref user, audit_user, tty, cgroup, ref = { 0 };
	uint64_t hash;
	int r = intern_text(in, TEXT_OTHER, who->user, bucket, &user);

	if (r == 0)
		r = intern_text(in, TEXT_OTHER, who->audit_user, bucket, &audit_user);
	if (r == 0)
		r = intern_text(in, TEXT_OTHER, who->tty, bucket, &tty);
	if (r == 0)
		r = intern_text(in, TEXT_OTHER, who->cgroup, bucket, &cgroup);
	if (r < 0)
		return r;
	const int64_t row[CREDENTIAL_COLUMNS] = { who->auid, who->uid, who->gid, who->euid, who->egid, who->session,
		user.id, audit_user.id, tty.id, cgroup.id };
	const struct span bytes = { (const char *)row, sizeof(row) };

	hash = text_hash_exact(&in->key, bytes);
	r = cache_find(in, hash, KIND_CREDENTIAL, bytes, &ref);
	if (r == 0) {
		r = credentials_row(in, row, &ref.id);
		if (r == 0)
			r = cache_add(in, (struct entry){ .hash = hash, .id = ref.id, .birth = -1,
			                                  .kind = KIND_CREDENTIAL }, bytes);
	}
	if (r < 0)
		return r;
	*ret = ref.id;
	return 0;
}

/* ---- text_hash ---- */

static int compare_pending(const void *x, const void *y)
{
	const struct pending *a = x, *b = y;
	int64_t ba = text_bucket(a->hash), bb = text_bucket(b->hash);

	if (ba != bb)
		return ba < bb ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Adds pending[from, to), all of one bucket and in order of id. */
static int flush_bucket(struct intern *in, size_t from, size_t to, struct buf *texts)
{
	int64_t bucket = text_bucket(in->pending[from].hash);
	int64_t last = 0;
	struct span rest;
	unsigned char tag;
	int r = bucket_read(in, bucket, texts);

	if (r < 0)
		return r;
	rest = buf_span(texts);
	while (text_bucket_next(&rest, &last, &tag))
		;
	if (rest.n > 0 || last >= in->pending[from].id)
		return -EBADMSG;
	for (size_t i = from; i < to; i++) {
		text_bucket_add(texts, last, in->pending[i].id, in->pending[i].hash);
		last = in->pending[i].id;
	}
	if (texts->failed)
		return -ENOMEM;
	sqlite3_bind_int64(in->stmts[SET_BUCKET], 1, bucket);
	sqlite3_bind_blob64(in->stmts[SET_BUCKET], 2, texts->p, texts->n, SQLITE_STATIC);
	return sql_run(in->stmts[SET_BUCKET]);
}

int intern_flush(struct intern *in)
{
	AUTO_BUF texts = BUF_INIT;
	size_t from = 0, to;
	int r = 0;

	if (in->n_pending)
		qsort(in->pending, in->n_pending, sizeof(*in->pending), compare_pending);
	for (; from < in->n_pending && r == 0; from = to) {
		int64_t bucket = text_bucket(in->pending[from].hash);

		for (to = from + 1; to < in->n_pending && text_bucket(in->pending[to].hash) == bucket; to++)
			;
		r = flush_bucket(in, from, to, &texts);
	}
	if (r == 0)
		in->n_pending = 0;
	return r;
}

/* ---- deleting ---- */

static void generation_forget(struct generation *g, uint64_t hash, int kind, struct span value)
{
	struct entry *e = (struct entry *)generation_find(g, hash, kind, value);

	if (e)
		e->id = 0;
}

/* Forgets the text and notes where text_hash has it. */
static int forget_text(struct intern *in, int64_t id)
{
	sqlite3_stmt *s = in->stmts[GET_TEXT];
	struct span whole = SPAN_NONE;
	int kind = 0, code, r = 0;
	uint64_t hash;

	sqlite3_bind_int64(s, 1, id);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW) {
		kind = sqlite3_column_int(s, 0);
		r = text_whole(kind, sql_column(s, 2), sql_column(s, 1), &in->whole, &whole);
		if (r == 0 && whole.p != in->whole.p) {
			buf_clear(&in->whole);
			buf_add_span(&in->whole, whole);
			whole = buf_span(&in->whole);
		}
	}
	sqlite3_reset(s);
	if (code != SQLITE_ROW || r < 0 || in->whole.failed)
		return r < 0 ? r : code != SQLITE_ROW ? sql_error(code) : -ENOMEM;
	bases_forget(in->bases, id);
	hash = text_hash_exact(&in->key, whole);
	generation_forget(&in->young, hash, kind, whole);
	generation_forget(&in->old, hash, kind, whole);
	return pending_add(in, text_hash(&in->key, whole), id);
}

/* Takes pending[from, to), all of one bucket and in order of id, out of it. */
static int thin_bucket(struct intern *in, size_t from, size_t to, struct buf *texts, struct buf *kept)
{
	int64_t bucket = text_bucket(in->pending[from].hash), id = 0, last = 0;
	struct span rest;
	unsigned char tag;
	int r = bucket_read(in, bucket, texts);

	if (r < 0)
		return r;
	buf_clear(kept);
	rest = buf_span(texts);
	while (text_bucket_next(&rest, &id, &tag)) {
		while (from < to && in->pending[from].id < id)
			from++;
		if (from < to && in->pending[from].id == id)
			continue;
		text_bucket_add(kept, last, id, tag); /* of the hash it keeps but the tag */
		last = id;
	}
	if (rest.n > 0 || kept->failed)
		return kept->failed ? -ENOMEM : -EBADMSG;
	if (kept->n == 0) {
		sqlite3_bind_int64(in->stmts[DROP_BUCKET], 1, bucket);
		return sql_run(in->stmts[DROP_BUCKET]);
	}
	sqlite3_bind_int64(in->stmts[SET_BUCKET], 1, bucket);
	sqlite3_bind_blob64(in->stmts[SET_BUCKET], 2, kept->p, kept->n, SQLITE_STATIC);
	return sql_run(in->stmts[SET_BUCKET]);
}

static int thin_buckets(struct intern *in)
{
	AUTO_BUF texts = BUF_INIT, kept = BUF_INIT;
	size_t from = 0, to;
	int r = 0;

	if (in->n_pending)
		qsort(in->pending, in->n_pending, sizeof(*in->pending), compare_pending);
	for (; from < in->n_pending && r == 0; from = to) {
		int64_t bucket = text_bucket(in->pending[from].hash);

		for (to = from + 1; to < in->n_pending && text_bucket(in->pending[to].hash) == bucket; to++)
			;
		r = thin_bucket(in, from, to, &texts, &kept);
	}
	in->n_pending = 0;
	return r;
}

int intern_delete(struct intern *in, const int64_t *ids, size_t n)
{
	int r = in->n_pending ? -EINVAL : 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = forget_text(in, ids[i]);
	for (size_t i = 0; i < n && r == 0; i++) {
		sqlite3_bind_int64(in->stmts[DROP_TEXT], 1, ids[i]);
		r = sql_run(in->stmts[DROP_TEXT]);
	}
	if (r == 0)
		r = thin_buckets(in);
	in->n_pending = 0;
	return r;
}

void intern_forget_credentials(struct intern *in, const struct map *ids)
{
	struct generation *const both[] = { &in->young, &in->old };

	for (size_t g = 0; g < ARRAY_LEN(both); g++)
		for (size_t i = 0; i < both[g]->n; i++)
			if (both[g]->entries[i].kind == KIND_CREDENTIAL && map_get(ids, (uint64_t)both[g]->entries[i].id))
				both[g]->entries[i].id = 0;
}

int intern_reset(struct intern *in)
{
	int64_t last = 0;
	int r = sql_int64(in->db, "SELECT max(id) FROM text", &last);

	generation_free(&in->young);
	generation_free(&in->old);
	bases_forget(in->bases, 0);
	in->n_pending = 0;
	in->last_birth = -1;
	in->complete = r == -ENOENT;
	in->next_text = last + 1;
	return r == -ENOENT ? 0 : r;
}

int intern_new(sqlite3 *db, size_t cache_bytes, struct intern **ret)
{
	struct intern *in = calloc(1, sizeof(*in));
	int r = in ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	in->db = db;
	in->limit = cache_bytes;
	in->bases = bases_new();
	in->work = delta_work_new();
	r = in->bases && in->work ? text_key_load(db, &in->key) : -ENOMEM;
	for (int i = 0; i < STMT_COUNT && r == 0; i++)
		r = sql_prepare(db, stmt_sql[i], &in->stmts[i]);
	if (r == 0)
		r = intern_reset(in);
	if (r < 0) {
		intern_free(in);
		return r;
	}
	*ret = in;
	return 0;
}

void intern_free(struct intern *in)
{
	if (!in)
		return;
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(in->stmts[i]);
	generation_free(&in->young);
	generation_free(&in->old);
	bases_free(in->bases);
	free(in->work);
	buf_free(&in->delta);
	buf_free(&in->whole);
	free(in->pending);
	free(in);
}
