#include "recorder/query/exclusion.h"

#include <arpa/inet.h>
#include <string.h>

#include "agent/base/text.h"
#include "recorder/query/expr.h"

/* ---- conditions ---- */

static void number(const char *field, int64_t n, struct buf *out)
{
	buf_printf(out, "%s == %lld", field, (long long)n);
}

static bool is_ip(struct span s)
{
	char text[INET6_ADDRSTRLEN + 1], binary[16];

	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
}

static void address(struct span s, struct buf *out)
{
	bool ip = is_ip(s);

	expr_print_text(ip ? "source.ip" : "source.address", ip ? EXPR_CIDR : EXPR_EQ, !ip, s, out);
	buf_add_z(out, " or ");
	expr_print_text(ip ? "destination.ip" : "destination.address", ip ? EXPR_CIDR : EXPR_EQ, !ip, s, out);
}

static void what(const struct reader_cost *c, struct buf *out)
{
	switch ((enum reader_cost_by)c->by) {
	case READER_COST_ACTION:
		expr_print_text("event.action", EXPR_EQ, false, span_of(event_action_name((int)c->key)), out);
		break;
	case READER_COST_DIRECTORY: expr_print_text("file.path", EXPR_STARTSWITH, true, c->name, out); break;
	case READER_COST_EXECUTABLE: expr_print_text("process.executable", EXPR_EQ, true, c->name, out); break;
	case READER_COST_USER:
		if (c->key >= 0)
			number("user.id", c->key, out);
		else
			expr_print_text("user.name", EXPR_EQ, true, c->name, out);
		break;
	case READER_COST_ADDRESS: address(c->name, out); break;
	case READER_COST_PORT:
		number("source.port", c->key, out);
		buf_add_z(out, " or ");
		number("destination.port", c->key, out);
		break;
	case READER_COSTS: break;
	}
}

static bool is_known(const struct reader_cost *c)
{
	return c->by != READER_COST_ACTION || (c->key == (int)c->key && event_action_name((int)c->key));
}

void exclusion_expression(const struct reader_cost *c, struct buf *out)
{
	if (!is_known(c))
		return;
	buf_add_z(out, "not event.category == process and ");
	buf_add_z(out, c->by == READER_COST_ADDRESS || c->by == READER_COST_PORT ? "(" : "");
	what(c, out);
	buf_add_z(out, c->by == READER_COST_ADDRESS || c->by == READER_COST_PORT ? ")" : "");
}

/* ---- lines ---- */

/* Does a line carry it as it is? Else it is written as an expression, which escapes. */
static bool is_plain(struct span s)
{
	AUTO_BUF visible = BUF_INIT;

	text_visible(&visible, s);
	return s.n && s.p[0] != ' ' && s.p[s.n - 1] != ' ' && !memchr(s.p, '\'', s.n) && !memchr(s.p, '\\', s.n) &&
	       !visible.failed && span_eq(buf_span(&visible), s);
}

static bool is_number(struct span s)
{
	int64_t n;

	return span_to_i64(s, &n) == 0;
}

static const char *key_of(const struct reader_cost *c)
{
	switch ((enum reader_cost_by)c->by) {
	case READER_COST_DIRECTORY: return is_plain(c->name) ? "file-prefix" : NULL;
	case READER_COST_EXECUTABLE: return is_plain(c->name) ? "executable" : NULL;
	case READER_COST_USER: return is_plain(c->name) && !is_number(c->name) ? "user" : NULL; /* "1000" would be a number */
	case READER_COST_ADDRESS: return is_ip(c->name) ? "address" : NULL;
	default: return NULL;
	}
}

void exclusion_line(const struct reader_cost *c, struct buf *out)
{
	const char *key = key_of(c);

	if (!is_known(c))
		return;
	if (c->by == READER_COST_ACTION) {
		buf_printf(out, "operation = %s", event_action_name((int)c->key));
	} else if (c->by == READER_COST_PORT || (c->by == READER_COST_USER && c->key >= 0)) {
		buf_printf(out, "%s = %lld", c->by == READER_COST_PORT ? "port" : "user", (long long)c->key);
	} else if (key) {
		buf_printf(out, "%s = %.*s", key, SPAN_FMT(c->name));
	} else {
		buf_add_z(out, "event = ");
		what(c, out);
	}
}
