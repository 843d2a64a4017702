/* send and receive at the two ends of a link over loopback. Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/net/dial.h"
#include "agent/transfer/receive.h"
#include "agent/transfer/send.h"
#include "tests/unit/net/pems.h"

enum { CONTENT = 13 << 20 };

static struct fdm *fdm;
static char folder[64], source[96];

static struct place {
	struct tls_identity *server_is, *client_is;
	struct tls_authority *ca;
	struct link_server *s;
	struct dial *d;
	struct link *server, *client;   /* NULL: ended */
	struct receive *receive;        /* at the server */
	struct send *send;              /* at the client */
	bool sent, received;
	int send_error, receive_error;
	char text[128], sha256[65], name[64];
	uint64_t offset, done, most_unsent, cut_at, grow_at;
	bool unwanted, forgets;
} place;

static int quit(struct fdm *f, void *data)
{
	fdm_quit(f);
	return 0;
}

static void turn(void)
{
	int timer = fdm_timer_add(fdm, 2, quit, NULL);

	assert_int_equal(fdm_run(fdm), 0);
	fdm_timer_remove(fdm, timer);
}

/* ---- the link ---- */

static unsigned upgrade(struct link *l, const struct http_head *head, void *data)
{
	return 0;
}

static void ready(struct link *l, void *data)
{
	*(struct link **)data = l;
}

static void message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	if (data == &place.server && place.receive)
		receive_message(place.receive, kind, payload);
	else if (data == &place.client && place.send)
		send_message(place.send, kind, payload);
}

static void drained(struct link *l, void *data)
{
	if (data == &place.client && place.send)
		send_drained(place.send);
}

static void closed(struct link *l, const struct link_end *end, void *data)
{
	*(struct link **)data = NULL;
}

static const struct link_handler handler = {
	.upgrade = upgrade, .ready = ready, .message = message, .drained = drained, .closed = closed,
};

static void on_dialled(struct dial *d, int fd, void *data)
{
	struct link_config config = {
		.policy = { .identity = place.client_is, .authority = place.ca, .unit = "server" },
		.name = "server.test", .target = "/", .limits = CONN_LIMITS, .max_message = BULK_MAX_MESSAGE,
		.handler = &handler, .data = &place.client,
	};
	struct link *l;

	assert_int_equal(link_new(fdm, fd, &config, &l), 0);
}

static void connect_links(void)
{
	struct dial_place where = { "127.0.0.1", listener_port(link_server_listener(place.s)) };

	dial_free(place.d);
	assert_int_equal(dial_new(fdm, &where, 1, 5000, on_dialled, NULL, &place.d), 0);
	while (!place.server || !place.client)
		turn();
}

static int start(void **state)
{
	struct link_server_config config = { .max_message = BULK_MAX_MESSAGE, .handler = &handler, .data = &place.server };

	fdm = fdm_new();
	place = (struct place){ .server_is = pems_identity("server"), .client_is = pems_identity("agent"),
				.ca = pems_authority("ca") };
	config.listener = (struct listener_config){ .policy = { .identity = place.server_is }, .limits = CONN_LIMITS,
						    .max_connections = 10, .max_unopened = 10 };
	assert_int_equal(link_server_new(fdm, "127.0.0.1", 0, &config, &place.s), 0);
	snprintf(folder, sizeof(folder), "/tmp/test-transfer-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(source, sizeof(source), "%s.source", folder);
	return 0;
}

static void cut_links(void)
{
	receive_free(place.receive);
	send_free(place.send);
	place.receive = NULL;
	place.send = NULL;
	if (place.server)
		link_abort(place.server, -ECANCELED);
	if (place.client)
		link_abort(place.client, -ECANCELED);
	assert_null(place.server);
	assert_null(place.client);
}

static int end(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	cut_links();
	link_server_free(place.s);
	dial_free(place.d);
	fdm_free(fdm);
	tls_identity_free(place.server_is);
	tls_identity_free(place.client_is);
	tls_authority_free(place.ca);
	unlink(source);
	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(folder);
}

/* ---- a transfer over it ---- */

static bool on_offered(const struct control *offer, uint64_t offset, void *data)
{
	snprintf(place.name, sizeof(place.name), "%.*s", SPAN_FMT(offer->offer.name));
	place.offset = offset;
	return !place.unwanted;
}

/* The other side has not heard yet. */
static int on_stored(const char *sha256, uint64_t size, void *data)
{
	char path[192];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, sha256);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, size);
	assert_false(place.sent);
	return place.forgets ? -EIO : 0;
}

static void on_received(struct receive *r, int error, const char *text, const char *sha256, void *data)
{
	place.received = true;
	place.receive_error = error;
	snprintf(place.text, sizeof(place.text), "%s", text ? text : "");
	snprintf(place.sha256, sizeof(place.sha256), "%s", sha256 ? sha256 : "");
	receive_free(r);
	place.receive = NULL;
}

static void on_progress(uint64_t done, uint64_t bytes, void *data)
{
	size_t unsent = place.client ? link_unsent(place.client) : 0;

	place.done = done;
	place.most_unsent = unsent > place.most_unsent ? unsent : place.most_unsent;
	if (place.grow_at && done >= place.grow_at) {
		AUTO_CLOSE int fd = open(source, O_WRONLY | O_APPEND | O_CLOEXEC);

		assert_int_equal(write(fd, "x", 1), 1);
		place.grow_at = 0;
	}
}

static void on_sent(struct send *s, int error, const char *text, void *data)
{
	place.sent = true;
	place.send_error = error;
	send_free(s);
	place.send = NULL;
}

static struct part_place limits = { folder, CONTENT, 4 * (uint64_t)CONTENT, 0 };

static void begin_receive(void)
{
	struct receive_config r = { fdm, place.server, limits, "a", on_offered, on_stored, on_progress, on_received, NULL };

	place.sent = place.received = false;
	place.done = 0;
	assert_int_equal(receive_new(&r, &place.receive), 0);
}

static int begin_send(uint64_t max)
{
	struct send_config s = { fdm, place.client, open(source, O_RDONLY | O_CLOEXEC), SPAN("a name"), SPAN("identity"),
				 max, NULL, on_sent, NULL };

	return send_new(&s, &place.send);
}

static void begin(void)
{
	begin_receive();
	assert_int_equal(begin_send(CONTENT), 0);
}

static void run(void)
{
	begin();
	while (!place.sent || !place.received)
		turn();
}

static char sum[SHA256_DIGEST_STRING_LENGTH];

/* Half of it packs well, half not at all; its SHA-256 is `sum`. */
static void make_source(size_t n)
{
	AUTO_BUF content = BUF_INIT;
	uint64_t seed = n;
	FILE *f;

	while (content.n < n) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		for (size_t i = 0; i < 512 && content.n < n; i++)
			buf_add_char(&content, seed >> 63 ? 'a' : (char)((seed >> 20) * i >> 7));
	}
	f = fopen(source, "we");
	assert_int_equal(fwrite(content.p ? content.p : "", 1, n, f), n);
	fclose(f);
	assert_non_null(SHA256File(source, sum));
}

static unsigned count_files(bool hidden)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d)))
		n += e->d_type == DT_REG && (e->d_name[0] == '.') == hidden;
	closedir(d);
	return n;
}

static void check_stored(const char *wanted)
{
	char path[192], found[SHA256_DIGEST_STRING_LENGTH];

	assert_int_equal(place.receive_error, 0);
	assert_int_equal(place.send_error, 0);
	assert_string_equal(place.sha256, wanted);
	assert_int_equal(count_files(true), 0);
	snprintf(path, sizeof(path), "%s/%s", folder, wanted);
	assert_string_equal(SHA256File(path, found), wanted);
}

static void whole_files_arrive(void **state)
{
	static const size_t sizes[] = { 0, 1, BULK_PIECE, TRANSFER_WINDOW + 1, CONTENT };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		make_source(sizes[i]);
		connect_links();
		run();
		check_stored(sum);
		assert_string_equal(place.name, "a name");
		assert_int_equal(place.done, sizes[i]);
		assert_int_equal(count_files(false), i + 1);
		cut_links();
	}
	assert_true(place.most_unsent <= TRANSFER_UNSENT + BULK_MAX_MESSAGE + 64);
}

static void broken_ones_go_on(void **state)
{
	unsigned cuts = 0, resumed = 0;
	uint64_t until;

	make_source(CONTENT);
	for (until = 1; until < CONTENT; until += 4 << 20, cuts++) {
		connect_links();
		begin();
		while (!place.received && place.done < until)
			turn();
		resumed += place.offset > 0;
		assert_false(place.received);
		cut_links();
		assert_int_equal(count_files(true), 1);
		assert_int_equal(count_files(false), 0);
	}
	connect_links();
	run();
	check_stored(sum);
	assert_int_equal(resumed, cuts - 1);
	assert_true(place.offset > CONTENT / 2);
}

static void a_change_is_noticed(void **state)
{
	make_source(CONTENT - 1000);
	connect_links();
	place.grow_at = CONTENT / 2;
	run();
	assert_int_equal(place.receive_error, -EBUSY);
	assert_int_equal(place.send_error, -EBUSY);
	assert_string_equal(place.text, "it changed while it was read");
	assert_int_equal(count_files(false), 0);
}

static void fails_both(int error)
{
	connect_links();
	run();
	assert_int_equal(place.receive_error, error);
	assert_int_equal(place.send_error, error);
	assert_int_equal(count_files(false), 0);
	cut_links();
}

static void limits_are_told(void **state)
{
	const struct part_place usual = limits;

	make_source(1 << 20);
	limits.max_bytes = 1000;
	fails_both(-EFBIG);
	limits = usual;
	limits.max_all = 1000;
	fails_both(-ENOSPC);
	limits = usual;
	limits.min_free = UINT64_MAX / 2;
	fails_both(-ENOSPC);
	limits = usual;
	place.unwanted = true;
	fails_both(-ECANCELED);
	place.unwanted = false;
	connect_links();
	assert_int_equal(begin_send(1000), -EFBIG);
	place.forgets = true;
	run();
	assert_int_equal(place.send_error, -EIO);
	assert_int_equal(place.receive_error, -EIO);
}

/* ---- who does not do as they should ---- */

static void bulk(enum bulk_kind kind, const char *rest, size_t n)
{
	AUTO_BUF out = BUF_INIT;

	buf_add_char(&out, (char)kind);
	buf_add(&out, "\0\0\0\1", 4);
	buf_add(&out, rest, n);
	assert_int_equal(transfer_send(place.client, &out), 0);
}

static void offer(uint64_t size)
{
	struct control c = { .type = CONTROL_BULK_OFFER };

	c.offer.transfer = TRANSFER_NUMBER;
	c.offer.name = SPAN("x");
	c.offer.identity = SPAN("x");
	c.offer.size = size;
	assert_int_equal(transfer_say(place.client, &c), 0);
}

static void ends_with(int error)
{
	while (!place.received)
		turn();
	assert_int_equal(place.receive_error, error);
	assert_int_equal(count_files(false), 0);
	cut_links();
}

static void begin_hostile(void)
{
	connect_links();
	begin_receive();
}

static void nonsense_is_refused(void **state)
{
	static const char data[] = "\0\0\0\0\0\0\0\0\0\0\0\0\3abc", end[12 + 32] = "\0\0\0\0\0\0\0\0";

	begin_hostile();
	bulk(BULK_DATA, data, sizeof(data) - 1);
	ends_with(-EPROTO);
	begin_hostile();
	offer(3);
	offer(3);
	ends_with(-EPROTO);
	begin_hostile();
	offer(3);
	bulk(BULK_DATA, data, sizeof(data) - 1); /* without credit */
	ends_with(-EPROTO);
	begin_hostile();
	assert_int_equal(link_send(place.client, WEBSOCKET_TEXT, SPAN("{}")), 0);
	ends_with(-EPROTO);
	begin_hostile();
	offer(UINT64_C(1) << 53);
	ends_with(-EFBIG);
	begin_hostile();
	bulk(BULK_CANCEL, "\4", 1);
	ends_with(-EBUSY);
	begin_hostile(); /* another content than that of its SHA-256 leaves nothing */
	offer(0);
	for (int i = 0; i < 20; i++)
		turn();
	bulk(BULK_END, end, 8 + 32);
	ends_with(-EBADMSG);
	assert_int_equal(count_files(true), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_files_arrive, start, end),
		cmocka_unit_test_setup_teardown(broken_ones_go_on, start, end),
		cmocka_unit_test_setup_teardown(a_change_is_noticed, start, end),
		cmocka_unit_test_setup_teardown(limits_are_told, start, end),
		cmocka_unit_test_setup_teardown(nonsense_is_refused, start, end),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
