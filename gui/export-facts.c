#include "gui/export-facts.h"

#include <errno.h>
#include <inttypes.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/query/cell.h"
#include "recorder/query/complete.h"

void export_facts_free(struct export_facts *f)
{
	arena_free(&f->arena);
}

static struct export_fact *add(struct export_facts *f, const char *name)
{
	if (f->n == EXPORT_FACTS_MAX) {
		f->failed = true;
		return NULL;
	}
	f->facts[f->n] = (struct export_fact){ .name = name };
	return &f->facts[f->n++];
}

void export_facts_text(struct export_facts *f, const char *name, struct span text)
{
	struct span copy = text.n ? arena_copy(&f->arena, text) : SPAN("");
	struct export_fact *fact = add(f, name);

	if (!copy.p || !fact)
		f->failed = true;
	else
		fact->text = copy;
}

void export_facts_number(struct export_facts *f, const char *name, uint64_t number)
{
	struct export_fact *fact = add(f, name);

	if (!fact)
		return;
	fact->is_number = true;
	fact->number = number;
}

static void add_time(struct export_facts *f, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	export_facts_text(f, name, span_of(clock_format_iso(ms, text)));
}

/* As the format calls it. */
static const char *column_name(const struct export_request *q, int column)
{
	bool sketch = q->format == EXPORT_TIMESKETCH || q->format == EXPORT_TIMESKETCH_CSV;

	return sketch && column == ROW_FORMAT_TAGS ? "tag" : row_format_column_name(column);
}

static void add_notes(struct export_facts *f, const struct export_request *q, const struct export_result *result)
{
	if (!q->notes_file)
		return;
	export_facts_text(f, "notes.file", span_of(q->notes_file));
	export_facts_number(f, "notes.rows", result->noted);
}

static void add_columns(struct export_facts *f, const struct export_request *q)
{
	AUTO_BUF names = BUF_INIT;
	bool text = !export_format_info(q->format)->rows || q->format == EXPORT_CSV || q->format == EXPORT_TIMESKETCH_CSV;

	for (size_t i = 0; i < q->columns.n; i++) {
		if (q->columns.columns[i] == ROW_FORMAT_ARGS && text)
			continue;
		buf_add_z(&names, names.n ? "," : "");
		buf_add_z(&names, column_name(q, q->columns.columns[i]));
	}
	export_facts_text(f, "columns", buf_span(&names));
	f->failed = f->failed || names.failed;
}

static void add_question(struct export_facts *f, const struct export_request *q)
{
	export_facts_text(f, "expression", span_of(q->expression));
	if (q->range.from_ms == INT64_MIN)
		export_facts_text(f, "range.from", SPAN("beginning"));
	else
		add_time(f, "range.from", q->range.from_ms);
	if (q->range.to_ms == INT64_MAX)
		export_facts_text(f, "range.before", SPAN("end"));
	else
		add_time(f, "range.before", q->range.to_ms);
	export_facts_text(f, "zone", SPAN("UTC"));
	export_facts_text(f, "order", q->order == READER_NEWEST_FIRST ? SPAN("newest first") : SPAN("oldest first"));
	add_columns(f, q);
}

static void add_file(struct export_facts *f, const struct export_request *q, const char *sha256)
{
	const char *slash = strrchr(q->path, '/');

	export_facts_text(f, "file.name", span_of(slash ? slash + 1 : q->path));
	export_facts_text(f, "file.format", span_of(export_format_info(q->format)->name));
	if (*sha256)
		export_facts_text(f, "file.sha256", span_of(sha256));
}

static void add_source(struct export_facts *f, const struct export_request *q, const struct export_source *s)
{
	export_facts_text(f, "source.name", span_of(q->source_name));
	if (q->live) {
		export_facts_text(f, "source.live", span_of(q->source));
		return;
	}
	export_facts_text(f, "source.sha256", span_of(s->sha256));
	if (*s->wal_sha256)
		export_facts_text(f, "source.wal_sha256", span_of(s->wal_sha256));
	export_facts_number(f, "source.size", s->size);
	if (s->changed)
		export_facts_text(f, "source.note", SPAN("the file was written to during the export"));
}

static int add_recording(struct export_facts *f, const struct export_request *q, struct cancel *cancel)
{
	struct reader_info info;
	int r = q->reader->ops->info(q->reader, cancel, &info);

	if (r < 0)
		return r;
	export_facts_text(f, "recording.host", info.host);
	export_facts_number(f, "recording.events", info.events);
	if (info.events) {
		add_time(f, "recording.first", info.first_ms);
		add_time(f, "recording.last", info.last_ms);
	}
	reader_info_free(&info);
	return 0;
}

/* A question that contradicts itself, or no time, has no answer and none missing. */
static int add_completeness(struct export_facts *f, const struct export_request *q, const struct expr *where, int64_t now,
                            struct cancel *cancel)
{
	struct reader_range range = q->range;
	struct reader_completeness c;
	AUTO_BUF words = BUF_INIT;
	unsigned kinds = 0;
	int r;

	complete_extent(where, now, &range, &kinds);
	if (range.from_ms >= range.to_ms) {
		export_facts_text(f, "completeness", SPAN("nothing was asked for: no time can match"));
		return 0;
	}
	r = q->reader->ops->completeness(q->reader, cancel, range, kinds, &c);
	if (r < 0)
		return r;
	complete_words(&c, &words);
	export_facts_text(f, "completeness", buf_span(&words));
	reader_completeness_free(&c);
	f->failed = f->failed || words.failed;
	return 0;
}

#define UNSEEN "Controls, bidirectional characters and bytes that are not UTF-8 are written as \\n, \\xNN, \\u{NNNN}."

static void add_conventions(struct export_facts *f, const struct export_request *q, const struct export_result *result)
{
	static const char *const conventions[EXPORT_FORMATS] = {
		[EXPORT_XLSX] = "Text cells are never formulas. " UNSEEN,
		[EXPORT_CSV] = "RFC 4180, UTF-8. A cell that a spreadsheet would take for a formula has an apostrophe in front. "
		               UNSEEN,
		[EXPORT_JSON] = "One object a line, UTF-8. Where a text was not UTF-8, NAME_hex has its bytes.",
	};
	const char *text = conventions[q->format];

	if (!text)
		text = conventions[q->format == EXPORT_TIMESKETCH ? EXPORT_JSON : EXPORT_CSV];
	export_facts_text(f, "conventions", span_of(text));
	if (q->format != EXPORT_XLSX)
		return;
	export_facts_number(f, "cells_cut", result->cut);
	if (result->cut)
		export_facts_text(f, "cells_cut.note", SPAN("A spreadsheet's cell takes 32,767 characters: longer ones end in …"));
}

int export_facts_fill(struct export_facts *f, const struct export_request *q, const struct expr *where, int64_t begun_ms,
                      const struct export_source *source, const struct export_result *result, const char *file_sha256,
                      struct cancel *cancel)
{
	int r;

	export_facts_text(f, "tool.name", SPAN("Spoor"));
	export_facts_text(f, "tool.version", SPAN(SPOOR_VERSION));
	add_time(f, "exported", begun_ms);
	add_file(f, q, file_sha256);
	add_question(f, q);
	export_facts_number(f, "rows", result->rows);
	export_facts_number(f, "events", result->events);
	add_notes(f, q, result);
	r = add_completeness(f, q, where, begun_ms, cancel);
	if (r < 0)
		return r;
	add_source(f, q, source);
	r = add_recording(f, q, cancel);
	if (r < 0)
		return r;
	add_conventions(f, q, result);
	return f->failed ? -ENOMEM : 0;
}

void export_facts_json(const struct export_facts *f, struct buf *out)
{
	buf_add_z(out, "{\n");
	for (size_t i = 0; i < f->n; i++) {
		const struct export_fact *fact = &f->facts[i];

		buf_printf(out, "\t\"%s\": ", fact->name);
		if (fact->is_number)
			buf_printf(out, "%" PRIu64, fact->number);
		else
			cell_json(out, fact->text);
		buf_add_z(out, i + 1 < f->n ? ",\n" : "\n");
	}
	buf_add_z(out, "}\n");
}
