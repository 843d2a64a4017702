#include "recorder/event.h"

#include <stdlib.h>

#include "agent/base/translate.h"

static const char *const category_names[EVENT_CATEGORY_COUNT] = {
	[EVENT_PROCESS] = "process", [EVENT_FILE] = "file", [EVENT_NETWORK] = "network",
	[EVENT_SECURITY] = "security", [EVENT_DRIVER] = "driver", [EVENT_REGISTRY] = "registry",
};

static const int action_numbers[] = {
	ACTION_PROCESS_CREATE, ACTION_PROCESS_EXIT, ACTION_PROCESS_SEEN, ACTION_PROCESS_EXEC_FAILED,
	ACTION_PROCESS_PTRACE, ACTION_PROCESS_CREDENTIALS, ACTION_PROCESS_IO_URING,
	ACTION_FILE_CREATE, ACTION_FILE_WRITE, ACTION_FILE_DELETE, ACTION_FILE_RENAME, ACTION_FILE_CREATE_PATH,
	ACTION_FILE_ATTRIBUTE, ACTION_FILE_LINK, ACTION_FILE_MOUNT, ACTION_FILE_UNMOUNT, ACTION_FILE_TRUNCATE,
	ACTION_NETWORK_CONNECT_ATTEMPT, ACTION_NETWORK_CONNECT, ACTION_NETWORK_CONNECT_FAILED,
	ACTION_NETWORK_ACCEPT, ACTION_NETWORK_DISCONNECT, ACTION_NETWORK_LISTEN, ACTION_NETWORK_SEND,
	ACTION_SECURITY_LOGIN, ACTION_SECURITY_LOGOUT, ACTION_SECURITY_AUTHENTICATION, ACTION_SECURITY_PRIVILEGE,
	ACTION_SECURITY_ACCOUNT, ACTION_SECURITY_DENIAL, ACTION_SECURITY_AUDIT_CONFIG,
	ACTION_SECURITY_PROMISCUOUS, ACTION_SECURITY_POLICY,
	ACTION_DRIVER_LOAD, ACTION_DRIVER_UNLOAD,
	ACTION_REGISTRY_SET, ACTION_REGISTRY_DELETE,
};

const char *event_category_name(enum event_category c)
{
	return (unsigned)c < EVENT_CATEGORY_COUNT ? category_names[c] : NULL;
}

const char *event_action_name(int action)
{
	switch ((enum event_action)action) {
	case ACTION_PROCESS_CREATE: return "ProcessCreate";
	case ACTION_PROCESS_EXIT: return "ProcessExit";
	case ACTION_PROCESS_SEEN: return "ProcessSeen";
	case ACTION_PROCESS_EXEC_FAILED: return "ExecFailed";
	case ACTION_PROCESS_PTRACE: return "PtraceAttach";
	case ACTION_PROCESS_CREDENTIALS: return "CredentialChange";
	case ACTION_PROCESS_IO_URING: return "IoUring";
	case ACTION_FILE_CREATE: return "CreateNewFile";
	case ACTION_FILE_WRITE: return "Write";
	case ACTION_FILE_DELETE: return "DeletePath";
	case ACTION_FILE_RENAME: return "RenamePath";
	case ACTION_FILE_CREATE_PATH: return "CreateNewPath";
	case ACTION_FILE_ATTRIBUTE: return "AttributeChange";
	case ACTION_FILE_LINK: return "Link";
	case ACTION_FILE_MOUNT: return "Mount";
	case ACTION_FILE_UNMOUNT: return "Unmount";
	case ACTION_FILE_TRUNCATE: return "Truncate";
	case ACTION_NETWORK_CONNECT_ATTEMPT: return "ConnectAttempt";
	case ACTION_NETWORK_CONNECT: return "Connect";
	case ACTION_NETWORK_CONNECT_FAILED: return "ConnectFailed";
	case ACTION_NETWORK_ACCEPT: return "Accept";
	case ACTION_NETWORK_DISCONNECT: return "Disconnect";
	case ACTION_NETWORK_LISTEN: return "Listen";
	case ACTION_NETWORK_SEND: return "Send";
	case ACTION_SECURITY_LOGIN: return "Login";
	case ACTION_SECURITY_LOGOUT: return "Logout";
	case ACTION_SECURITY_AUTHENTICATION: return "Authentication";
	case ACTION_SECURITY_PRIVILEGE: return "Privilege";
	case ACTION_SECURITY_ACCOUNT: return "AccountChange";
	case ACTION_SECURITY_DENIAL: return "Denial";
	case ACTION_SECURITY_AUDIT_CONFIG: return "AuditConfiguration";
	case ACTION_SECURITY_PROMISCUOUS: return "PromiscuousMode";
	case ACTION_SECURITY_POLICY: return "SecurityPolicy";
	case ACTION_DRIVER_LOAD: return "DriverLoad";
	case ACTION_DRIVER_UNLOAD: return "DriverUnload";
	case ACTION_REGISTRY_SET: return "RegistrySet";
	case ACTION_REGISTRY_DELETE: return "RegistryDelete";
	}
	return NULL;
}

const int *event_action_at(size_t i)
{
	return i < sizeof(action_numbers) / sizeof(*action_numbers) ? &action_numbers[i] : NULL;
}

const char *gap_cause_name(enum gap_cause c)
{
	switch (c) {
	case GAP_KERNEL_LOST: return N_("kernel backlog overflow");
	case GAP_NETLINK_OVERRUN: return N_("netlink receive buffer overrun");
	case GAP_RING_OVERFLOW: return N_("recorder could not keep up");
	case GAP_NOT_RUNNING: return N_("recorder not running");
	case GAP_RULES_REMOVED: return N_("audit rules removed");
	case GAP_CLOCK_STEP: return N_("clock was set");
	case GAP_PURGED: return N_("purged");
	case GAP_DISK_FULL: return N_("disk full");
	case GAP_SERIAL_JUMP: return N_("records missing from the log");
	case GAP_LEFT_OUT: return N_("some kinds of events were switched off");
	case GAP_STORE_ERROR: return N_("database error");
	case GAP_READER: return N_("a reader kept the database at its limit");
	case GAP_SUSPENDED: return N_("the machine was suspended");
	case GAP_CUT_OFF: return N_("the recorder was killed");
	case GAP_NO_SIGNALS: return N_("process ends by signal not recorded (no process connector)");
	case GAP_NO_CLOSES: return N_("ends of connections not recorded (no sock_diag)");
	case GAP_NO_CALLS: return N_("system calls not recorded (the self-test failed)");
	case GAP_UNCOUNTED: return N_("losses not counted (beside another audit daemon)");
	}
	return NULL;
}

bool gap_cause_is_note(enum gap_cause c)
{
	return c == GAP_SUSPENDED || c == GAP_CLOCK_STEP;
}

bool gap_cause_is_whole(enum gap_cause c)
{
	return c == GAP_NOT_RUNNING || c == GAP_PURGED || c == GAP_STORE_ERROR;
}

bool gap_cause_is_drawn(enum gap_cause c)
{
	return !gap_cause_is_note(c) && c != GAP_NO_SIGNALS && c != GAP_NO_CLOSES && c != GAP_UNCOUNTED;
}

/* ---- batches ---- */

struct batch *batch_new(void)
{
	return calloc(1, sizeof(struct batch));
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	arena_free(&b->arena);
	free(b->items);
	free(b);
}

void batch_reset(struct batch *b)
{
	arena_reset(&b->arena);
	b->n = 0;
	b->next = NULL;
}

struct item *batch_add(struct batch *b, enum item_type type)
{
	struct item *item;

	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 64;
		struct item *items = reallocarray(b->items, cap, sizeof(*items));

		if (!items)
			return NULL;
		b->items = items;
		b->cap = cap;
	}
	item = &b->items[b->n++];
	memset(item, 0, sizeof(*item));
	item->type = type;
	return item;
}
