/* digest: MD5 (RFC 1321) and SHA-256 (FIPS 180-4) of the same bytes in one pass. To name files, not to trust MD5. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_MD5 = 16, DIGEST_SHA256 = 32, DIGEST_BLOCK = 64 };

struct digest {
	uint32_t md5[4], sha256[8];
	uint64_t bytes;
	unsigned char block[DIGEST_BLOCK];
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
/* d is spent afterwards. */
void digest_end(struct digest *d, unsigned char ret_md5[DIGEST_MD5], unsigned char ret_sha256[DIGEST_SHA256]);
