/* row: an event's row as named values, the same for every output: command line, export, copy. */
#pragma once

#include "recorder/query/reader.h"

enum row_column {
	ROW_TIME, ROW_ID, ROW_CATEGORY, ROW_ACTION, ROW_OUTCOME, ROW_COUNT, ROW_SERIAL, ROW_ERROR,
	ROW_PROCESS, ROW_PID, ROW_EXECUTABLE, ROW_COMMAND_LINE, ROW_EXIT_CODE, ROW_EXIT_SIGNAL,
	ROW_USER_ID, ROW_USER_NAME, ROW_REAL_USER_ID, ROW_AUDIT_USER_ID, ROW_SESSION,
	ROW_FILE, ROW_FILE_TARGET, ROW_DIRECTION,
	ROW_SOURCE_IP, ROW_SOURCE_ADDRESS, ROW_SOURCE_PORT, ROW_DESTINATION_IP, ROW_DESTINATION_ADDRESS,
	ROW_DESTINATION_PORT, ROW_DRIVER, ROW_REGISTRY, ROW_TARGET_USER, ROW_OBJECT, ROW_OPERATION, ROW_TARGET_PID,
	ROW_ATTRIBUTE, ROW_PROVIDER, ROW_TRANSPORT, ROW_DURATION,
	ROW_COLUMNS,
};

struct row_value {
	enum { ROW_ABSENT, ROW_TEXT, ROW_NUMBER } type;
	struct span text;
	int64_t number;
};

struct row {
	struct row_value values[ROW_COLUMNS];
	char time[32];
};

/* The field's name (field.h), "@timestamp". */
const char *row_column_name(enum row_column c);
/* Fills every column. Texts point into `from` and into *ret itself: do not copy it. */
void row_fill(struct row *ret, const struct reader_row *from);
/* Had the other side begun the connection that the row is about? */
bool row_is_accepted(const struct reader_row *from);
/* Appends how many alike events a row with a count stands for, and in what time: "×30000 in 12.3 s". */
void row_count_words(struct buf *out, const struct reader_row *from);
/* Appends what the event was about in one line: paths, addresses with ports, exit code. Invisible characters are shown. */
void row_describe(struct buf *out, const struct reader_row *from);
