#include "recorder/query/dictionary.h"

#include <errno.h>

#include "recorder/query/functions.h"
#include "recorder/query/reader.h"
#include "recorder/query/statement.h"

int dictionary_open(struct dictionary *d, sqlite3 *db, struct arena *arena)
{
	*d = (struct dictionary){ .arena = arena };
	return statement_prepare(db, "SELECT t.value, d.value FROM text t LEFT JOIN text d ON d.id = t.dir WHERE t.id = ?",
	                         &d->get);
}

void dictionary_close(struct dictionary *d)
{
	sqlite3_finalize(d->get);
	map_free(&d->known);
}

#define CUT "… (cut)"
#define TOO_LARGE "(a text larger than any that is recorded)"

static int keep(struct dictionary *d, struct span *ret)
{
	struct span value = functions_column(d->get, 0), dir = functions_column(d->get, 1);
	size_t between = dir.p && !span_eq(dir, SPAN("/")) ? 1 : 0, n = dir.n + between + value.n;
	bool cut = n > READER_MAX_TEXT;
	char *p;

	if (!value.p)
		return 0;
	if (cut) {
		dir.n = dir.n < READER_MAX_TEXT / 2 ? dir.n : READER_MAX_TEXT / 2;
		n = READER_MAX_TEXT - sizeof(CUT);
		value.n = value.n < n - dir.n - between ? value.n : n - dir.n - between;
		n = dir.n + between + value.n;
	}
	p = arena_alloc(d->arena, n + sizeof(CUT));
	if (!p)
		return -ENOMEM;
	if (dir.n)
		memcpy(p, dir.p, dir.n);
	if (between)
		p[dir.n] = '/';
	memcpy(p + dir.n + between, value.p, value.n);
	p[n] = 0;
	if (cut) {
		memcpy(p + n, CUT, sizeof(CUT));
		n += sizeof(CUT) - 1;
	}
	*ret = (struct span){ p, n };
	return 0;
}

int dictionary_get(struct dictionary *d, int64_t id, struct span *ret)
{
	uint64_t *known = map_get(&d->known, (uint64_t)id);
	struct span *kept;
	int r;

	*ret = SPAN_NONE;
	if (id == 0)
		return 0;
	if (known) {
		*ret = *(struct span *)(uintptr_t)*known;
		return 0;
	}
	kept = arena_alloc(d->arena, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = SPAN_NONE;
	sqlite3_bind_int64(d->get, 1, id);
	r = statement_step(d->get);
	if (r == 1)
		r = keep(d, kept);
	else if (r == -EFBIG) /* one bad text must not hide the others */
		r = (*kept = SPAN(TOO_LARGE), 0);
	sqlite3_reset(d->get);
	if (r < 0)
		return r;
	*ret = *kept;
	return map_put(&d->known, (uint64_t)id, (uintptr_t)kept);
}

int dictionary_column(struct dictionary *d, sqlite3_stmt *s, int column, struct span *ret)
{
	return dictionary_get(d, sqlite3_column_int64(s, column), ret);
}
