#include "recorder/earlier.h"

#include <errno.h>

#include "agent/base/clock.h"
#include "recorder/logon.h"

/* A logon's row waits for what completes it, a commit for others: at a kill the last seconds are not there. */
enum { AROUND_STOP_MS = 10000, SAME_MS = 5000 };

static struct event event_of(const struct wtmp_entry *w)
{
	return (struct event){ .action = w->action, .object = w->user,
	                       .result = w->action == ACTION_SECURITY_AUTHENTICATION ? EACCES : 0 };
}

static bool is_kept(struct store *s, const struct wtmp_entry *w, int64_t stopped_ms)
{
	struct event e = event_of(w);

	return w->user.p && w->time_ms < stopped_ms + AROUND_STOP_MS &&
	       store_has_event(s, &e, w->time_ms - SAME_MS, w->time_ms + SAME_MS);
}

int earlier_load(struct earlier *e, struct store *s, const char *folder, int64_t stopped_ms, int64_t now_ms,
                 int64_t max_age_ms)
{
	int64_t from_ms = stopped_ms ? stopped_ms - AROUND_STOP_MS : 1;
	size_t n = 0;
	int r;

	if (max_age_ms && from_ms < now_ms - max_age_ms)
		from_ms = now_ms - max_age_ms;
	r = wtmp_read(folder, from_ms, now_ms, &e->wtmp);
	if (r < 0)
		return r;
	e->first = stopped_ms == 0;
	e->empty = store_last_ms(s) == 0;
	for (size_t i = 0; i < e->wtmp.n; i++)
		if (e->first || !is_kept(s, &e->wtmp.entries[i], stopped_ms))
			e->wtmp.entries[n++] = e->wtmp.entries[i];
	e->wtmp.n = n;
	return 0;
}

/* The session of the process that wrote it, if it still is that process. */
static int64_t session_of(struct procfs *p, const struct wtmp_entry *w)
{
	struct arena arena = ARENA_INIT;
	struct process_start process;
	struct image_start image;
	int64_t session = -1;

	if (procfs_read(p, w->pid, &arena, &process, &image) == 0 && process.start_ms <= w->time_ms + MS_PER_SEC)
		session = image.who.session;
	arena_free(&arena);
	return session;
}

static int add_one(struct procfs *p, struct recording *r, const struct wtmp_entry *w)
{
	struct event e = event_of(w);
	struct logon_facts f = { .time_ms = w->time_ms, .session = -1, .pid = w->pid, .result = e.result, .user = w->user,
	                         .address = w->address, .host = w->host, .terminal = w->terminal };

	if (w->open && w->pid > 0)
		f.session = session_of(p, w);
	return recording_logon(r, w->action, &f, f.session >= 0);
}

int earlier_add(struct earlier *e, struct procfs *p, struct recording *r, int64_t now_ms)
{
	struct item item = { .type = ITEM_GAP, .gap = { .from_ms = wtmp_first_ms(&e->wtmp), .to_ms = now_ms,
	                                                .cause = GAP_NOT_RUNNING, .count = -1 } };
	int error = 0;

	for (size_t i = 0; i < e->wtmp.n && error == 0; i++)
		error = add_one(p, r, &e->wtmp.entries[i]);
	if (error == 0 && e->first && e->empty && item.gap.from_ms < now_ms)
		error = recording_item(r, &item);
	earlier_free(e);
	return error;
}

void earlier_free(struct earlier *e)
{
	wtmp_free(&e->wtmp);
}
