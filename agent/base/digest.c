#include "agent/base/digest.h"

#include <string.h>

static uint32_t rotate_left(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t rotate_right(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

/* ---- MD5 ---- */

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const unsigned char md5_shifts[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };

static uint32_t load_little(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void md5_block(uint32_t state[4], const unsigned char *p)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], m[16];

	for (int i = 0; i < 16; i++)
		m[i] = load_little(p + 4 * i);
	for (int i = 0; i < 64; i++) {
		int round = i / 16, at = i;
		uint32_t f, sum;

		switch (round) {
		case 0: f = (b & c) | (~b & d); break;
		case 1: f = (d & b) | (~d & c); at = 5 * i + 1; break;
		case 2: f = b ^ c ^ d; at = 3 * i + 5; break;
		default: f = c ^ (b | ~d); at = 7 * i; break;
		}
		sum = a + f + md5_sines[i] + m[at & 15];
		a = d;
		d = c;
		c = b;
		b += rotate_left(sum, md5_shifts[round][i & 3]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/* ---- SHA-256 ---- */

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t sha256_roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t load_big(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static void sha256_schedule(uint32_t w[64], const unsigned char *p)
{
	for (int i = 0; i < 16; i++)
		w[i] = load_big(p + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];
		uint32_t s0 = rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3;
		uint32_t s1 = rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10;

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

/* Eight variables change places each round: an array would have to be moved, which is slow where memmove is. */
static void sha256_block(uint32_t state[8], const unsigned char *p)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7], w[64];

	sha256_schedule(w, p);
	for (int i = 0; i < 64; i++) {
		uint32_t s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
		uint32_t s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
		uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + sha256_roots[i] + w[i];
		uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));

		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

/* ---- both ---- */

void digest_init(struct digest *d)
{
	/* RFC 1321, 3.3; FIPS 180-4, 5.3.3 */
	static const struct digest fresh = {
		.md5 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 },
		.sha256 = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 },
	};

	*d = fresh;
}

static void block(struct digest *d, const unsigned char *p)
{
	md5_block(d->md5, p);
	sha256_block(d->sha256, p);
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	const unsigned char *from = p;
	size_t have = d->bytes % DIGEST_BLOCK, take;

	d->bytes += n;
	while (n > 0) {
		if (have == 0 && n >= DIGEST_BLOCK) {
			block(d, from);
			from += DIGEST_BLOCK;
			n -= DIGEST_BLOCK;
			continue;
		}
		take = DIGEST_BLOCK - have < n ? DIGEST_BLOCK - have : n;
		memcpy(d->block + have, from, take);
		from += take;
		n -= take;
		have = (have + take) % DIGEST_BLOCK;
		if (have == 0)
			block(d, d->block);
	}
}

/* A one bit, zeros, and the length in bits, in the byte order of each: the last block differs between the two. */
void digest_end(struct digest *d, unsigned char ret_md5[DIGEST_MD5], unsigned char ret_sha256[DIGEST_SHA256])
{
	enum { LENGTH_AT = DIGEST_BLOCK - 8 };
	uint64_t bits = d->bytes * 8;
	size_t have = d->bytes % DIGEST_BLOCK;
	unsigned char last[DIGEST_BLOCK];

	d->block[have++] = 0x80;
	memset(d->block + have, 0, DIGEST_BLOCK - have);
	if (have > LENGTH_AT) {
		block(d, d->block);
		memset(d->block, 0, DIGEST_BLOCK);
	}
	memcpy(last, d->block, sizeof(last));
	for (int i = 0; i < 8; i++) {
		d->block[LENGTH_AT + i] = (unsigned char)(bits >> (8 * i));
		last[LENGTH_AT + i] = (unsigned char)(bits >> (56 - 8 * i));
	}
	md5_block(d->md5, d->block);
	sha256_block(d->sha256, last);
	for (int i = 0; i < DIGEST_MD5; i++)
		ret_md5[i] = (unsigned char)(d->md5[i / 4] >> (8 * (i % 4)));
	for (int i = 0; i < DIGEST_SHA256; i++)
		ret_sha256[i] = (unsigned char)(d->sha256[i / 4] >> (24 - 8 * (i % 4)));
}
