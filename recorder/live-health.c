#include "recorder/live-def.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/clock.h"

/* Best effort: a recorder without /run still records. Here, since the parsing thread waits while the disk is full. */
void live_tell_health(struct live *l)
{
	struct gap full = pipeline_full(l->pipeline);
	struct health h;

	pthread_mutex_lock(&l->health_lock);
	h = l->health;
	pthread_mutex_unlock(&l->health_lock);
	h.updated_ms = clock_now();
	h.lost += ring_lost(l->ring);
	h.overruns = atomic_load(&l->overruns);
	h.full_since_ms = full.from_ms;
	h.full_cause = (uint32_t)full.cause;
	if (h.source[0])
		health_save(l->health_path, &h);
}

static const char *cause_of_failure(struct live *l)
{
	struct audit_status status;
	struct rules_present rules;
	bool known = netlink_status(l->look_fd, &status) == 0 && rules_list(l->look_fd, &rules) == 0;

	return selftest_cause(known ? &status : NULL, known ? &rules : NULL, l->wish == SOURCE_PLUGIN);
}

/* What this recording cannot tell goes into it, for who reads it elsewhere. A self-test fails late. */
static void tell_lacks(struct live *l, enum source_kind kind, enum selftest_result test)
{
	unsigned lacks = (beside_missing(l->beside) ? LACK_SIGNALS : 0) | (beside_missing_closes(l->beside) ? LACK_CLOSES : 0) |
	                 (test == SELFTEST_FAILED ? LACK_CALLS : 0) | (kind != SOURCE_UNICAST ? LACK_COUNTS : 0);

	if (lacks == l->lacks)
		return;
	pipeline_lack(l->pipeline, lacks, lacks & ~l->lacks & LACK_CALLS ? l->began_ms : clock_now());
	l->lacks = lacks;
}

void live_fill_health(struct live *l)
{
	struct source_state source = source_state(l->source);
	enum selftest_result test = selftest_look(&l->selftest);
	const char *cause = test == SELFTEST_FAILED && !l->health.cause[0] ? cause_of_failure(l) : NULL;
	struct health *h = &l->health;

	tell_lacks(l, source.kind, test);
	pthread_mutex_lock(&l->health_lock);
	h->owner = source.owner;
	h->changes = source.changes;
	h->locked = l->losses.locked;
	h->records = recording_stats(l->recording).records;
	h->lost = l->losses.kernel_total;
	h->rules_restored = l->losses.rules_restored;
	h->last_loss_ms = l->losses.last_ms;
	snprintf(h->source, sizeof(h->source), "%s", source_kind_name(source.kind));
	snprintf(h->why, sizeof(h->why), "%s", source.why);
	snprintf(h->selftest, sizeof(h->selftest), "%s", selftest_name(test));
	if (cause)
		snprintf(h->cause, sizeof(h->cause), "%s", cause);
	else if (test != SELFTEST_FAILED)
		h->cause[0] = 0;
	pthread_mutex_unlock(&l->health_lock);
}

void live_begin_health(struct live *l)
{
	const char *exits = beside_missing(l->beside), *closes = beside_missing_closes(l->beside);
	struct source_state source = source_state(l->source);
	struct health *h = &l->health;

	tell_lacks(l, source.kind, SELFTEST_WAITING);
	h->pid = l->state.pid;
	h->pid_start = l->state.pid_start;
	h->started_ms = clock_now();
	snprintf(h->db, sizeof(h->db), "%s", l->db);
	snprintf(h->wish, sizeof(h->wish), "%s", source_kind_name(l->wish));
	snprintf(h->exits, sizeof(h->exits), "%s", exits ? exits : "");
	snprintf(h->closes, sizeof(h->closes), "%s", closes ? closes : "");
	snprintf(h->source, sizeof(h->source), "%s", source_kind_name(source.kind));
	snprintf(h->why, sizeof(h->why), "%s", source.why);
	snprintf(h->selftest, sizeof(h->selftest), "%s", selftest_name(SELFTEST_WAITING));
	h->owner = source.owner;
	health_save(l->health_path, h); /* instead of what an earlier one left there */
}

const char *live_why_ended(const struct live *l, int error, int64_t bytes, char why[WHY_ENDED])
{
	double max = (double)l->settings.store.limits.max_bytes;

	if (error == -EFBIG)
		snprintf(why, WHY_ENDED, "it takes %.1f MB, more than twice max-size (%.1f MB), and nothing is left in it "
		         "that could be deleted", (double)bytes / 1e6, max / 1e6);
	else if (error == -EDQUOT)
		snprintf(why, WHY_ENDED, "a program reads it for so long that it would have grown past max-size (%.1f MB)",
		         max / 1e6);
	else
		snprintf(why, WHY_ENDED, "%s", strerror(-error));
	return why;
}

/* Who looks later finds out why it ended, if nobody asked for that. */
void live_leave_health(struct live *l, int error, int64_t bytes)
{
	struct health *h = &l->health;
	char why[WHY_ENDED];
	int n;

	if (!l->parse_runs)
		return;
	if (error == 0 || !h->source[0]) {
		unlink(l->health_path);
		return;
	}
	n = snprintf(h->ended, sizeof(h->ended), "%s: ", l->db);
	if (n > 0 && (size_t)n < sizeof(h->ended))
		snprintf(h->ended + n, sizeof(h->ended) - (size_t)n, "%.*s", (int)sizeof(h->ended) - n - 1,
		         live_why_ended(l, error, bytes, why));
	h->updated_ms = clock_now();
	health_save(l->health_path, h);
}
