/* pool: what the lint must not complain of. */
#pragma once

#include <stddef.h>

struct pool {
	int (*connect)(int fd);
};
enum pool_kind { POOL_A, POOL_B };

int pool_new(struct pool **ret);
void pool_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline int pool_twice(int a) { return 2 * a; }
static inline void cleanup_pool(struct pool **p) { (void)p; }
