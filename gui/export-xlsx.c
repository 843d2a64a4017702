/* A workbook is a zip of XML. It is written here and not by libxlsxwriter, because that puts all of it twice into
 * temporary files first and does not tell when there is no room for them: what it then calls done lacks most rows. */
#include "gui/export-xlsx.h"

#include <errno.h>
#include <inttypes.h>
#include <minizip/zip.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "gui/export-writer.h"
#include "recorder/query/cell.h"

enum { FLUSH = 64 << 10, LEVEL = 2, LARGE_ROWS = 50000 };
/* Of styles.xml, in its order. */
enum { STYLE_PLAIN, STYLE_HEAD, STYLE_TIME, STYLE_QUOTED, STYLE_WRAPPED };
#define EXACT_DIGITS INT64_C(999999999999999) /* a spreadsheet shows 15 */
#define DAYS_TO_1970 25569                    /* from the spreadsheet's day 0 */

struct xlsx {
	struct export_writer writer;
	zipFile zip;
	struct buf out;
	unsigned sheets;    /* of events; sheet 1 of the workbook is the one about the export */
	unsigned rows;      /* of the open sheet, the names included */
	char letters[ROW_FORMAT_COLUMNS][4];
};

/* ---- texts ---- */

void export_xlsx_letters(unsigned column, char ret[4])
{
	char text[4] = { 0 };
	int at = 3;

	for (column++; column && at > 0; column = (column - 1) / 26)
		text[--at] = (char)('A' + (column - 1) % 26);
	memmove(ret, text + at, (size_t)(4 - at));
}

/* "_xHHHH_" */
static bool is_escape(struct span s)
{
	if (s.n < 7 || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_')
		return false;
	for (int i = 2; i < 6; i++)
		if (!memchr("0123456789abcdefABCDEF", s.p[i], 22))
			return false;
	return true;
}

static size_t length_of(struct span s)
{
	unsigned char c = (unsigned char)*s.p;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n < s.n ? n : s.n;
}

/* The first character, which is n bytes. */
static void add_character(struct buf *out, struct span s, size_t n)
{
	if (*s.p == '&')
		buf_add_z(out, "&amp;");
	else if (*s.p == '<')
		buf_add_z(out, "&lt;");
	else if (*s.p == '>')
		buf_add_z(out, "&gt;");
	else if (is_escape(s))
		buf_add_z(out, "_x005F_");
	else if (n == 3 && memcmp(s.p, "\xef\xbf", 2) == 0 && (unsigned char)s.p[2] >= 0xbe) /* none of XML's */
		buf_add_z(out, (unsigned char)s.p[2] == 0xbe ? "\\u{fffe}" : "\\u{ffff}");
	else
		buf_add(out, s.p, n);
}

/* Where the text must end to be short enough for a cell with the … behind it; its own end where it is short. */
static size_t end_of(struct span s, bool *ret_cut)
{
	size_t units = 0, at = 0, end = 0;

	*ret_cut = false;
	if (s.n <= EXPORT_XLSX_CELL / 8) /* even if all of it grew */
		return s.n;
	while (at < s.n) {
		struct span rest = { s.p + at, s.n - at };
		size_t n = length_of(rest);

		units += n == 4 ? 2 : is_escape(rest) ? 7 : n == 3 && rest.p[0] == '\xef' && rest.p[1] == '\xbf' ? 8 : 1;
		if (units < EXPORT_XLSX_CELL)
			end = at + n;
		if (units > EXPORT_XLSX_CELL) {
			*ret_cut = true;
			return end;
		}
		at += n;
	}
	return s.n;
}

bool export_xlsx_text(struct buf *out, struct span text)
{
	AUTO_BUF visible = BUF_INIT;
	struct span s;
	bool cut;

	text_visible(&visible, text);
	s = buf_span(&visible);
	s.n = end_of(s, &cut);
	while (s.n) {
		size_t n = length_of(s);

		add_character(out, s, n);
		s = (struct span){ s.p + n, s.n - n };
	}
	if (cut)
		buf_add_z(out, "…");
	out->failed = out->failed || visible.failed;
	return cut;
}

/* ---- the zip: into an export_file ---- */

static voidpf io_open(voidpf file, const void *name, int mode)
{
	return export_file_stream(file);
}

static uLong io_write(voidpf file, voidpf stream, const void *p, uLong n)
{
	return export_file_write(file, (struct span){ p, n }) == 0 ? n : 0;
}

static uLong io_read(voidpf file, voidpf stream, void *p, uLong n)
{
	return 0; /* it is only written */
}

static ZPOS64_T io_tell(voidpf file, voidpf stream)
{
	off_t at = ftello(stream);

	if (at < 0)
		export_file_fail(file);
	return (ZPOS64_T)at;
}

static long io_seek(voidpf file, voidpf stream, ZPOS64_T offset, int origin)
{
	if (fseeko(stream, (off_t)offset, origin) == 0) /* the origins of both are numbered alike */
		return 0;
	export_file_fail(file);
	return -1;
}

static int io_close(voidpf file, voidpf stream)
{
	return 0; /* export_file's */
}

static int io_error(voidpf file, voidpf stream)
{
	return export_file_error(file) != 0;
}

static int zip_error(struct xlsx *x)
{
	int r = export_file_error(x->writer.file);

	return r ? r : -EIO;
}

/* Begins a file in the zip; `large`: it may exceed 4 GB. */
static int part_begin(struct xlsx *x, const char *name, bool large)
{
	struct clock_fields t = clock_split(x->writer.now_ms);
	zip_fileinfo info = { .tmz_date = { (uInt)t.second, (uInt)t.minute, (uInt)t.hour, (uInt)t.day, (uInt)t.month - 1,
		                            (uInt)t.year } };

	if (zipOpenNewFileInZip64(x->zip, name, &info, NULL, 0, NULL, 0, NULL, Z_DEFLATED, LEVEL, large) != ZIP_OK)
		return zip_error(x);
	return 0;
}

static int flush(struct xlsx *x)
{
	int r = 0;

	if (x->out.failed)
		return -ENOMEM;
	if (x->out.n && zipWriteInFileInZip(x->zip, x->out.p, (unsigned)x->out.n) != ZIP_OK)
		r = zip_error(x);
	buf_clear(&x->out);
	return r;
}

static int part_end(struct xlsx *x)
{
	int r = flush(x);

	if (zipCloseFileInZip(x->zip) != ZIP_OK && r == 0)
		r = zip_error(x);
	return r;
}

static int part(struct xlsx *x, const char *name)
{
	int r = part_begin(x, name, false);

	return r < 0 ? r : part_end(x);
}

/* ---- sheets of events ---- */

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"

static void add_text_cell(struct xlsx *x, const char *letters, unsigned row, int style, struct span text)
{
	buf_printf(&x->out, "<c r=\"%s%u\" s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", letters, row, style);
	if (export_xlsx_text(&x->out, text))
		x->writer.cut++;
	buf_add_z(&x->out, "</t></is></c>");
}

/* In characters. */
static int width_of(int column)
{
	switch (column) {
	case ROW_TIME: return 23;
	case ROW_FORMAT_MESSAGE: case ROW_COMMAND_LINE: case ROW_FORMAT_COMMENT: return 70;
	case ROW_EXECUTABLE: case ROW_FILE: case ROW_FILE_TARGET: return 40;
	case ROW_ID: return 20;
	default: return 16;
	}
}

static int sheet_begin(struct xlsx *x)
{
	const struct row_format_columns *columns = &x->writer.columns;
	char name[64];
	int r;

	x->sheets++;
	snprintf(name, sizeof(name), "xl/worksheets/sheet%u.xml", x->sheets + 1);
	r = part_begin(x, name, x->writer.total > LARGE_ROWS || !x->writer.total);
	if (r < 0)
		return r;
	buf_printf(&x->out, XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\"%s>"
	           "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>",
	           x->sheets == 1 ? " tabSelected=\"1\"" : "");
	buf_add_z(&x->out, columns->n ? "<cols>" : "");
	for (size_t i = 0; i < columns->n; i++)
		buf_printf(&x->out, "<col min=\"%zu\" max=\"%zu\" width=\"%d\" customWidth=\"1\"/>", i + 1, i + 1,
		           width_of(columns->columns[i]));
	buf_add_z(&x->out, columns->n ? "</cols><sheetData><row r=\"1\">" : "<sheetData><row r=\"1\">");
	for (size_t i = 0; i < columns->n; i++)
		add_text_cell(x, x->letters[i], 1, STYLE_HEAD, span_of(row_format_column_name(columns->columns[i])));
	buf_add_z(&x->out, "</row>");
	x->rows = 1;
	return flush(x);
}

static int sheet_end(struct xlsx *x)
{
	size_t n = x->writer.columns.n;

	buf_add_z(&x->out, "</sheetData>");
	if (n)
		buf_printf(&x->out, "<autoFilter ref=\"A1:%s%u\"/>", x->letters[n - 1], x->rows);
	buf_add_z(&x->out, "</worksheet>");
	return part_end(x);
}

/* A moment as the spreadsheet's own date, so that it sorts and filters as one. False: it has none for that year. */
static bool add_time_cell(struct xlsx *x, const char *letters, int64_t ms)
{
	int year = clock_split(ms).year;

	if (year < 1901 || year > 9999)
		return false;
	buf_printf(&x->out, "<c r=\"%s%u\" s=\"%d\"><v>%.9f</v></c>", letters, x->rows, STYLE_TIME,
	           (double)ms / MS_PER_DAY + DAYS_TO_1970);
	return true;
}

static void add_number_cell(struct xlsx *x, const char *letters, int column, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	if (column == ROW_ID || number > EXACT_DIGITS || number < -EXACT_DIGITS)
		add_text_cell(x, letters, x->rows, STYLE_PLAIN, span_of(text));
	else
		buf_printf(&x->out, "<c r=\"%s%u\"><v>%s</v></c>", letters, x->rows, text);
}

/* A text is none that is computed; the quoted style keeps it so when somebody edits it. */
static void add_value_text(struct xlsx *x, const char *letters, struct span text)
{
	add_text_cell(x, letters, x->rows, cell_is_formula(text) ? STYLE_QUOTED : STYLE_PLAIN, text);
}

static void add_message(struct xlsx *x, const char *letters, const struct reader_row *row)
{
	AUTO_BUF message = BUF_INIT;

	row_format_message(&message, row);
	add_value_text(x, letters, buf_span(&message));
	x->out.failed = x->out.failed || message.failed;
}

static void add_note(struct xlsx *x, const char *letters, int column, const struct row_format_note *note)
{
	AUTO_BUF text = BUF_INIT;

	row_format_note_cell(&text, column, note);
	if (text.n && column == ROW_FORMAT_MARKED)
		add_number_cell(x, letters, column, 1);
	else if (text.n)
		add_value_text(x, letters, buf_span(&text));
	x->out.failed = x->out.failed || text.failed;
}

static void add_value(struct xlsx *x, size_t i, const struct row *row, const struct row_format_line *line)
{
	int column = x->writer.columns.columns[i];
	const struct reader_row *from = line->row;

	if (column == ROW_FORMAT_MESSAGE)
		add_message(x, x->letters[i], from);
	else if (column > ROW_FORMAT_MESSAGE)
		add_note(x, x->letters[i], column, line->note);
	else if (column == ROW_TIME && add_time_cell(x, x->letters[i], from->time_ms))
		return;
	else if (row->values[column].type == ROW_NUMBER)
		add_number_cell(x, x->letters[i], column, row->values[column].number);
	else if (row->values[column].type == ROW_TEXT)
		add_value_text(x, x->letters[i], row->values[column].text);
}

static int xlsx_row(struct export_writer *w, const struct row_format_line *line)
{
	struct xlsx *x = (struct xlsx *)w;
	struct row row;

	if (x->rows == EXPORT_XLSX_ROWS) {
		int r = sheet_end(x);

		if (r == 0)
			r = sheet_begin(x);
		if (r < 0)
			return r;
	}
	x->rows++;
	row_fill(&row, line->row);
	buf_printf(&x->out, "<row r=\"%u\">", x->rows);
	for (size_t i = 0; i < w->columns.n; i++)
		add_value(x, i, &row, line);
	buf_add_z(&x->out, "</row>");
	return x->out.n >= FLUSH || x->out.failed ? flush(x) : 0;
}

/* ---- the workbook ---- */

static void without_args(struct row_format_columns *columns)
{
	size_t n = 0;

	for (size_t i = 0; i < columns->n; i++)
		if (columns->columns[i] != ROW_FORMAT_ARGS)
			columns->columns[n++] = columns->columns[i];
	columns->n = n;
}

static int xlsx_begin(struct export_writer *w)
{
	struct xlsx *x = (struct xlsx *)w;
	zlib_filefunc64_def io = { io_open, io_read, io_write, io_tell, io_seek, io_close, io_error, w->file };

	without_args(&w->columns);
	for (size_t i = 0; i < w->columns.n; i++)
		export_xlsx_letters((unsigned)i, x->letters[i]);
	x->zip = zipOpen2_64("", APPEND_STATUS_CREATE, NULL, &io);
	return x->zip ? sheet_begin(x) : -ENOMEM;
}

static int xlsx_rows_end(struct export_writer *w)
{
	return sheet_end((struct xlsx *)w);
}

static int write_about(struct xlsx *x, const struct export_facts *facts)
{
	buf_add_z(&x->out, XML "<worksheet xmlns=\"" MAIN "\"><cols><col min=\"1\" max=\"1\" width=\"22\" customWidth=\"1\"/>"
	          "<col min=\"2\" max=\"2\" width=\"100\" customWidth=\"1\"/></cols><sheetData>");
	for (size_t i = 0; i < facts->n; i++) {
		const struct export_fact *fact = &facts->facts[i];
		unsigned row = (unsigned)i + 1;

		buf_printf(&x->out, "<row r=\"%u\">", row);
		add_text_cell(x, "A", row, STYLE_HEAD, span_of(fact->name));
		if (fact->is_number)
			buf_printf(&x->out, "<c r=\"B%u\" s=\"%d\"><v>%" PRIu64 "</v></c>", row, STYLE_WRAPPED, fact->number);
		else
			add_text_cell(x, "B", row, cell_is_formula(fact->text) ? STYLE_QUOTED : STYLE_WRAPPED, fact->text);
		buf_add_z(&x->out, "</row>");
	}
	buf_add_z(&x->out, "</sheetData></worksheet>");
	return part(x, "xl/worksheets/sheet1.xml");
}

static int write_styles(struct xlsx *x)
{
	buf_add_z(&x->out, XML "<styleSheet xmlns=\"" MAIN "\">"
	          "<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss.000\"/></numFmts>"
	          "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
	          "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
	          "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
	          "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
	          "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
	          "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
	          "<cellXfs count=\"5\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
	          "<xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\" quotePrefix=\"1\"/>"
	          "<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
	          "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\"/>"
	          "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyAlignment=\"1\">"
	          "<alignment horizontal=\"left\" vertical=\"top\" wrapText=\"1\"/></xf></cellXfs>"
	          "<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>");
	return part(x, "xl/styles.xml");
}

/* "Events", "Events 2", … */
static void add_sheet_name(struct buf *out, unsigned sheet)
{
	buf_add_z(out, "Events");
	if (sheet > 1)
		buf_printf(out, " %u", sheet);
}

/* Opens with the first sheet of events in front. The names are what a filter's range is called by. */
static int write_workbook(struct xlsx *x)
{
	size_t n = x->writer.columns.n;

	buf_add_z(&x->out, XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\"><bookViews><workbookView activeTab=\"1\"/>"
	          "</bookViews><sheets><sheet name=\"About\" sheetId=\"1\" r:id=\"rId1\"/>");
	for (unsigned i = 1; i <= x->sheets; i++) {
		buf_add_z(&x->out, "<sheet name=\"");
		add_sheet_name(&x->out, i);
		buf_printf(&x->out, "\" sheetId=\"%u\" r:id=\"rId%u\"/>", i + 1, i + 1);
	}
	buf_add_z(&x->out, n ? "</sheets><definedNames>" : "</sheets>");
	for (unsigned i = 1; n && i <= x->sheets; i++) {
		buf_printf(&x->out, "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"%u\" hidden=\"1\">'", i);
		add_sheet_name(&x->out, i);
		buf_printf(&x->out, "'!$A$1:$%s$%u</definedName>", x->letters[n - 1],
		           i < x->sheets ? (unsigned)EXPORT_XLSX_ROWS : x->rows);
	}
	buf_add_z(&x->out, n ? "</definedNames></workbook>" : "</workbook>");
	return part(x, "xl/workbook.xml");
}

static int write_relations(struct xlsx *x)
{
	int r;

	buf_add_z(&x->out, XML "<Relationships xmlns=\"" PACKAGE "relationships\">");
	for (unsigned i = 1; i <= x->sheets + 1; i++)
		buf_printf(&x->out, "<Relationship Id=\"rId%u\" Type=\"" OFFICE "/worksheet\" "
		           "Target=\"worksheets/sheet%u.xml\"/>", i, i);
	buf_printf(&x->out, "<Relationship Id=\"rId%u\" Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/></Relationships>",
	           x->sheets + 2);
	r = part(x, "xl/_rels/workbook.xml.rels");
	if (r < 0)
		return r;
	buf_add_z(&x->out, XML "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
	          "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
	return part(x, "_rels/.rels");
}

#define CONTENT "application/vnd.openxmlformats-officedocument.spreadsheetml."

static int write_types(struct xlsx *x)
{
	buf_add_z(&x->out, XML "<Types xmlns=\"" PACKAGE "content-types\"><Default Extension=\"rels\" "
	          "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
	          "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
	          "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" CONTENT "sheet.main+xml\"/>"
	          "<Override PartName=\"/xl/styles.xml\" ContentType=\"" CONTENT "styles+xml\"/>");
	for (unsigned i = 1; i <= x->sheets + 1; i++)
		buf_printf(&x->out, "<Override PartName=\"/xl/worksheets/sheet%u.xml\" ContentType=\"" CONTENT "worksheet+xml\"/>",
		           i);
	buf_add_z(&x->out, "</Types>");
	return part(x, "[Content_Types].xml");
}

static int xlsx_end(struct export_writer *w, const struct export_facts *facts)
{
	struct xlsx *x = (struct xlsx *)w;
	int r = write_about(x, facts);

	if (r == 0)
		r = write_styles(x);
	if (r == 0)
		r = write_workbook(x);
	if (r == 0)
		r = write_relations(x);
	if (r == 0)
		r = write_types(x);
	if (r == 0) {
		r = zipClose(x->zip, NULL) == ZIP_OK ? 0 : zip_error(x);
		x->zip = NULL;
	}
	return r;
}

static void xlsx_free(struct export_writer *w)
{
	struct xlsx *x = (struct xlsx *)w;

	if (x->zip)
		zipClose(x->zip, NULL);
	buf_free(&x->out);
	free(x);
}

struct export_writer *export_xlsx_new(void)
{
	static const struct export_writer_ops ops = { xlsx_begin, xlsx_row, xlsx_rows_end, xlsx_end, xlsx_free };
	struct xlsx *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->writer.ops = &ops;
	x->writer.has_facts = true;
	return &x->writer;
}
