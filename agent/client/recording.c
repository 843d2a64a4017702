#include "agent/client/recording.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/health.h"
#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

enum { LOSING_MS = 60000 };

void recording_look(const char *health, const char *database, struct recording_state *ret)
{
	struct recording_state s = { .recording = false };
	struct health h;
	int r = health_load(health, &h);

	if (r < 0 || strcmp(h.db, database) != 0)
		snprintf(s.text, sizeof(s.text), "nothing records this machine");
	else if (h.ended[0])
		snprintf(s.text, sizeof(s.text), "recording ended: %s", h.ended);
	else if (!health_alive(&h))
		snprintf(s.text, sizeof(s.text), "the recorder was killed");
	else
		s.recording = true;
	if (s.recording && h.full_since_ms)
		snprintf(s.text, sizeof(s.text), "recording waits: there is no room to store more");
	else if (s.recording && strcmp(h.selftest, "failed") == 0)
		snprintf(s.text, sizeof(s.text), "events do not arrive: %s", h.cause);
	else if (s.recording && h.locked)
		snprintf(s.text, sizeof(s.text), "the audit configuration is locked without our rules");
	else if (s.recording && h.last_loss_ms && clock_now() - h.last_loss_ms < LOSING_MS)
		snprintf(s.text, sizeof(s.text), "records are being lost");
	*ret = s;
}

static uint64_t bytes_of(const char *database, const char *ending)
{
	char path[1100];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", database, ending);
	return stat(path, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

void recording_measure(const char *database, struct recording_state *s)
{
	AUTO_FREE char *error = NULL;
	AUTO_READER *reader = NULL;
	struct reader_info info;
	struct sqlite3 *db;
	int r;

	s->bytes = bytes_of(database, "") + bytes_of(database, "-wal");
	r = vault_open(database, VAULT_LIVE, NULL, NULL, NULL, &db, &error);
	if (r == 0) {
		reader = reader_open_db(db);
		r = reader ? reader->ops->info(reader, NULL, &info) : -1;
	}
	if (r < 0) {
		if (!s->text[0])
			snprintf(s->text, sizeof(s->text), "%s", error ? error : "the recording cannot be read");
		return;
	}
	s->first = info.events ? info.first_ms : 0;
	s->last = info.events ? info.last_ms : 0;
	reader_info_free(&info);
}
