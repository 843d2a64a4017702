#include "agent/transfer/receive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/transfer/turns.h"

struct receive {
	struct receive_config config;
	char key[PART_KEY + 1];
	struct part *part;      /* since the offer */
	struct bulk_receiver bulk;
	struct turns *turns;    /* what is here already is read for its SHA-256 */
	uint64_t bytes;         /* as offered */
	bool over;
	char piece[BULK_PIECE];
};

static void finish(struct receive *r, int error, const char *text, const char *sha256)
{
	if (r->over)
		return;
	r->over = true;
	part_close(r->part);
	r->part = NULL;
	if (error == -EBADMSG)
		part_remove(r->config.place.folder, r->key);
	r->config.done(r, error, text, sha256, r->config.data);
}

/* Tells both. */
static void fail(struct receive *r, int error)
{
	enum bulk_reason reason = transfer_reason(error);

	if (r->over || error == -EPIPE) /* the link is on its way out: its owner hears */
		return;
	transfer_cancel(r->config.link, reason);
	finish(r, error, transfer_text(reason), NULL);
}

static void tell_progress(struct receive *r)
{
	if (r->config.progress)
		r->config.progress(r->bulk.offset, r->bytes, r->config.data);
}

/* ---- the offer, and what is here already ---- */

static int grant(struct receive *r)
{
	AUTO_BUF out = BUF_INIT;

	return bulk_receiver_grant(&r->bulk, &out) ? transfer_send(r->config.link, &out) : out.failed ? -ENOMEM : 0;
}

static int accept_offer(struct receive *r)
{
	struct control c = { .type = CONTROL_BULK_ACCEPT };
	int e;

	c.accept.transfer = TRANSFER_NUMBER;
	c.accept.offset = r->bulk.offset;
	e = transfer_say(r->config.link, &c);
	return e < 0 ? e : grant(r);
}

static int skip_slice(void *data)
{
	struct receive *r = data;

	for (size_t done = 0; done < TRANSFER_SLICE; done += sizeof(r->piece)) {
		uint64_t left = part_size(r->part) - r->bulk.offset;
		size_t n = left < sizeof(r->piece) ? (size_t)left : sizeof(r->piece);
		int e;

		if (n == 0)
			return 0;
		e = part_read(r->part, r->bulk.offset, r->piece, n);
		if (e < 0)
			return e;
		bulk_receiver_skip(&r->bulk, (struct span){ r->piece, n });
	}
	return 1;
}

static void on_skipped(int error, void *data)
{
	struct receive *r = data;

	r->turns = NULL;
	if (error == 0)
		error = accept_offer(r);
	if (error < 0)
		fail(r, error);
	else
		tell_progress(r);
}

static int open_part(struct receive *r, const struct control *c)
{
	int e = part_open(&r->config.place, r->key, c->offer.identity, c->offer.size, &r->part);

	if (e == 0 && part_size(r->part) > c->offer.size) { /* not of this content, whatever it is called */
		part_close(r->part);
		r->part = NULL;
		part_remove(r->config.place.folder, r->key);
		e = part_open(&r->config.place, r->key, c->offer.identity, c->offer.size, &r->part);
	}
	return e;
}

static int on_offer(struct receive *r, const struct control *c)
{
	int e;

	if (r->part || c->type != CONTROL_BULK_OFFER || c->offer.transfer != TRANSFER_NUMBER)
		return -EPROTO;
	e = open_part(r, c);
	if (e < 0)
		return e;
	r->bytes = c->offer.size;
	if (r->config.offered && !r->config.offered(c, part_size(r->part), r->config.data))
		return -ECANCELED;
	e = bulk_receiver_init(&r->bulk, TRANSFER_NUMBER, TRANSFER_WINDOW, part_limit(r->part));
	return e < 0 ? e : turns_new(r->config.fdm, skip_slice, on_skipped, r, &r->turns);
}

/* ---- what comes ---- */

static int take_text(struct receive *r, struct span payload)
{
	struct arena arena = ARENA_INIT;
	struct control c;
	int e = transfer_read(payload, &arena, &c);

	if (e == 0)
		e = on_offer(r, &c);
	arena_free(&arena);
	return e;
}

static int end(struct receive *r, struct span sha256)
{
	AUTO_BUF out = BUF_INIT;
	char name[PART_NAME];
	int e = part_finish(r->part, (const unsigned char *)sha256.p, name);

	if (e == 0 && r->config.stored)
		e = r->config.stored(name, part_size(r->part), r->config.data);
	if (e == 0)
		e = bulk_receiver_done(&r->bulk, &out);
	if (e < 0)
		return e;
	transfer_send(r->config.link, &out); /* it is here, whether the other side hears of it or not */
	tell_progress(r);
	finish(r, 0, NULL, name);
	return 0;
}

static int take_bulk(struct receive *r, struct span payload)
{
	struct bulk_message m;
	struct span content;
	int e = bulk_parse(payload, &m);

	if (e == 0 && m.kind == BULK_CANCEL) { /* also before its offer */
		finish(r, transfer_error(m.reason), transfer_text(m.reason), NULL);
		return 0;
	}
	if (e == 0)
		e = r->part && !r->turns ? bulk_receiver_take(&r->bulk, &m, &content) : -EPROTO;
	if (e < 0)
		return e;
	if (r->bulk.state == BULK_ENDED)
		return end(r, m.data);
	e = part_write(r->part, content);
	if (e == 0)
		e = grant(r);
	if (e == 0)
		tell_progress(r);
	return e;
}

void receive_message(struct receive *r, enum websocket_kind kind, struct span payload)
{
	int e;

	if (r->over)
		return;
	e = kind == WEBSOCKET_TEXT ? take_text(r, payload) : take_bulk(r, payload);
	if (e < 0)
		fail(r, e);
}

/* ---- beginning and end ---- */

int receive_new(const struct receive_config *config, struct receive **ret)
{
	struct receive *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->config = *config;
	snprintf(r->key, sizeof(r->key), "%s", config->key);
	*ret = r;
	return 0;
}

void receive_free(struct receive *r)
{
	if (!r)
		return;
	turns_free(r->turns);
	part_close(r->part);
	bulk_receiver_free(&r->bulk);
	free(r);
}
