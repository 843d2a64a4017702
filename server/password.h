/* password: yescrypt hashes of passwords, through libxcrypt (crypt(5)). */
#pragma once

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 256 }; /* bytes */

/* NULL when it may be one, else why not: too short, too long, control characters, not UTF-8. Static text. */
const char *password_fault(const char *password);
/* The hash in crypt's own form ("$y$…"), malloc'd. 0, -ENOMEM, -EINVAL when libxcrypt refuses. Takes some 50 ms of CPU
 * by design. */
int password_hash(const char *password, char **ret);
/* 0 when it is the password of that hash, else -EACCES, -ENOMEM. hash NULL (no such user) takes as long and is -EACCES. */
int password_check(const char *password, const char *hash);
