#include "recorder/query/row.h"

#include <stdio.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "recorder/query/address.h"
#include "recorder/query/field-def.h"

static const char *const names[ROW_COLUMNS] = {
	[ROW_TIME] = "@timestamp", [ROW_ID] = "event.id", [ROW_CATEGORY] = "event.category", [ROW_ACTION] = "event.action",
	[ROW_OUTCOME] = "event.outcome", [ROW_COUNT] = "event.count", [ROW_SERIAL] = "event.serial",
	[ROW_ERROR] = "error.code", [ROW_PROCESS] = "process.entity_id", [ROW_PID] = "process.pid",
	[ROW_EXECUTABLE] = "process.executable", [ROW_COMMAND_LINE] = "process.command_line",
	[ROW_EXIT_CODE] = "process.exit_code", [ROW_EXIT_SIGNAL] = "process.exit_signal", [ROW_USER_ID] = "user.id",
	[ROW_USER_NAME] = "user.name", [ROW_REAL_USER_ID] = "process.real_user.id", [ROW_AUDIT_USER_ID] = "user.audit.id",
	[ROW_SESSION] = "auditd.session", [ROW_FILE] = "file.path", [ROW_FILE_TARGET] = "file.target_path",
	[ROW_DIRECTION] = "network.direction", [ROW_SOURCE_IP] = "source.ip", [ROW_SOURCE_ADDRESS] = "source.address",
	[ROW_SOURCE_PORT] = "source.port", [ROW_DESTINATION_IP] = "destination.ip",
	[ROW_DESTINATION_ADDRESS] = "destination.address", [ROW_DESTINATION_PORT] = "destination.port",
	[ROW_DRIVER] = "driver.path", [ROW_REGISTRY] = "registry.path",
	[ROW_TARGET_USER] = "user.target.name", [ROW_OBJECT] = "event.object", [ROW_OPERATION] = "event.operation",
	[ROW_TARGET_PID] = "process.target.pid", [ROW_ATTRIBUTE] = "file.attribute",
	[ROW_PROVIDER] = "event.provider",
	[ROW_TRANSPORT] = "network.transport", [ROW_DURATION] = "event.duration",
};

const char *row_column_name(enum row_column c)
{
	return (unsigned)c < ROW_COLUMNS ? names[c] : NULL;
}

static void text(struct row *r, enum row_column c, struct span value)
{
	if (value.p)
		r->values[c] = (struct row_value){ ROW_TEXT, value, 0 };
}

static void number_unless(struct row *r, enum row_column c, int64_t value, int64_t absent)
{
	if (value != absent)
		r->values[c] = (struct row_value){ ROW_NUMBER, SPAN_NONE, value };
}

static const char *outcome_of(const struct reader_row *from)
{
	switch (from->action) {
	case ACTION_PROCESS_EXEC_FAILED: case ACTION_NETWORK_CONNECT_FAILED: return "failure";
	case ACTION_NETWORK_CONNECT_ATTEMPT: return "unknown";
	case ACTION_PROCESS_EXIT: case ACTION_NETWORK_DISCONNECT: return "success";
	default: return from->result ? "failure" : "success";
	}
}

static void fill_event(struct row *r, const struct reader_row *from)
{
	clock_format_iso(from->time_ms, r->time);
	text(r, ROW_TIME, span_of(r->time));
	number_unless(r, ROW_ID, from->id, 0);
	text(r, ROW_CATEGORY, span_of(event_category_name((enum event_category)from->category)));
	text(r, ROW_ACTION, span_of(event_action_name(from->action)));
	text(r, ROW_OUTCOME, span_of(outcome_of(from)));
	number_unless(r, ROW_COUNT, (int64_t)from->count, 1);
	number_unless(r, ROW_SERIAL, (int64_t)from->serial, 0);
	if (from->action == ACTION_PROCESS_EXIT) {
		number_unless(r, ROW_EXIT_CODE, from->result, -1);
		number_unless(r, ROW_EXIT_SIGNAL, from->port, 0);
	} else if (from->action != ACTION_NETWORK_DISCONNECT) {
		number_unless(r, ROW_ERROR, from->result, 0);
	}
}

static void fill_side(struct row *r, enum row_column ip, struct span address, int port)
{
	struct address a;

	text(r, address_parse(address, &a) == 0 ? ip : ip + 1, address);
	number_unless(r, ip + 2, port, 0);
}

/* The file that a logon from before recording was read from; NULL: it was recorded. */
static const char *provider_of(const struct reader_row *from)
{
	if (!(from->flags & EVENT_FLAG_READ))
		return NULL;
	return from->action == ACTION_SECURITY_AUTHENTICATION ? "btmp" : "wtmp";
}

static void fill_security(struct row *r, const struct reader_row *from)
{
	text(r, ROW_PROVIDER, span_of(provider_of(from)));
	switch ((enum event_action)from->action) {
	case ACTION_SECURITY_LOGIN: case ACTION_SECURITY_LOGOUT: case ACTION_SECURITY_AUTHENTICATION:
		text(r, ROW_TARGET_USER, from->object);
		if (from->object2.p)
			fill_side(r, ROW_SOURCE_IP, from->object2, 0);
		break;
	case ACTION_SECURITY_PRIVILEGE:
		text(r, ROW_OBJECT, from->object);
		text(r, ROW_TARGET_USER, from->object2);
		break;
	case ACTION_SECURITY_ACCOUNT:
		text(r, ROW_TARGET_USER, from->object);
		text(r, ROW_OPERATION, from->object2);
		break;
	default:
		text(r, ROW_OBJECT, from->object);
		text(r, ROW_OPERATION, from->object2);
		break;
	}
}

static void fill_process(struct row *r, const struct reader_row *from)
{
	number_unless(r, ROW_PROCESS, from->process, 0);
	number_unless(r, ROW_PID, from->pid, 0);
	text(r, ROW_EXECUTABLE, from->executable);
	text(r, ROW_COMMAND_LINE, from->command_line);
	number_unless(r, ROW_USER_ID, from->euid, -1);
	text(r, ROW_USER_NAME, from->user);
	number_unless(r, ROW_REAL_USER_ID, from->uid, -1);
	number_unless(r, ROW_AUDIT_USER_ID, from->auid, -1);
	number_unless(r, ROW_SESSION, from->session, -1);
}

bool row_is_accepted(const struct reader_row *from)
{
	return from->action == ACTION_NETWORK_ACCEPT ||
	       (from->action == ACTION_NETWORK_DISCONNECT && (from->flags & EVENT_FLAG_ACCEPTED));
}

static void fill_network(struct row *r, const struct reader_row *from)
{
	bool ended = from->action == ACTION_NETWORK_DISCONNECT, accepted = row_is_accepted(from);

	fill_side(r, accepted ? ROW_SOURCE_IP : ROW_DESTINATION_IP, from->object, from->port);
	fill_side(r, accepted ? ROW_DESTINATION_IP : ROW_SOURCE_IP, from->object2, from->port2);
	if (accepted)
		text(r, ROW_DIRECTION, SPAN("ingress"));
	else if (from->action <= ACTION_NETWORK_CONNECT_FAILED || (ended && from->image))
		text(r, ROW_DIRECTION, SPAN("egress"));
	if (from->flags & (EVENT_FLAG_TCP | EVENT_FLAG_UDP))
		text(r, ROW_TRANSPORT, from->flags & EVENT_FLAG_TCP ? SPAN("tcp") : SPAN("udp"));
	if (ended && from->result >= 0)
		r->values[ROW_DURATION] = (struct row_value){ ROW_NUMBER, SPAN_NONE, from->result * INT64_C(1000000) };
}

static struct span attribute_word(int attribute)
{
	const struct field *f = field_find(SPAN("file.attribute"));

	return attribute > 0 ? span_of(field_word_at(f, (size_t)attribute - 1)) : SPAN_NONE;
}

void row_fill(struct row *ret, const struct reader_row *from)
{
	*ret = (struct row){ 0 };
	fill_event(ret, from);
	fill_process(ret, from);
	switch ((enum event_category)from->category) {
	case EVENT_PROCESS:
		if (from->action == ACTION_PROCESS_EXEC_FAILED)
			text(ret, ROW_FILE, from->object);
		else if (from->action == ACTION_PROCESS_PTRACE || from->action == ACTION_PROCESS_CREDENTIALS)
			text(ret, ROW_OBJECT, from->object);
		if (from->action == ACTION_PROCESS_PTRACE)
			number_unless(ret, ROW_TARGET_PID, from->port, 0);
		break;
	case EVENT_SECURITY:
		fill_security(ret, from);
		break;
	case EVENT_FILE:
		if (from->action == ACTION_FILE_ATTRIBUTE)
			text(ret, ROW_ATTRIBUTE, attribute_word(from->port));
		text(ret, ROW_FILE, from->object);
		text(ret, ROW_FILE_TARGET, from->object2);
		break;
	case EVENT_NETWORK:
		fill_network(ret, from);
		break;
	case EVENT_DRIVER:
		text(ret, ROW_DRIVER, from->object);
		break;
	case EVENT_REGISTRY:
		text(ret, ROW_REGISTRY, from->object);
		break;
	default:
		break;
	}
}

/* ---- in one line ---- */

static void describe_side(struct buf *out, struct span address, int port)
{
	bool v6 = address.n && memchr(address.p, ':', address.n) && port;

	buf_add_z(out, v6 ? "[" : "");
	text_visible(out, address);
	buf_add_z(out, v6 ? "]" : "");
	if (port)
		buf_printf(out, ":%d", port);
}

/* "12.3 s", "450 ms", "2 h 5 min" */
static void describe_duration(struct buf *out, int64_t ms)
{
	if (ms < 1000)
		buf_printf(out, "%d ms", (int)ms);
	else if (ms < 60000)
		buf_printf(out, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
	else if (ms < 3600000)
		buf_printf(out, "%d min %d s", (int)(ms / 60000), (int)(ms / 1000 % 60));
	else
		buf_printf(out, "%d h %d min", (int)(ms / 3600000), (int)(ms / 60000 % 60));
}

static void describe_network(struct buf *out, const struct reader_row *from)
{
	describe_side(out, from->object, from->port);
	if (from->object2.p || from->port2) {
		buf_add_z(out, row_is_accepted(from) ? " → " : " ← ");
		describe_side(out, from->object2, from->port2);
	}
	if (from->action != ACTION_NETWORK_DISCONNECT || from->result < 0)
		return;
	buf_add_z(out, from->result == INT32_MAX ? " after more than " : " after ");
	describe_duration(out, from->result);
}

static void describe_exit(struct buf *out, const struct reader_row *from)
{
	if (from->port)
		buf_printf(out, "ended by signal %d", from->port);
	else if (from->result >= 0)
		buf_printf(out, "exit code %d", from->result);
}

static void describe_error(struct buf *out, int number)
{
	const char *name = field_errno_name(number);

	if (name)
		buf_printf(out, " (%s)", name);
	else
		buf_printf(out, " (error %d)", number);
}

static struct span program_of(const struct reader_row *from)
{
	struct span path = from->executable;
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	if (!path.n)
		return from->comm;
	return slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;
}

/* `from`: where the description begins; nothing is put before its first part. */
static void describe_part(struct buf *out, size_t from, const char *before, struct span s)
{
	if (!s.n)
		return;
	buf_add_z(out, out->n > from ? before : "");
	text_visible(out, s);
}

/* "sshd: alice from 198.51.100.7, failed" */
static void describe_security(struct buf *out, const struct reader_row *from)
{
	size_t start = out->n;

	text_visible(out, program_of(from));
	switch ((enum event_action)from->action) {
	case ACTION_SECURITY_LOGIN: case ACTION_SECURITY_LOGOUT: case ACTION_SECURITY_AUTHENTICATION:
		describe_part(out, start, ": ", from->object);
		describe_part(out, start, " from ", from->object2);
		break;
	case ACTION_SECURITY_PRIVILEGE:
		describe_part(out, start, ": ", from->object);
		describe_part(out, start, " → ", from->object2);
		break;
	case ACTION_SECURITY_PROMISCUOUS:
		describe_part(out, start, ": ", from->object);
		describe_part(out, start, ", promiscuous mode ", from->object2);
		break;
	default:
		describe_part(out, start, ": ", from->object);
		describe_part(out, start, ", ", from->object2);
		break;
	}
	if (from->result)
		buf_add_z(out, from->action == ACTION_SECURITY_DENIAL ? ", denied" : ", failed");
	if (provider_of(from))
		buf_printf(out, " (read from %s)", provider_of(from));
}

static void describe_attribute(struct buf *out, const struct reader_row *from)
{
	text_visible(out, from->object.p ? from->object : SPAN("(by descriptor)"));
	switch ((enum file_attribute)from->port) {
	case FILE_MODE: buf_printf(out, ": mode %04o", (unsigned)from->port2); break;
	case FILE_OWNER: buf_printf(out, ": owner %u", (unsigned)from->port2); break;
	case FILE_GROUP: buf_printf(out, ": group %u", (unsigned)from->port2); break;
	case FILE_XATTR: buf_add_z(out, ": extended attribute set"); break;
	case FILE_XATTR_REMOVED: buf_add_z(out, ": extended attribute removed"); break;
	case FILE_TIMES: buf_add_z(out, ": times"); break;
	}
}

/* What a process did that is neither a start nor an end. False: none of these. */
static bool describe_process(struct buf *out, const struct reader_row *from)
{
	switch ((enum event_action)from->action) {
	case ACTION_PROCESS_PTRACE:
		text_visible(out, from->object);
		buf_printf(out, "%s(%d)", from->object.n ? " " : "", from->port);
		return true;
	case ACTION_PROCESS_CREDENTIALS:
		text_visible(out, from->object);
		return true;
	case ACTION_PROCESS_IO_URING:
		buf_add_z(out, "io_uring: what is done through it is not audited");
		return true;
	default:
		return false;
	}
}

void row_describe(struct buf *out, const struct reader_row *from)
{
	if (from->action == ACTION_PROCESS_EXIT) {
		describe_exit(out, from);
		return;
	}
	if (from->category == EVENT_SECURITY) {
		describe_security(out, from);
		return;
	}
	if (from->category == EVENT_NETWORK) {
		describe_network(out, from);
	} else if (from->action == ACTION_FILE_ATTRIBUTE) {
		describe_attribute(out, from);
	} else if (from->category == EVENT_PROCESS && describe_process(out, from)) {
		/* said */
	} else if (from->category == EVENT_PROCESS && from->action != ACTION_PROCESS_EXEC_FAILED && from->command_line.p) {
		text_visible(out, from->command_line);
	} else {
		text_visible(out, from->object);
		if (from->object2.p) {
			buf_add_z(out, from->action == ACTION_PROCESS_EXEC_FAILED ? " … " : " → ");
			text_visible(out, from->object2);
		}
	}
	if (from->result && from->action != ACTION_NETWORK_DISCONNECT)
		describe_error(out, from->result);
}

void row_count_words(struct buf *out, const struct reader_row *from)
{
	buf_printf(out, "×%llu", (unsigned long long)from->count);
	if (from->span_ms >= 1000)
		buf_printf(out, " in %lld.%lld s", (long long)from->span_ms / 1000, (long long)from->span_ms % 1000 / 100);
	else if (from->span_ms > 0)
		buf_printf(out, " in %lld ms", (long long)from->span_ms);
}
