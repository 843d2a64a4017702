/* endpoints: the list of computers that a user may see, page by page. */
#pragma once

#include "server/app.h"

/* Answers an "endpoint.list" that is allowed. */
void endpoints_answer(struct app *a, const struct control *c);
/* One by its key. name is malloc'd. 0, -ENOENT, or negative errno. */
struct endpoints_one {
	int64_t id, computers;
	bool revoked;
	char *name;
};
int endpoints_find(struct depot *d, const char *key, struct endpoints_one *ret);
