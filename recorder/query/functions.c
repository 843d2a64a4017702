#include "recorder/query/functions.h"

#include <errno.h>

#include "recorder/query/idset.h"
#include "recorder/query/match.h"

static void in(sqlite3_context *context, int n, sqlite3_value **args)
{
	const struct idset *set = sqlite3_value_pointer(args[1], FUNCTIONS_SET);

	(void)n;
	if (!set)
		sqlite3_result_error_code(context, SQLITE_MISUSE);
	else if (sqlite3_value_type(args[0]) != SQLITE_INTEGER)
		sqlite3_result_int(context, set->rest);
	else
		sqlite3_result_int(context, idset_has(set, sqlite3_value_int64(args[0])));
}

static void among(sqlite3_context *context, int n, sqlite3_value **args)
{
	const struct functions_list *list = sqlite3_value_pointer(args[1], FUNCTIONS_LIST);
	int64_t number = sqlite3_value_int64(args[0]);
	size_t from = 0, to;

	(void)n;
	if (!list) {
		sqlite3_result_error_code(context, SQLITE_MISUSE);
		return;
	}
	to = sqlite3_value_type(args[0]) == SQLITE_INTEGER ? list->n : 0;
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (list->numbers[middle] < number)
			from = middle + 1;
		else
			to = middle;
	}
	sqlite3_result_int(context, sqlite3_value_type(args[0]) == SQLITE_INTEGER && from < list->n &&
	                            list->numbers[from] == number);
}

static void serial(sqlite3_context *context, int n, sqlite3_value **args)
{
	const struct functions_bases *b = sqlite3_value_pointer(args[2], FUNCTIONS_BASES);
	int64_t id = sqlite3_value_int64(args[1]), number;
	size_t from = 0, to;

	(void)n;
	if (!b) {
		sqlite3_result_error_code(context, SQLITE_MISUSE);
		return;
	}
	if (sqlite3_value_type(args[0]) != SQLITE_NULL) {
		if (sqlite3_value_type(args[0]) != SQLITE_INTEGER || sqlite3_value_int64(args[0]) != 0)
			sqlite3_result_value(context, args[0]);
		return;
	}
	for (to = b->n; from < to;) {
		size_t middle = from + (to - from) / 2;

		if (b->v[middle].id <= id)
			from = middle + 1;
		else
			to = middle;
	}
	if (from && !__builtin_add_overflow(b->v[from - 1].serial, (id & 16383) >> 1, &number) && number != 0)
		sqlite3_result_int64(context, number);
}

static void match(sqlite3_context *context, int n, sqlite3_value **args)
{
	const struct match *m = sqlite3_value_pointer(args[1], FUNCTIONS_MATCH);
	struct span text = { sqlite3_value_blob(args[0]), (size_t)sqlite3_value_bytes(args[0]) };
	int r;

	(void)n;
	if (!m) {
		sqlite3_result_error_code(context, SQLITE_MISUSE);
		return;
	}
	r = sqlite3_value_type(args[0]) == SQLITE_NULL ? 0 : match_text(m, text);
	if (r < 0)
		sqlite3_result_error_code(context, r == -ENOMEM ? SQLITE_NOMEM : SQLITE_RANGE);
	else
		sqlite3_result_int(context, r);
}

int functions_register(sqlite3 *db)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int r = sqlite3_create_function_v2(db, "spoor_in", 2, flags, NULL, in, NULL, NULL, NULL);

	if (r == SQLITE_OK)
		r = sqlite3_create_function_v2(db, "spoor_among", 2, flags, NULL, among, NULL, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function_v2(db, "spoor_serial", 3, flags, NULL, serial, NULL, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function_v2(db, "spoor_match", 2, flags, NULL, match, NULL, NULL, NULL);
	return r;
}

struct span functions_column(sqlite3_stmt *s, int column)
{
	const void *p;

	if (sqlite3_column_type(s, column) == SQLITE_NULL)
		return SPAN_NONE;
	p = sqlite3_column_blob(s, column);
	return (struct span){ p ? p : "", (size_t)sqlite3_column_bytes(s, column) };
}
