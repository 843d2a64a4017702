/* dial: connects to the first of several places that answers, tried in order, on an fdm. Names are resolved by a thread of
 * their own, since nothing else keeps the loop from standing still for a slow resolver. */
#pragma once

#include "agent/base/fdm.h"

struct dial;

struct dial_place {
	const char *host; /* a name or an address; each of its addresses is tried */
	uint16_t port;
};

/* fd ≥ 0: connected, non-blocking, the receiver's from now on. Else negative errno of the last attempt, -ENOENT when no
 * name is known, and nothing more comes. The dial may be freed from here. */
typedef void dial_fn(struct dial *d, int fd, void *data);

/* At most DIAL_MAX_PLACES; patience_ms: for each address. The places are copied. 0, -EINVAL, -ENOMEM, or the errno of a
 * thread. `done` is never called from here. */
enum { DIAL_MAX_PLACES = 8, DIAL_MAX_ADDRESSES = 8 }; /* addresses: of one place */
int dial_new(struct fdm *fdm, const struct dial_place *places, size_t n, int64_t patience_ms, dial_fn *done, void *data,
	     struct dial **ret);
/* Ends it, also while it runs. NULL is fine. */
void dial_free(struct dial *d);
/* Which place the address being tried, or that answered, belongs to. */
size_t dial_which(const struct dial *d);
