/* users: names of user ids, without the C library's name services, of which a static program has none: from /etc/passwd,
 * read again when it changes, and for ids that it does not have from whom the caller asks, on a thread of its own. One
 * thread at a time.
 *
 * Nobody is waited for: a name that has to be asked for is there for what is recorded afterwards. Answers are kept, also
 * that there is no such user; a name stays when its user is deleted, until the number is another's.
 */
#pragma once

#include "agent/base/span.h"

struct users;

enum {
	USERS_KEPT_MS = 3600000,  /* an answer; then it is asked again */
	USERS_ABSENT_MS = 300000, /* that there is no such user */
	USERS_MAX = 65536, USERS_NAME = 256,
};

/* Who is that? On the asking thread; may take seconds. 0 and the name; -ENOENT: there is no such user; -EAGAIN: nobody
 * could tell just now; -EOPNOTSUPP: there is nobody to ask. */
typedef int users_ask_fn(int64_t uid, char ret_name[USERS_NAME], void *data);

/* passwd: "/etc/passwd"; must outlive it. NULL when memory is out. */
struct users *users_new(const char *passwd);
/* Whom to ask from now on; before anything was asked. Without it: nobody. */
void users_ask(struct users *u, users_ask_fn *fn, void *data);
void users_free(struct users *u); /* NULL is fine; waits for a question that runs */
/* Absent: none, or not known yet. Valid as long as u. */
struct span users_name(struct users *u, int64_t uid);
/* Reads passwd again when it has changed. For every second or so. */
void users_look(struct users *u);
/* So long in all, from now on, names are waited for; 0: no longer. */
void users_wait(struct users *u, int64_t ms);
