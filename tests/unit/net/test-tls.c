/* Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "tests/unit/net/pems.h"

/* ---- two ends ---- */

struct pair {
	struct tls_identity *server_is, *client_is;
	struct tls_authority *server_trusts, *client_trusts;
	struct tls_policy server_policy, client_policy;
	struct tls *server, *client;
	struct buf at_server, at_client; /* what arrived */
	int server_error, client_error;
	size_t step; /* bytes at a time; 0: all */
};

static bool is_revoked(const unsigned char key[TLS_KEY], void *data)
{
	return memcmp(key, data, TLS_KEY) == 0;
}

static bool carry(struct tls *from, struct tls *to, struct buf *arrived, int *error, size_t step)
{
	struct buf *out = tls_output(from);
	size_t n = step && step < out->n ? step : out->n;

	if (n == 0)
		return false;
	if (*error == 0)
		*error = tls_feed(to, (struct span){ out->p, n }, arrived);
	buf_consume(out, n);
	return true;
}

static void talk(struct pair *p)
{
	bool any;

	do {
		any = carry(p->client, p->server, &p->at_server, &p->server_error, p->step);
		any |= carry(p->server, p->client, &p->at_client, &p->client_error, p->step);
	} while (any);
}

/* client NULL: it shows no certificate. */
static void pair_init(struct pair *p, const char *server, const char *client)
{
	*p = (struct pair){ 0 };
	p->server_is = pems_identity(server);
	p->client_is = client ? pems_identity(client) : NULL;
	p->server_trusts = pems_authority("ca");
	p->client_trusts = pems_authority("ca");
	p->server_policy = (struct tls_policy){ .identity = p->server_is, .authority = p->server_trusts, .unit = "agent" };
	p->client_policy = (struct tls_policy){ .identity = p->client_is, .authority = p->client_trusts,
						.unit = "server" };
}

static void connect_pair(struct pair *p)
{
	assert_int_equal(tls_server_new(&p->server_policy, clock_now(), &p->server), 0);
	assert_int_equal(tls_client_new(&p->client_policy, "server.test", clock_now(), &p->client), 0);
	talk(p);
}

static void pair_free(struct pair *p)
{
	tls_free(p->server);
	tls_free(p->client);
	tls_identity_free(p->server_is);
	tls_identity_free(p->client_is);
	tls_authority_free(p->server_trusts);
	tls_authority_free(p->client_trusts);
	buf_free(&p->at_server);
	buf_free(&p->at_client);
}

static void is_open(struct pair *p)
{
	if (!tls_is_open(p->server) || !tls_is_open(p->client))
		fail_msg("server: %s; client: %s", tls_fault_text(tls_fault(p->server)),
			 tls_fault_text(tls_fault(p->client)));
}

/* ---- good ones ---- */

static void good_peers_talk_however_cut(void **state)
{
	static const char *const servers[] = { "server", "server-rsa", "server-384", "server-sub", "server-with-ca" };
	static const char *const agents[] = { "agent-rsa", "agent-384", "agent-sub", "agent-with-ca", "agent" };
	static const size_t steps[] = { 0, 1, 7, 1000, 5 };

	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		struct pair p;

		pair_init(&p, servers[i], agents[i]);
		p.step = steps[i];
		connect_pair(&p);
		is_open(&p);
		assert_memory_equal(tls_peer_key(p.server), tls_identity_key(p.client_is), TLS_KEY);
		assert_memory_equal(tls_peer_key(p.client), tls_identity_key(p.server_is), TLS_KEY);
		assert_string_equal(tls_peer_unit(p.server), "agent");
		assert_int_equal(tls_put(p.client, SPAN("question")), 0);
		assert_int_equal(tls_put(p.server, SPAN("answer")), 0);
		talk(&p);
		assert_true(span_eq(buf_span(&p.at_server), SPAN("question")));
		assert_true(span_eq(buf_span(&p.at_client), SPAN("answer")));
		pair_free(&p);
	}
}

static void much_goes_both_ways_and_ends(void **state)
{
	AUTO_BUF much = BUF_INIT;
	struct pair p;

	for (size_t i = 0; i < 300000; i++)
		buf_add_char(&much, (char)(i * 31 >> 3));
	pair_init(&p, "server", "agent");
	connect_pair(&p);
	assert_int_equal(tls_put(p.client, buf_span(&much)), 0);
	assert_int_equal(tls_put(p.server, buf_span(&much)), 0);
	talk(&p);
	assert_true(span_eq(buf_span(&p.at_server), buf_span(&much)));
	assert_true(span_eq(buf_span(&p.at_client), buf_span(&much)));
	assert_false(tls_is_ended(p.server));
	tls_end(p.client);
	assert_int_equal(tls_put(p.client, SPAN("late")), -EPIPE);
	talk(&p);
	assert_true(tls_is_ended(p.server));
	assert_true(tls_is_ended(p.client));
	assert_int_equal(p.server_error, 0);
	assert_int_equal(p.client_error, 0);
	pair_free(&p);
}

static void client_trusts(struct pair *p, const char *authority)
{
	tls_authority_free(p->client_trusts);
	p->client_trusts = pems_authority(authority);
	p->client_policy.authority = p->client_trusts;
}

static void the_authority_may_have_an_rsa_key(void **state)
{
	struct pair p;

	pair_init(&p, "server-from-rsa", "agent");
	client_trusts(&p, "rsa-ca");
	connect_pair(&p);
	is_open(&p);
	pair_free(&p);
}

static void a_self_signed_server_is_its_own_authority(void **state)
{
	struct pair p;

	pair_init(&p, "server-self", "agent");
	client_trusts(&p, "server-self");
	connect_pair(&p);
	is_open(&p);
	pair_free(&p);
}

static void who_needs_no_certificate_shows_none(void **state)
{
	struct pair p;

	pair_init(&p, "server", NULL);
	p.server_policy.authority = NULL;
	p.server_policy.unit = NULL;
	connect_pair(&p);
	is_open(&p);
	assert_null(tls_peer_key(p.server));
	pair_free(&p);
}

static void who_may_show_none_must_not_show_a_bad_one(void **state)
{
	static const struct { const char *client; enum tls_fault fault; } clients[] = {
		{ NULL, TLS_SOUND }, { "agent", TLS_SOUND }, { "agent-expired", TLS_EXPIRED },
		{ "agent-other-ca", TLS_UNKNOWN_AUTHORITY }, { "agent-no-signing", TLS_WRONG_USE },
	};

	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		struct pair p;

		pair_init(&p, "server", clients[i].client);
		p.server_policy.may_show_none = true;
		connect_pair(&p);
		assert_int_equal(tls_fault(p.server), clients[i].fault);
		assert_int_equal(tls_is_open(p.server), clients[i].fault == TLS_SOUND);
		if (tls_is_open(p.server))
			assert_int_equal(tls_peer_key(p.server) != NULL, clients[i].client != NULL);
		pair_free(&p);
	}
}

static void a_pin_is_one_exact_key(void **state)
{
	static const struct { const char *server; enum tls_fault fault; } servers[] = {
		{ "server", TLS_SOUND },
		{ "server-other-ca-same-key", TLS_SOUND }, /* whoever signed it, and whatever for */
		{ "server-rsa", TLS_OTHER_KEY },
		{ "server-wrong-name", TLS_OTHER_KEY },
	};

	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		struct tls_identity *known = pems_identity("server");
		struct pair p;

		pair_init(&p, servers[i].server, "agent");
		p.client_policy = (struct tls_policy){ .identity = p.client_is, .pin = tls_identity_key(known) };
		connect_pair(&p);
		assert_int_equal(tls_fault(p.client), servers[i].fault);
		assert_int_equal(tls_is_open(p.client), servers[i].fault == TLS_SOUND);
		assert_memory_equal(tls_peer_key(p.client), tls_identity_key(p.server_is), TLS_KEY);
		assert_string_equal(tls_peer_unit(p.client), "");
		tls_identity_free(known);
		pair_free(&p);
	}
}

/* ---- bad ones ---- */

static const struct { const char *what; enum tls_fault fault; } bad[] = {
	{ "expired", TLS_EXPIRED },
	{ "not-yet", TLS_NOT_YET_VALID },
	{ "other-ca", TLS_UNKNOWN_AUTHORITY },
	{ "same-ca", TLS_UNKNOWN_AUTHORITY },
	{ "other-ca-same-key", TLS_UNKNOWN_AUTHORITY },
	{ "self", TLS_UNKNOWN_AUTHORITY },
	{ "from-not-ca", TLS_UNKNOWN_AUTHORITY },
	{ "missing-sub", TLS_UNKNOWN_AUTHORITY },
	{ "too-deep", TLS_UNKNOWN_AUTHORITY },
	{ "old-sub", TLS_EXPIRED },
	{ "no-unit", TLS_WRONG_USE },
	{ "long-unit", TLS_WRONG_USE },
	{ "no-signing", TLS_WRONG_USE },
	{ "revoked", TLS_REVOKED },
	{ "revoked-again", TLS_REVOKED },
	{ "weak", TLS_WEAK },
	{ "critical", TLS_BAD_CERTIFICATE },
	{ "huge", TLS_BAD_CERTIFICATE },
};

/* The client refuses the server's, or the server the client's; nothing that was said afterwards arrives. */
static void is_refused(const char *certificate, bool of_server, enum tls_fault fault)
{
	AUTO_BUF revoked_name = BUF_INIT;
	struct tls_identity *revoked = pems_identity(of_server ? "server-revoked" : "agent-revoked");
	struct tls_policy *judging;
	struct pair p;

	pair_init(&p, of_server ? certificate : "server", of_server ? "agent" : certificate);
	judging = of_server ? &p.client_policy : &p.server_policy;
	judging->is_revoked = is_revoked;
	judging->data = (void *)tls_identity_key(revoked);
	connect_pair(&p);
	if (tls_put(of_server ? p.server : p.client, SPAN("trust me")) == 0)
		talk(&p);
	if (tls_fault(of_server ? p.client : p.server) != fault ||
	    (of_server ? p.client_error : p.server_error) != -EKEYREJECTED)
		fail_msg("%s as %s: %s (%d)", certificate, of_server ? "server" : "client",
			 tls_fault_text(tls_fault(of_server ? p.client : p.server)),
			 of_server ? p.client_error : p.server_error);
	assert_false(tls_is_open(of_server ? p.client : p.server));
	assert_int_equal(of_server ? p.at_client.n : p.at_server.n, 0);
	tls_identity_free(revoked);
	pair_free(&p);
}

static void bad_certificates_are_refused_with_the_reason(void **state)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		for (int of_server = 0; of_server < 2; of_server++, n++) {
			AUTO_BUF name = BUF_INIT;

			buf_printf(&name, "%s-%s", of_server ? "server" : "agent", bad[i].what);
			is_refused(name.p, of_server, bad[i].fault);
		}
	}
	is_refused("agent-of-app", false, TLS_WRONG_USE);
	is_refused("server-of-agent", true, TLS_WRONG_USE);
	is_refused("server", false, TLS_WRONG_USE);
	is_refused("agent", true, TLS_WRONG_USE);
	is_refused(NULL, false, TLS_NO_CERTIFICATE);
	print_message("%zu bad certificates, 7 with a wrong name\n", n + 5);
}

static void a_server_must_have_the_name_that_was_dialled(void **state)
{
	static const char *const servers[] = {
		"server-wrong-name", "server-ip", "server-ip-as-name", "server-only-cn-other", "server-suffix",
		"server-wildcard", "server-nul",
	};

	for (size_t i = 0; i < ARRAY_LEN(servers); i++)
		is_refused(servers[i], true, TLS_WRONG_NAME);
}

static void an_address_is_no_name(void **state)
{
	static const char *const names[] = { "", "127.0.0.1", "::1", "2001:db8::1" };
	struct pair p;

	pair_init(&p, "server", "agent");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(tls_client_new(&p.client_policy, names[i], clock_now(), &p.client), -EINVAL);
	pair_free(&p);
}

static void a_policy_must_make_sense(void **state)
{
	struct tls *t;
	struct pair p;

	pair_init(&p, "server", "agent");
	p.client_policy.pin = tls_identity_key(p.server_is);
	assert_int_equal(tls_client_new(&p.client_policy, "server.test", clock_now(), &t), -EINVAL);
	p.client_policy.pin = NULL;
	p.client_policy.authority = NULL;
	assert_int_equal(tls_client_new(&p.client_policy, "server.test", clock_now(), &t), -EINVAL);
	p.server_policy.pin = tls_identity_key(p.client_is);
	assert_int_equal(tls_server_new(&p.server_policy, clock_now(), &t), -EINVAL);
	p.server_policy.pin = NULL;
	p.server_policy.identity = NULL;
	assert_int_equal(tls_server_new(&p.server_policy, clock_now(), &t), -EINVAL);
	pair_free(&p);
}

static void identities_are_checked_when_they_are_read(void **state)
{
	struct tls_identity *i;
	struct tls_authority *a;

	assert_int_equal(pems_parse_identity("agent", "server", &i), -EKEYREJECTED);
	assert_int_equal(pems_parse_identity("agent", "agent-rsa", &i), -EKEYREJECTED);
	assert_int_equal(pems_parse_identity("agent-rsa", "server-rsa", &i), -EKEYREJECTED);
	assert_int_equal(pems_parse_identity("server-ed25519", "server-ed25519", &i), -EINVAL);
	assert_int_equal(tls_identity_parse(SPAN(""), SPAN(""), &i), -EINVAL);
	assert_int_equal(tls_identity_parse(SPAN("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
					    SPAN(""), &i), -EINVAL);
	assert_int_equal(tls_authority_parse(SPAN("no certificate"), &a), -EINVAL);
	assert_int_equal(tls_authority_parse(SPAN("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"), &a),
			 -EINVAL);
}

static void a_hash_that_broke_is_not_accepted(void **state)
{
	struct pair p;

	pair_init(&p, "server-sha1", "agent");
	client_trusts(&p, "rsa-ca");
	connect_pair(&p);
	assert_int_equal(tls_fault(p.client), TLS_BAD_CERTIFICATE);
	pair_free(&p);
}

/* ---- bad bytes ---- */

static void junk_is_noticed_and_delivers_nothing(void **state)
{
	static const struct span junk[] = {
		SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), SPAN("SSH-2.0-OpenSSH_9.2\r\n"),
		SPAN("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"), SPAN("\x15\x03\x03\x00\x02\x02\x28"),
		SPAN("\x17\x03\x03\x00\x01x"),
	};

	for (size_t i = 0; i < ARRAY_LEN(junk); i++) {
		AUTO_BUF plain = BUF_INIT;
		struct pair p;

		pair_init(&p, "server", "agent");
		assert_int_equal(tls_server_new(&p.server_policy, clock_now(), &p.server), 0);
		assert_int_equal(tls_put(p.server, SPAN("early")), -EAGAIN);
		assert_int_equal(tls_feed(p.server, junk[i], &plain), -EPROTO);
		assert_int_not_equal(tls_fault(p.server), TLS_SOUND);
		assert_int_equal(tls_feed(p.server, junk[i], &plain), -EPROTO);
		assert_int_equal(plain.n, 0);
		pair_free(&p);
	}
}

/* One bit of what the client sends is wrong, at every 13th byte of the whole conversation. */
static void no_changed_byte_arrives(void **state)
{
	size_t length = 1;

	for (size_t at = 0; at < length; at += 13) {
		struct pair p;
		size_t sent = 0;

		pair_init(&p, "server", "agent");
		assert_int_equal(tls_server_new(&p.server_policy, clock_now(), &p.server), 0);
		assert_int_equal(tls_client_new(&p.client_policy, "server.test", clock_now(), &p.client), 0);
		for (bool said = false; tls_output(p.client)->n || !said;) {
			struct buf *out = tls_output(p.client);

			if (at >= sent && at < sent + out->n)
				out->p[at - sent] ^= 1;
			sent += out->n;
			talk(&p);
			if (!said && !tls_output(p.client)->n) {
				said = true;
				tls_put(p.client, SPAN("the right words"));
			}
		}
		length = at == 0 ? 900 : length;
		if (p.at_server.n && !span_eq(buf_span(&p.at_server), SPAN("the right words")))
			fail_msg("byte %zu", at);
		if (at < sent && p.server_error == 0 && p.client_error == 0 && p.at_server.n)
			fail_msg("byte %zu went unnoticed", at);
		pair_free(&p);
	}
}

static void who_refuses_us_is_told_so(void **state)
{
	AUTO_BUF plain = BUF_INIT;
	struct pair p;

	pair_init(&p, "server", "agent");
	assert_int_equal(tls_client_new(&p.client_policy, "server.test", clock_now(), &p.client), 0);
	assert_int_equal(tls_feed(p.client, SPAN("\x15\x03\x03\x00\x02\x02\x30"), &plain), -EPROTO);
	assert_int_equal(tls_fault(p.client), TLS_REFUSED);
	assert_int_equal(tls_alert(p.client), 48);
	pair_free(&p);
}

static void every_fault_has_a_text(void **state)
{
	for (enum tls_fault f = TLS_SOUND; f < TLS_FAULTS; f++)
		for (enum tls_fault other = f + 1; other < TLS_FAULTS; other++)
			assert_string_not_equal(tls_fault_text(f), tls_fault_text(other));
}

/* That it is a key of that public half, OpenSSL says too: tests/system/client. */
static void a_new_key_is_one_and_no_other(void **state)
{
	AUTO_SECRET_BUF first = BUF_INIT, second = BUF_INIT;
	AUTO_BUF public = BUF_INIT, other = BUF_INIT, certificate = BUF_INIT;
	struct tls_identity *i;

	assert_int_equal(tls_key_new(&first, &public), 0);
	assert_int_equal(tls_key_new(&second, &other), 0);
	assert_true(span_starts(buf_span(&first), SPAN("-----BEGIN PRIVATE KEY-----\n")));
	assert_int_equal(public.n, 91);
	assert_int_equal(first.n, strlen(first.p));
	assert_false(span_eq(buf_span(&first), buf_span(&second)));
	assert_false(span_eq(buf_span(&public), buf_span(&other)));
	pems_load(&certificate, "agent", "pem");
	assert_int_equal(tls_identity_parse(buf_span(&certificate), buf_span(&first), &i), -EKEYREJECTED); /* a key it is */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_key_is_one_and_no_other),
		cmocka_unit_test(good_peers_talk_however_cut),
		cmocka_unit_test(much_goes_both_ways_and_ends),
		cmocka_unit_test(the_authority_may_have_an_rsa_key),
		cmocka_unit_test(a_self_signed_server_is_its_own_authority),
		cmocka_unit_test(who_needs_no_certificate_shows_none),
		cmocka_unit_test(who_may_show_none_must_not_show_a_bad_one),
		cmocka_unit_test(a_pin_is_one_exact_key),
		cmocka_unit_test(bad_certificates_are_refused_with_the_reason),
		cmocka_unit_test(a_server_must_have_the_name_that_was_dialled),
		cmocka_unit_test(an_address_is_no_name),
		cmocka_unit_test(a_policy_must_make_sense),
		cmocka_unit_test(identities_are_checked_when_they_are_read),
		cmocka_unit_test(a_hash_that_broke_is_not_accepted),
		cmocka_unit_test(junk_is_noticed_and_delivers_nothing),
		cmocka_unit_test(no_changed_byte_arrives),
		cmocka_unit_test(who_refuses_us_is_told_so),
		cmocka_unit_test(every_fault_has_a_text),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
