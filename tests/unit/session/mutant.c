#include "tests/unit/session/mutant.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "tests/unit/query/random-expr.h"

enum { HEADER = 100, MAX_CHANGES = 3 };

struct mutant {
	struct random_expr random; /* for its numbers */
	unsigned char *p;
	size_t n, page;
};

static char words[400];

const char *mutant_words(void)
{
	return words;
}

static void tell(const char *what)
{
	size_t n = strlen(words);

	snprintf(words + n, sizeof(words) - n, "%s%s", n ? ", " : "", what);
}

static uint64_t below(struct mutant *m, uint64_t n)
{
	return n ? random_below(&m->random, n) : 0;
}

static void put32(struct mutant *m, size_t at, uint32_t value)
{
	for (int i = 0; i < 4 && at + 4 <= m->n; i++)
		m->p[at + (size_t)i] = (unsigned char)(value >> (24 - 8 * i));
}

static size_t pages(const struct mutant *m)
{
	return m->n / m->page;
}

/* Numbers that matter: at ends, and just beyond what is there. */
static uint32_t odd_number(struct mutant *m)
{
	const uint32_t all[] = { 0, 1, 2, 3, 255, 0x7fffffff, 0x80000000, 0xffffffff, 65536, (uint32_t)pages(m),
		                     (uint32_t)pages(m) + 1, (uint32_t)below(m, pages(m) + 2), (uint32_t)random_next(&m->random) };

	return all[below(m, ARRAY_LEN(all))];
}

/* ---- what is done to the bytes of the file ---- */

static void flip_bits(struct mutant *m)
{
	for (uint64_t i = 1 + below(m, 30); i; i--)
		m->p[below(m, m->n)] ^= (unsigned char)(1 << below(m, 8));
}

static void set_bytes(struct mutant *m)
{
	size_t at = below(m, m->n), n = 1 + below(m, 64);

	for (size_t i = at; i < at + n && i < m->n; i++)
		m->p[i] = (unsigned char)random_next(&m->random);
}

static void swap_pages(struct mutant *m)
{
	size_t a = below(m, pages(m)) * m->page, b = below(m, pages(m)) * m->page;

	for (size_t i = 0; i < m->page; i++) {
		unsigned char byte = m->p[a + i];

		m->p[a + i] = m->p[b + i];
		m->p[b + i] = byte;
	}
}

static void copy_page(struct mutant *m)
{
	memmove(m->p + below(m, pages(m)) * m->page, m->p + below(m, pages(m)) * m->page, m->page);
}

static void fill_page(struct mutant *m)
{
	memset(m->p + below(m, pages(m)) * m->page, below(m, 2) ? 0 : 0xff, m->page);
}

static void cut(struct mutant *m)
{
	m->n = below(m, 2) ? below(m, pages(m) + 1) * m->page : below(m, m->n + 1);
}

/* "The Database Header" of SQLite's fileformat2. */
static void change_header(struct mutant *m)
{
	static const unsigned char fields[] = { 16, 18, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 92, 96 };
	size_t at = fields[below(m, sizeof(fields))];

	if (below(m, 3) == 0)
		m->p[at + below(m, 4)] = (unsigned char)random_next(&m->random);
	else
		put32(m, at, odd_number(m));
}

/* A list that leads into pages in use, to itself, to nowhere. */
static void change_free_list(struct mutant *m)
{
	size_t trunk = below(m, pages(m)) * m->page;

	put32(m, 32, (uint32_t)(trunk / m->page + 1));
	put32(m, 36, odd_number(m));
	if (below(m, 2)) {
		put32(m, trunk, odd_number(m));
		put32(m, trunk + 4, odd_number(m));
	}
}

/* Page 2 is the first of them where the file gives space back: five bytes a page. */
static void change_pointer_map(struct mutant *m)
{
	for (uint64_t i = 1 + below(m, 20); i; i--) {
		size_t at = m->page + below(m, m->page / 5) * 5;

		if (at + 5 > m->n)
			return;
		m->p[at] = (unsigned char)below(m, 7);
		put32(m, at + 1, odd_number(m));
	}
	if (below(m, 4) == 0)
		put32(m, below(m, 2) ? 52 : 64, odd_number(m));
}

/* The head of a page: its kind, free block, cells, right child, and where the cells are. */
static void change_page_head(struct mutant *m)
{
	size_t number = below(m, pages(m)), at = number * m->page + (number ? 0 : HEADER);
	static const unsigned char kinds[] = { 2, 5, 10, 13, 0, 1 };

	switch (below(m, 4)) {
	case 0: m->p[at] = kinds[below(m, sizeof(kinds))]; break;
	case 1: put32(m, at + 8, odd_number(m)); break;
	case 2: m->p[at + 1 + below(m, 7)] = (unsigned char)random_next(&m->random); break;
	default: m->p[at + 8 + below(m, 200)] = (unsigned char)random_next(&m->random); break;
	}
}

/* Where cells are: lengths, serial types, keys. */
static void change_cells(struct mutant *m)
{
	size_t number = below(m, pages(m)), base = number * m->page, at = base + (number ? 0 : HEADER);
	size_t n = (size_t)m->p[at + 3] << 8 | m->p[at + 4], first = m->p[at] < 8 ? 12 : 8;

	for (uint64_t i = 1 + below(m, 4); i && n; i--) {
		size_t pointer = at + first + 2 * below(m, n < 400 ? n : 400), cell;

		if (pointer + 2 > m->n)
			return;
		cell = base + ((size_t)m->p[pointer] << 8 | m->p[pointer + 1]) + below(m, 14);
		if (cell < m->n)
			m->p[cell] = below(m, 2) ? 0xff : (unsigned char)random_next(&m->random);
	}
}

/* Statements stand as text in the schema's pages, at the end of the first ones. */
static void change_schema_words(struct mutant *m)
{
	static const char *const others[] = { "VIEW ", "TEMP ", "(abs", "NULL)", "WITH ", "x'00'", "id+1 ", "%%%%%" };
	size_t from = below(m, m->n < 60000 ? m->n : 60000);
	const char *word = others[below(m, ARRAY_LEN(others))];
	unsigned char *at = memmem(m->p + from, m->n - from, "CREATE", 6);

	if (!at)
		return;
	at += below(m, 200);
	if (at + 5 < m->p + m->n)
		memcpy(at, word, 5);
}

static const struct change {
	void (*make)(struct mutant *m);
	const char *words;
} changes[] = {
	{ flip_bits, "bits" }, { set_bytes, "bytes" }, { swap_pages, "pages swapped" }, { copy_page, "a page twice" },
	{ fill_page, "a page empty" }, { cut, "cut" }, { change_header, "the header" }, { change_free_list, "the free list" },
	{ change_pointer_map, "the pointer map" }, { change_page_head, "a page's head" }, { change_cells, "cells" },
	{ change_schema_words, "words of the schema" },
};

/* ---- what is done through SQLite: the file is whole, what it says is not ---- */

static void change_values(struct mutant *m, sqlite3 *db)
{
	static const char *const columns[] = {
		"event.action", "event.image", "event.object", "event.object2", "event.result", "event.port", "event.flags",
		"event.count", "event.span_ms", "event.serial", "event.id", "image.of", "image.start_ms", "image.executable",
		"image.command_line", "image.arg_lengths", "image.cwd", "image.credential", "image.hash", "image.script",
		"image.id",
		"process.boot", "process.pid", "process.start_ms", "process.origin", "process.parent_image", "process.ended",
		"process.exit_code", "process.id", "text.kind", "text.dir", "text.value", "text.id", "credential.euid",
		"credential.user", "credential.cgroup", "rollup.count", "rollup.minute", "rollup.action", "gap.from_ms",
		"gap.to_ms", "gap.cause", "gap.count", "text_birth.bucket",
		"text_hash.texts", "boot.host", "detail.value", "posting.bucket",
		"serial_base.serial", "coverage.value", "meta.value", "record_count.name", "unparsed.line",
	};
	static const char *const values[] = {
		"9223372036854775807", "-9223372036854775808", "-1", "0", "NULL", "'text'", "x'00ff80808080808080808080'", "1e300",
		"1099511627776", "zeroblob(70000)", "1", "id + 1", "-id",
		"(CASE rowid % 89 WHEN 0 THEN printf('%.*c', 3000000, char(1)) END)",
		"'=cmd|''/c x''!A1'",
		"char(8238) || '<b>' || char(27)", "(SELECT max(id) FROM text)",
	};

	for (uint64_t i = 2 + below(m, 8); i; i--) {
		const char *column = columns[below(m, ARRAY_LEN(columns))], *value = values[below(m, ARRAY_LEN(values))];
		int table = (int)(strchr(column, '.') - column);
		char sql[400];

		/* What a table refuses stays as it was. Which rows is decided here, not by SQLite's random(). */
		snprintf(sql, sizeof(sql), "UPDATE OR IGNORE %.*s SET %s = %s WHERE (rowid * %d + %d) %% %d = 0", table, column,
		         column + table + 1, value, 1 + (int)below(m, 1000), (int)below(m, 100), below(m, 2) ? 2 : 40);
		sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	tell("values");
}

static void change_schema(struct mutant *m, sqlite3 *db)
{
	static const char *const statements[] = {
		"CREATE TRIGGER t AFTER INSERT ON gap BEGIN DELETE FROM event; END", "CREATE TABLE more(x)", "DROP TABLE gap",
		"DROP VIEW v_event; CREATE VIEW v_event AS WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n",
		"UPDATE sqlite_schema SET rootpage = 1 + (rootpage * 7 + %d) %% 40 WHERE rootpage %% 5 = 0",
		"UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER', 'BLOB') WHERE rowid %% 7 = %d",
		"UPDATE sqlite_schema SET sql = sql || '--' || printf('%%.*c', 100000, 'x') WHERE rowid %% 9 = %d",
		"UPDATE sqlite_schema SET name = 'sqlite_' || name, tbl_name = 'x' WHERE rowid %% 9 = %d",
		"DELETE FROM sqlite_schema WHERE rowid %% 9 = %d", "UPDATE sqlite_schema SET sql = NULL WHERE rowid %% 9 = %d",
	};
	char sql[500];
	const char *statement = statements[below(m, ARRAY_LEN(statements))];

	sqlite3_exec(db, "PRAGMA writable_schema = 1", NULL, NULL, NULL);
	/* Parts of it are other tables' names: a format is used for one number only. */
	sqlite3_snprintf(sizeof(sql), sql, statement, (int)below(m, 9));
	sqlite3_exec(db, sql, NULL, NULL, NULL);
	tell("the schema");
}

/* ---- making one ---- */

static int write_file(const char *path, const unsigned char *p, size_t n)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 || write(fd, p, n) != (ssize_t)n ? -1 : 0;
}

static int change_inside(struct mutant *m, const char *path)
{
	sqlite3 *db = NULL;
	int r = write_file(path, m->p, m->n);

	if (r == 0 && sqlite3_open(path, &db) == SQLITE_OK) {
		sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
		if (below(m, 6))
			change_values(m, db);
		else
			change_schema(m, db);
	}
	sqlite3_close(db);
	return r;
}

/* A log of noise, or what begins as one does. */
static int add_wal(struct mutant *m, const char *path)
{
	static const unsigned char magic[] = { 0x37, 0x7f, 0x06, 0x82, 0, 0x2d, 0xe2, 0x18, 0, 0, 0x10, 0 };
	AUTO_FREE char *name = NULL;
	unsigned char bytes[9000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)random_next(&m->random);
	if (below(m, 3))
		memcpy(bytes, magic, sizeof(magic));
	if (asprintf(&name, "%s-wal", path) < 0)
		return name = NULL, -1;
	tell("a log beside it");
	return write_file(name, bytes, 32 + below(m, sizeof(bytes) - 32));
}

int mutant_make(const struct buf *sound, uint64_t n, const char *path)
{
	AUTO_BUF copy = BUF_INIT;
	struct mutant m = { .random = { .state = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) }, .page = 4096 };

	buf_add_span(&copy, buf_span(sound));
	if (copy.failed || copy.n < 2 * m.page)
		return -1;
	m.p = (unsigned char *)copy.p;
	m.n = copy.n;
	words[0] = 0;
	if (below(&m, 3) == 0)
		return change_inside(&m, path);
	for (uint64_t i = 1 + below(&m, MAX_CHANGES); i && m.n >= 2 * m.page; i--) {
		const struct change *c = &changes[below(&m, ARRAY_LEN(changes))];

		c->make(&m);
		tell(c->words);
	}
	if (write_file(path, m.p, m.n) < 0)
		return -1;
	return below(&m, 25) == 0 ? add_wal(&m, path) : 0;
}
