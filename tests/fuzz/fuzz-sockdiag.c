/* One message of sock_diag: nothing in it is trusted. */
#include "recorder/sockdiag.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sockdiag_socket s;
	struct arena arena = ARENA_INIT;

	if (sockdiag_parse((struct span){ (const char *)data, n }, &s) == 0) {
		endpoint_text(&s.ends.local, &arena);
		endpoint_text(&s.ends.remote, &arena);
	}
	arena_free(&arena);
	return 0;
}
