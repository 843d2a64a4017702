/* userask: asks the system who a user id is: the name service cache daemon where one runs (the protocol of glibc's
 * nscd/nscd-client.h, which others speak too), else the program getent(1). Both know directories (LDAP, sssd) and the
 * users that systemd makes up. Blocks; not for a thread that has other work to do.
 */
#pragma once

#include "recorder/users.h"

struct userask {
	const char *socket;  /* of nscd */
	const char *getent;  /* started without a shell, environment or standard input */
	int64_t limit_ms;    /* for one question; then getent is killed */
};

/* A users_ask_fn; of the system that we run on. The calling thread, and what it starts, has no capabilities from then on
 * where they may be given up, and gets no new ones. */
int userask_system(int64_t uid, char ret_name[USERS_NAME], void *ignored);

/* ---- for tests: the same of another, and with the caller's privileges ---- */
int userask_name(const struct userask *a, int64_t uid, char ret_name[USERS_NAME]);
int userask_drop_privileges(void);
