/* ServerLink against a server on loopback. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "gui/network.h"
#include "gui/server-link.h"
#include "tests/unit/gui/fake-reader.h"
#include "tests/unit/gui/fake-server.h"

struct place {
	struct tls_identity *identity;
	struct fake_server *server;
	guint16 port;
	ServerLink *link;
	char key[SERVER_KEY_TEXT];
};

static struct reader *open_reader(void *data)
{
	return fake_reader_new(100, NULL);
}

static void serve(struct place *p, unsigned identity)
{
	struct fake_server_config config = { .fdm = network_fdm(), .port = p->port, .open = open_reader };

	p->identity = fake_server_identity(identity);
	config.identity = p->identity;
	p->server = fake_server_new(&config);
	p->port = fake_server_port(p->server);
}

static void stop_serving(struct place *p)
{
	fake_server_free(p->server);
	tls_identity_free(p->identity);
}

static void until(ServerLink *link, enum server_state state)
{
	while (server_link_get_state(link) != state)
		g_main_context_iteration(NULL, TRUE);
}

static void key_of(struct place *p)
{
	for (guint i = 0; i < TLS_KEY; i++)
		snprintf(p->key + 2 * i, 3, "%02x", tls_identity_key(p->identity)[i]);
}

static void place_init(struct place *p)
{
	*p = (struct place){ .port = 0 };
	serve(p, 0);
	key_of(p);
	p->link = server_link_new("127.0.0.1", p->port, "alice", p->key);
}

static void place_free(struct place *p)
{
	g_object_unref(p->link);
	while (fake_server_seen(p->server)->links)
		g_main_context_iteration(NULL, TRUE);
	stop_serving(p);
}

static void come_online(struct place *p)
{
	place_init(p);
	server_link_login(p->link, "alice", "secret");
	until(p->link, SERVER_ONLINE);
}

/* ---- the key ---- */

static void an_unknown_key_is_asked_about_before_anything_is_said(void **state)
{
	struct place p;

	place_init(&p);
	g_object_unref(p.link);
	p.link = server_link_new("127.0.0.1", p.port, "alice", NULL);
	server_link_login(p.link, "alice", "secret");
	until(p.link, SERVER_ASKING);
	assert_string_equal(server_link_get_shown_key(p.link), p.key);
	assert_string_equal(server_link_get_key(p.link), "");
	assert_int_equal(fake_server_seen(p.server)->logins, 0);
	server_link_trust(p.link);
	assert_string_equal(server_link_get_key(p.link), p.key);
	until(p.link, SERVER_ONLINE);
	assert_string_equal(server_link_get_role(p.link), "investigator");
	place_free(&p);
}

static void another_key_is_refused_for_good(void **state)
{
	struct place p;

	come_online(&p);
	stop_serving(&p);
	serve(&p, 1);
	until(p.link, SERVER_STRANGER);
	assert_string_not_equal(server_link_get_shown_key(p.link), p.key);
	assert_string_equal(server_link_get_key(p.link), p.key);
	server_link_trust(p.link); /* there is no way past it */
	assert_int_equal(server_link_get_state(p.link), SERVER_STRANGER);
	assert_int_equal(fake_server_seen(p.server)->resumes, 0);
	place_free(&p);
}

static void keys_are_shown_to_be_compared(void **state)
{
	g_autofree char *words = server_link_key_words("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

	assert_string_equal(words, "0123 4567 89AB CDEF 0123 4567 89AB CDEF\n0123 4567 89AB CDEF 0123 4567 89AB CDEF");
}

/* ---- login ---- */

static void a_wrong_password_is_said(void **state)
{
	struct place p;

	place_init(&p);
	server_link_login(p.link, "alice", "wrong");
	until(p.link, SERVER_CONNECTING);
	until(p.link, SERVER_OFF);
	assert_string_equal(server_link_get_reason(p.link), "wrong user or password");
	assert_false(server_link_can_resume(p.link));
	server_link_login(p.link, "alice", "secret");
	until(p.link, SERVER_ONLINE);
	assert_null(server_link_get_reason(p.link));
	place_free(&p);
}

static void nothing_listening_is_said_at_once(void **state)
{
	struct place p;
	ServerLink *other;

	place_init(&p);
	other = server_link_new("127.0.0.1", 1, "alice", p.key);
	assert_string_equal(server_link_get_name(other), "127.0.0.1:1");
	server_link_login(other, "alice", "secret");
	until(other, SERVER_OFF);
	assert_non_null(strstr(server_link_get_reason(other), "nothing listens there"));
	g_object_unref(other);
	place_free(&p);
}

static void leaving_keeps_the_token_and_signing_out_does_not(void **state)
{
	struct place p;

	come_online(&p);
	server_link_disconnect(p.link);
	assert_int_equal(server_link_get_state(p.link), SERVER_OFF);
	assert_true(server_link_can_resume(p.link));
	server_link_resume(p.link);
	until(p.link, SERVER_ONLINE);
	assert_int_equal(fake_server_seen(p.server)->logins, 1);
	server_link_sign_out(p.link);
	assert_false(server_link_can_resume(p.link));
	place_free(&p);
}

/* ---- coming back ---- */

static void a_cut_connection_comes_back_without_a_password(void **state)
{
	struct place p;

	come_online(&p);
	fake_server_cut(p.server, true);
	until(p.link, SERVER_CONNECTING);
	assert_non_null(server_link_get_reason(p.link));
	until(p.link, SERVER_ONLINE);
	assert_int_equal(fake_server_seen(p.server)->logins, 1);
	assert_int_equal(fake_server_seen(p.server)->resumes, 1);
	place_free(&p);
}

static void a_token_that_expired_needs_a_login(void **state)
{
	struct place p;

	come_online(&p);
	fake_server_expire(p.server);
	fake_server_cut(p.server, true);
	until(p.link, SERVER_OFF);
	assert_string_equal(server_link_get_reason(p.link), "the sign-in has expired");
	assert_false(server_link_can_resume(p.link));
	place_free(&p);
}

/* ---- calls ---- */

struct answer {
	guint n, rows;
	char *error;
};

static void on_list(const struct control *c, const char *error, gpointer data)
{
	struct answer *a = data;

	a->n++;
	if (c) {
		assert_int_equal(c->type, CONTROL_ENDPOINTS);
		a->rows = (guint)c->rows.rows.n;
	}
	g_free(a->error);
	a->error = g_strdup(error);
}

static guint ask_list(ServerLink *link, const char *match, struct answer *a)
{
	struct control c = { .type = CONTROL_ENDPOINT_LIST };

	c.list.match = span_of(match);
	c.list.n = 10;
	return server_link_call(link, &c, on_list, a);
}

static void calls_are_answered(void **state)
{
	struct answer a = { 0 }, b = { 0 }, dropped = { 0 };
	struct place p;

	come_online(&p);
	ask_list(p.link, "web", &a);
	server_link_drop(p.link, ask_list(p.link, "", &dropped));
	ask_list(p.link, "192.0.2.7", &b);
	while (!a.n || !b.n)
		g_main_context_iteration(NULL, TRUE);
	assert_int_equal(a.rows, 2);
	assert_int_equal(b.rows, 1);
	assert_int_equal(dropped.n, 0);
	place_free(&p);
}

static void calls_without_a_connection_fail(void **state)
{
	struct answer a = { 0 };
	struct place p;

	come_online(&p);
	ask_list(p.link, "", &a);
	server_link_disconnect(p.link); /* before it could be answered */
	assert_int_equal(a.n, 1);
	assert_non_null(a.error);
	ask_list(p.link, "", &a);
	assert_int_equal(a.n, 1); /* not from within the call */
	while (a.n < 2)
		g_main_context_iteration(NULL, TRUE);
	assert_string_equal(a.error, "not connected to the server");
	g_free(a.error);
	place_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_key_is_asked_about_before_anything_is_said),
		cmocka_unit_test(another_key_is_refused_for_good),
		cmocka_unit_test(keys_are_shown_to_be_compared),
		cmocka_unit_test(a_wrong_password_is_said),
		cmocka_unit_test(nothing_listening_is_said_at_once),
		cmocka_unit_test(leaving_keeps_the_token_and_signing_out_does_not),
		cmocka_unit_test(a_cut_connection_comes_back_without_a_password),
		cmocka_unit_test(a_token_that_expired_needs_a_login),
		cmocka_unit_test(calls_are_answered),
		cmocka_unit_test(calls_without_a_connection_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
