#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/wire/bulk.h"

enum { TRANSFER = 7, CONTENT = 1000000 };

static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % n;
}

/* Half of it packs well, half not at all. */
static void make_content(struct buf *out, size_t n)
{
	buf_clear(out);
	while (out->n < n) {
		bool plain = random_below(2);
		size_t run = 1 + random_below(5000);

		for (size_t i = 0; i < run && out->n < n; i++)
			buf_add_char(out, plain ? "spoor "[i % 6] : (char)random_below(256));
	}
}

/* A message on its way. */
struct letter {
	char *p;
	size_t n;
};

struct post {
	struct letter letters[256];
	size_t first, n;
};

static void drop(struct post *post)
{
	for (; post->n; post->n--, post->first++)
		free(post->letters[post->first % 256].p);
}

static void mail(struct post *post, struct buf *message)
{
	size_t n = message->n;

	assert_true(post->n < 256);
	post->letters[(post->first + post->n++) % 256] = (struct letter){ buf_steal(message), n };
}

/* The oldest letter, parsed; *ret_p is to be freed. */
static struct bulk_message fetch(struct post *post, char **ret_p)
{
	struct letter l = post->letters[post->first % 256];
	struct bulk_message m;

	post->first++;
	post->n--;
	assert_int_equal(bulk_parse((struct span){ l.p, l.n }, &m), 0);
	*ret_p = l.p;
	return m;
}

struct line {
	struct bulk_sender s;
	struct bulk_receiver r;
	struct post there, back;
	uint64_t window;
};

/* The connection breaks at random: both sides begin anew, at what is stored. */
static void connect_again(struct line *l, const struct buf *content, const struct buf *stored)
{
	drop(&l->there);
	drop(&l->back);
	bulk_sender_free(&l->s);
	bulk_receiver_free(&l->r);
	assert_int_equal(bulk_sender_init(&l->s, TRANSFER), 0);
	assert_int_equal(bulk_receiver_init(&l->r, TRANSFER, l->window, CONTENT), 0);
	for (size_t at = 0; at < stored->n;) {
		size_t n = 1 + random_below(stored->n - at);

		bulk_sender_skip(&l->s, (struct span){ content->p + at, n });
		bulk_receiver_skip(&l->r, (struct span){ stored->p + at, n });
		at += n;
	}
}

static void send_some(struct line *l, const struct buf *content)
{
	AUTO_BUF out = BUF_INIT;
	size_t left = content->n - l->s.offset, room = bulk_sender_room(&l->s), n;

	if (l->s.state != BULK_RUNNING || l->there.n == 256)
		return;
	if (left == 0) {
		assert_int_equal(bulk_sender_end(&l->s, &out), 0);
	} else {
		n = left < room ? left : room;
		if (n == 0)
			return;
		n = 1 + random_below(n);
		assert_int_equal(bulk_sender_put(&l->s, (struct span){ content->p + l->s.offset, n }, &out), 0);
		assert_true(out.n <= BULK_MAX_MESSAGE);
	}
	mail(&l->there, &out);
}

static void receive_one(struct line *l, struct buf *stored)
{
	AUTO_FREE char *p = NULL;
	AUTO_BUF out = BUF_INIT;
	struct bulk_message m;
	struct span content;

	if (l->there.n) {
		m = fetch(&l->there, &p);
		assert_int_equal(bulk_receiver_take(&l->r, &m, &content), 0);
		assert_true(l->r.offset <= l->r.granted);
		buf_add_span(stored, content.p ? content : SPAN(""));
		assert_int_equal(stored->n, l->r.offset);
	}
	if (l->r.state == BULK_ENDED)
		assert_int_equal(bulk_receiver_done(&l->r, &out), 0);
	else if (random_below(3) || !bulk_receiver_grant(&l->r, &out))
		return;
	mail(&l->back, &out);
}

static void hear_back(struct line *l)
{
	AUTO_FREE char *p = NULL;
	struct bulk_message m;

	if (!l->back.n)
		return;
	m = fetch(&l->back, &p);
	assert_int_equal(bulk_sender_take(&l->s, &m), 0);
}

static void carry(struct line *l, const struct buf *content, struct buf *stored, unsigned breaks)
{
	while (l->s.state != BULK_FINISHED) {
		switch (random_below(3)) {
		case 0: send_some(l, content); break;
		case 1: receive_one(l, stored); break;
		default: hear_back(l);
		}
		assert_true(l->s.offset <= l->s.credit || l->s.offset == stored->n);
		if (breaks && random_below(60) == 0) {
			connect_again(l, content, stored);
			breaks--;
		}
	}
}

static void content_arrives_however_it_is_cut_and_resumed(void **state)
{
	for (unsigned round = 0; round < 60; round++) {
		AUTO_BUF content = BUF_INIT, stored = BUF_INIT;
		struct line l = { .window = 1 + random_below(500000) };

		seed = round;
		make_content(&content, round < 2 ? round : random_below(CONTENT));
		connect_again(&l, &content, &stored);
		carry(&l, &content, &stored, round % 5);
		assert_int_equal(l.r.state, BULK_FINISHED);
		assert_true(span_eq(buf_span(&stored), buf_span(&content)));
		bulk_sender_free(&l.s);
		bulk_receiver_free(&l.r);
		drop(&l.there);
		drop(&l.back);
	}
}

/* ---- one transfer of a few messages, to be spoiled ---- */

enum { PIECES = 4 };

struct sample {
	struct buf messages[PIECES + 1]; /* and END */
	struct buf content;
};

static void sample_make(struct sample *s)
{
	struct bulk_message credit = { .kind = BULK_CREDIT, .transfer = TRANSFER, .offset = 1 << 20 };
	struct bulk_sender sender;

	*s = (struct sample){ 0 };
	seed = 5;
	make_content(&s->content, PIECES * 1000);
	assert_int_equal(bulk_sender_init(&sender, TRANSFER), 0);
	assert_int_equal(bulk_sender_take(&sender, &credit), 0);
	for (size_t i = 0; i < PIECES; i++)
		assert_int_equal(bulk_sender_put(&sender, (struct span){ s->content.p + i * 1000, 1000 },
						 &s->messages[i]), 0);
	assert_int_equal(bulk_sender_end(&sender, &s->messages[PIECES]), 0);
	bulk_sender_free(&sender);
}

static void sample_free(struct sample *s)
{
	for (size_t i = 0; i <= PIECES; i++)
		buf_free(&s->messages[i]);
	buf_free(&s->content);
}

/* The first error when those messages arrive; 0 when all is well at the end, and then it is the content. */
static int deliver(const struct sample *s, const struct buf *const messages[], uint64_t limit)
{
	AUTO_BUF out = BUF_INIT, stored = BUF_INIT;
	struct bulk_receiver r;
	struct bulk_message m;
	struct span content;
	int e = 0;

	assert_int_equal(bulk_receiver_init(&r, TRANSFER, 1 << 20, limit), 0);
	bulk_receiver_grant(&r, &out);
	for (size_t i = 0; i <= PIECES && e == 0; i++) {
		e = bulk_parse(buf_span(messages[i]), &m);
		if (e == 0)
			e = bulk_receiver_take(&r, &m, &content);
		if (e == 0 && content.p)
			buf_add_span(&stored, content);
	}
	if (e == 0 && r.state != BULK_ENDED)
		e = -ENODATA;
	if (e < 0)
		assert_int_equal(bulk_receiver_done(&r, &out), -EBUSY);
	else
		assert_true(span_eq(buf_span(&stored), buf_span(&s->content)));
	bulk_receiver_free(&r);
	return e;
}

/* A packed piece has bits without a meaning: with any other wrong one the content is refused. */
static void no_wrong_bit_changes_the_content_unnoticed(void **state)
{
	struct sample s;
	const struct buf *messages[PIECES + 1];

	sample_make(&s);
	for (size_t i = 0; i <= PIECES; i++)
		messages[i] = &s.messages[i];
	assert_int_equal(deliver(&s, messages, CONTENT), 0);
	for (size_t i = 0; i <= PIECES; i++) {
		for (size_t bit = 0; bit < 8 * s.messages[i].n; bit++) {
			int e;

			s.messages[i].p[bit / 8] ^= (char)(1 << bit % 8);
			e = deliver(&s, messages, CONTENT);
			if (e != -EPROTO && e != -EBADMSG && e != -ENODATA && (e || bit < 8 * BULK_HEADER))
				fail_msg("message %zu bit %zu: %d", i, bit, e);
			s.messages[i].p[bit / 8] ^= (char)(1 << bit % 8);
		}
	}
	sample_free(&s);
}

static void every_other_order_is_refused(void **state)
{
	struct sample s;

	sample_make(&s);
	for (size_t code = 0; code < 3125; code++) { /* all 5^5 sequences of the five messages */
		const struct buf *messages[PIECES + 1];
		bool right = true;
		size_t c = code;

		for (size_t i = 0; i <= PIECES; i++, c /= 5) {
			messages[i] = &s.messages[c % 5];
			right &= c % 5 == i;
		}
		assert_int_equal(deliver(&s, messages, CONTENT) == 0, right);
	}
	sample_free(&s);
}

static void a_cut_message_is_refused(void **state)
{
	struct sample s;

	sample_make(&s);
	for (size_t i = 0; i <= PIECES; i++) {
		for (size_t n = 0; n < s.messages[i].n; n++) {
			struct buf cut = s.messages[i];
			const struct buf *messages[PIECES + 1];

			for (size_t k = 0; k <= PIECES; k++)
				messages[k] = &s.messages[k];
			cut.n = n;
			messages[i] = &cut;
			assert_true(deliver(&s, messages, CONTENT) < 0);
		}
	}
	sample_free(&s);
}

static void more_than_the_limit_is_refused(void **state)
{
	struct sample s;
	const struct buf *messages[PIECES + 1];

	sample_make(&s);
	for (size_t i = 0; i <= PIECES; i++)
		messages[i] = &s.messages[i];
	assert_int_equal(deliver(&s, messages, PIECES * 1000), 0);
	assert_int_equal(deliver(&s, messages, PIECES * 1000 - 1), -EFBIG);
	sample_free(&s);
}

static void nothing_is_sent_or_taken_beyond_the_credit(void **state)
{
	struct bulk_message credit = { .kind = BULK_CREDIT, .transfer = TRANSFER, .offset = 1000 };
	char content[1001] = "";
	AUTO_BUF out = BUF_INIT;
	struct bulk_sender s;
	struct bulk_receiver r;
	struct bulk_message m;
	struct span got;

	assert_int_equal(bulk_sender_init(&s, TRANSFER), 0);
	assert_int_equal(bulk_sender_room(&s), 0);
	assert_int_equal(bulk_sender_put(&s, SPAN("x"), &out), -EAGAIN);
	assert_int_equal(bulk_sender_take(&s, &credit), 0);
	assert_int_equal(bulk_sender_room(&s), 1000);
	assert_int_equal(bulk_sender_put(&s, (struct span){ content, 1001 }, &out), -EAGAIN);
	assert_int_equal(out.n, 0);
	assert_int_equal(bulk_sender_put(&s, (struct span){ content, 1000 }, &out), 0);
	credit.offset = 999;
	assert_int_equal(bulk_sender_take(&s, &credit), -EPROTO);
	assert_int_equal(bulk_receiver_init(&r, TRANSFER, 1, CONTENT), 0);
	assert_int_equal(bulk_parse(buf_span(&out), &m), 0);
	assert_int_equal(bulk_receiver_take(&r, &m, &got), -EPROTO); /* it gave none yet */
	assert_int_equal(r.state, BULK_CANCELLED);
	bulk_sender_free(&s);
	bulk_receiver_free(&r);
}

static void credit_comes_when_half_a_window_is_used(void **state)
{
	AUTO_BUF out = BUF_INIT;
	struct bulk_message data = { .kind = BULK_DATA, .transfer = TRANSFER, .size = BULK_PIECE / 2 - 1 };
	AUTO_FREE char *zeros = calloc(1, BULK_PIECE);
	struct bulk_receiver r;
	struct span got;

	assert_int_equal(bulk_receiver_init(&r, TRANSFER, BULK_PIECE, CONTENT), 0);
	assert_true(bulk_receiver_grant(&r, &out));
	assert_false(bulk_receiver_grant(&r, &out));
	data.data = (struct span){ zeros, data.size };
	assert_int_equal(bulk_receiver_take(&r, &data, &got), 0);
	assert_false(bulk_receiver_grant(&r, &out));
	data.offset = data.size;
	data.size = 1;
	data.data.n = 1;
	assert_int_equal(bulk_receiver_take(&r, &data, &got), 0);
	assert_true(bulk_receiver_grant(&r, &out));
	assert_int_equal(r.granted, BULK_PIECE + BULK_PIECE / 2);
	bulk_receiver_free(&r);
}

static void either_side_may_cancel(void **state)
{
	AUTO_BUF out = BUF_INIT;
	struct bulk_message m;
	struct bulk_sender s;
	struct bulk_receiver r;
	struct span got;

	assert_int_equal(bulk_sender_init(&s, TRANSFER), 0);
	assert_int_equal(bulk_receiver_init(&r, TRANSFER, 1, CONTENT), 0);
	bulk_put_cancel(&out, TRANSFER, BULK_NO_SPACE);
	assert_int_equal(bulk_parse(buf_span(&out), &m), 0);
	assert_int_equal(bulk_sender_take(&s, &m), 0);
	assert_int_equal(bulk_receiver_take(&r, &m, &got), 0);
	assert_int_equal(s.state, BULK_CANCELLED);
	assert_int_equal(s.reason, BULK_NO_SPACE);
	assert_int_equal(r.reason, BULK_NO_SPACE);
	assert_int_equal(bulk_sender_put(&s, SPAN("x"), &out), -EPIPE);
	assert_int_equal(bulk_sender_end(&s, &out), -EPIPE);
	assert_false(bulk_receiver_grant(&r, &out));
	assert_int_equal(bulk_sender_take(&s, &m), -EPROTO);
	bulk_sender_free(&s);
	bulk_receiver_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_arrives_however_it_is_cut_and_resumed),
		cmocka_unit_test(no_wrong_bit_changes_the_content_unnoticed),
		cmocka_unit_test(every_other_order_is_refused),
		cmocka_unit_test(a_cut_message_is_refused),
		cmocka_unit_test(more_than_the_limit_is_refused),
		cmocka_unit_test(nothing_is_sent_or_taken_beyond_the_credit),
		cmocka_unit_test(credit_comes_when_half_a_window_is_used),
		cmocka_unit_test(either_side_may_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
