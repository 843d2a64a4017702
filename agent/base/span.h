/* span: a read-only run of bytes that somebody else owns. Not NUL-terminated, may hold any byte. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p; /* NULL when absent */
	size_t n;
};

#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })
#define SPAN_NONE ((struct span){ NULL, 0 })
/* For printf's "%.*s". */
#define SPAN_FMT(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct span span_of(const char *z) { return (struct span){ z, z ? strlen(z) : 0 }; }

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

/* Numbers: the whole span must be the number. 0, or -EINVAL (not a number), -ERANGE (does not fit);
 * *ret untouched on failure. Hex takes no 0x. */
int span_to_u64(struct span s, uint64_t *ret);
int span_to_i64(struct span s, int64_t *ret);
int span_hex_to_u64(struct span s, uint64_t *ret);

/* Decodes an even number of hex digits into out (n/2 bytes). 0 or -EINVAL; out is undefined on failure. */
int span_unhex(struct span s, char *out);

/* 64-bit hash of the bytes, stable across machines and versions: it is stored in databases. */
uint64_t span_hash(struct span s);

/* Cuts the next piece up to `sep` off *rest; false at the end. "a,b," gives a, b and an empty piece. */
bool span_next(struct span *rest, char sep, struct span *ret_piece);
