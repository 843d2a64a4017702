#include "tests/unit/test.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "server/secret.h"

static void each_is_its_own(void **state)
{
	char a[SECRET_TEXT], b[SECRET_TEXT];
	unsigned char ha[SECRET_HASH], hb[SECRET_HASH];

	assert_int_equal(secret_new(a), 0);
	assert_int_equal(secret_new(b), 0);
	assert_int_equal(strlen(a), SECRET_TEXT - 1);
	assert_string_not_equal(a, b);
	assert_int_equal(secret_hash(span_of(a), ha), 0);
	assert_int_equal(secret_hash(span_of(b), hb), 0);
	assert_memory_not_equal(ha, hb, SECRET_HASH);
}

static void it_may_be_typed(void **state)
{
	char text[SECRET_TEXT], typed[80], *out = typed;
	unsigned char hash[SECRET_HASH], same[SECRET_HASH];

	secret_new(text);
	for (size_t i = 0; text[i]; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = i % 8 ? '-' : ' ';
		*out++ = (char)toupper((unsigned char)text[i]);
	}
	assert_int_equal(secret_hash(span_of(text), hash), 0);
	assert_int_equal(secret_hash((struct span){ typed, (size_t)(out - typed) }, same), 0);
	assert_memory_equal(hash, same, SECRET_HASH);
}

static void else_is_refused(void **state)
{
	unsigned char hash[SECRET_HASH];

	assert_int_equal(secret_hash(SPAN(""), hash), -EINVAL);
	assert_int_equal(secret_hash(SPAN("abcdefghabcdefghabcdefghabcdefg"), hash), -EINVAL);
	assert_int_equal(secret_hash(SPAN("abcdefghabcdefghabcdefghabcdefghi"), hash), -EINVAL);
	assert_int_equal(secret_hash(SPAN("abcdefghabcdefghabcdefghabcdefg1"), hash), -EINVAL);
	assert_int_equal(secret_hash(SPAN("abcdefghabcdefghabcdefghabcdefg\0"), hash), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_its_own),
		cmocka_unit_test(it_may_be_typed),
		cmocka_unit_test(else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
