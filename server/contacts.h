/* contacts: when and where endpoints were last heard of, kept here until it is written: a thousand that come back at once
 * do not wait for a disk each. They are written one by one, the rest at the end. */
#pragma once

#include "server/depot.h"

struct contacts;
struct contacts *contacts_new(void); /* NULL when memory is out */
void contacts_free(struct contacts *c); /* what is not written is lost; NULL is fine */
/* Replaces what is not written of that endpoint. 0 or -ENOMEM. The texts are copied. */
int contacts_put(struct contacts *c, int64_t endpoint, int64_t contact_ms, const char *name, const char *address,
		 const char *agent);
/* The later of what is kept here and `known`. */
int64_t contacts_last(const struct contacts *c, int64_t endpoint, int64_t known);
/* Writes at most n, the oldest first. 0, or the error of the depot: what failed is tried again. */
int contacts_write(struct contacts *c, struct depot *d, size_t n);
