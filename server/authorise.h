/* authorise: may this user do this to that? Every request passes through here, and nothing else decides.
 *
 * A role gives what somebody may do; user groups limit which endpoints' matters they see. What somebody may not see is
 * answered as if it did not exist. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stored numbers and an order: each may do what the one before it may. */
enum authorise_role { AUTHORISE_NONE, AUTHORISE_VIEWER, AUTHORISE_INVESTIGATOR, AUTHORISE_ADMINISTRATOR };

/* The name as users and messages have it ("viewer", …), NULL for no role; and back, AUTHORISE_NONE for none. */
const char *authorise_role_name(enum authorise_role role);
enum authorise_role authorise_role_named(const char *name);

enum authorise_request {
	AUTHORISE_OWN_PASSWORD,    /* object: the user */
	AUTHORISE_LIST_ENDPOINTS,
	AUTHORISE_OPEN_SESSION,    /* object: an endpoint; explore it live */
	AUTHORISE_CLOSE_SESSION,   /* object: a session, its owner's */
	AUTHORISE_CAPTURE,         /* object: an endpoint */
	AUTHORISE_SAVE_FILE,       /* object: an endpoint */
	AUTHORISE_LIST_FILES,
	AUTHORISE_OPEN_FILE,       /* object: a saved file */
	AUTHORISE_DELETE_FILE,     /* object: a saved file */
	AUTHORISE_LIST_SNAPSHOTS,
	AUTHORISE_OPEN_SNAPSHOT,   /* object: a snapshot; also to download it */
	AUTHORISE_UPLOAD_SNAPSHOT,
	AUTHORISE_DELETE_SNAPSHOT, /* object: a snapshot */
	AUTHORISE_READ_EVIDENCE,   /* object: its endpoint's */
	AUTHORISE_ADD_EVIDENCE,    /* object: its endpoint's */
	AUTHORISE_DELETE_EVIDENCE, /* object: its endpoint's */
	AUTHORISE_READ_IOCS,
	AUTHORISE_EDIT_IOCS,
	AUTHORISE_READ_POLICIES,
	AUTHORISE_EDIT_POLICIES,
	AUTHORISE_LIST_USERS,
	AUTHORISE_EDIT_USERS,
	AUTHORISE_EDIT_GROUPS,
	AUTHORISE_LIST_TOKENS,
	AUTHORISE_EDIT_TOKENS,
	AUTHORISE_REVOKE_ENDPOINT, /* object: an endpoint */
	AUTHORISE_DELETE_ENDPOINT, /* object: an endpoint */
	AUTHORISE_READ_ACTIVITY,
	AUTHORISE_REQUEST_COUNT,
};
/* "open session", for the activity log and messages; NULL for none. */
const char *authorise_request_name(enum authorise_request request);

struct authorise_who {
	int64_t user;
	enum authorise_role role;
	bool disabled;
	bool limited;         /* sees the computer groups below only; false: all */
	const int64_t *sees;  /* computer groups, ascending */
	size_t n_sees;
};
struct authorise_what {
	int64_t owner; /* user it belongs to; 0 nobody's */
	int64_t group; /* computer group of the endpoint it is or comes from; 0 in none */
};

/* what: NULL for requests without an object. 0; -EACCES the role does not allow it, or the user is disabled; -ENOENT it
 * is not to be seen; -EINVAL an object is missing, or none is wanted. An administrator sees everything. */
int authorise(const struct authorise_who *who, enum authorise_request request, const struct authorise_what *what);
