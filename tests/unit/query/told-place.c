#include "tests/unit/query/told-place.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/store/store.h"
#include "recorder/store/vault.h"

static int write_all(const char *path, void (*tell)(struct batch *b))
{
	struct batch *b = batch_new();
	struct store *store = NULL;
	char *error = NULL;
	int r;

	tell(b);
	r = store_open(path, STORE_CREATE, &store, &error);
	if (r == 0)
		r = store_write(store, b);
	batch_free(b);
	free(error);
	return r < 0 ? r : store_close(store);
}

int told_place_begin(void (*tell)(struct batch *b), void **state)
{
	struct told_place *p = calloc(1, sizeof(*p));
	struct sqlite3 *db = NULL;
	char *error = NULL;
	int fd;

	snprintf(p->path, sizeof(p->path), "/tmp/spoor-told-XXXXXX");
	fd = mkstemp(p->path);
	if (fd < 0 || close(fd) < 0 || unlink(p->path) < 0 || write_all(p->path, tell) < 0 ||
	    vault_open(p->path, 0, NULL, NULL, NULL, &db, &error) < 0)
		return -1;
	p->reader = reader_open_db(db);
	*state = p;
	return p->reader ? 0 : -1;
}

int told_place_end(void **state)
{
	struct told_place *p = *state;

	reader_close(p->reader);
	unlink(p->path);
	free(p);
	return 0;
}
