#include "recorder/query/textset.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "recorder/query/cgroup.h"
#include "recorder/query/functions.h"
#include "recorder/query/reader.h"
#include "recorder/query/statement.h"

enum {
	DIRECTORY_BUDGET = 64 << 20, /* bytes of directories kept during a pass */
	FIND_MAX = 64,               /* values looked up in the index; more are cheaper in one pass */
};

void textset_free(struct textset *t)
{
	match_free(t->match);
	free(t->networks);
	idset_free(&t->set);
}

/* ---- one text ---- */

struct span textset_part(struct span whole, enum field_part part)
{
	const char *slash = whole.n ? memrchr(whole.p, '/', whole.n) : NULL, *dot;
	struct span name = slash ? (struct span){ slash + 1, whole.n - (size_t)(slash + 1 - whole.p) } : whole;

	switch (part) {
	case PART_WHOLE:
		return whole;
	case PART_NAME:
		return name.n ? name : SPAN_NONE;
	case PART_DIRECTORY:
		if (!slash)
			return SPAN_NONE;
		return slash == whole.p ? (struct span){ whole.p, 1 } : (struct span){ whole.p, (size_t)(slash - whole.p) };
	case PART_EXTENSION:
		dot = name.p && name.n ? memrchr(name.p, '.', name.n) : NULL;
		if (!dot || dot == name.p || dot + 1 == name.p + name.n)
			return SPAN_NONE;
		return (struct span){ dot + 1, name.n - (size_t)(dot + 1 - name.p) };
	case PART_CONTAINER:
		return cgroup_container(whole);
	case PART_UNIT:
		return cgroup_unit(whole);
	}
	return SPAN_NONE;
}

static int family_of(struct span text, struct address *ret)
{
	if (address_parse(text, ret) < 0)
		return NETWORK_UNIX;
	return ret->v6 ? NETWORK_IPV6 : NETWORK_IPV4;
}

static int test_one(const struct textset *t, struct span whole)
{
	struct span part = textset_part(whole, t->part);
	struct address address;
	int family;

	if (!part.p)
		return 0;
	if (t->test == TEXTSET_MATCH)
		return match_text(t->match, part);
	if (t->test == TEXTSET_PRESENT)
		return 1;
	family = family_of(whole, &address);
	if (t->test == TEXTSET_FAMILY)
		return t->families >> family & 1;
	for (size_t i = 0; i < t->n_networks && family != NETWORK_UNIX; i++)
		if (address_in_network(&address, &t->networks[i]))
			return 1;
	return 0;
}

static int test_all(struct textset *const *sets, size_t n, int64_t id, unsigned kind, struct span whole)
{
	for (size_t i = 0; i < n; i++) {
		int r = kind < 32 && sets[i]->kinds >> kind & 1 ? test_one(sets[i], whole) : 0;

		if (r < 0)
			return r;
		if (r)
			idset_mark(&sets[i]->set, id);
	}
	return 0;
}

/* ---- the pass over all ---- */

struct pass {
	struct arena arena;
	struct map directories; /* id → struct span in the arena */
	sqlite3_stmt *get;
	struct buf whole;
};

static void pass_free(struct pass *p)
{
	sqlite3_finalize(p->get);
	map_free(&p->directories);
	arena_free(&p->arena);
	buf_free(&p->whole);
}

/* What the readers show of a text is what is searched. */
static struct span within_limit(struct span s)
{
	s.n = s.n < READER_MAX_TEXT ? s.n : READER_MAX_TEXT;
	return s;
}

static int directory(struct pass *p, int64_t id, struct span *ret)
{
	uint64_t *known = map_get(&p->directories, (uint64_t)id);
	struct span *kept;
	int r;

	if (known) {
		*ret = *(struct span *)(uintptr_t)*known;
		return 0;
	}
	if (p->arena.total > DIRECTORY_BUDGET) {
		map_clear(&p->directories);
		arena_free(&p->arena);
		p->arena = ARENA_INIT;
	}
	kept = arena_alloc(&p->arena, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	sqlite3_bind_int64(p->get, 1, id);
	r = statement_step(p->get);
	*kept = SPAN_NONE;
	if (r == 1)
		*kept = arena_copy(&p->arena, within_limit(functions_column(p->get, 0)));
	sqlite3_reset(p->get);
	if (r == -EFBIG)
		r = 0;
	if (r < 0)
		return r;
	*ret = *kept;
	return map_put(&p->directories, (uint64_t)id, (uintptr_t)kept);
}

/* Columns: id, kind, dir, value. */
static int whole_text(struct pass *p, sqlite3_stmt *s, struct span *ret)
{
	struct span value = within_limit(functions_column(s, 3)), dir = SPAN_NONE;
	int r = 0;

	*ret = value;
	if (sqlite3_column_type(s, 2) != SQLITE_NULL)
		r = directory(p, sqlite3_column_int64(s, 2), &dir);
	if (r < 0 || !dir.p)
		return r;
	return text_whole(sqlite3_column_int(s, 1), dir, value, &p->whole, ret);
}

/* Goes on behind a text that is too large to be read: it must not hide the others. 1, 0 there is none, or an error. */
static int pass_over(sqlite3_stmt *s, int64_t *last)
{
	AUTO_STATEMENT *next = NULL;
	int r = statement_prepare(sqlite3_db_handle(s), "SELECT id FROM text WHERE id > ? ORDER BY id LIMIT 1", &next);

	if (r == 0) {
		sqlite3_bind_int64(next, 1, *last);
		r = statement_step(next);
	}
	if (r == 1) {
		*last = sqlite3_column_int64(next, 0);
		sqlite3_reset(s);
		sqlite3_bind_int64(s, 1, *last);
	}
	return r;
}

static int run_pass(struct pass *p, sqlite3_stmt *s, struct cancel *cancel, struct textset *const *sets, size_t n)
{
	int64_t last = INT64_MIN;
	struct span whole;
	int r;

	sqlite3_bind_int64(s, 1, last);
	while ((r = statement_step(s)) == 1 || r == -EFBIG) {
		if (cancel && atomic_load_explicit(&cancel->requested, memory_order_relaxed))
			return -ECANCELED;
		if (r == -EFBIG) {
			r = pass_over(s, &last);
			if (r <= 0)
				return r;
			continue;
		}
		last = sqlite3_column_int64(s, 0);
		r = whole_text(p, s, &whole);
		if (r == 0)
			r = test_all(sets, n, last, (unsigned)sqlite3_column_int(s, 1), whole);
		if (r < 0)
			return r;
	}
	return r;
}

static const char get_directory[] = "SELECT value FROM text WHERE id = ?";

/* Texts that only credentials refer to: a few among millions. */
static const char of_credentials[] =
	") AND id IN (SELECT cgroup FROM credential UNION SELECT user FROM credential UNION SELECT auser FROM credential "
	"UNION SELECT tty FROM credential";

static bool is_of_credentials(const struct textset *t)
{
	enum field_source source = field_def(t->condition->field)->source;

	return source == SOURCE_CGROUP || source == SOURCE_USER_NAME || source == SOURCE_AUDIT_USER_NAME || source == SOURCE_TTY;
}

static int scan(sqlite3 *db, struct cancel *cancel, struct textset *const *sets, size_t n, const char *which)
{
	AUTO_BUF sql = BUF_INIT;
	AUTO_STATEMENT *s = NULL;
	struct pass p = { .arena = ARENA_INIT, .directories = MAP_INIT, .whole = BUF_INIT };
	unsigned kinds = 0;
	int r;

	buf_add_z(&sql, "SELECT id, kind, dir, value FROM text WHERE id > ?1 AND kind IN (");
	for (size_t i = 0; i < n; i++)
		kinds |= sets[i]->kinds;
	for (int k = 0, some = 0; k < 32; k++)
		if (kinds >> k & 1)
			buf_printf(&sql, "%s%d", some++ ? "," : "", k);
	buf_add_z(&sql, which);
	buf_add_z(&sql, ") ORDER BY id");
	r = sql.failed ? -ENOMEM : statement_prepare(db, sql.p, &s);
	if (r == 0)
		r = statement_prepare(db, get_directory, &p.get);
	if (r == 0)
		r = run_pass(&p, s, cancel, sets, n);
	pass_free(&p);
	return r;
}

/* ---- through the index ---- */

struct find {
	struct textset *t;
	struct pass *pass;
	sqlite3_stmt *one;
};

static int found(int64_t id, void *data)
{
	struct find *f = data;
	struct span whole;
	int r;

	sqlite3_bind_int64(f->one, 1, id);
	r = statement_step(f->one);
	if (r == -EFBIG)
		r = 0;
	if (r == 1)
		r = whole_text(f->pass, f->one, &whole);
	if (r == 0 && sqlite3_data_count(f->one))
		r = test_all(&f->t, 1, id, (unsigned)sqlite3_column_int(f->one, 1), whole);
	sqlite3_reset(f->one);
	return r;
}

static bool can_find(const struct textset *t)
{
	enum expr_op op = t->condition->op;

	if (t->test != TEXTSET_MATCH || t->part != PART_WHOLE || (op != EXPR_EQ && op != EXPR_NE && op != EXPR_IN) ||
	    t->condition->n_values > FIND_MAX)
		return false;
	for (size_t i = 0; i < t->condition->n_values; i++)
		for (size_t k = 0; k < t->condition->values[i].text.n; k++)
			if ((unsigned char)t->condition->values[i].text.p[k] >= 0x80)
				return false;
	return true;
}

static int find(sqlite3 *db, struct textset *t)
{
	struct pass p = { .arena = ARENA_INIT, .directories = MAP_INIT, .whole = BUF_INIT };
	struct find f = { t, &p, NULL };
	int r = statement_prepare(db, "SELECT id, kind, dir, value FROM text WHERE id = ?", &f.one);

	if (r == 0)
		r = statement_prepare(db, get_directory, &p.get);
	for (size_t i = 0; i < t->condition->n_values && r == 0; i++)
		r = text_find(db, t->condition->values[i].text, found, &f);
	sqlite3_finalize(f.one);
	pass_free(&p);
	return r;
}

int textset_fill(sqlite3 *db, struct cancel *cancel, struct textset *sets, size_t n)
{
	AUTO_FREE struct textset **rest = calloc(n + 1, sizeof(*rest)), **few = calloc(n + 1, sizeof(*few));
	size_t n_rest = 0, n_few = 0;
	int64_t last;
	int r = rest && few ? statement_number(db, "SELECT max(id) FROM text", 0, &last) : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = idset_init(&sets[i].set, 1, last, false);
		if (r < 0)
			return r == -ERANGE ? -EBADMSG : r;
		if (can_find(&sets[i]))
			r = find(db, &sets[i]);
		else if (is_of_credentials(&sets[i]))
			few[n_few++] = &sets[i];
		else
			rest[n_rest++] = &sets[i];
	}
	if (r == 0 && n_few)
		r = scan(db, cancel, few, n_few, of_credentials);
	return r < 0 || n_rest == 0 ? r : scan(db, cancel, rest, n_rest, "");
}
