#include "recorder/sha256.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

enum { CHUNK = 1 << 20 };

void sha256_begin(struct sha256 *s)
{
	SHA256Init(&s->state);
}

void sha256_add(struct sha256 *s, struct span bytes)
{
	SHA256Update(&s->state, (const uint8_t *)bytes.p, bytes.n);
}

void sha256_end(struct sha256 *s, char ret[SHA256_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_DIGEST_LENGTH];

	SHA256Final(sum, &s->state);
	for (size_t i = 0; i < sizeof(sum); i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 15];
	}
	ret[SHA256_TEXT - 1] = '\0';
}

int sha256_file(int fd, struct cancel *cancel, char ret[SHA256_TEXT])
{
	AUTO_FREE char *chunk = malloc(CHUNK);
	struct sha256 sum;
	struct stat st;
	off_t at = 0;

	if (!chunk)
		return -ENOMEM;
	if (fstat(fd, &st) < 0)
		return -errno;
	sha256_begin(&sum);
	while (at < st.st_size) {
		size_t left = (size_t)(st.st_size - at);
		ssize_t n = pread(fd, chunk, left < CHUNK ? left : CHUNK, at);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ESTALE;
		if (cancel && atomic_load(&cancel->requested))
			return -ECANCELED;
		if (n > 0)
			sha256_add(&sum, (struct span){ chunk, (size_t)n });
		at += n > 0 ? n : 0;
	}
	sha256_end(&sum, ret);
	return 0;
}
