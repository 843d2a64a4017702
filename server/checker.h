/* checker: checks passwords in a thread of its own, so that the loop does not stand still for what is made to take long.
 * The queue is short: who comes when it is full is told so. */
#pragma once

#include "agent/base/fdm.h"

enum { CHECKER_QUEUE = 32 };

struct checker;
/* On the loop: 0, or -EACCES and so on, as password_check answers. */
typedef void checker_fn(int result, void *data);

/* 0, -ENOMEM, or the errno of a thread. */
int checker_new(struct fdm *fdm, struct checker **ret);
/* Waits for the check under way; nothing is told any more. NULL is fine. */
void checker_free(struct checker *c);
/* hash NULL: nobody's. Both are copied. 0; -EBUSY the queue is full; -ENOMEM. */
int checker_ask(struct checker *c, const char *password, const char *hash, checker_fn *fn, void *data);
/* Tells nothing of what was asked with that data. */
void checker_forget(struct checker *c, const void *data);
