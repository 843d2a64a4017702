/* userask: asks the system who a user id is: the name service cache daemon where one runs (the protocol of glibc's
 * nscd/nscd-client.h, which others speak too), else the program getent(1). Both know directories (LDAP, sssd) and the
 * users that systemd makes up. Blocks; not for a thread that has work to do.
 */
#pragma once

#include <stdint.h>

enum { USERASK_NAME = 256 };

struct userask {
	const char *socket;  /* of nscd */
	const char *getent;  /* started without a shell, environment, standard input, or any privilege of ours */
	int64_t limit_ms;    /* for one question; then getent is killed */
};
#define USERASK_SYSTEM { "/run/nscd/socket", "/usr/bin/getent", 2000 }

/* The calling thread, and what it starts, has no capabilities from now on. 0 or negative errno: ask nobody then. */
int userask_drop_privileges(void);
/* 0 and the name; -ENOENT: there is no such user; -EAGAIN: nobody could tell just now; -EOPNOTSUPP: nobody to ask. */
int userask_name(const struct userask *a, int64_t uid, char ret_name[USERASK_NAME]);
