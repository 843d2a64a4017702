/* The answer about a recording as a whole. */
#include "agent/session/messages-pieces.h"

enum { MAX_RECORDS = 10000 }; /* more than any reader gives */

void messages_put_info(struct buf *out, const struct reader_info *i)
{
	message_put_text(out, "host", i->host);
	message_put_uint(out, "recording", i->recording);
	message_put_int(out, "schema", i->schema_version);
	message_put_int(out, "first", i->first_ms);
	message_put_int(out, "last", i->last_ms);
	message_put_int(out, "recorded", i->recorded_ms);
	message_put_uint(out, "events", i->events);
	message_put_uint(out, "processes", i->processes);
	message_put_uint(out, "unparsed", i->unparsed);
	messages_put_counts(out, "categories", i->by_category, EVENT_CATEGORY_COUNT);
	message_open_list(out, "gaps");
	for (size_t k = 0; k < i->n_gaps; k++) {
		message_open_list(out, NULL);
		message_put_int(out, NULL, i->gaps[k].from_ms);
		message_put_int(out, NULL, i->gaps[k].to_ms);
		message_put_int(out, NULL, i->gaps[k].cause);
		message_put_int(out, NULL, i->gaps[k].count);
		message_close_list(out);
	}
	message_close_list(out);
	message_open_list(out, "records");
	for (size_t k = 0; k < i->n_records; k++) {
		message_open_list(out, NULL);
		message_put_text(out, NULL, i->records[k].name);
		message_put_uint(out, NULL, i->records[k].count);
		message_put_uint(out, NULL, i->records[k].used);
		message_close_list(out);
	}
	message_close_list(out);
	message_open_list(out, "lines");
	for (size_t k = 0; k < i->n_unparsed_lines; k++) {
		message_open_list(out, NULL);
		message_put_text(out, NULL, i->unparsed_lines[k].line);
		message_put_text(out, NULL, i->unparsed_lines[k].reason);
		message_close_list(out);
	}
	message_close_list(out);
}

static void get_gaps(struct message_in *in, struct reader_info *i)
{
	struct message_in list = message_list(in, "gaps");

	i->gaps = messages_get_array(&list, &i->arena, sizeof(*i->gaps), 10001, &i->n_gaps);
	for (size_t k = 0; k < i->n_gaps && !in->message->error; k++) {
		struct message_in r = message_list(&list, NULL);

		i->gaps[k].from_ms = messages_get_time(&r, NULL);
		i->gaps[k].to_ms = messages_get_time(&r, NULL);
		i->gaps[k].cause = (enum gap_cause)message_int_in(&r, NULL, 0, INT32_MAX);
		i->gaps[k].count = message_int(&r, NULL);
		message_at_end(&r);
		if (i->gaps[k].from_ms > i->gaps[k].to_ms)
			message_bad(&r);
	}
}

void messages_get_info(struct message_in *in, struct reader_info *i)
{
	struct message_in list;

	i->host = message_text(in, "host", &i->arena);
	i->recording = message_uint(in, "recording");
	i->schema_version = message_int(in, "schema");
	i->first_ms = messages_get_time(in, "first");
	i->last_ms = messages_get_time(in, "last");
	i->recorded_ms = messages_get_time(in, "recorded");
	i->events = message_uint(in, "events");
	i->processes = message_uint(in, "processes");
	i->unparsed = message_uint(in, "unparsed");
	messages_get_counts(in, "categories", i->by_category, EVENT_CATEGORY_COUNT);
	get_gaps(in, i);
	list = message_list(in, "records");
	i->records = messages_get_array(&list, &i->arena, sizeof(*i->records), MAX_RECORDS, &i->n_records);
	for (size_t k = 0; k < i->n_records && !in->message->error; k++) {
		struct message_in r = message_list(&list, NULL);

		i->records[k].name = message_text(&r, NULL, &i->arena);
		i->records[k].count = message_uint(&r, NULL);
		i->records[k].used = message_uint(&r, NULL);
		message_at_end(&r);
	}
	list = message_list(in, "lines");
	i->unparsed_lines = messages_get_array(&list, &i->arena, sizeof(*i->unparsed_lines), MAX_RECORDS, &i->n_unparsed_lines);
	for (size_t k = 0; k < i->n_unparsed_lines && !in->message->error; k++) {
		struct message_in r = message_list(&list, NULL);

		i->unparsed_lines[k].line = message_text(&r, NULL, &i->arena);
		i->unparsed_lines[k].reason = message_text(&r, NULL, &i->arena);
		message_at_end(&r);
	}
	if (i->first_ms > i->last_ms || i->recorded_ms < i->first_ms || i->recorded_ms > i->last_ms)
		message_bad(in);
}
