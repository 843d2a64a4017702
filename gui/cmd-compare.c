#include "gui/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "agent/session/confine.h"
#include "recorder/query/cell.h"
#include "recorder/query/compare.h"

enum { OK = 0, FAILED = 1, USAGE = 2, SHORT_HASH = 16 };

static const char help[] =
	"Usage: spoor compare [--json] FIRST SECOND\n"
	"\n"
	"Tells what the second recording of a host has that the first has not: programs, listeners, changed accounts, kernel\n"
	"modules, and files from which something is started by itself; what is changed, and what is gone. It compares what was\n"
	"recorded: what did not run or listen in the second recording counts as gone.\n"
	"\n"
	"      --json    one object; each item with the expression that finds its events\n"
	"      --help\n";

struct side {
	const char *path;
	struct reader_info info;
	struct reader_inventory inventory;
};

/* ---- reading ---- */

static int fail(const char *path, const char *why)
{
	AUTO_BUF line = BUF_INIT, shown = BUF_INIT;

	if (path)
		buf_printf(&line, "%s: ", path);
	buf_add_z(&line, why);
	text_visible(&shown, buf_span(&line));
	log_error("%s", shown.failed || !shown.p ? "out of memory" : shown.p);
	return FAILED;
}

static int read_side(struct side *s)
{
	AUTO_READER *r = NULL;
	AUTO_FREE char *why = NULL;
	int error;

	if (confine_open(s->path, VAULT_CHECK, NULL, NULL, NULL, &r, &why) < 0)
		return fail(NULL, why ? why : strerror(ENOMEM));
	error = r->ops->info(r, NULL, &s->info);
	if (error == 0)
		error = r->ops->inventory(r, NULL, &s->inventory);
	return error < 0 ? fail(s->path, reader_error_text(r, error)) : OK;
}

static void warn(const struct side *first, const struct side *second)
{
	AUTO_BUF a = BUF_INIT, b = BUF_INIT;

	text_visible(&a, first->info.host);
	text_visible(&b, second->info.host);
	if (!compare_same_host(first->info.host, second->info.host))
		log_warning("these are two hosts: %s and %s", a.p, b.p);
	if (second->info.last_ms < first->info.last_ms)
		log_warning("the second recording ends before the first: what is new and what is gone are the other way round");
	if (first->inventory.left_out || second->inventory.left_out)
		log_warning("there is more than %d of a kind: some is left out", READER_MAX_THINGS);
}

/* ---- text ---- */

static void put_detail(struct buf *out, const struct reader_thing *t)
{
	bool hash = t->area == READER_AREA_EXECUTABLE || t->area == READER_AREA_MODULE;

	if (t->detail.n == 0)
		return;
	buf_add_z(out, hash ? "  sha256 " : "  ");
	text_visible(out, hash && t->detail.n > SHORT_HASH ? (struct span){ t->detail.p, SHORT_HASH } : t->detail);
	buf_add_z(out, hash && t->detail.n > SHORT_HASH ? "…" : "");
}

static void put_line(struct buf *out, const struct compare_item *item)
{
	char time[CLOCK_TEXT];
	const struct reader_thing *t = item->thing;
	bool gone = item->change == COMPARE_GONE;

	buf_printf(out, "  %-8s ", compare_change_name(item->change));
	text_visible(out, t->name.n ? t->name : SPAN("(unknown)"));
	if (t->area == READER_AREA_LISTENER)
		buf_printf(out, " port %lld", (long long)t->port);
	put_detail(out, t);
	if (t->by.n) {
		buf_add_z(out, "  by ");
		text_visible(out, t->by);
	}
	buf_printf(out, "  %s %s", gone ? "last" : "first", clock_format(gone ? t->last_ms : t->first_ms, time));
	if (item->before && t->area != READER_AREA_ACCOUNT && t->area != READER_AREA_AUTOSTART) {
		buf_add_z(out, "  (was");
		put_detail(out, item->before);
		if (t->area == READER_AREA_LISTENER) {
			buf_add_char(out, ' ');
			text_visible(out, item->before->by);
		}
		buf_add_char(out, ')');
	}
	buf_add_char(out, '\n');
}

static void put_text(struct buf *out, const struct compare *c)
{
	size_t i = 0;

	for (int area = 0; area < READER_AREAS; area++) {
		buf_printf(out, "%s: %zu new, %zu changed, %zu gone\n", compare_area_name(area), c->counts[area][COMPARE_NEW],
		           c->counts[area][COMPARE_CHANGED], c->counts[area][COMPARE_GONE]);
		for (; i < c->n && c->items[i].thing->area == area; i++)
			put_line(out, &c->items[i]);
	}
}

/* ---- JSON ---- */

static void put_member(struct buf *out, const char *name, struct span text)
{
	if (!text.p)
		return;
	buf_printf(out, ",\"%s\":", name);
	cell_json(out, text);
	if (!cell_is_exact(text)) {
		buf_printf(out, ",\"%s_hex\":", name);
		cell_json_hex(out, text);
	}
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
	char time[CLOCK_TEXT];

	buf_printf(out, ",\"%s\":\"%s\"", name, clock_format_iso(ms, time));
}

static void put_thing(struct buf *out, const struct reader_thing *t)
{
	put_member(out, "name", t->name);
	put_member(out, "detail", t->detail);
	if (t->area == READER_AREA_LISTENER)
		buf_printf(out, ",\"port\":%lld", (long long)t->port);
	put_time(out, "first", t->first_ms);
	put_time(out, "last", t->last_ms);
	buf_printf(out, ",\"count\":%llu", (unsigned long long)t->count);
	put_member(out, "by", t->by);
}

static void put_item(struct buf *out, const struct compare_item *item)
{
	AUTO_BUF expression = BUF_INIT;

	compare_expression(item, &expression);
	buf_printf(out, "{\"area\":\"%s\",\"change\":\"%s\"", compare_area_name(item->thing->area),
	           compare_change_name(item->change));
	put_thing(out, item->thing);
	if (item->before) {
		buf_printf(out, ",\"before\":{\"area\":\"%s\"", compare_area_name(item->before->area));
		put_thing(out, item->before);
		buf_add_char(out, '}');
	}
	put_member(out, "expression", buf_span(&expression));
	buf_add_char(out, '}');
}

static void put_side(struct buf *out, const char *name, const struct side *s)
{
	buf_printf(out, "\"%s\":{\"path\":", name);
	cell_json(out, span_of(s->path));
	put_member(out, "host", s->info.host);
	put_time(out, "ended", s->info.last_ms);
	buf_add_z(out, "},\n");
}

static void put_json(struct buf *out, const struct side *first, const struct side *second, const struct compare *c)
{
	buf_add_char(out, '{');
	put_side(out, "first", first);
	put_side(out, "second", second);
	buf_add_z(out, "\"items\":[");
	for (size_t i = 0; i < c->n; i++) {
		buf_add_z(out, i ? ",\n" : "\n");
		put_item(out, &c->items[i]);
	}
	buf_add_z(out, "]}\n");
}

/* ---- the command ---- */

static int tell(const struct side *first, const struct side *second, bool json)
{
	AUTO_BUF out = BUF_INIT;
	struct compare c;
	int r = compare_inventories((struct compare_side){ &first->inventory, first->info.last_ms },
	                            (struct compare_side){ &second->inventory, second->info.last_ms }, &c);

	if (r < 0)
		return fail(NULL, strerror(-r));
	warn(first, second);
	if (json)
		put_json(&out, first, second, &c);
	else
		put_text(&out, &c);
	compare_free(&c);
	if (out.failed)
		return fail(NULL, strerror(ENOMEM));
	if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
		return fail("standard output", strerror(errno));
	return OK;
}

static void side_free(struct side *s)
{
	reader_info_free(&s->info);
	reader_inventory_free(&s->inventory);
}

int cmd_compare(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	struct side first = { 0 }, second = { 0 };
	bool json = false;
	int opt, status;

	setlocale(LC_CTYPE, "C.UTF-8");
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'h')
			return fputs(help, stdout) < 0 ? FAILED : OK;
		if (opt != 'j') {
			fail("compare", "no such option (see spoor compare --help)");
			return USAGE;
		}
		json = true;
	}
	if (argc - optind != 2) {
		fail("compare", "two recordings are needed (see spoor compare --help)");
		return USAGE;
	}
	first.path = argv[optind];
	second.path = argv[optind + 1];
	status = read_side(&first);
	if (status == OK)
		status = read_side(&second);
	if (status == OK)
		status = tell(&first, &second, json);
	side_free(&first);
	side_free(&second);
	return status;
}
