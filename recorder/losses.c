#include "recorder/losses.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "recorder/netlink.h"
#include "recorder/rules.h"

enum { RULES_EVERY_MS = 5000, LOCKED_EVERY_MS = 60000 };

int losses_start(struct losses *l, int fd, size_t rules, const struct rules_wish *wish, uint32_t lost, int64_t now_ms)
{
	struct audit_status s;
	int r = netlink_status(fd, &s);

	if (r < 0)
		return r;
	*l = (struct losses){ .fd = fd, .rules = rules ? rules : 1, .wish = wish,
	                      .kernel = lost, .looked_ms = now_ms, .rules_ms = now_ms,
	                      .locked = s.enabled == 2 && rules == 0 };
	clockwatch_start(&l->clocks);
	uname(&l->host);
	return 0;
}

void losses_end(struct losses *l)
{
	clockwatch_end(&l->clocks);
}

int losses_tell(struct recording *r, int64_t now_ms, const char *words)
{
	struct item item = { .type = ITEM_EVENT, .event = { .time_ms = now_ms, .action = ACTION_SECURITY_AUDIT_CONFIG,
	                                                   .object = span_of(words) } };

	return recording_item(r, &item);
}

int losses_tell_start(struct recording *r, int64_t now_ms, int64_t boot_ms)
{
	char words[80];

	snprintf(words, sizeof(words), "recording began %" PRId64 " s after the machine booted", (now_ms - boot_ms) / 1000);
	return losses_tell(r, now_ms, words);
}

static int add_gap(struct recording *r, int64_t from, int64_t to, enum gap_cause cause, int64_t count)
{
	struct item item = { .type = ITEM_GAP,
	                     .gap = { .from_ms = from < to ? from : to, .to_ms = to, .cause = cause, .count = count } };

	return recording_item(r, &item);
}

/* Puts back what somebody removed. Our rules anew, all of them: the kernel does not know that the one for ourselves goes
 * first when it is added again. */
static int restore_rules(struct losses *l, const struct audit_status *s, bool rules_missing)
{
	struct audit_status set = { .mask = AUDIT_STATUS_ENABLED, .enabled = 1 };
	int r = 0;

	if (rules_missing) {
		r = rules_remove(l->fd);
		if (r >= 0)
			r = rules_add(l->fd, l->wish);
	}
	if (r == 0 && s->enabled == 0)
		r = netlink_set(l->fd, &set);
	return r;
}

/* Somebody removed our rules, or some of them, or switched auditing off: says since when at most it was so. */
static int look_at_rules(struct losses *l, const struct audit_status *s, struct recording *r, int64_t now_ms)
{
	struct rules_present rules;
	int64_t from = l->rules_ms;
	bool missing, was_locked = l->locked;
	int error = rules_list(l->fd, &rules);

	if (error < 0)
		return 0;
	l->rules_ms = now_ms;
	missing = rules.ours < l->rules;
	l->locked = missing && s->enabled == 2;
	if (!missing && s->enabled != 0)
		return 0;
	error = l->locked ? -EPERM : restore_rules(l, s, missing);
	l->rules_restored += error == 0;
	error = add_gap(r, from, now_ms, GAP_RULES_REMOVED, -1);
	if (error < 0 || (l->locked && was_locked))
		return error;
	return losses_tell(r, now_ms, l->locked ? "our audit rules are missing, and the configuration is locked" : missing ?
	                   "somebody removed our audit rules; they were put back" :
	                   "somebody switched auditing off; it was switched on again");
}

static int look_at_clocks(struct losses *l, struct recording *r)
{
	struct clockwatch_change c;
	char words[80];
	int64_t size, now_ms;
	int error = 0;

	if (!clockwatch_look(&l->clocks, &c))
		return 0;
	now_ms = c.expected + c.step_ms; /* when the caller looked at the clock, it may not have been set yet */
	size = c.step_ms < 0 ? -c.step_ms : c.step_ms;
	if (c.asleep_ms)
		error = add_gap(r, now_ms - c.asleep_ms, now_ms, GAP_SUSPENDED, -1);
	if (error < 0 || c.step_ms == 0)
		return error;
	error = add_gap(r, c.expected < now_ms ? c.expected : now_ms, c.expected < now_ms ? now_ms : c.expected,
	                GAP_CLOCK_STEP, -1);
	if (error < 0)
		return error;
	snprintf(words, sizeof(words), "the clock was set %s by %" PRId64 ".%03d s", c.step_ms < 0 ? "back" : "forward",
	         size / 1000, (int)(size % 1000));
	return losses_tell(r, now_ms, words);
}

/* What follows still belongs to the host by its old name: it is the same boot. */
static int look_at_name(struct losses *l, struct recording *r, int64_t now_ms)
{
	char words[2 * sizeof(l->host.nodename) + 48];
	struct utsname now;

	if (uname(&now) < 0 || strcmp(now.nodename, l->host.nodename) == 0)
		return 0;
	snprintf(words, sizeof(words), "the host was renamed from %s to %s", l->host.nodename, now.nodename);
	l->host = now;
	return losses_tell(r, now_ms, words);
}

int losses_look(struct losses *l, struct recording *r, struct losses_counts counts, int64_t now_ms, bool put_back)
{
	struct audit_status s;
	int64_t from = l->looked_ms;
	int error = look_at_clocks(l, r);

	if (error == 0)
		error = look_at_name(l, r, now_ms);
	if (error < 0)
		return error;
	if (counts.overruns != l->seen.overruns || counts.ring_lost != l->seen.ring_lost)
		l->last_ms = now_ms;
	if (from > now_ms) /* the clock was set back */
		from = now_ms;
	if (l->rules_ms > now_ms)
		l->rules_ms = now_ms;
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
			l->last_ms = now_ms;
		if (n > 0)
			error = add_gap(r, from, now_ms, GAP_KERNEL_LOST, n);
	}
	if (error == 0 && put_back && now_ms - l->rules_ms >= (l->locked ? LOCKED_EVERY_MS : RULES_EVERY_MS))
		error = look_at_rules(l, &s, r, now_ms);
	return error;
}
