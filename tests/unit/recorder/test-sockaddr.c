#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/sockaddr.h"

static void check(const char *hex, bool little_endian, enum sockaddr_family family, const char *address, int port)
{
	struct arena arena = ARENA_INIT;
	struct sockaddr_text t;

	assert_int_equal(sockaddr_decode(span_of(hex), little_endian, &arena, &t), 0);
	assert_int_equal(t.family, family);
	assert_int_equal(t.port, port);
	if (!span_eq(t.address, span_of(address)))
		fail_msg("got \"%.*s\", not \"%s\"", SPAN_FMT(t.address), address);
	arena_free(&arena);
}

static void addresses_of_both_families(void **state)
{
	check("020001BBCB0071080000000000000000", true, SOCKADDR_IPV4, "203.0.113.8", 443);
	check("020001bbcb007108", true, SOCKADDR_IPV4, "203.0.113.8", 443);
	check("0A0000500000000020010DB800000000000000000000000100000000", true, SOCKADDR_IPV6, "2001:db8::1", 80);
	check("0A000050000000000000000000000000000000000000000100000000", true, SOCKADDR_IPV6, "::1", 80);
	check("0A0000500000000000000000000000000000FFFFC633640700000000", true, SOCKADDR_IPV4, "198.51.100.7", 80);
}

static void family_is_in_host_order_port_in_network_order(void **state)
{
	check("0002D903000000000000000000000000", false, SOCKADDR_IPV4, "0.0.0.0", 55555);
	check("000A0050000000000000000000000000000000000000000100000000", false, SOCKADDR_IPV6, "::1", 80);
}

static void unix_path_ends_at_the_first_nul(void **state)
{
	check("01002F72756E2F7800DEADBEEF", true, SOCKADDR_UNIX, "/run/x", 0);
	check("0100002F746D702F58", true, SOCKADDR_UNIX, "@/tmp/X", 0);
	check("0100", true, SOCKADDR_UNIX, "", 0);
}

static void others_have_no_address(void **state)
{
	struct arena arena = ARENA_INIT;
	struct sockaddr_text t;

	assert_int_equal(sockaddr_decode(SPAN("100000000000000000000000"), true, &arena, &t), 0);
	assert_int_equal(t.family, SOCKADDR_OTHER);
	assert_int_equal(t.number, 16);
	assert_null(t.address.p);
	arena_free(&arena);
}

static void too_short_or_no_hex_is_refused(void **state)
{
	static const char *const bad[] = { "", "02", "0200", "020001BBCB00", "zz00", "020001BBCB00710", "0A00005000" };
	struct arena arena = ARENA_INIT;
	struct sockaddr_text t = { .port = 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(sockaddr_decode(span_of(bad[i]), true, &arena, &t), -EINVAL);
	assert_int_equal(t.port, 7);
	arena_free(&arena);
}

static void longer_than_any_address(void **state)
{
	char hex[4097];
	struct arena arena = ARENA_INIT;
	struct sockaddr_text t;

	memset(hex, '4', sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = 0;
	memcpy(hex, "0100", 4);
	assert_int_equal(sockaddr_decode(span_of(hex), true, &arena, &t), 0);
	assert_int_equal(t.address.n, 126);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_both_families),
		cmocka_unit_test(family_is_in_host_order_port_in_network_order),
		cmocka_unit_test(unix_path_ends_at_the_first_nul),
		cmocka_unit_test(others_have_no_address),
		cmocka_unit_test(too_short_or_no_hex_is_refused),
		cmocka_unit_test(longer_than_any_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
