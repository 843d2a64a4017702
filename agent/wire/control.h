/* control: the messages between programs (wire.h, "Between programs") as structs, there and back. wire.h is their manual:
 * who says what when, and every limit. Both directions are strict: nothing is written or accepted that is outside of it.
 *
 * Text that is absent (null) has p NULL. What is read lives in the arena it was read with. */
#pragma once

#include "agent/wire/message.h"

enum control_type {
	CONTROL_HELLO, CONTROL_WELCOME, CONTROL_UNWELCOME, CONTROL_DONE, CONTROL_ERROR,
	CONTROL_APP_LOGIN, CONTROL_APP_RESUME, CONTROL_APP_LOGOUT, CONTROL_APP_WELCOME,
	CONTROL_ENDPOINT_LIST, CONTROL_ENDPOINTS,
	CONTROL_LIVE_OPEN, CONTROL_LIVE_CLOSE, CONTROL_LIVE_STATE, CONTROL_TICKET,
	CONTROL_CAPTURE_START, CONTROL_CAPTURE_PAUSE, CONTROL_CAPTURE_RESUME, CONTROL_CAPTURE_DELETE, CONTROL_CAPTURE_LIST,
	CONTROL_CAPTURE_OPEN, CONTROL_CAPTURE_FETCH, CONTROL_CAPTURE, CONTROL_CAPTURES,
	CONTROL_FILE_SAVE, CONTROL_FILE_LIST, CONTROL_FILE_FETCH, CONTROL_FILE_DELETE, CONTROL_FILE, CONTROL_FILES,
	CONTROL_AGENT_ENROL, CONTROL_AGENT_ENROLLED, CONTROL_AGENT_STATE, CONTROL_AGENT_DIAL, CONTROL_AGENT_LOG,
	CONTROL_DATA_READY, CONTROL_BULK_OFFER, CONTROL_BULK_ACCEPT,
	CONTROL_TYPES,
};

/* Who may say it, as bits: a message from somebody else is none. */
enum control_side { CONTROL_APP = 1, CONTROL_SERVER = 2, CONTROL_AGENT = 4 };

enum control_role { CONTROL_VIEWER, CONTROL_INVESTIGATOR, CONTROL_ADMINISTRATOR };
enum control_endpoint_state { CONTROL_AWAY, CONTROL_HERE, CONTROL_REVOKED };
enum control_live_state { CONTROL_ATTEMPTED, CONTROL_CONNECTED, CONTROL_FAILED, CONTROL_CLOSED };
enum control_capture_state {
	CONTROL_CAPTURE_RUNNING, CONTROL_CAPTURE_PAUSED, CONTROL_CAPTURE_WAITING, CONTROL_CAPTURE_DONE, CONTROL_CAPTURE_FAILED,
};
enum control_task { CONTROL_TASK_READER, CONTROL_TASK_CAPTURE, CONTROL_TASK_FILE };
enum control_level { CONTROL_LOG_ERROR, CONTROL_LOG_WARNING, CONTROL_LOG_INFO, CONTROL_LOG_DEBUG }; /* as log.h */

struct control_endpoint {
	struct span endpoint, host, group, address, version;
	unsigned state; /* control_endpoint_state */
	int64_t last_contact, first, last;
};

struct control_snapshot {
	struct span capture, endpoint, host, name;
	int64_t taken;
	unsigned state; /* control_capture_state */
	uint64_t done, bytes;
	struct span sha256, by;
};

struct control_file {
	struct span file, endpoint, host, path;
	int64_t saved;
	uint64_t bytes, mode, uid, gid;
	int64_t modified;
	struct span sha256, by;
};

struct control_rows {
	void *rows; /* struct control_endpoint, control_snapshot or control_file */
	size_t n;
};

struct control {
	enum control_type type;
	uint64_t id;
	union {
		struct { uint64_t protocol_min, protocol_max; struct span program, version, host; } hello;
		struct { uint64_t protocol; struct span program, version; int64_t time; } welcome;
		struct { uint64_t protocol_min, protocol_max; struct span version, text; } unwelcome;
		struct { struct span error, text; } error;
		struct { struct span user, password; } login;
		struct { struct span token; } resume;
		struct { struct span user, token; unsigned role; int64_t expires; } app_welcome;
		/* ENDPOINT_LIST; CAPTURE_LIST, FILE_LIST: match is the host. */
		struct { struct span match, after; uint64_t n; } list;
		struct { bool more; struct control_rows rows; } rows;  /* ENDPOINTS, CAPTURES, FILES */
		struct { struct span endpoint; } endpoint;             /* LIVE_OPEN, CAPTURE_START */
		struct { uint64_t session; } session;                  /* LIVE_CLOSE */
		struct { uint64_t session; unsigned state; struct span error, text; } live;
		struct { uint64_t session; struct span ticket; } ticket;
		struct { struct span capture; uint64_t offset; } fetch; /* and the other calls that name one, or a file */
		/* Also FILE. */
		struct { struct span capture, error, text; unsigned state; uint64_t done, bytes; } capture;
		struct { uint64_t session, process, max_bytes; struct span path; } file;
		struct { struct span token, key, host, machine; } enrol;
		struct { struct span certificate, authority; } enrolled;
		struct { bool recording; struct span text; int64_t first, last; uint64_t bytes; } state;
		struct { struct span ticket, path; unsigned task; uint64_t process, max_bytes; } dial;
		struct { unsigned level; } log;
		struct { uint64_t transfer, size, mode, uid, gid; struct span name, identity; int64_t modified; } offer;
		struct { uint64_t transfer, offset; } accept;
	};
};

/* Appends the message. 0; -EINVAL: something is outside its limits, nothing is appended; -ENOMEM. */
int control_put(struct buf *out, const struct control *c);
/* from: who sent it. 0; -ENOSYS: a type that is none of these, or none for that side; -EPROTO: members missing or outside
 * their limits; -ENOMEM. */
int control_get(struct message *m, enum control_side from, struct arena *arena, struct control *ret);
const char *control_name(enum control_type type);

/* Answers a HELLO: the highest protocol that both speak. 0: none, and `text` is the line for people that goes into the
 * "unwelcome": which of the two programs must be updated. */
unsigned control_agree(const struct control *asked, unsigned min, unsigned max, char *text, size_t size);
