/* sweep: the same work again and again, each time with another of its calls failing: call 1, 2, … until none does.
 *
 * As many of the calls as about a second allows, spread evenly; every single one with SPOOR_FAULTS=all in the
 * environment (half an hour).
 */
#pragma once

#include "tests/unit/fault/fault.h"

struct sweep {
	void (*before)(void *data);            /* undisturbed: makes what the work starts from */
	int (*work)(void *data);               /* 0 or negative errno */
	void (*after)(void *data, int result); /* undisturbed: what must hold, whatever happened; frees everything */
};

/* Fails the test when the work leaks, reports success and failure wrongly, or `after` says so. */
void sweep_run(const struct sweep *s, enum fault_kind kind, void *data);
/* A cmocka teardown: tells which call had failed when a test did. */
int sweep_tell(void **state);
