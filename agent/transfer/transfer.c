#include "agent/transfer/transfer.h"

#include <errno.h>

#include "agent/wire/wire.h"

static const struct {
	int error;
	const char *text;
} reasons[BULK_REASONS] = {
	[BULK_WANTED] = { -ECANCELED, "it was cancelled" },
	[BULK_IO] = { -EIO, "reading or storing it failed" },
	[BULK_NO_SPACE] = { -ENOSPC, "there is no room for it" },
	[BULK_TOO_LARGE] = { -EFBIG, "it is too large" },
	[BULK_CHANGED] = { -EBUSY, "it changed while it was read" },
	[BULK_DIFFERS] = { -EBADMSG, "what came is not what was sent (SHA-256)" },
	[BULK_PROTOCOL] = { -EPROTO, "the other side sent what makes no sense" },
};

int transfer_error(enum bulk_reason reason)
{
	return reasons[reason].error;
}

const char *transfer_text(enum bulk_reason reason)
{
	return reasons[reason].text;
}

enum bulk_reason transfer_reason(int error)
{
	for (enum bulk_reason r = 0; r < BULK_REASONS; r++)
		if (reasons[r].error == error)
			return r;
	return error == -EDQUOT ? BULK_NO_SPACE : BULK_IO;
}

int transfer_read(struct span payload, struct arena *arena, struct control *ret)
{
	static const struct message_limits limits = { WIRE_GREETING_BYTES, 256 };
	struct message m;
	int r = message_parse(payload, &limits, &m);

	if (r < 0)
		return r;
	r = control_get(&m, CONTROL_AGENT, arena, ret); /* all sides may say the same of a transfer */
	message_free(&m);
	return r == -ENOSYS ? -EPROTO : r;
}

int transfer_say(struct link *l, const struct control *c)
{
	AUTO_BUF out = BUF_INIT;
	int r = control_put(&out, c);

	return r < 0 ? r : link_send(l, WEBSOCKET_TEXT, buf_span(&out));
}

int transfer_send(struct link *l, const struct buf *message)
{
	return message->failed ? -ENOMEM : link_send(l, WEBSOCKET_BINARY, buf_span(message));
}

void transfer_cancel(struct link *l, enum bulk_reason reason)
{
	AUTO_BUF out = BUF_INIT;

	bulk_put_cancel(&out, TRANSFER_NUMBER, reason);
	transfer_send(l, &out);
}
