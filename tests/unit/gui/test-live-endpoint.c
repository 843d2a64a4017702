/* LiveEndpoint: a source at the end of the wire, against a server on loopback. */
#include "tests/unit/test.h"

#include "gui/live-endpoint.h"
#include "gui/network.h"
#include "tests/unit/gui/fake-reader.h"
#include "tests/unit/gui/fake-server.h"

struct place {
	struct tls_identity *identity;
	struct fake_server *server;
	ServerLink *link;
	LiveEndpoint *endpoint;
	guint opened, lost, found;
};

static struct reader *open_reader(void *data)
{
	return fake_reader_new(1000, NULL);
}

static void turn(void)
{
	g_main_context_iteration(NULL, TRUE);
}

static void on_lost(Source *source, struct place *p)
{
	p->lost++;
}

static void on_found(Source *source, struct place *p)
{
	p->found++;
}

static void on_opened(LiveEndpoint *e, Source *source, struct place *p)
{
	p->opened++;
	g_signal_connect(source, "lost", G_CALLBACK(on_lost), p);
	g_signal_connect(source, "found", G_CALLBACK(on_found), p);
}

static void place_init(struct place *p, const char *id)
{
	struct fake_server_config config = { .fdm = network_fdm(), .open = open_reader };
	char key[SERVER_KEY_TEXT];

	*p = (struct place){ .identity = fake_server_identity(0) };
	config.identity = p->identity;
	p->server = fake_server_new(&config);
	for (guint i = 0; i < TLS_KEY; i++)
		g_snprintf(key + 2 * i, 3, "%02x", tls_identity_key(p->identity)[i]);
	p->link = server_link_new("127.0.0.1", fake_server_port(p->server), "alice", key);
	p->endpoint = live_endpoint_new(p->link, id, "web-03", "192.0.2.3");
	g_signal_connect(p->endpoint, "opened", G_CALLBACK(on_opened), p);
	server_link_login(p->link, "alice", "secret");
}

static void place_free(struct place *p)
{
	Source *source = live_endpoint_get_source(p->endpoint);

	if (source)
		g_signal_handlers_disconnect_by_data(source, p);
	live_endpoint_close(p->endpoint);
	g_object_unref(p->endpoint);
	server_link_disconnect(p->link);
	g_object_unref(p->link);
	while (fake_server_seen(p->server)->links)
		turn();
	fake_server_free(p->server);
	tls_identity_free(p->identity);
}

static void until(struct place *p, enum live_state state)
{
	while (live_endpoint_get_state(p->endpoint) != state)
		turn();
}

static void keep(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

/* TRUE: it was counted. */
static gboolean count(Source *source, GError **error)
{
	struct source_query q = { NULL, READER_ALL_TIME };
	g_autoptr(GAsyncResult) result = NULL;
	struct reader_count n;

	source_count_async(source, &q, 0, NULL, keep, &result);
	while (!result)
		turn();
	if (!source_count_finish(source, result, &n, error))
		return FALSE;
	assert_int_equal(n.total, 1000);
	reader_count_free(&n);
	return TRUE;
}

static void it_waits_for_its_server_and_is_read_like_a_file(void **state)
{
	struct place p;
	Source *source;

	place_init(&p, FAKE_SERVER_WEB);
	live_endpoint_open(p.endpoint);
	assert_int_equal(live_endpoint_get_state(p.endpoint), LIVE_ATTEMPTED);
	assert_null(live_endpoint_get_source(p.endpoint));
	until(&p, LIVE_CONNECTED);
	source = live_endpoint_get_source(p.endpoint);
	assert_int_equal(p.opened, 1);
	assert_true(source_is_live(source));
	assert_true(source_grows(source));
	assert_string_equal(source_get_name(source), "web-03");
	assert_int_equal(source_get_info(source)->events, 1000);
	assert_true(count(source, NULL)); /* on a session of its own */
	assert_int_equal(fake_server_seen(p.server)->opened, 2);
	place_free(&p);
}

static void what_is_away_fails_with_the_reason(void **state)
{
	g_autofree char *words = NULL;
	struct place p;

	place_init(&p, FAKE_SERVER_DB);
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_FAILED);
	words = live_endpoint_get_words(p.endpoint);
	assert_string_equal(words, "failed: db-01 is away");
	assert_int_equal(p.opened, 0);
	place_free(&p);
}

static void a_cut_session_is_told_and_comes_back(void **state)
{
	g_autoptr(GError) error = NULL;
	struct place p;
	Source *source;

	place_init(&p, FAKE_SERVER_WEB);
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_CONNECTED);
	source = live_endpoint_get_source(p.endpoint);
	assert_true(count(source, NULL));
	fake_server_cut(p.server, true);
	until(&p, LIVE_ATTEMPTED);
	while (!p.lost)
		turn();
	assert_non_null(source_get_lost(source));
	assert_non_null(live_endpoint_get_reason(p.endpoint));
	assert_false(count(source, &error)); /* what is asked meanwhile fails with a line for people */
	assert_true(strlen(error->message) > 10);
	until(&p, LIVE_CONNECTED);
	assert_int_equal(p.found, 1);
	assert_null(source_get_lost(source));
	assert_int_equal(p.opened, 1);
	assert_true(count(source, NULL));
	place_free(&p);
}

static void closing_ends_its_sessions_and_opening_brings_them_back(void **state)
{
	struct place p;

	place_init(&p, FAKE_SERVER_WEB);
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_CONNECTED);
	live_endpoint_close(p.endpoint);
	assert_int_equal(live_endpoint_get_state(p.endpoint), LIVE_CLOSED);
	assert_int_equal(p.lost, 1);
	while (!fake_server_seen(p.server)->closed)
		turn();
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_CONNECTED);
	assert_int_equal(p.found, 1);
	place_free(&p);
}

static void it_grows(void **state)
{
	g_autoptr(GAsyncResult) result = NULL;
	const struct reader_info *before;
	struct place p;
	Source *source;

	place_init(&p, FAKE_SERVER_WEB);
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_CONNECTED);
	source = live_endpoint_get_source(p.endpoint);
	before = source_get_info(source);
	source_refresh_async(source, NULL, keep, &result);
	while (!result)
		turn();
	assert_true(source_refresh_finish(source, result, NULL));
	assert_int_equal(before->events, source_get_info(source)->events);
	place_free(&p);
}

/* As when it was taken off the list and added again, while a bar still tells of the one before. */
static void the_newer_of_two_is_found_when_the_older_went(void **state)
{
	struct place p;
	LiveEndpoint *older;

	place_init(&p, FAKE_SERVER_WEB);
	older = p.endpoint;
	p.endpoint = live_endpoint_new(p.link, FAKE_SERVER_WEB, "web-03", "192.0.2.3");
	g_object_unref(older);
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_CONNECTED);
	place_free(&p);
}

static void paths_name_endpoints(void **state)
{
	g_autofree char *host = NULL, *id = NULL, *name = NULL;
	guint port = 0;

	assert_true(live_endpoint_split("live://::1:17443/" FAKE_SERVER_DB, &host, &port, &id, &name));
	assert_string_equal(host, "::1");
	assert_int_equal(port, 17443);
	assert_string_equal(id, FAKE_SERVER_DB);
	assert_null(name);
	assert_false(live_endpoint_split("live://relay:70000/" FAKE_SERVER_DB, &host, &port, &id, &name));
	assert_false(live_endpoint_split("live://relay/" FAKE_SERVER_DB, &host, &port, &id, &name));
	assert_false(live_endpoint_split("live://relay:1/x", &host, &port, &id, &name));
	assert_false(live_endpoint_split("/data/web-03.db", &host, &port, &id, &name));
}

static void paths_name_snapshots(void **state)
{
	g_autoptr(ServerLink) link = server_link_new("relay", 17443, "alice", NULL);
	g_autofree char *host = NULL, *id = NULL, *name = NULL, *path = live_endpoint_snapshot_path(link, "12", "a/b%.db");
	guint port = 0;

	assert_true(live_endpoint_is_path(path));
	assert_true(live_endpoint_split(path, &host, &port, &id, &name));
	assert_string_equal(host, "relay");
	assert_int_equal(port, 17443);
	assert_string_equal(id, "12");
	assert_string_equal(name, "a/b%.db");
	assert_false(live_endpoint_split("snapshot://relay:1/", &host, &port, &id, &name));
	assert_false(live_endpoint_split("snapshot://relay:1/12", &host, &port, &id, &name));
	assert_false(live_endpoint_split("snapshot://relay:1/1x/a", &host, &port, &id, &name));
	assert_false(live_endpoint_split("snapshot://relay:1/1/%ff", &host, &port, &id, &name));
}

static void a_snapshot_is_read_where_it_is_and_does_not_grow(void **state)
{
	struct place p;
	Source *source;

	place_init(&p, FAKE_SERVER_WEB);
	fake_server_hold(p.server);
	g_object_unref(p.endpoint);
	p.endpoint = live_endpoint_new_snapshot(p.link, "10", "web-03_2025.db");
	g_signal_connect(p.endpoint, "opened", G_CALLBACK(on_opened), &p);
	live_endpoint_open(p.endpoint);
	until(&p, LIVE_CONNECTED);
	source = live_endpoint_get_source(p.endpoint);
	assert_string_equal(source_get_name(source), "web-03_2025");
	assert_true(source_is_live(source));
	assert_false(source_grows(source));
	assert_true(count(source, NULL));
	place_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_waits_for_its_server_and_is_read_like_a_file),
		cmocka_unit_test(what_is_away_fails_with_the_reason),
		cmocka_unit_test(a_cut_session_is_told_and_comes_back),
		cmocka_unit_test(closing_ends_its_sessions_and_opening_brings_them_back),
		cmocka_unit_test(it_grows),
		cmocka_unit_test(the_newer_of_two_is_found_when_the_older_went),
		cmocka_unit_test(paths_name_endpoints),
		cmocka_unit_test(paths_name_snapshots),
		cmocka_unit_test(a_snapshot_is_read_where_it_is_and_does_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
