/* field-def: what the compiler knows of a field beyond field.h. Internal to recorder/query. */
#pragma once

#include "recorder/query/field.h"

/* Where the value is found; plan-leaf.c has the SQL of each. */
enum field_source {
	SOURCE_EVENT_TIME,
	SOURCE_EVENT_ID,
	SOURCE_EVENT_CATEGORY,
	SOURCE_EVENT_ACTION,
	SOURCE_EVENT_OUTCOME,
	SOURCE_EVENT_COUNT,
	SOURCE_EVENT_SERIAL,
	SOURCE_EVENT_PARTIAL,
	SOURCE_EVENT_PROVIDER,
	SOURCE_ERROR_CODE,
	SOURCE_FILE,          /* object or object2 of a file event, or the path of a failed exec */
	SOURCE_FILE_TARGET,   /* object2 of a file event */
	SOURCE_DRIVER,        /* object of a driver event */
	SOURCE_REGISTRY,      /* object of a registry event */
	SOURCE_NET_SOURCE,    /* address text of the side that started the connection */
	SOURCE_NET_DESTINATION,
	SOURCE_NET_SOURCE_PORT,
	SOURCE_NET_DESTINATION_PORT,
	SOURCE_NET_DIRECTION,
	SOURCE_NET_TYPE,
	SOURCE_NET_TRANSPORT,
	SOURCE_DURATION,      /* nanoseconds */
	SOURCE_TARGET_USER,   /* account of a security event */
	SOURCE_OBJECT,        /* object of what has no field of its own */
	SOURCE_OPERATION,     /* object2 of some security events */
	SOURCE_ATTRIBUTE,     /* enum file_attribute - 1 */
	SOURCE_TARGET_PID,
	SOURCE_DETAIL,        /* `detail` says which */
	SOURCE_IMAGE_ID,
	SOURCE_EXECUTABLE,
	SOURCE_PROCESS_NAME,  /* last name of the executable, or comm */
	SOURCE_COMMAND_LINE,
	SOURCE_CWD,
	SOURCE_MD5,
	SOURCE_SHA256,
	SOURCE_PROCESS_ID,
	SOURCE_PID,
	SOURCE_NS_PID,
	SOURCE_START,
	SOURCE_END,
	SOURCE_EXIT_CODE,
	SOURCE_SIGNAL,
	SOURCE_INTERACTIVE,
	SOURCE_PARENT_ID,
	SOURCE_PARENT_PID,
	SOURCE_UID, SOURCE_EUID, SOURCE_GID, SOURCE_EGID, SOURCE_AUID, SOURCE_SESSION,
	SOURCE_USER_NAME,
	SOURCE_AUDIT_USER_NAME,
	SOURCE_TTY,
	SOURCE_CGROUP,
	SOURCE_HOST,
	SOURCE_BOOT_ID,
};

/* Which part of a path a condition looks at. */
enum field_part {
	PART_WHOLE, PART_NAME, PART_DIRECTORY, PART_EXTENSION,
	PART_CONTAINER, PART_UNIT, /* of a control group: cgroup.h */
};

struct field_def {
	struct field field; /* first: a struct field pointer of the table is one of these */
	const char *aliases; /* separated by spaces, or NULL */
	enum field_source source;
	enum field_part part;
	int detail;         /* SOURCE_DETAIL: enum detail_field */
	const char *const *words; /* FIELD_ENUM, except those that event.h names */
};

static inline const struct field_def *field_def(const struct field *f) { return (const struct field_def *)f; }

enum { OUTCOME_SUCCESS, OUTCOME_FAILURE, OUTCOME_UNKNOWN };
enum { PROVIDER_WTMP, PROVIDER_BTMP };
enum { DIRECTION_EGRESS, DIRECTION_INGRESS };
enum { TRANSPORT_TCP, TRANSPORT_UDP };
enum { NETWORK_IPV4, NETWORK_IPV6, NETWORK_UNIX };

/* The number that a word of an enum field stands for (a category, an action, or one of the enums above).
 * -ENOENT when it is not one. Ignores case. */
int field_word_number(const struct field *f, struct span word, int64_t *ret);
/* "ECONNREFUSED" → 111, ignoring case. -ENOENT. */
int field_errno_number(struct span name, int64_t *ret);
/* 111 → "ECONNREFUSED"; NULL when unknown. */
const char *field_errno_name(int64_t number);
