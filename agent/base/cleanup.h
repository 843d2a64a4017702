/* Cleanup attributes: a variable marked with one frees what it holds when it goes out of scope.
 * `STEAL(p)` hands the value on and leaves NULL behind. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(f) __attribute__((cleanup(f)))

static inline void cleanup_free(void *p) { free(*(void **)p); }
static inline void cleanup_close(int *fd) { if (*fd >= 0) close(*fd); }
static inline void cleanup_fclose(FILE **f) { if (*f) fclose(*f); }

#define AUTO_FREE CLEANUP(cleanup_free)
#define AUTO_CLOSE CLEANUP(cleanup_close)
#define AUTO_FCLOSE CLEANUP(cleanup_fclose)

/* Defines cleanup_NAME for a type whose destructor takes a pointer and accepts NULL. */
#define DEFINE_CLEANUP(type, destroy) \
	static inline void cleanup_##destroy(type **p) { if (*p) destroy(*p); }

#define STEAL(p) __extension__({ __typeof__(p) steal_ = (p); (p) = NULL; steal_; })
#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))
