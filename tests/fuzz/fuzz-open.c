/* Any bytes as a recording: opening and reading all of it ends in an error or in rows. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/text.h"
#include "recorder/store/vault.h"

static const char *const questions[] = {
	"SELECT * FROM meta", "SELECT * FROM text", "SELECT * FROM text_hash", "SELECT * FROM text_birth", "SELECT * FROM boot",
	"SELECT * FROM credential", "SELECT * FROM process", "SELECT * FROM image", "SELECT * FROM file_hash",
	"SELECT * FROM event", "SELECT * FROM posting", "SELECT * FROM detail", "SELECT * FROM rollup", "SELECT * FROM gap",
	"SELECT * FROM record_count", "SELECT * FROM unparsed",
	"SELECT count(*) FROM image i JOIN process p ON p.id = i.process JOIN process c ON c.parent_image = i.id",
	"SELECT d.value || '/' || t.value FROM event e JOIN text t ON t.id = e.object JOIN text d ON d.id = t.dir",
};

enum { MAX_ROWS = 5000 };

static void read_all(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	volatile const unsigned char *text;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK)
		for (int n = 0; n < MAX_ROWS && sqlite3_step(s) == SQLITE_ROW; n++)
			for (int c = 0; c < sqlite3_column_count(s); c++) {
				text = sqlite3_column_text(s, c);
				if (text && text[sqlite3_column_bytes(s, c)])
					abort();
			}
	sqlite3_finalize(s);
}

static int found(int64_t id, void *data)
{
	return id <= 0 ? -1 : 0;
}

static int check_open(const char *path, unsigned flags)
{
	AUTO_FREE char *error = NULL;
	sqlite3 *db = NULL;
	int r = vault_open(path, flags, NULL, NULL, NULL, &db, &error);

	if (r < 0) {
		/* One line about it, and no connection. */
		if (db || !error || strchr(error, '\n'))
			abort();
		return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		read_all(db, questions[i]);
	if (text_find(db, SPAN("/usr/bin/dash"), found, NULL) == -1)
		abort();
	vault_close(db);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char path[64];
	int fd;

	if (!path[0]) {
		snprintf(path, sizeof(path), "/dev/shm/fuzz-open-XXXXXX");
		fd = mkstemp(path);
	} else {
		fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	}
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	close(fd);
	if (check_open(path, 0) == 0)
		check_open(path, VAULT_CHECK);
	unlink(path);
	return 0;
}
