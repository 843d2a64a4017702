/* Whatever parses prints to text that parses to an equal tree. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "recorder/query/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	AUTO_EXPR *e = NULL, *back = NULL;
	AUTO_BUF printed = BUF_INIT;
	struct expr_error error;

	if (expr_parse(text, &e, &error) < 0) {
		if (error.column > size || error.length == 0 || strnlen(error.message, sizeof(error.message)) == 0)
			abort();
		return 0;
	}
	expr_print(e, &printed);
	/* Escapes may make the printed text longer than may be read. */
	if (printed.n > EXPR_MAX_TEXT)
		return 0;
	if (expr_parse(buf_span(&printed), &back, &error) < 0 || !expr_equal(e, back))
		abort();
	return 0;
}
