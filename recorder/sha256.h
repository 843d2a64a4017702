/* sha256: the SHA-256 (FIPS 180-4) of bytes as they come, and of a file. */
#pragma once

#include <sha2.h>

#include "agent/base/cancel.h"
#include "agent/base/span.h"

struct sha256 {
	SHA2_CTX state;
};
enum { SHA256_TEXT = 65 }; /* lower-case hexadecimal digits, and NUL */

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, struct span bytes);
void sha256_end(struct sha256 *s, char ret[SHA256_TEXT]);

/* Of an open regular file, from its start, whatever its position. Up to the size that it has now; -ESTALE when it shrinks
 * meanwhile. Takes about 3 s a gigabyte and asks `cancel` (may be NULL) every 4 ms of it. 0 or negative errno. */
int sha256_file(int fd, struct cancel *cancel, char ret[SHA256_TEXT]);
