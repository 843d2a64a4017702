/* buf: a growable run of bytes that it owns. Failure to grow is sticky: check `failed` once, at the end.
 * Always NUL-terminated behind `n` once anything was appended, so `p` can be printed. */
#pragma once

#include "agent/base/span.h"

struct buf {
	char *p;
	size_t n, cap;
	bool failed;
};
#define BUF_INIT ((struct buf){ NULL, 0, 0, false })

void buf_free(struct buf *b);
static inline void cleanup_buf(struct buf *b) { buf_free(b); }
#define AUTO_BUF __attribute__((cleanup(cleanup_buf))) struct buf
/* As buf_free, of what nobody else may see. Growing leaves copies: reserve what it takes at once. */
void buf_wipe(struct buf *b);
static inline void cleanup_secret_buf(struct buf *b) { buf_wipe(b); }
#define AUTO_SECRET_BUF __attribute__((cleanup(cleanup_secret_buf))) struct buf

/* Makes room for n more bytes and returns where they go (b->n is not moved); NULL when memory is out. */
char *buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_span(struct buf *b, struct span s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops n bytes from the front. */
void buf_consume(struct buf *b, size_t n);
void buf_clear(struct buf *b);
static inline struct span buf_span(const struct buf *b) { return (struct span){ b->p ? b->p : "", b->n }; }
/* Hands over the bytes (malloc'd, NUL-terminated) and leaves an empty buf; NULL when failed. */
char *buf_steal(struct buf *b);
