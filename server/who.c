#include "server/who.h"

#include <errno.h>
#include <stdlib.h>

static int take(const struct depot_user *u, void *data)
{
	struct authorise_who *may = data;

	may->user = u->id;
	may->role = (enum authorise_role)u->role;
	may->disabled = u->disabled;
	return 0;
}

int who_load(struct depot *d, const char *name, int64_t user, struct who *ret)
{
	struct who w = { 0 };
	int r = depot_user_each(d, name, take, &w.may);

	if (r == 0 && (w.may.user == 0 || w.may.user != user))
		r = -ENOENT;
	if (r == 0)
		r = depot_user_sees(d, user, &w.may.limited, &w.sees, &w.may.n_sees);
	if (r < 0)
		return r;
	w.may.sees = w.sees;
	*ret = w;
	return 0;
}

void who_free(struct who *w)
{
	free(w->sees);
	*w = (struct who){ 0 };
}
