#include "tests/unit/test.h"

#include "gui/servers.h"

static void check(const char *text, const char *host, guint port)
{
	g_autofree char *got = NULL;
	guint n = 0;

	if (!servers_parse(text, &got, &n) || strcmp(got, host) != 0 || n != port)
		fail_msg("%s: %s %u, not %s %u", text, got ? got : "nothing", n, host, port);
}

static void check_bad(const char *text)
{
	g_autofree char *got = NULL;
	guint n;

	if (servers_parse(text, &got, &n))
		fail_msg("%s: taken as %s %u", text, got, n);
}

static void places_are_names_or_addresses_with_a_port_or_without(void **state)
{
	check("relay.example", "relay.example", 17443);
	check(" relay.example:1 ", "relay.example", 1);
	check("192.0.2.1:65535", "192.0.2.1", 65535);
	check("2001:db8::1", "2001:db8::1", 17443);
	check("[2001:db8::1]:443", "2001:db8::1", 443);
	check("[::1]", "::1", 17443);
	check_bad("");
	check_bad(":17443");
	check_bad("relay:");
	check_bad("relay:0");
	check_bad("relay:65536");
	check_bad("relay:17443x");
	check_bad("[::1]17443");
	check_bad("https://relay.example");
	check_bad("alice@relay");
	check_bad("two words");
}

static void a_server_is_there_once(void **state)
{
	ServerLink *a = servers_get("relay.example", 17443, "alice", NULL);

	assert_ptr_equal(servers_get("RELAY.example", 17443, "bob", NULL), a);
	assert_ptr_not_equal(servers_get("relay.example", 1, "alice", NULL), a);
	assert_null(servers_find("other.example", 17443));
	assert_int_equal(g_list_model_get_n_items(servers_list()), 2);
	servers_forget(a);
	servers_forget(servers_find("relay.example", 1));
	assert_int_equal(g_list_model_get_n_items(servers_list()), 0);
}

static void an_endpoint_is_there_once_and_goes_with_its_server(void **state)
{
	static const char id[] = "abababababababababababababababababababababababababababababababab";
	ServerLink *s = servers_get("relay.example", 17443, "alice", NULL);
	LiveEndpoint *e = servers_add_endpoint(s, id, NULL, "192.0.2.3");

	assert_string_equal(live_endpoint_get_host(e), "abababababab"); /* until it tells its name */
	assert_ptr_equal(servers_add_endpoint(s, id, "web-03", "192.0.2.3"), e);
	assert_ptr_equal(servers_find_endpoint(live_endpoint_get_path(e)), e);
	servers_forget(s);
	assert_int_equal(g_list_model_get_n_items(servers_endpoints()), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_names_or_addresses_with_a_port_or_without),
		cmocka_unit_test(a_server_is_there_once),
		cmocka_unit_test(an_endpoint_is_there_once_and_goes_with_its_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
