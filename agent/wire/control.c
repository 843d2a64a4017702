#include "agent/wire/control.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/wire/wire.h"

/* How a member is written, and what it may be. */
enum kind { TEXT, BYTES, UINT, TIME, BOOLEAN, NAME, ROWS };

struct field {
	const char *name;
	enum kind kind;
	bool may_be_null;
	size_t at;               /* offset in struct control, or in the row */
	uint64_t min, max;       /* TEXT, BYTES: length; UINT: value; NAME: how many names; ROWS: how many */
	const char *const *names;
	const struct field *row;
	size_t n_row, row_size;
};

#define EXACT_MAX (UINT64_C(1) << 53)
#define AT(member) offsetof(struct control, member)
#define F_TEXT(name, member, max) { name, TEXT, false, AT(member), 0, max, NULL, NULL, 0, 0 }
#define F_TEXT_OR_NULL(name, member, max) { name, TEXT, true, AT(member), 0, max, NULL, NULL, 0, 0 }
#define F_BYTES(name, member, max) { name, BYTES, false, AT(member), 0, max, NULL, NULL, 0, 0 }
#define F_BYTES_OR_NULL(name, member, max) { name, BYTES, true, AT(member), 0, max, NULL, NULL, 0, 0 }
#define F_UINT(name, member, min, max) { name, UINT, false, AT(member), min, max, NULL, NULL, 0, 0 }
#define F_TIME(name, member) { name, TIME, false, AT(member), 0, 0, NULL, NULL, 0, 0 }
#define F_BOOL(name, member) { name, BOOLEAN, false, AT(member), 0, 0, NULL, NULL, 0, 0 }
#define F_NAME(name, member, names) { name, NAME, false, AT(member), 0, ARRAY_LEN(names), names, NULL, 0, 0 }
#define F_ROWS(name, member, row, type, most) \
	{ name, ROWS, false, AT(member), 0, most, NULL, row, ARRAY_LEN(row), sizeof(type) }
/* In rows members have no names. */
#define R(type, member, kind, null, max, names) { NULL, kind, null, offsetof(type, member), 0, max, names, NULL, 0, 0 }

static const char *const roles[] = { "viewer", "investigator", "administrator" };
static const char *const endpoint_states[] = { "away", "here", "revoked" };
static const char *const live_states[] = { "attempted", "connected", "failed", "closed" };
static const char *const capture_states[] = { "running", "paused", "waiting", "done", "failed" };
static const char *const tasks[] = { "reader", "capture", "file" };
static const char *const levels[] = { "error", "warning", "info", "debug" };

#define E(member, kind, max, names) R(struct control_endpoint, member, kind, false, max, names)
static const struct field endpoint_row[] = {
	E(endpoint, TEXT, 64, NULL), E(host, TEXT, 255, NULL), E(group, TEXT, 64, NULL), E(address, TEXT, 64, NULL),
	E(version, TEXT, 32, NULL), E(state, NAME, ARRAY_LEN(endpoint_states), endpoint_states),
	E(last_contact, TIME, 0, NULL), E(first, TIME, 0, NULL), E(last, TIME, 0, NULL),
};
#define S(member, kind, null, max, names) R(struct control_snapshot, member, kind, null, max, names)
static const struct field snapshot_row[] = {
	S(capture, TEXT, false, 64, NULL), S(endpoint, TEXT, false, 64, NULL), S(host, TEXT, false, 255, NULL),
	S(name, TEXT, false, 255, NULL), S(taken, TIME, false, 0, NULL),
	S(state, NAME, false, ARRAY_LEN(capture_states), capture_states), S(done, UINT, false, EXACT_MAX, NULL),
	S(bytes, UINT, false, EXACT_MAX, NULL), S(sha256, TEXT, true, 64, NULL), S(by, TEXT, false, 64, NULL),
};
#define FILE_BYTES(member, max) R(struct control_file, member, BYTES, false, max, NULL)
#define FILE_TEXT(member, max) R(struct control_file, member, TEXT, false, max, NULL)
#define FILE_UINT(member, max) R(struct control_file, member, UINT, false, max, NULL)
static const struct field file_row[] = {
	FILE_TEXT(file, 64), FILE_TEXT(endpoint, 64), FILE_TEXT(host, 255), FILE_BYTES(path, 4096),
	R(struct control_file, saved, TIME, false, 0, NULL), FILE_UINT(bytes, EXACT_MAX), FILE_UINT(mode, UINT32_MAX),
	FILE_UINT(uid, UINT32_MAX), FILE_UINT(gid, UINT32_MAX), R(struct control_file, modified, TIME, false, 0, NULL),
	FILE_TEXT(sha256, 64), FILE_TEXT(by, 64),
};

static const struct field hello[] = {
	F_UINT("protocol_min", hello.protocol_min, 0, 65535), F_UINT("protocol_max", hello.protocol_max, 0, 65535),
	F_TEXT("program", hello.program, 32), F_TEXT("version", hello.version, 32), F_TEXT("host", hello.host, 255),
};
static const struct field welcome[] = {
	F_UINT("protocol", welcome.protocol, 0, 65535), F_TEXT("program", welcome.program, 32),
	F_TEXT("version", welcome.version, 32), F_TIME("time", welcome.time),
};
static const struct field unwelcome[] = {
	F_UINT("protocol_min", unwelcome.protocol_min, 0, 65535), F_UINT("protocol_max", unwelcome.protocol_max, 0, 65535),
	F_TEXT("version", unwelcome.version, 32), F_TEXT("text", unwelcome.text, 1000),
};
static const struct field error[] = {
	F_TEXT("error", error.error, 32), F_TEXT_OR_NULL("text", error.text, 1000),
};
static const struct field login[] = { F_TEXT("user", login.user, 64), F_TEXT("password", login.password, 1024) };
static const struct field resume[] = { F_TEXT("token", resume.token, 128) };
static const struct field app_welcome[] = {
	F_TEXT("user", app_welcome.user, 64), F_NAME("role", app_welcome.role, roles),
	F_TEXT("token", app_welcome.token, 128), F_TIME("expires", app_welcome.expires),
};
static const struct field endpoint_list[] = {
	F_TEXT_OR_NULL("match", list.match, 255), F_TEXT_OR_NULL("after", list.after, 64),
	F_UINT("n", list.n, 1, WIRE_MAX_ROWS),
};
static const struct field capture_list[] = {
	F_TEXT_OR_NULL("host", list.match, 255), F_TEXT_OR_NULL("after", list.after, 64),
	F_UINT("n", list.n, 1, WIRE_MAX_ROWS),
};
static const struct field endpoints[] = {
	F_BOOL("more", rows.more), F_ROWS("endpoints", rows.rows, endpoint_row, struct control_endpoint, WIRE_MAX_ROWS),
};
static const struct field captures[] = {
	F_BOOL("more", rows.more), F_ROWS("captures", rows.rows, snapshot_row, struct control_snapshot, WIRE_MAX_ROWS),
};
static const struct field endpoint[] = { F_TEXT("endpoint", endpoint.endpoint, 64) };
static const struct field session[] = { F_UINT("session", session.session, 0, EXACT_MAX) };
static const struct field live_state[] = {
	F_UINT("session", live.session, 0, EXACT_MAX), F_NAME("state", live.state, live_states),
	F_TEXT_OR_NULL("error", live.error, 32), F_TEXT_OR_NULL("text", live.text, 1000),
};
static const struct field ticket[] = {
	F_UINT("session", ticket.session, 0, EXACT_MAX), F_TEXT("ticket", ticket.ticket, 64),
};
static const struct field one_capture[] = { F_TEXT("capture", fetch.capture, 64) };
static const struct field capture_fetch[] = {
	F_TEXT("capture", fetch.capture, 64), F_UINT("offset", fetch.offset, 0, EXACT_MAX),
};
static const struct field capture[] = {
	F_TEXT("capture", capture.capture, 64), F_NAME("state", capture.state, capture_states),
	F_UINT("done", capture.done, 0, EXACT_MAX), F_UINT("bytes", capture.bytes, 0, EXACT_MAX),
	F_TEXT_OR_NULL("error", capture.error, 32), F_TEXT_OR_NULL("text", capture.text, 1000),
};
static const struct field file_save[] = {
	F_UINT("session", file.session, 0, EXACT_MAX), F_BYTES("path", file.path, 4096),
	F_UINT("process", file.process, 0, EXACT_MAX), F_UINT("max_bytes", file.max_bytes, 0, EXACT_MAX),
};
static const struct field file_list[] = {
	F_TEXT_OR_NULL("host", list.match, 255), F_TEXT_OR_NULL("after", list.after, 64),
	F_UINT("n", list.n, 1, WIRE_MAX_FILES),
};
static const struct field one_file[] = { F_TEXT("file", fetch.capture, 64) };
static const struct field file[] = {
	F_TEXT("file", capture.capture, 64), F_NAME("state", capture.state, capture_states),
	F_UINT("done", capture.done, 0, EXACT_MAX), F_UINT("bytes", capture.bytes, 0, EXACT_MAX),
	F_TEXT_OR_NULL("error", capture.error, 32), F_TEXT_OR_NULL("text", capture.text, 1000),
};
static const struct field files[] = {
	F_BOOL("more", rows.more), F_ROWS("files", rows.rows, file_row, struct control_file, WIRE_MAX_FILES),
};
static const struct field agent_enrol[] = {
	F_TEXT("token", enrol.token, 128), F_BYTES("key", enrol.key, 1024), F_TEXT("host", enrol.host, 255),
	F_TEXT("machine", enrol.machine, 64),
};
static const struct field agent_enrolled[] = {
	F_TEXT("certificate", enrolled.certificate, 16384), F_TEXT("authority", enrolled.authority, 16384),
};
static const struct field agent_state[] = {
	F_BOOL("recording", state.recording), F_TEXT_OR_NULL("text", state.text, 1000), F_TIME("first", state.first),
	F_TIME("last", state.last), F_UINT("bytes", state.bytes, 0, EXACT_MAX),
};
static const struct field agent_dial[] = {
	F_TEXT("ticket", dial.ticket, 64), F_NAME("task", dial.task, tasks), F_BYTES_OR_NULL("path", dial.path, 4096),
	F_UINT("process", dial.process, 0, EXACT_MAX), F_UINT("max_bytes", dial.max_bytes, 0, EXACT_MAX),
};
static const struct field agent_log[] = { F_NAME("level", log.level, levels) };
static const struct field bulk_offer[] = {
	F_UINT("transfer", offer.transfer, 0, UINT32_MAX), F_BYTES("name", offer.name, 4096),
	F_UINT("size", offer.size, 0, EXACT_MAX), F_UINT("mode", offer.mode, 0, UINT32_MAX),
	F_UINT("uid", offer.uid, 0, UINT32_MAX), F_UINT("gid", offer.gid, 0, UINT32_MAX),
	F_TIME("modified", offer.modified), F_TEXT("identity", offer.identity, 64),
};
static const struct field bulk_accept[] = {
	F_UINT("transfer", accept.transfer, 0, UINT32_MAX), F_UINT("offset", accept.offset, 0, EXACT_MAX),
};

#define NOTHING NULL, 0
#define OF(fields) fields, ARRAY_LEN(fields)
enum { APP = CONTROL_APP, SERVER = CONTROL_SERVER, AGENT = CONTROL_AGENT, ALL = APP | SERVER | AGENT };

static const struct {
	const char *name;
	unsigned from;
	const struct field *fields;
	size_t n;
} types[CONTROL_TYPES] = {
	[CONTROL_HELLO] = { "hello", APP | AGENT, OF(hello) },
	[CONTROL_WELCOME] = { "welcome", SERVER, OF(welcome) },
	[CONTROL_UNWELCOME] = { "unwelcome", SERVER, OF(unwelcome) },
	[CONTROL_DONE] = { "done", ALL, NOTHING },
	[CONTROL_ERROR] = { "error", ALL, OF(error) },
	[CONTROL_APP_LOGIN] = { "app.login", APP, OF(login) },
	[CONTROL_APP_RESUME] = { "app.resume", APP, OF(resume) },
	[CONTROL_APP_LOGOUT] = { "app.logout", APP, NOTHING },
	[CONTROL_APP_WELCOME] = { "app.welcome", SERVER, OF(app_welcome) },
	[CONTROL_ENDPOINT_LIST] = { "endpoint.list", APP, OF(endpoint_list) },
	[CONTROL_ENDPOINTS] = { "endpoints", SERVER, OF(endpoints) },
	[CONTROL_LIVE_OPEN] = { "live.open", APP, OF(endpoint) },
	[CONTROL_LIVE_CLOSE] = { "live.close", APP, OF(session) },
	[CONTROL_LIVE_STATE] = { "live.state", SERVER, OF(live_state) },
	[CONTROL_TICKET] = { "ticket", SERVER, OF(ticket) },
	[CONTROL_CAPTURE_START] = { "capture.start", APP, OF(endpoint) },
	[CONTROL_CAPTURE_PAUSE] = { "capture.pause", APP, OF(one_capture) },
	[CONTROL_CAPTURE_RESUME] = { "capture.resume", APP, OF(one_capture) },
	[CONTROL_CAPTURE_DELETE] = { "capture.delete", APP, OF(one_capture) },
	[CONTROL_CAPTURE_LIST] = { "capture.list", APP, OF(capture_list) },
	[CONTROL_CAPTURE_OPEN] = { "capture.open", APP, OF(one_capture) },
	[CONTROL_CAPTURE_FETCH] = { "capture.fetch", APP, OF(capture_fetch) },
	[CONTROL_CAPTURE] = { "capture", SERVER, OF(capture) },
	[CONTROL_CAPTURES] = { "captures", SERVER, OF(captures) },
	[CONTROL_FILE_SAVE] = { "file.save", APP, OF(file_save) },
	[CONTROL_FILE_LIST] = { "file.list", APP, OF(file_list) },
	[CONTROL_FILE_FETCH] = { "file.fetch", APP, OF(one_file) },
	[CONTROL_FILE_DELETE] = { "file.delete", APP, OF(one_file) },
	[CONTROL_FILE] = { "file", SERVER, OF(file) },
	[CONTROL_FILES] = { "files", SERVER, OF(files) },
	[CONTROL_AGENT_ENROL] = { "agent.enrol", AGENT, OF(agent_enrol) },
	[CONTROL_AGENT_ENROLLED] = { "agent.enrolled", SERVER, OF(agent_enrolled) },
	[CONTROL_AGENT_STATE] = { "agent.state", AGENT, OF(agent_state) },
	[CONTROL_AGENT_DIAL] = { "agent.dial", SERVER, OF(agent_dial) },
	[CONTROL_AGENT_LOG] = { "agent.log", SERVER, OF(agent_log) },
	[CONTROL_DATA_READY] = { "data.ready", SERVER, NOTHING },
	[CONTROL_BULK_OFFER] = { "bulk.offer", ALL, OF(bulk_offer) },
	[CONTROL_BULK_ACCEPT] = { "bulk.accept", ALL, OF(bulk_accept) },
};

const char *control_name(enum control_type type)
{
	return types[type].name;
}

/* ---- limits, for both directions ---- */

static bool is_text(struct span s, const struct field *f)
{
	if (!s.p)
		return f->may_be_null;
	return s.n <= f->max && (f->kind == BYTES || (text_is_utf8(s) && !(s.n && memchr(s.p, 0, s.n))));
}

static bool fits(const struct field *f, const void *base);

static bool all_fit(const struct field *fields, size_t n, const void *base)
{
	for (size_t i = 0; i < n; i++)
		if (!fits(&fields[i], base))
			return false;
	return true;
}

static bool rows_fit(const struct field *f, const struct control_rows *rows)
{
	for (size_t i = 0; i < rows->n && i < f->max; i++)
		if (!all_fit(f->row, f->n_row, (const char *)rows->rows + i * f->row_size))
			return false;
	return rows->n <= f->max;
}

static bool fits(const struct field *f, const void *base)
{
	const void *p = (const char *)base + f->at;
	int64_t time;

	switch (f->kind) {
	case TEXT:
	case BYTES:
		return is_text(*(const struct span *)p, f);
	case UINT:
		return *(const uint64_t *)p >= f->min && *(const uint64_t *)p <= f->max;
	case TIME:
		time = *(const int64_t *)p;
		return time >= CLOCK_MIN && time <= CLOCK_MAX;
	case NAME:
		return *(const unsigned *)p < f->max;
	case ROWS:
		return rows_fit(f, p);
	default:
		return true;
	}
}

/* ---- writing ---- */

static void put_fields(struct buf *out, const struct field *fields, size_t n, const void *base);

static void put_rows(struct buf *out, const struct field *f, const struct control_rows *rows)
{
	message_open_list(out, f->name);
	for (size_t i = 0; i < rows->n; i++) {
		message_open_list(out, NULL);
		put_fields(out, f->row, f->n_row, (const char *)rows->rows + i * f->row_size);
		message_close_list(out);
	}
	message_close_list(out);
}

static void put_fields(struct buf *out, const struct field *fields, size_t n, const void *base)
{
	for (size_t i = 0; i < n; i++) {
		const struct field *f = &fields[i];
		const void *p = (const char *)base + f->at;

		switch (f->kind) {
		case TEXT:
		case BYTES:
			message_put_text(out, f->name, *(const struct span *)p);
			break;
		case UINT:
			message_put_uint(out, f->name, *(const uint64_t *)p);
			break;
		case TIME:
			message_put_int(out, f->name, *(const int64_t *)p);
			break;
		case BOOLEAN:
			message_put_bool(out, f->name, *(const bool *)p);
			break;
		case NAME:
			message_put_text(out, f->name, span_of(f->names[*(const unsigned *)p]));
			break;
		case ROWS:
			put_rows(out, f, p);
			break;
		}
	}
}

int control_put(struct buf *out, const struct control *c)
{
	size_t before = out->n;

	if (c->type >= CONTROL_TYPES || !all_fit(types[c->type].fields, types[c->type].n, c))
		return -EINVAL;
	message_begin(out, c->id, types[c->type].name);
	put_fields(out, types[c->type].fields, types[c->type].n, c);
	message_end(out);
	if (!out->failed)
		return 0;
	out->n = before;
	return -ENOMEM;
}

/* ---- reading ---- */

static void get_fields(struct message_in *in, const struct field *fields, size_t n, struct arena *arena, void *base);

static void get_name(struct message_in *in, const struct field *f, struct arena *arena, unsigned *ret)
{
	struct span name = message_text(in, f->name, arena);

	for (unsigned i = 0; i < f->max; i++) {
		if (!name.p || !span_eq(name, span_of(f->names[i])))
			continue;
		*ret = i;
		return;
	}
	message_bad(in);
}

static void get_rows(struct message_in *in, const struct field *f, struct arena *arena, struct control_rows *ret)
{
	struct message_in list = message_list(in, f->name);
	size_t n = message_left(&list);

	if (n > f->max) {
		message_bad(in);
		return;
	}
	ret->rows = arena_alloc(arena, n * f->row_size);
	if (!ret->rows) {
		in->message->error = -ENOMEM;
		return;
	}
	memset(ret->rows, 0, n * f->row_size);
	for (; ret->n < n; ret->n++) {
		struct message_in row = message_list(&list, NULL);

		get_fields(&row, f->row, f->n_row, arena, (char *)ret->rows + ret->n * f->row_size);
		message_at_end(&row);
	}
}

static void get_fields(struct message_in *in, const struct field *fields, size_t n, struct arena *arena, void *base)
{
	for (size_t i = 0; i < n && !in->message->error; i++) {
		const struct field *f = &fields[i];
		void *p = (char *)base + f->at;

		switch (f->kind) {
		case TEXT:
		case BYTES:
			*(struct span *)p = message_text(in, f->name, arena);
			break;
		case UINT:
			*(uint64_t *)p = message_uint(in, f->name);
			break;
		case TIME:
			*(int64_t *)p = message_int(in, f->name);
			break;
		case BOOLEAN:
			*(bool *)p = message_bool(in, f->name);
			break;
		case NAME:
			get_name(in, f, arena, p);
			break;
		case ROWS:
			get_rows(in, f, arena, p);
			break;
		}
	}
}

int control_get(struct message *m, enum control_side from, struct arena *arena, struct control *ret)
{
	struct message_in in = message_root(m);
	struct control c = { .id = m->id };

	while (c.type < CONTROL_TYPES && !message_is(m, types[c.type].name))
		c.type++;
	if (c.type == CONTROL_TYPES || !(types[c.type].from & from))
		return -ENOSYS;
	get_fields(&in, types[c.type].fields, types[c.type].n, arena, &c);
	if (m->error)
		return m->error;
	if (!all_fit(types[c.type].fields, types[c.type].n, &c))
		return -EPROTO;
	*ret = c;
	return 0;
}

/* ---- the greeting ---- */

unsigned control_agree(const struct control *asked, unsigned min, unsigned max, char *text, size_t size)
{
	uint64_t lowest = asked->hello.protocol_min, highest = asked->hello.protocol_max;
	struct span program = asked->hello.program;

	if (lowest <= highest && lowest <= max && highest >= min)
		return highest < max ? (unsigned)highest : max;
	snprintf(text, size, "%.*s speaks protocol %u to %u, the server %u to %u: update %.*s", SPAN_FMT(program),
		 (unsigned)lowest, (unsigned)highest, min, max,
		 SPAN_FMT(highest < min ? program : SPAN("the server")));
	return 0;
}
