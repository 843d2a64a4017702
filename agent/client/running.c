#include "agent/client/running.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

int running_find(const char *database, int64_t process, int64_t *ret_pid, int64_t *ret_start_ms)
{
	AUTO_FREE char *error = NULL;
	AUTO_READER *reader = NULL;
	struct reader_process p;
	struct sqlite3 *db;
	int r = vault_open(database, VAULT_LIVE, NULL, NULL, NULL, &db, &error);

	if (r < 0)
		return r;
	reader = reader_open_db(db);
	r = reader ? reader->ops->process(reader, NULL, process, &p) : -ENOMEM;
	if (r < 0)
		return r;
	r = !p.start_known ? -ENOENT : p.end_ms ? -ESRCH : 0;
	if (r == 0) {
		*ret_pid = p.pid;
		*ret_start_ms = p.start_ms;
	}
	reader_process_free(&p);
	return r;
}
