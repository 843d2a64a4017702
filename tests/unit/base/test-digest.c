#include "tests/unit/test.h"

#include <stdio.h>

#include "agent/base/digest.h"

static void check(const void *p, size_t n, size_t piece, const char *md5, const char *sha256)
{
	unsigned char m[DIGEST_MD5], s[DIGEST_SHA256];
	char hex[2 * DIGEST_SHA256 + 1];
	struct digest d;

	digest_init(&d);
	for (size_t at = 0; at < n; at += piece)
		digest_add(&d, (const char *)p + at, n - at < piece ? n - at : piece);
	digest_end(&d, m, s);
	for (int i = 0; i < DIGEST_MD5; i++)
		snprintf(hex + 2 * i, 3, "%02x", m[i]);
	assert_string_equal(hex, md5);
	for (int i = 0; i < DIGEST_SHA256; i++)
		snprintf(hex + 2 * i, 3, "%02x", s[i]);
	assert_string_equal(hex, sha256);
}

static void published_values(void **state)
{
	check("", 0, 1, "d41d8cd98f00b204e9800998ecf8427e",
	      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check("abc", 3, 3, "900150983cd24fb0d6963f7d28e17f72",
	      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void every_length_of_the_last_block(void **state)
{
	static const struct { size_t n; const char *md5, *sha256; } known[] = {
		{ 55, "ef1772b6dff9a122358552954ad0df65",
		  "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
		{ 56, "3b0c8ac703f828b04c6c197006d17218",
		  "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
		{ 63, "b06521f39153d618550606be297466d5",
		  "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
		{ 64, "014842d480b571495a4a0363793f7367",
		  "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
		{ 65, "c743a45e0d2e6a95cb859adae0248435",
		  "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
		{ 119, "8a7bd0732ed6a28ce75f6dabc90e1613",
		  "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb" },
		{ 120, "5f61c0ccad4cac44c75ff505e1f1e537",
		  "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c" },
		{ 128, "e510683b3f5ffe4093d021808bc6ff70",
		  "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e" },
		{ 1000, "cabe45dcc9ae5b66ba86600cca6b8ba8",
		  "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3" },
	};
	char bytes[1000];

	memset(bytes, 'a', sizeof(bytes));
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		check(bytes, known[i].n, known[i].n, known[i].md5, known[i].sha256);
		check(bytes, known[i].n, 1, known[i].md5, known[i].sha256);
		check(bytes, known[i].n, 37, known[i].md5, known[i].sha256);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values),
		cmocka_unit_test(every_length_of_the_last_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
