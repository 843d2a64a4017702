/* fault-text: what libraries say went wrong, in the user's language. They say it in English, for logs and the command line. */
#pragma once

#include <glib.h>

#include "recorder/query/expr.h"
#include "recorder/query/reader.h"

/* Of an expression, without its column: a whole sentence, whatever order its words have. */
char *fault_text_of_expression(const struct expr_error *fault);
/* As reader_error_text; the reader's or static, good until its next call. */
const char *fault_text_of_reader(const struct reader *r, int error);
/* Of a line "WHAT: why", "WHAT: cannot open: why", "WHAT: cannot export: why". What is not known stays as it is. */
char *fault_text_of_line(const char *line);
