#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/query/address.h"

static bool equal(const char *a, const char *b)
{
	struct address x, y;

	assert_int_equal(address_parse(span_of(a), &x), 0);
	assert_int_equal(address_parse(span_of(b), &y), 0);
	return address_equal(&x, &y);
}

static bool within(const char *a, const char *network)
{
	struct address_network n;
	struct address x;

	assert_int_equal(address_parse(span_of(a), &x), 0);
	assert_int_equal(address_network_parse(span_of(network), &n), 0);
	return address_in_network(&x, &n);
}

static void test_equal(void **state)
{
	assert_true(equal("::1", "0:0:0:0:0:0:0:1"));
	assert_true(equal("10.0.0.1", "::ffff:10.0.0.1"));
	assert_true(equal("fe80::1%eth0", "FE80::1"));
	assert_false(equal("10.0.0.1", "10.0.0.2"));
	assert_false(equal("0.0.0.1", "::1"));
}

static void test_network(void **state)
{
	assert_true(within("10.255.1.2", "10.0.0.0/8"));
	assert_false(within("11.0.0.0", "10.0.0.0/8"));
	assert_true(within("192.0.2.129", "192.0.2.128/25"));
	assert_false(within("192.0.2.127", "192.0.2.128/25"));
	assert_true(within("1.2.3.4", "0.0.0.0/0"));
	assert_true(within("2001:db8:ffff::1", "2001:db8::/32"));
	assert_true(within("2001:db8::1", "::/0"));
	assert_false(within("1.2.3.4", "::/0"));
	assert_true(within("10.2.3.4", "::ffff:10.0.0.0/104"));
	assert_true(within("::1", "::1/128"));
	assert_true(within("::1", "::1"));
}

static void test_wrong(void **state)
{
	static const char *const addresses[] = { "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.4/8", ":::", "1.2.3.4%x", "/run/x.sock" };
	static const char *const networks[] = { "", "/", "/8", "1.2.3.4/", "1.2.3.4/33", "::/129", "1.2.3.4/-1",
		"::ffff:1.2.3.4/95" };
	struct address_network n;
	struct address a;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		assert_int_equal(address_parse(span_of(addresses[i]), &a), -EINVAL);
	for (size_t i = 0; i < sizeof(networks) / sizeof(*networks); i++)
		assert_int_equal(address_network_parse(span_of(networks[i]), &n), -EINVAL);
	assert_int_equal(address_parse((struct span){ "1.2.3.4\0x", 9 }, &a), -EINVAL);
	assert_int_equal(address_parse(SPAN_NONE, &a), -EINVAL);
}

static void one_address_is_written_in_one_way(void **state)
{
	static const char *const ways[][2] = {
		{ "192.0.2.1", "192.0.2.1" }, { "::ffff:192.0.2.1", "192.0.2.1" }, { "2001:DB8:0:0::1", "2001:db8::1" },
		{ "fe80::1%eth0", "fe80::1" },
	};
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct address a;

		assert_int_equal(address_parse(span_of(ways[i][0]), &a), 0);
		assert_string_equal(address_format(&a, text), ways[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_is_written_in_one_way),
		cmocka_unit_test(test_equal), cmocka_unit_test(test_network), cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
