#include "recorder/query/dictionary.h"

#include <errno.h>

#include "recorder/query/functions.h"
#include "recorder/query/reader.h"
#include "recorder/query/statement.h"
#include "recorder/store/text.h"

int dictionary_open(struct dictionary *d, sqlite3 *db, struct arena *arena)
{
	*d = (struct dictionary){ .arena = arena };
	return statement_prepare(db, "SELECT t.value, d.value, t.kind FROM text t LEFT JOIN text d ON d.id = t.dir "
	                         "WHERE t.id = ?", &d->get);
}

void dictionary_close(struct dictionary *d)
{
	sqlite3_finalize(d->get);
	map_free(&d->known);
	buf_free(&d->whole);
}

#define CUT "… (cut)"
#define TOO_LARGE "(a text larger than any that is recorded)"

/* So much that cutting is still seen to be needed. */
static struct span almost(struct span s)
{
	s.n = s.n <= READER_MAX_TEXT ? s.n : READER_MAX_TEXT + 1;
	return s;
}

static int keep(struct dictionary *d, struct span *ret)
{
	struct span whole;
	bool cut;
	char *p;
	int r = text_whole(sqlite3_column_int(d->get, 2), almost(functions_column(d->get, 1)),
	                   almost(functions_column(d->get, 0)), &d->whole, &whole);

	if (r < 0 || !whole.p)
		return r;
	cut = whole.n > READER_MAX_TEXT;
	if (cut)
		whole.n = READER_MAX_TEXT - sizeof(CUT);
	p = arena_alloc(d->arena, whole.n + sizeof(CUT));
	if (!p)
		return -ENOMEM;
	memcpy(p, whole.p, whole.n);
	memcpy(p + whole.n, cut ? CUT : "", cut ? sizeof(CUT) : 1);
	*ret = (struct span){ p, whole.n + (cut ? sizeof(CUT) - 1 : 0) };
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
