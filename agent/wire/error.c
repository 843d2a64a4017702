#include "agent/wire/error.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/wire/wire.h"

static const struct { int number; const char *name; } errors[] = {
#define X(e) { e, #e },
	WIRE_ERRORS(X)
#undef X
};

const char *error_name(int error)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].number == abs(error))
			return errors[i].name;
	return "EIO";
}

int error_number(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (span_eq(name, span_of(errors[i].name)))
			return -errors[i].number;
	return -EIO;
}
