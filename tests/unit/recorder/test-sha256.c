#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "recorder/sha256.h"

/* FIPS 180-4's own examples, and a file of several chunks that is read with its position anywhere. */
static void test_known(void **state)
{
	char text[SHA256_TEXT];
	struct sha256 s;

	sha256_begin(&s);
	sha256_end(&s, text);
	assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_begin(&s);
	sha256_add(&s, SPAN("a"));
	sha256_add(&s, SPAN("bc"));
	sha256_end(&s, text);
	assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_file(void **state)
{
	struct cancel stop = { true };
	char text[SHA256_TEXT] = "", again[SHA256_TEXT];
	FILE *f = tmpfile();
	struct sha256 s;

	assert_non_null(f);
	sha256_begin(&s);
	for (int i = 0; i < 300000; i++) {
		fputs("0123456789", f);
		sha256_add(&s, SPAN("0123456789"));
	}
	fflush(f);
	sha256_end(&s, text);
	assert_int_equal(sha256_file(fileno(f), NULL, again), 0);
	assert_string_equal(text, again);
	memcpy(again, "as it was", sizeof("as it was"));
	assert_int_equal(sha256_file(fileno(f), &stop, again), -ECANCELED);
	assert_string_equal(again, "as it was");
	fclose(f);
	assert_int_equal(sha256_file(-1, NULL, again), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_known), cmocka_unit_test(test_file) };

	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
