#include "agent/base/pool.h"
#include <linux/audit.h>

DEFINE_CLEANUP(struct pool, pool_free)

static const char *const words[] = { "system(1)", "strcpy" }; /* printf("x"), TOD O */

static int unlike(struct pool *p, int a)
{
	if (a == 1)
		return 1;
	else if (a == 2)
		return 2;
	else if (a == 3)
		return 3;
	else if (a == 4)
		return 4;
	else if (a == 5)
		return 5;
	return p->connect(a);
}

struct pool chain_pool(int a)
{
	if (a) {
		while (a) {
			for (;;) {
				if (a)
					return (struct pool){ .connect = 0 };
			}
		}
	}
	return (struct pool){ .connect = 0 };
}
