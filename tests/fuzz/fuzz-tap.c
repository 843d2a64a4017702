/* What an app asks an endpoint, read along for the activity log: however it is cut the same is told, and never much. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "server/tap.h"

static uint64_t tell(struct span bytes, size_t step)
{
	AUTO_BUF told = BUF_INIT;
	struct tap t = { 0 };
	bool said = false;

	for (size_t at = 0; at < bytes.n && !said; at += step) {
		size_t n = bytes.n - at < step ? bytes.n - at : step;

		said = tap_take(&t, (struct span){ bytes.p + at, n }, at + n == bytes.n, &told);
	}
	if (told.n > TAP_TEXT + 3 || said != (told.n > 0))
		abort();
	if (said && tap_take(&t, bytes, true, &told))
		abort(); /* what was told is not told again */
	tap_free(&t);
	return span_hash(buf_span(&told));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span bytes = { (const char *)data, n };

	if (n && tell(bytes, SIZE_MAX) != tell(bytes, 1 + data[n - 1] % 16))
		abort();
	return 0;
}
