#include "server/secret.h"

#include <ctype.h>
#include <errno.h>
#include <gnutls/crypto.h>

enum { BYTES = 20 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

int secret_new(char text[SECRET_TEXT])
{
	unsigned char random[BYTES];
	char *out = text;

	if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof(random)) < 0)
		return -EIO;
	for (size_t i = 0; i < BYTES; i += 5) { /* 40 bits are eight letters */
		uint64_t bits = 0;

		for (size_t k = 0; k < 5; k++)
			bits = bits << 8 | random[i + k];
		for (int at = 35; at >= 0; at -= 5)
			*out++ = letters[bits >> at & 31];
	}
	*out = '\0';
	explicit_bzero(random, sizeof(random));
	return 0;
}

int secret_hash(struct span text, unsigned char hash[SECRET_HASH])
{
	char plain[SECRET_TEXT];
	size_t n = 0;
	int code;

	for (size_t i = 0; i < text.n; i++) {
		char c = (char)tolower((unsigned char)text.p[i]);

		if (c == '-' || c == ' ')
			continue;
		if (n == SECRET_TEXT - 1 || c == '\0' || !strchr(letters, c))
			return -EINVAL;
		plain[n++] = c;
	}
	if (n != SECRET_TEXT - 1)
		return -EINVAL;
	code = gnutls_hash_fast(GNUTLS_DIG_SHA256, plain, n, hash);
	explicit_bzero(plain, sizeof(plain));
	return code < 0 ? -EIO : 0;
}
