/* stored: what captures.c and files.c have in common: an object of the depot that an app names, and its content. */
#pragma once

#include "agent/transfer/part.h"
#include "server/app.h"

enum { STORED_NAME = 4097 };

struct stored {
	int64_t id, computers, user;
	char sha256[PART_NAME], name[STORED_NAME], host[256]; /* sha256 "": it is not whole */
};

/* The one that is meant, when the user may do that to it; else the call is answered. */
bool stored_find(struct app *a, uint64_t call, enum depot_object_kind kind, struct span id,
		 enum authorise_request request, struct stored *ret);
/* Into the activity log, as done. */
void stored_note(struct app *a, enum authorise_request request, const struct stored *it);
/* It is no more; its bytes go when nothing else has them. 0 or negative errno. */
int stored_delete(struct server *s, const struct stored *it);
/* Its content, to be read. A descriptor, or negative errno. */
int stored_open(struct server *s, const struct stored *it);
/* Answers the call: done, or r with text. */
void stored_answer(struct app *a, uint64_t call, int r, const char *text);

/* ---- lists of them ---- */

struct stored_name {
	int64_t id; /* of a user, or an endpoint */
	struct span text;
};

struct stored_names {
	struct stored_name *all;
	size_t n;
};

/* One page: rows of messages, made by `fill` from those that the user may see. */
struct stored_list {
	struct app *app;
	enum depot_object_kind kind;
	enum authorise_request request;
	size_t row;                  /* of one, in bytes */
	/* Only of what is whole, where that is set. */
	bool whole;
	void (*fill)(struct stored_list *l, const struct depot_object *o, void *row);

	/* Their own. */
	const struct authorise_who *who;
	struct arena arena;
	int64_t after;               /* not reached yet; 0: reached */
	char *rows;
	size_t n, most;
	bool more;
	struct stored_names users, keys;
};

/* Answers a list call with a message of that type. `list` is the caller's, the first part filled in. */
void stored_list(struct stored_list *list, const struct control *c, enum authorise_request may, enum control_type type);
struct span stored_user(const struct stored_list *l, int64_t id);     /* the name */
struct span stored_endpoint(const struct stored_list *l, int64_t id); /* the key */
/* Kept as long as the list, at most so many bytes, in whole characters. */
struct span stored_copy(struct stored_list *l, const char *text, size_t most);
