/* secret: what somebody holds to be let in: shown once, kept as its SHA-256. */
#pragma once

#include "agent/base/span.h"

enum { SECRET_TEXT = 33, SECRET_HASH = 32 };

/* 160 random bits as 32 letters and digits (RFC 4648 base32, lower case) and a NUL. 0 or -EIO. */
int secret_new(char text[SECRET_TEXT]);
/* SHA-256 of the text, which is taken in either case and with spaces and dashes left out. -EINVAL: none of ours. */
int secret_hash(struct span text, unsigned char hash[SECRET_HASH]);
