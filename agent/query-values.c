#include "agent/query-values.h"

#include <errno.h>
#include <inttypes.h>

#include "agent/base/text.h"
#include "recorder/query/cell.h"

static void table_line(struct buf *out, const struct reader_value *v, uint64_t events)
{
	buf_printf(out, "%12" PRIu64 "  %5.1f%%  ", v->events, events ? 100.0 * (double)v->events / (double)events : 0);
	text_visible(out, v->text);
	buf_add_z(out, v->cut ? "…\n" : "\n");
}

static void csv_line(struct buf *out, const struct reader_value *v)
{
	cell_csv(out, v->text);
	buf_printf(out, ",%" PRIu64 ",%" PRIu64 "\r\n", v->events, v->rows);
}

static void json_line(struct buf *out, const struct field *field, const struct reader_value *v)
{
	buf_printf(out, "{\"%s\":", field->name);
	cell_json(out, v->text);
	if (!cell_is_exact(v->text)) {
		buf_printf(out, ",\"%s_hex\":", field->name);
		cell_json_hex(out, v->text);
	}
	buf_printf(out, ",\"events\":%" PRIu64 ",\"rows\":%" PRIu64 "%s}\n", v->events, v->rows, v->cut ? ",\"cut\":true" : "");
}

int query_values_print(struct buf *out, const char *format, const struct field *field, const struct reader_values *v)
{
	bool table = strcmp(format, "table") == 0, csv = strcmp(format, "csv") == 0;

	if (!table && !csv && strcmp(format, "json") != 0)
		return -EINVAL;
	if (table)
		buf_printf(out, "%12s  %6s  %s\n", "Events", "Share", field->name);
	if (csv)
		buf_printf(out, "%s,events,rows\r\n", field->name);
	for (size_t i = 0; i < v->n; i++) {
		if (table)
			table_line(out, &v->values[i], v->events);
		else if (csv)
			csv_line(out, &v->values[i]);
		else
			json_line(out, field, &v->values[i]);
	}
	return out->failed ? -ENOMEM : 0;
}

void query_values_summary(struct buf *out, const struct field *field, const struct reader_values *v)
{
	buf_printf(out, "%" PRIu64 "%s %s of %s in %" PRIu64 " events", v->distinct, v->more ? " or more" : "",
	           v->distinct == 1 ? "value" : "values", field->name, v->events);
	if (v->without)
		buf_printf(out, ", %" PRIu64 " of them without one", v->without);
}
