/* turns: long work on a loop, a slice at each turn of it, so that everything else goes on between. */
#pragma once

#include "agent/base/fdm.h"

struct turns;
/* One slice. 1: there is more; else it is over, with that (0 or negative errno), and `end` follows at once. */
typedef int turns_slice_fn(void *data);
typedef void turns_end_fn(int error, void *data); /* the turns are freed before it */

/* 0 or negative errno. */
int turns_new(struct fdm *fdm, turns_slice_fn *slice, turns_end_fn *end, void *data, struct turns **ret);
void turns_free(struct turns *t); /* `end` is not called; NULL is fine */
