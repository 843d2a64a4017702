#include "recorder/losses.h"

#include "recorder/netlink.h"
#include "recorder/rules.h"

enum { RULES_EVERY_MS = 5000 };

int losses_start(struct losses *l, int fd, pid_t self, int64_t now_ms)
{
	struct rules_present rules = { 0 };
	struct audit_status s;
	int r = netlink_status(fd, &s);

	if (r == 0)
		r = rules_list(fd, &rules);
	if (r == 0)
		*l = (struct losses){ .fd = fd, .self = self, .rules = rules.ours, .kernel = s.lost, .looked_ms = now_ms,
		                      .rules_ms = now_ms };
	return r;
}

static int add_gap(struct recording *r, int64_t from, int64_t to, enum gap_cause cause, int64_t count)
{
	struct item item = { .type = ITEM_GAP,
	                     .gap = { .from_ms = from < to ? from : to, .to_ms = to, .cause = cause, .count = count } };

	return recording_item(r, &item);
}

/* Somebody removed our rules, or some of them, or switched auditing off: put it back, and say since when at most it was so. */
static int look_at_rules(struct losses *l, const struct audit_status *s, struct recording *r, int64_t now_ms)
{
	struct audit_status set = { .mask = AUDIT_STATUS_ENABLED, .enabled = 1 };
	struct rules_present rules;
	int64_t from = l->rules_ms;
	int error = rules_list(l->fd, &rules);

	if (error < 0)
		return 0;
	l->rules_ms = now_ms;
	if (rules.ours >= l->rules && s->enabled != 0)
		return 0;
	if (rules.ours < l->rules) { /* anew: the kernel does not know the one that goes first again when it is added */
		error = rules_remove(l->fd);
		if (error >= 0)
			error = rules_add(l->fd, l->self);
	}
	if (error == 0 && s->enabled == 0)
		error = netlink_set(l->fd, &set);
	l->rules_restored += error == 0;
	return add_gap(r, from, now_ms, GAP_RULES_REMOVED, -1);
}

int losses_look(struct losses *l, struct recording *r, struct losses_counts counts, int64_t now_ms)
{
	struct audit_status s;
	int64_t from = l->looked_ms;
	int error = 0;

	if (counts.overruns != l->seen.overruns)
		error = add_gap(r, from, now_ms, GAP_NETLINK_OVERRUN, -1);
	if (error == 0 && counts.ring_lost != l->seen.ring_lost)
		error = add_gap(r, from, now_ms, GAP_RING_OVERFLOW, (int64_t)(counts.ring_lost - l->seen.ring_lost));
	l->seen = counts;
	l->looked_ms = now_ms;
	if (error < 0 || netlink_status(l->fd, &s) < 0)
		return error;
	if (s.lost != l->kernel) {
		uint32_t n = s.lost - l->kernel; /* it wraps, and may be reset to 0 */

		if (s.lost < l->kernel && l->kernel - s.lost < UINT32_MAX / 2)
			n = s.lost;
		l->kernel = s.lost;
		l->kernel_total += n;
		if (n > 0)
			error = add_gap(r, from, now_ms, GAP_KERNEL_LOST, n);
	}
	if (error == 0 && now_ms - l->rules_ms >= RULES_EVERY_MS)
		error = look_at_rules(l, &s, r, now_ms);
	return error;
}
