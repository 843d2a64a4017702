/* Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/certificate.h"

static const char *folder;

/* As certtool writes it. */
static void load(const char *name, struct buf *der)
{
	AUTO_BUF command = BUF_INIT;
	AUTO_FCLOSE FILE *f = NULL;
	char digits[4096], *line = digits;
	uint32_t bits = 0;
	unsigned n = 0;

	buf_printf(&command, "%s/%s.one", folder, name);
	f = fopen(command.p, "r");
	assert_non_null(f);
	while (fgets(digits, sizeof(digits), f)) {
		static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

		if (digits[0] == '-')
			continue;
		for (line = digits; *line && strchr(alphabet, *line); line++) {
			bits = bits << 6 | (uint32_t)(strchr(alphabet, *line) - alphabet);
			n += 6;
			if (n >= 8) {
				n -= 8;
				buf_add_char(der, (char)(bits >> n));
			}
		}
	}
}

static void keys_and_times_are_found(void **state)
{
	AUTO_BUF der = BUF_INIT, rsa = BUF_INIT;
	struct certificate c;
	char text[CLOCK_TEXT];

	load("server-expired", &der);
	assert_int_equal(certificate_find(buf_span(&der), &c), 0);
	assert_string_equal(clock_format_iso(c.not_before, text), "2020-01-01T00:00:00.000Z");
	assert_string_equal(clock_format_iso(c.not_after, text), "2021-01-01T00:00:00.000Z");
	assert_int_equal(c.key.n, 91); /* of P-256 */
	assert_memory_equal(c.key.p, "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 13);
	load("server-rsa", &rsa);
	assert_int_equal(certificate_find(buf_span(&rsa), &c), 0);
	assert_int_equal(c.key.n, 294); /* of 2048 bits */
}

static void times_after_2049_are_read(void **state)
{
	AUTO_BUF der = BUF_INIT;
	struct certificate c;
	char text[CLOCK_TEXT];

	load("server-not-yet", &der);
	assert_int_equal(certificate_find(buf_span(&der), &c), 0);
	assert_string_equal(clock_format_iso(c.not_before, text), "2120-01-01T00:00:00.000Z");
}

static void what_is_cut_or_longer_is_none(void **state)
{
	AUTO_BUF der = BUF_INIT;
	struct certificate c;

	load("server", &der);
	for (size_t n = 0; n < der.n; n++)
		assert_int_equal(certificate_find((struct span){ der.p, n }, &c), -EINVAL);
	buf_add_char(&der, 0);
	assert_int_equal(certificate_find(buf_span(&der), &c), -EINVAL);
}

static void no_wrong_byte_leads_outside(void **state)
{
	AUTO_BUF der = BUF_INIT;
	struct certificate c;

	load("server", &der);
	for (size_t i = 0; i < der.n; i++) {
		char before = der.p[i];

		for (int v = 0; v < 256; v++) {
			der.p[i] = (char)v;
			if (certificate_find(buf_span(&der), &c) == 0)
				assert_true(c.key.p > der.p && c.key.p + c.key.n <= der.p + der.n);
		}
		der.p[i] = before;
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_times_are_found),
		cmocka_unit_test(times_after_2049_are_read),
		cmocka_unit_test(what_is_cut_or_longer_is_none),
		cmocka_unit_test(no_wrong_byte_leads_outside),
	};

	folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
