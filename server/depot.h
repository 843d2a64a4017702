/* depot: what the server knows, kept. Twenty functions, so that another store can stand behind them.
 *
 * One process writes. Every change is on disk when its call returns (WAL, synchronous FULL). Calls return 0 or a negative
 * errno: -EEXIST a name is taken, -ENOENT there is none, -EINVAL, -ENOSPC, -EBUSY another process writes, -EBADMSG damaged,
 * -ENOMEM, -EIO. Structs that an each-function hands out last until its function returns, which ends the walk by
 * answering other than 0 (and is then what the call returns); it may not change the depot. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEPOT_APPLICATION_ID = 0x53505356, DEPOT_VERSION = 1 };
enum { DEPOT_NAME_MAX = 64 /* what messages carry */, DEPOT_TOKEN_HASH = 32, DEPOT_KEY = 64 };

struct depot;
enum depot_table { DEPOT_AN_ENDPOINT = 1, DEPOT_AN_ENROL_TOKEN, DEPOT_A_LOGIN_TOKEN };
/* create: an empty one when there is none. On failure *ret_error is one line "PATH: why" (malloc'd; may be NULL). */
int depot_open(const char *path, bool create, struct depot **ret, char **ret_error);
void depot_close(struct depot *d);
/* Differs from what it was when another process has changed something since. 0 or negative errno. */
int depot_changes(struct depot *d, int64_t *ret);
/* -ENOENT when there is none. */
int depot_delete(struct depot *d, enum depot_table what, int64_t id);

/* ---- users ---- */

struct depot_user {
	int64_t id;           /* 0: a new one */
	const char *name;
	const char *password; /* hash */
	int role;             /* enum authorise_role */
	int disabled;         /* put: -1 leaves it as it is */
	int64_t created_ms;
};
typedef int depot_user_fn(const struct depot_user *u, void *data);
/* Adds, or changes the one with that id: what is NULL, role 0 and disabled -1 stay as they are, and who is changed is
 * logged out (loses its DEPOT_LOGIN tokens). ret_id may be NULL. */
int depot_user_put(struct depot *d, const struct depot_user *u, int64_t *ret_id);
/* By name; name NULL: all. */
int depot_user_each(struct depot *d, const char *name, depot_user_fn *fn, void *data);

/* ---- groups ---- */

enum depot_group_kind { DEPOT_COMPUTERS = 1, DEPOT_USERS };
enum depot_link_kind { DEPOT_LINK_USER = 1, DEPOT_LINK_COMPUTERS }; /* what a group of users has: members, what they see */
typedef int depot_group_fn(int64_t id, const char *name, void *data);
/* Makes it or finds the one that is there. */
int depot_group_put(struct depot *d, enum depot_group_kind kind, const char *name, int64_t *ret_id);
int depot_group_each(struct depot *d, enum depot_group_kind kind, depot_group_fn *fn, void *data);
/* Into the group of users, or out of it: -ENOENT when it was not in it. */
int depot_group_link(struct depot *d, int64_t users, enum depot_link_kind kind, int64_t member, bool in);
/* The groups of computers that a user sees, ascending, malloc'd; *ret_limited false: every computer. */
int depot_user_sees(struct depot *d, int64_t user, bool *ret_limited, int64_t **ret_groups, size_t *ret_n);

/* ---- endpoints ---- */

struct depot_endpoint {
	int64_t id;
	const char *key;  /* DEPOT_KEY hexadecimal digits */
	const char *name;
	int64_t computers; /* 0: in no group */
	int64_t enrolled_ms, contact_ms; /* contact_ms 0: never */
	const char *address, *agent;     /* "": unknown */
	int64_t revoked_ms;              /* 0: trusted */
};
typedef int depot_endpoint_fn(const struct depot_endpoint *e, void *data);
/* Adds, or changes the one with that id: what is NULL or 0 stays as it is, the key and a revocation for good. */
int depot_endpoint_put(struct depot *d, const struct depot_endpoint *e, int64_t *ret_id);
/* By key (DEPOT_KEY digits) or name, as `which` is; NULL: all, by name. */
int depot_endpoint_each(struct depot *d, const char *which, depot_endpoint_fn *fn, void *data);

/* ---- tokens ---- */

enum depot_token_kind { DEPOT_ENROL = 1, DEPOT_LOGIN };
struct depot_token {
	int64_t id;
	const unsigned char *hash; /* DEPOT_TOKEN_HASH bytes */
	enum depot_token_kind kind;
	int64_t user, computers;   /* computers 0: none */
	int64_t created_ms, expires_ms;
	int64_t uses;              /* 0: without limit */
};
typedef int depot_token_fn(const struct depot_token *t, void *data);
/* Adds one; id is given. */
int depot_token_put(struct depot *d, const struct depot_token *t, int64_t *ret_id);
/* Takes one use of it, at once and for good. -ENOENT no such, -ETIMEDOUT expired. *ret has no hash. A token used up or
 * expired is gone. */
int depot_token_take(struct depot *d, enum depot_token_kind kind, const unsigned char *hash, int64_t now,
                     struct depot_token *ret);
int depot_token_each(struct depot *d, enum depot_token_kind kind, depot_token_fn *fn, void *data);

/* ---- large things: snapshots and files ---- */

enum depot_object_kind { DEPOT_SNAPSHOT = 1, DEPOT_FILE };
struct depot_object {
	int64_t id;
	enum depot_object_kind kind;
	const char *sha256; /* hexadecimal; "": it is not here yet */
	int64_t size;
	const char *name, *host;
	int64_t endpoint, computers; /* 0: none */
	int64_t user, created_ms;
	const char *about;           /* JSON */
};
typedef int depot_object_fn(const struct depot_object *o, void *data);
/* Adds, or changes the one with that id: sha256, size, name and about. */
int depot_object_put(struct depot *d, const struct depot_object *o, int64_t *ret_id);
/* host NULL: of all. Newest first within a host. */
int depot_object_each(struct depot *d, enum depot_object_kind kind, const char *host, depot_object_fn *fn, void *data);
/* *ret_last: no other object has its bytes, so that the file (when there is one) may go. */
int depot_object_delete(struct depot *d, int64_t id, bool *ret_last);

/* ---- activity ---- */

struct depot_activity {
	int64_t id, time_ms, user;
	const char *address, *request, *about, *outcome;
};
typedef int depot_activity_fn(const struct depot_activity *a, void *data);
int depot_activity_add(struct depot *d, const struct depot_activity *a);
/* The newest n, newest first. */
int depot_activity_each(struct depot *d, int64_t n, depot_activity_fn *fn, void *data);
