#include "tests/unit/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/session/remote.h"
#include "agent/session/serve.h"
#include "agent/wire/frame.h"
#include "agent/wire/wire.h"
#include "tests/unit/session/fake.h"

/* ---- serve and remote against each other ---- */

struct pair {
	struct fake fake;
	struct reader *remote;
	int fd; /* the serving end */
	pthread_t thread;
	int served; /* what serve_reader returned */
};

static void *serve_main(void *data)
{
	struct pair *p = data;

	p->served = serve_reader(p->fd, &p->fake.base);
	close(p->fd);
	return NULL;
}

static void pair_open(struct pair *p, unsigned seed)
{
	int fds[2];

	fake_init(&p->fake, seed);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p->fd = fds[1];
	p->remote = remote_reader_new(fds[0]);
	assert_non_null(p->remote);
	assert_int_equal(pthread_create(&p->thread, NULL, serve_main, p), 0);
}

static void pair_close(struct pair *p)
{
	reader_close(p->remote);
	pthread_join(p->thread, NULL);
	assert_int_equal(p->served, 0);
	assert_false(p->fake.closed); /* it belongs to whoever called serve_reader */
}

static void every_call_gives_what_the_reader_gives(void **state)
{
	struct pair p;
	const struct reader_range range = { 5, 500 };
	struct reader_values_wish wish = { NULL, READER_RARE_FIRST, 12, SPAN("x \xff"), true, false };
	static const int64_t ids[] = { 0, -1, INT64_MAX };
	const struct field *const fields[] = { field_at(3), field_at(9) };
	const struct reader_cells_wish cells = { ids, 3, fields, 2, &SPAN("user.id == 0"), 1 };
	union messages_answer a, b;

	for (unsigned seed = 0; seed < 20; seed++) {
		pair_open(&p, seed);
#define CHECK(type_, member, call, ...) \
		assert_int_equal(p.remote->ops->member call, 0); \
		fake_answer(seed, &(struct messages_call){ .type = type_, __VA_ARGS__ }, &b); \
		fake_assert_equal(type_, &a, &b); \
		assert_int_equal(p.fake.seen.type, type_); \
		messages_answer_free(type_, &a); \
		messages_answer_free(type_, &b)

		CHECK(MESSAGES_INFO, info, (p.remote, NULL, &a.info), .id = 0);
		CHECK(MESSAGES_COUNT, count, (p.remote, NULL, NULL, range, 9, &a.count), .step = 9);
		CHECK(MESSAGES_PAGE, page,
		      (p.remote, NULL, NULL, range, (struct reader_place){ READER_NEWEST_FIRST, 7, 8 }, 30, &a.page), .n = 30);
		assert_true(p.fake.seen.at.order == READER_NEWEST_FIRST && p.fake.seen.at.id == 7 && p.fake.seen.at.skip == 8);
		assert_true(p.fake.seen.range.from_ms == 5 && p.fake.seen.range.to_ms == 500);
		CHECK(MESSAGES_HISTOGRAM, histogram, (p.remote, NULL, NULL, range, 8192, &a.histogram), .n = 8192);
		CHECK(MESSAGES_PROCESS, process, (p.remote, NULL, INT64_MAX, &a.process), .process = INT64_MAX);
		CHECK(MESSAGES_TIMELINE, timeline, (p.remote, NULL, 4, range, 60, 7, &a.timeline), .n = 60, .max_children = 7);
		CHECK(MESSAGES_TREE, tree, (p.remote, NULL, 4, (struct reader_tree_limits){ 3, 1, 5, 6 }, &a.tree),
		      .process = 4, .limits = { 3, 1, 5, 6 });
		CHECK(MESSAGES_LANES, lanes, (p.remote, NULL, NULL, range, READER_BY_USER, 9, 3, &a.lanes), .n = 9,
		      .max_children = 3);
		CHECK(MESSAGES_STORY, story, (p.remote, NULL, 5, 8, &a.story), .max_children = 8);
		CHECK(MESSAGES_COMPLETENESS, completeness, (p.remote, NULL, READER_ALL_TIME, 4, &a.completeness), .kinds = 4);
		wish.field = field_at(seed);
		CHECK(MESSAGES_VALUES, values, (p.remote, NULL, NULL, range, &wish, &a.values), .wish = wish);
		assert_true(p.fake.seen.wish.field == wish.field && p.fake.seen.wish.order == READER_RARE_FIRST &&
		            p.fake.seen.wish.prefix && !p.fake.seen.wish.quick);
		CHECK(MESSAGES_SPACE, space, (p.remote, NULL, 6, &a.space), .n = 6);
		CHECK(MESSAGES_INVENTORY, inventory, (p.remote, NULL, &a.inventory), .id = 0);
		CHECK(MESSAGES_CELLS, cells, (p.remote, NULL, &cells, &a.cells), .cells = cells);
		assert_true(p.fake.seen.cells.n_ids == 3 && p.fake.seen.cells.n_fields == 2 && p.fake.seen.cells.n_rules == 1);
		CHECK(MESSAGES_DISTRIBUTION, distribution, (p.remote, NULL, NULL, range, &a.distribution), .id = 0);
		pair_close(&p);
	}
}

static void take_fraction(double fraction, void *data)
{
	*(double *)data = fraction;
}

static void a_long_call_tells_how_far_it_is(void **state)
{
	struct reader_space space;
	double told = 0;
	struct pair p;

	pair_open(&p, 1);
	p.remote->progress = take_fraction;
	p.remote->progress_data = &told;
	assert_int_equal(p.remote->ops->space(p.remote, NULL, 4, &space), 0);
	assert_true(told == 0.5);
	reader_space_free(&space);
	pair_close(&p);
}

static void expressions_and_errors_cross(void **state)
{
	AUTO_EXPR *where = NULL;
	struct expr_error e;
	struct reader_count count;
	struct reader_histogram h;
	struct pair p;

	pair_open(&p, 1);
	assert_int_equal(expr_parse(SPAN("process.pid == 7 or file.path contains \"x y\""), &where, &e), 0);
	assert_int_equal(p.remote->ops->count(p.remote, NULL, where, READER_ALL_TIME, 0, &count), 0);
	assert_non_null(strstr(p.fake.where, "x y"));
	reader_count_free(&count);
	p.fake.fail = -EBADMSG;
	assert_int_equal(p.remote->ops->count(p.remote, NULL, where, READER_ALL_TIME, 0, &count), -EBADMSG);
	assert_string_equal(reader_error_text(p.remote, -EBADMSG), "made to fail");
	p.fake.fail = 0;
	assert_int_equal(p.remote->ops->histogram(p.remote, NULL, NULL, READER_ALL_TIME, READER_MAX_BINS + 1, &h), -EINVAL);
	assert_int_equal(p.remote->ops->count(p.remote, NULL, NULL, READER_ALL_TIME, 0, &count), 0);
	reader_count_free(&count);
	pair_close(&p);
}

struct canceller {
	struct cancel *cancel;
	pthread_t thread;
};

static void *cancel_main(void *data)
{
	usleep(30000);
	atomic_store(&((struct canceller *)data)->cancel->requested, true);
	return NULL;
}

static void a_cancel_reaches_the_running_call_and_only_it(void **state)
{
	struct cancel cancel = { 0 }, later = { 0 };
	struct canceller c = { .cancel = &cancel };
	struct reader_info info;
	struct pair p;

	pair_open(&p, 1);
	p.fake.wait = true;
	assert_int_equal(pthread_create(&c.thread, NULL, cancel_main, &c), 0);
	assert_int_equal(p.remote->ops->info(p.remote, &cancel, &info), -ECANCELED);
	pthread_join(c.thread, NULL);
	p.fake.wait = false;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(p.remote->ops->info(p.remote, &later, &info), 0);
		reader_info_free(&info);
	}
	pair_close(&p);
}

static void *serve_impatiently(void *data)
{
	struct pair *p = data;
	struct messages_call call;
	struct serve *s;

	p->served = serve_new(p->fd, NULL, &s);
	if (p->served < 0)
		return NULL;
	serve_set_patience(s, 1);
	while (serve_next(s, &call) == 1 && serve_call(s, &p->fake.base, &call) == 0)
		expr_free((struct expr *)call.where);
	serve_free(s);
	close(p->fd);
	return NULL;
}

static void a_call_that_takes_too_long_is_ended(void **state)
{
	struct reader_info info;
	struct pair p = { 0 };
	int fds[2];

	fake_init(&p.fake, 1);
	p.fake.wait = true;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p.fd = fds[1];
	p.remote = remote_reader_new(fds[0]);
	assert_int_equal(pthread_create(&p.thread, NULL, serve_impatiently, &p), 0);
	assert_int_equal(p.remote->ops->info(p.remote, NULL, &info), -ETIMEDOUT);
	assert_non_null(strstr(p.remote->error, "longer than"));
	p.fake.wait = false; /* and the next is answered */
	assert_int_equal(p.remote->ops->info(p.remote, NULL, &info), 0);
	reader_info_free(&info);
	pair_close(&p);
}

static void a_closed_peer_cancels_the_call_it_left(void **state)
{
	struct pair p;
	AUTO_BUF out = BUF_INIT;
	size_t begin;
	int fds[2];

	fake_init(&p.fake, 1);
	p.fake.wait = true;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p.fd = fds[1];
	assert_int_equal(pthread_create(&p.thread, NULL, serve_main, &p), 0);
	begin = frame_begin(&out);
	messages_put_call(&out, &(struct messages_call){ .type = MESSAGES_INFO, .id = 1 });
	assert_int_equal(frame_end(&out, begin, FRAME_TEXT, WIRE_REQUEST_BYTES), 0);
	assert_int_equal(write(fds[0], out.p, out.n), (ssize_t)out.n);
	usleep(20000);
	close(fds[0]);
	pthread_join(p.thread, NULL);
	assert_int_equal(p.served, 0);
}

/* ---- a peer that breaks the protocol, towards serve ---- */

static int serve_bytes(const void *bytes, size_t n)
{
	struct pair p;
	int fds[2];

	fake_init(&p.fake, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p.fd = fds[1];
	assert_int_equal(write(fds[0], bytes, n), (ssize_t)n);
	shutdown(fds[0], SHUT_WR);
	assert_int_equal(pthread_create(&p.thread, NULL, serve_main, &p), 0);
	pthread_join(p.thread, NULL);
	close(fds[0]);
	return p.served;
}

static void serve_ends_with_a_peer_that_breaks_the_protocol(void **state)
{
	static const char *const bad[] = {
		"{}", "x", "{\"v\":1,\"id\":0,\"type\":\"reader.info\"}", "{\"v\":1,\"id\":1,\"type\":\"reader.drop\"}",
		"{\"v\":1,\"id\":1,\"type\":\"reader.tree\",\"process\":1,\"limits\":[]}",
	};

	assert_int_equal(serve_bytes("\x07\x00\x00\x00\x00", 5), -EPROTO);
	assert_int_equal(serve_bytes("\x01\x7f\xff\xff\xff", 5), -EMSGSIZE);
	assert_int_equal(serve_bytes("\x01\x00\x00", 3), 0); /* cut off: gone, no nonsense */
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO_BUF out = BUF_INIT;
		size_t begin = frame_begin(&out);

		buf_add_z(&out, bad[i]);
		assert_int_equal(frame_end(&out, begin, FRAME_TEXT, WIRE_REQUEST_BYTES), 0);
		/* The cut-off end may be seen before the call is: both end it. */
		assert_true(serve_bytes(out.p, out.n) <= 0);
	}
}

/* ---- a hostile data side, towards remote ---- */

struct liar {
	int fd;
	const char *bytes;
	size_t n;
	bool stay; /* keep the socket open, silently */
	pthread_t thread;
};

static void *liar_main(void *data)
{
	struct liar *l = data;
	char request[4096];
	ssize_t n = read(l->fd, request, sizeof(request));

	if (n > 0 && l->n)
		assert_int_equal(send(l->fd, l->bytes, l->n, MSG_NOSIGNAL), (ssize_t)l->n);
	if (!l->stay)
		shutdown(l->fd, SHUT_RDWR);
	while (l->stay && read(l->fd, request, sizeof(request)) > 0)
		;
	close(l->fd);
	return NULL;
}

/* What a call gives when the other side answers with these bytes, and what the next one does. */
static int lie(struct liar *l, struct cancel *cancel, int *ret_next)
{
	struct reader *r;
	struct reader_page page;
	int fds[2], error;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	l->fd = fds[1];
	assert_int_equal(pthread_create(&l->thread, NULL, liar_main, l), 0);
	r = remote_reader_new(fds[0]);
	assert_non_null(r);
	error = r->ops->page(r, cancel, NULL, READER_ALL_TIME, (struct reader_place){ 0 }, 10, &page);
	if (error == 0)
		reader_page_free(&page);
	else
		assert_true(reader_error_text(r, error)[0]);
	*ret_next = r->ops->page(r, NULL, NULL, READER_ALL_TIME, (struct reader_place){ 0 }, 10, &page);
	reader_close(r);
	pthread_join(l->thread, NULL);
	return error;
}

static int lie_message(const char *text)
{
	AUTO_BUF out = BUF_INIT;
	size_t begin = frame_begin(&out);
	struct liar l;
	int next, r;

	buf_add_z(&out, text);
	assert_int_equal(frame_end(&out, begin, FRAME_TEXT, WIRE_ANSWER_BYTES), 0);
	l = (struct liar){ .bytes = out.p, .n = out.n };
	r = lie(&l, NULL, &next);
	assert_true(next < 0);
	if (r == -EPROTO)
		assert_int_equal(next, -EPROTO);
	return r;
}

static void nonsense_ends_the_connection(void **state)
{
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"page\",\"more\":false,\"rows\":[]}"), 0);
	assert_int_equal(lie_message("{\"v\":1,\"id\":2,\"type\":\"page\",\"more\":false,\"rows\":[]}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"count\",\"more\":false,\"rows\":[]}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"page\",\"more\":1,\"rows\":[]}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"page\",\"more\":false,\"rows\":[[1]]}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"page\",\"more\":false,\"rows\":[0,0,0,0,0,0,0,0,0,0,0]}"),
	                 -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"error\"}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":1,\"type\":\"progress\",\"permille\":1001}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":3,\"type\":\"alive\"}"), -EPROTO);
	assert_int_equal(lie_message("{\"v\":1,\"id\":0,\"type\":\"alive\"}"), -EPIPE);
	assert_int_equal(lie_message("]"), -EPROTO);
}

static void random_bytes_never_get_through(void **state)
{
	char bytes[512];
	unsigned seed = 1;

	for (int i = 0; i < 200; i++) {
		struct liar l = { .bytes = bytes, .n = 1 + (size_t)i * 2 };
		int next, r;

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (char)(rand_r(&seed) >> 7);
		if (i % 2) /* a right frame around it, so that the layer above sees them */
			memcpy(bytes, "\x01\0\0\0", 4), bytes[4] = (char)(i % 100);
		r = lie(&l, NULL, &next);
		assert_true(r == -EPROTO || r == -EPIPE || r == -EMSGSIZE);
		assert_int_equal(next, r);
	}
}

static void huge_announcements_and_cut_answers_fail(void **state)
{
	struct liar huge = { .bytes = "\x01\xff\xff\xff\xff", .n = 5 };
	struct liar cut = { .bytes = "\x01\x00\x00\x01\x00{\"v\":1", .n = 11 };
	struct liar silent = { .n = 0 };
	int next;

	assert_int_equal(lie(&huge, NULL, &next), -EMSGSIZE);
	assert_int_equal(lie(&cut, NULL, &next), -EPIPE);
	assert_int_equal(next, -EPIPE);
	assert_int_equal(lie(&silent, NULL, &next), -EPIPE);
}

static void one_that_ignores_a_cancel_is_given_up(void **state)
{
	struct liar l = { .stay = true };
	struct cancel cancel = { 0 };
	int next;

	atomic_store(&cancel.requested, true);
	assert_int_equal(lie(&l, &cancel, &next), -ETIMEDOUT);
	assert_int_equal(next, -ETIMEDOUT);
}

static void count_progress(double fraction, void *data)
{
	++*(unsigned *)data;
}

/* Who listens may pass each on to a main loop. */
static void a_flood_of_progress_is_not_passed_on(void **state)
{
	AUTO_BUF out = BUF_INIT;
	unsigned told = 0;
	struct reader *r;
	char *why = NULL;
	int fds[2];

	for (int i = 0; i < 1000; i++) {
		size_t begin = frame_begin(&out);

		messages_put_progress(&out, 1, i % 2 ? 0.25 : 0.75);
		assert_int_equal(frame_end(&out, begin, FRAME_TEXT, WIRE_ANSWER_BYTES), 0);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(send(fds[1], out.p, out.n, MSG_DONTWAIT), (ssize_t)out.n);
	assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
	r = remote_reader_new(fds[0]);
	assert_non_null(r);
	assert_true(remote_open(r, "/x", 0, NULL, count_progress, &told, &why) < 0);
	assert_int_equal(told, 1);
	free(why);
	reader_close(r);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_gives_what_the_reader_gives),
		cmocka_unit_test(a_long_call_tells_how_far_it_is),
		cmocka_unit_test(expressions_and_errors_cross),
		cmocka_unit_test(a_cancel_reaches_the_running_call_and_only_it),
		cmocka_unit_test(a_call_that_takes_too_long_is_ended),
		cmocka_unit_test(a_closed_peer_cancels_the_call_it_left),
		cmocka_unit_test(serve_ends_with_a_peer_that_breaks_the_protocol),
		cmocka_unit_test(nonsense_ends_the_connection),
		cmocka_unit_test(random_bytes_never_get_through),
		cmocka_unit_test(huge_announcements_and_cut_answers_fail),
		cmocka_unit_test(one_that_ignores_a_cancel_is_given_up),
		cmocka_unit_test(a_flood_of_progress_is_not_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
