#include "server/tap.h"

#include "agent/base/arena.h"
#include "agent/base/text.h"
#include "agent/wire/message.h"
#include "agent/wire/wire.h"

/* The expression of a call, absent when it has none. */
static struct span find_where(struct message *m, struct arena *arena)
{
	struct message_in in = message_root(m);
	struct span where = message_text(&in, "where", arena);

	return m->error || where.n == 0 ? SPAN_NONE : where;
}

static bool is_new(struct tap *t, struct span text)
{
	uint64_t hash = span_hash(text);

	if (text.n == 0 || hash == t->last)
		return false;
	t->last = hash;
	return true;
}

static bool tell(struct tap *t, struct span text, struct buf *ret)
{
	struct span head = text_cut(text, TAP_TEXT);

	if (!is_new(t, text))
		return false;
	buf_add_span(ret, head);
	if (head.n < text.n)
		buf_add_z(ret, "…");
	return true;
}

/* One that is no message, or too long for one that is read along, is told as it came. */
static bool judge(struct tap *t, struct buf *ret)
{
	static const struct message_limits limits = { TAP_MAX, WIRE_REQUEST_VALUES };
	struct arena arena = ARENA_INIT;
	struct message m;
	struct span where;
	bool told = false;

	if (t->message.n >= TAP_MAX || message_parse(buf_span(&t->message), &limits, &m) < 0)
		return tell(t, buf_span(&t->message), ret);
	where = find_where(&m, &arena);
	if (where.p)
		told = tell(t, where, ret);
	message_free(&m);
	arena_free(&arena);
	return told;
}

bool tap_take(struct tap *t, struct span piece, bool last, struct buf *ret)
{
	size_t room = TAP_MAX - t->message.n;
	bool told;

	buf_add(&t->message, piece.p, piece.n < room ? piece.n : room);
	if (!last)
		return false;
	told = judge(t, ret);
	if (t->message.cap > TAP_TEXT)
		buf_free(&t->message);
	buf_clear(&t->message);
	return told;
}

void tap_free(struct tap *t)
{
	buf_free(&t->message);
}
