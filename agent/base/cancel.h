/* cancel: asks a running call to stop, from any thread. Zeroed means not asked. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

/* Set by any thread to make the running call return -ECANCELED within about 50 ms. */
struct cancel {
	atomic_bool requested;
};
