/* error: names of errors between programs: WIRE_ERRORS. */
#pragma once

#include "agent/base/span.h"

/* Of an errno, negative or not; "EIO" when it has no name there. */
const char *error_name(int error);
/* Negative errno; -EIO for an unknown name. */
int error_number(struct span name);
