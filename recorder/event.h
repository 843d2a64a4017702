/* The one event model. Everything that is recorded, imported or read is one of these rows, whatever it came from.
 *
 * A `process` is (boot, pid, start time). Each exec opens a new `image` segment of the same process; what a process
 * does is an `event` of the image it ran then. Ids are positive, unique in one database, and never reused.
 * Spans point into the arena of the batch they travel in. Times are milliseconds UTC (agent/base/clock.h).
 */
#pragma once

#include <stdbool.h>

#include "agent/base/arena.h"

/* The numbers below are stored: never renumber, only append. Names: event_category_name, event_action_name. */
enum event_category {
	EVENT_NONE,
	EVENT_PROCESS,
	EVENT_FILE,
	EVENT_NETWORK,
	EVENT_SECURITY,
	EVENT_DRIVER,
	EVENT_REGISTRY,
	EVENT_CATEGORY_COUNT,
};

/* What ACTION_FILE_ATTRIBUTE changed. Stored numbers: only append. */
enum file_attribute {
	FILE_MODE = 1, FILE_OWNER = 2, FILE_GROUP = 3, FILE_XATTR = 4, FILE_XATTR_REMOVED = 5, FILE_TIMES = 6,
};

/* action / 100 = category. The object each one has in `object`: */
enum event_action {
	ACTION_PROCESS_CREATE = 100,  /* exec; object: executable path. The event's image is the new one */
	ACTION_PROCESS_EXIT = 101,    /* result: exit code; port: signal that ended it, or 0 */
	ACTION_PROCESS_SEEN = 102,    /* running before recording began, or first met through something else */
	ACTION_PROCESS_EXEC_FAILED = 103, /* object: path tried; result: errno; the image is the caller's. A row of several:
	                                     looked for along PATH, object2: the path tried last */
	ACTION_PROCESS_PTRACE = 104,      /* attached to another; object: its name, port: its pid; result: errno */
	ACTION_PROCESS_CREDENTIALS = 105, /* object: what changed, "euid 1000 → 0" */
	ACTION_PROCESS_IO_URING = 106,    /* made an io_uring: what it does through that, audit does not see */

	ACTION_FILE_CREATE = 200,     /* CreateNewFile; object: path */
	ACTION_FILE_WRITE = 201,      /* Write: opened for writing; object: path */
	ACTION_FILE_DELETE = 202,     /* DeletePath */
	ACTION_FILE_RENAME = 203,     /* RenamePath; object: old path, object2: new path */
	ACTION_FILE_CREATE_PATH = 204, /* CreateNewPath: directory, device, FIFO, socket; object: path */
	ACTION_FILE_ATTRIBUTE = 205,  /* object: path; port: enum file_attribute, port2: the new mode, user or group */
	ACTION_FILE_LINK = 206,       /* object: new name, object2: target */
	ACTION_FILE_MOUNT = 207,      /* object: where, object2: what, where that is a path */
	ACTION_FILE_UNMOUNT = 208,    /* object: where */
	ACTION_FILE_TRUNCATE = 209,   /* object: path */

	/* object: remote address, port: remote port; object2, port2: local, where known; flags: EVENT_FLAG_TCP, _UDP */
	ACTION_NETWORK_CONNECT_ATTEMPT = 300, /* begun without waiting: EINPROGRESS */
	ACTION_NETWORK_CONNECT = 301,         /* success, at once or of an attempt */
	ACTION_NETWORK_CONNECT_FAILED = 302,  /* result: errno, 0: not known */
	ACTION_NETWORK_ACCEPT = 303,
	/* The kernel gave the connection up. result: how long it lasted in ms, at most INT32_MAX (24 days), or
	 * EVENT_DURATION_UNKNOWN; the image is the one that connected, or accepted it (EVENT_FLAG_ACCEPTED); 0: whose it was
	 * is not known */
	ACTION_NETWORK_DISCONNECT = 304,
	ACTION_NETWORK_LISTEN = 305,          /* object: local address, port: local port, as bound before */
	ACTION_NETWORK_SEND = 306,            /* a datagram to an address, by option; object, port: where to */

	/* result: 0, or EACCES where it failed. object: the account; object2: the address it came from. */
	ACTION_SECURITY_LOGIN = 400,
	ACTION_SECURITY_LOGOUT = 401,
	ACTION_SECURITY_AUTHENTICATION = 402,
	ACTION_SECURITY_PRIVILEGE = 403,  /* su, sudo; object: the command, where told; object2: the account become */
	ACTION_SECURITY_ACCOUNT = 404,    /* object: the account or group, object2: what was done to it */
	ACTION_SECURITY_DENIAL = 405,     /* seccomp, LSM; object: what was denied, object2: who says so, and which right */
	ACTION_SECURITY_AUDIT_CONFIG = 406, /* object: the change */
	ACTION_SECURITY_PROMISCUOUS = 407, /* object: network device, object2: "on" or "off" */
	ACTION_SECURITY_POLICY = 408,     /* SELinux or AppArmor was changed; object: the change */

	/* object: path of the module's file, or its name where that is all that is known; object2: its name then */
	ACTION_DRIVER_LOAD = 500,
	ACTION_DRIVER_UNLOAD = 501,

	ACTION_REGISTRY_SET = 600,
	ACTION_REGISTRY_DELETE = 601,
};

static inline enum event_category event_action_category(int action)
{
	int c = action / 100;

	return c > EVENT_NONE && c < EVENT_CATEGORY_COUNT ? (enum event_category)c : EVENT_NONE;
}

/* "process", "file", … as in event.category; NULL for an unknown number. */
const char *event_category_name(enum event_category c);
/* The guide's word shown to people and matched by event.action: "CreateNewFile", "Write", … ; NULL when unknown. */
const char *event_action_name(int action);
/* Every action in table order, for completion and documents: NULL past the end. */
const int *event_action_at(size_t i);

/* ---- identity ---- */

enum process_origin {
	PROCESS_EXEC = 1,    /* its exec was recorded */
	PROCESS_SEEN = 2,    /* met through another record: what that told, and /proc while it lived */
	PROCESS_BASELINE = 3, /* running when recording began, read from /proc */
	PROCESS_FORK = 4,    /* its clone/fork was recorded */
};

enum { UID_UNKNOWN = -1, SESSION_UNKNOWN = -1 }; /* 4294967295 in records */

/* Who: stored once per distinct combination. -1 where the source did not tell; "unset" (4294967295) is -1 too. */
struct credentials {
	int64_t auid, uid, gid, euid, egid, session;
	struct span user;      /* name of euid, absent when not resolved */
	struct span audit_user; /* name of auid */
	struct span tty;       /* "pts0", absent for none */
	struct span cgroup;    /* path in the cgroup v2 tree when the program was started; absent where not known */
};

struct process_start {
	int64_t id;          /* process id of this database, not the pid */
	int64_t boot;        /* see struct boot_seen */
	int64_t pid;
	int64_t ns_pid;      /* in its own pid namespace; 0 unknown or the same */
	int64_t start_ms;    /* from the exec or fork record, or /proc; see start_known */
	bool start_known;    /* false: start_ms is only when it was first met */
	enum process_origin origin;
	int64_t parent_image; /* the image the parent ran at the time; 0 unknown */
	int64_t parent_pid;   /* as the record said, 0 unknown */
};

/* Why an image has no hash. Stored numbers: only append. */
enum hash_reason {
	HASH_NOT_MADE = 1,   /* imported, or recorded by a version that made none */
	HASH_GONE = 2,       /* the process and what is surely its file were gone */
	HASH_TOO_LARGE = 3,
	HASH_UNREADABLE = 4,
	HASH_NOT_YET = 5,    /* an ITEM_HASH follows; if none did, the recording ended before */
	HASH_TOO_MANY = 6,   /* more were met at once than may wait */
};
struct file_hash {
	unsigned char md5[16], sha256[32];
	int64_t size;
};
/* A file as the kernel numbers it: PATH records, stat(2). */
struct file_id {
	uint64_t device, inode;
};
enum { IMAGE_FILES = 3 };

struct image_start {
	int64_t id, process;
	int64_t start_ms;
	enum process_origin origin;
	struct span executable; /* absolute path; absent when unknown */
	struct span comm;
	struct span script;     /* the script that executable, its interpreter, was started for; absent for none */
	struct span command_line; /* arguments joined with one space each; absent when unknown */
	/* Lengths of the arguments, as many as argc, when splitting command_line at spaces would not give them back;
	 * else NULL. A missing argument (lost record) has length -1 and is absent from command_line. */
	const int32_t *arg_lengths;
	uint32_t argc;
	struct span cwd;
	struct credentials who;
	const struct file_hash *hash; /* of the executable; NULL: hash_reason */
	enum hash_reason hash_reason; /* 0 counts as HASH_NOT_MADE */
	struct file_id files[IMAGE_FILES]; /* what its exec opened: the executable, a script, a loader; inode 0: none */
};

/* The hash of an image that was told with HASH_NOT_YET. */
struct image_hash {
	int64_t image;
	enum hash_reason reason; /* 0: there is one */
	struct file_hash hash;
};

struct process_end {
	int64_t process, time_ms;
	int32_t exit_code; /* -1 unknown */
	int32_t signal;    /* 0 none */
};

/* A boot of a host: one per (host, boot id). Imported logs have no boot id; a new boot starts at SYSTEM_BOOT. */
struct boot_seen {
	int64_t id;
	struct span host, boot_id;
	int64_t start_ms;
};

/* ---- events ---- */

/* Values that few events have: one row each in table `detail`. Stored numbers: only append. */
enum detail_field {
	DETAIL_REASON = 1, /* why something failed or is not known */
	DETAIL_TERMINAL = 2,
	DETAIL_SOURCE_HOST = 3,
	DETAIL_LOGON_TYPE = 4,
	DETAIL_TARGET_USER = 5,
	DETAIL_SIGNER = 6,
	DETAIL_SIGNATURE = 7, /* of a kernel module: "signed", "unsigned", or why nobody looked */
	DETAIL_SHA256 = 8,    /* of a kernel module's file, hexadecimal */
};
struct event_detail {
	enum detail_field field;
	struct span value;
};

struct event {
	int64_t time_ms;
	uint64_t serial;   /* of the audit event; 0 where there is none */
	int64_t image;     /* who did it; 0 unknown (kernel) */
	enum event_action action;
	int32_t result;    /* 0 success, errno, or what the action says */
	int32_t port, port2; /* 0 none */
	int32_t flags;     /* EVENT_FLAG_* */
	struct span object, object2; /* absent when the action has none or it is not known */
	const struct event_detail *details;
	size_t n_details;
};

enum { EVENT_DURATION_UNKNOWN = -1 }; /* ACTION_NETWORK_DISCONNECT: it was there before, or is nobody's */

enum event_flags {
	EVENT_FLAG_RELATIVE = 1, /* the path could not be made absolute: it is shown as the record had it */
	EVENT_FLAG_COMPAT = 2,   /* made through the 32-bit system call table */
	EVENT_FLAG_PARTIAL = 4,  /* records of the event were missing */
	EVENT_FLAG_READ = 8,     /* read from the system's wtmp, or btmp where it failed: from before recording */
	EVENT_FLAG_TCP = 16,     /* transport of a network event, where known: no record tells it */
	EVENT_FLAG_UDP = 32,
	EVENT_FLAG_ACCEPTED = 64, /* ACTION_NETWORK_DISCONNECT: the other side had begun it */
};

/* Why history is incomplete, for how long. from = to where only an instant is known. Stored numbers: only append. */
enum gap_cause {
	GAP_KERNEL_LOST = 1,   /* the kernel's `lost` counter rose */
	GAP_NETLINK_OVERRUN = 2, /* ENOBUFS */
	GAP_RING_OVERFLOW = 3, /* we did not keep up */
	GAP_NOT_RUNNING = 4,   /* between a stop and the next start */
	GAP_RULES_REMOVED = 5,
	GAP_CLOCK_STEP = 6,
	GAP_PURGED = 7,
	GAP_DISK_FULL = 8,
	GAP_SERIAL_JUMP = 9,   /* imported log: serials are missing */
	GAP_STORE_ERROR = 10,
	GAP_SUSPENDED = 11,    /* the machine slept */
	GAP_LEFT_OUT = 12,     /* kinds of events were switched off; not stored: table coverage tells */
	GAP_READER = 13,       /* somebody read so long that the WAL would have grown past the limit */
	GAP_CUT_OFF = 14,      /* the recorder was killed: between what was known to be stored whole and what was stored last */
	/* What a recording lacks for as long as it runs so; as GAP_LEFT_OUT not stored: bits LACK_* of table coverage tell. */
	GAP_NO_SIGNALS = 15,   /* no process connector: ends by a signal are not told */
	GAP_NO_CLOSES = 16,    /* no sock_diag: ends of connections are not told */
	GAP_NO_CALLS = 17,     /* the self-test failed: records of system calls do not come (selftest.h) */
	GAP_UNCOUNTED = 18,    /* beside another audit daemon: what is dropped on the way to us is not counted */
};

/* Bits of coverage.filtered above those of the kinds. Stored numbers: only append. They say GAP_NO_SIGNALS and so on. */
enum lack { LACK_SIGNALS = 1 << 16, LACK_CLOSES = 1 << 17, LACK_CALLS = 1 << 18, LACK_COUNTS = 1 << 19 };
enum { LACKS = 4, LACK_FIRST_BIT = 16 };

struct gap {
	int64_t from_ms, to_ms;
	enum gap_cause cause;
	int64_t count; /* events lost, -1 unknown */
};
/* "kernel backlog overflow", … as shown to people. NULL when unknown. */
const char *gap_cause_name(enum gap_cause c);
/* Is nothing missing for it: the machine slept, the clock was set? */
bool gap_cause_is_note(enum gap_cause c);
/* Is nothing at all recorded then? */
bool gap_cause_is_whole(enum gap_cause c);
/* Does a picture mark that time as one of which events are missing? Not for a note, and not for what a machine never
 * tells, which would mark all of a recording. */
bool gap_cause_is_drawn(enum gap_cause c);

/* ---- a batch: what assembly hands to the store ---- */

enum item_type {
	ITEM_BOOT, ITEM_PROCESS, ITEM_IMAGE, ITEM_END, ITEM_EVENT, ITEM_GAP, ITEM_UNPARSED, ITEM_HASH, ITEM_COUNT,
};

struct unparsed {
	int64_t time_ms;  /* when it arrived; 0 for imports */
	struct span line; /* verbatim */
	const char *reason; /* static text */
};

/* Records that came since the last batch: of a type; those that could not be parsed where there is no name. */
struct record_count {
	int type;         /* AUDIT_*, or recording_type_count's */
	struct span name; /* "SYSCALL" */
	uint64_t seen, used;
};

struct item {
	enum item_type type;
	union {
		struct boot_seen boot;
		struct process_start process;
		struct image_start image;
		struct process_end end;
		struct event event;
		struct gap gap;
		struct unparsed unparsed;
		struct image_hash hash;
		struct record_count count;
	};
};

/* Items in order: what an item refers to comes before it, in this batch or an earlier one. */
struct batch {
	struct batch *next;
	struct item *items;
	size_t n, cap;
	struct arena arena;
};

struct batch *batch_new(void);
void batch_free(struct batch *b);
/* Empties it for reuse. */
void batch_reset(struct batch *b);
/* A zeroed item of that type, or NULL when memory is out. */
struct item *batch_add(struct batch *b, enum item_type type);
