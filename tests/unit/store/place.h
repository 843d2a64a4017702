/* place: a fresh folder for each test of the store, and plain SQLite to look into what was written. */
#pragma once

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/store.h"

struct place {
	char dir[64];
	char path[96];
};

static inline int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/test-store-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/monitor.db", p->dir);
	*state = p;
	return 0;
}

static inline int remove_place(void **state)
{
	struct place *p = *state;
	pid_t pid;

	umount2(p->dir, MNT_DETACH); /* a test may have mounted something there */
	pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", p->dir, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	free(p);
	return 0;
}

static inline struct store *open_store(const char *path, unsigned flags)
{
	AUTO_FREE char *error = NULL;
	struct store *s = NULL;
	int r = store_open(path, flags, &s, &error);

	if (r < 0)
		fail_msg("store_open: %d %s", r, error);
	return s;
}

/* The first column of the first row, as text, in a static buffer. */
static inline const char *ask(const char *path, const char *sql)
{
	static char answer[4096];
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	answer[0] = 0;
	if (sqlite3_step(s) == SQLITE_ROW)
		snprintf(answer, sizeof(answer), "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return answer;
}

/* The same as a number, on an open connection. */
static inline int64_t ask_db(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* A database as version N wrote it (make-fixture), kept as SQL. */
static inline void load_fixture(const char *path, int version)
{
	char name[512];
	sqlite3 *db = NULL;
	char *text, *error = NULL;
	FILE *f;
	size_t n;

	snprintf(name, sizeof(name), "%s/monitor-v%d.sql", getenv("FIXTURES"), version);
	f = fopen(name, "r");
	if (!f)
		fail_msg("%s: cannot open", name);
	text = calloc(1, 1 << 20);
	n = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	assert_in_range(n, 100, (1 << 20) - 2);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", name, error);
	sqlite3_close(db);
	free(text);
}

/* Entries of a folder but for the two that are always there. */
static inline int count_files(const char *path)
{
	DIR *dir = opendir(path);
	int n = -2;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
