#include "recorder/live-def.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

enum { SETTLE_MS = 2000 }; /* how long the end waits for the kernel to hand over what it holds */

/* A rule that holds records back could keep them from another audit daemon too. */
static struct rules_wish rules_of(const struct live_settings *s, enum source_kind kind)
{
	struct rules_wish w = s->rules;

	w.self = getpid();
	w.sendto = s->sendto;
	w.off = s->store.off;
	w.alone = kind == SOURCE_UNICAST;
	return w;
}

/* The settings that recording wants, given those found. As owner of the records: never stall the host
 * (backlog_wait_time), never stop it (failure 2), lose nothing that can be kept. Beside another daemon they are its. */
static struct audit_status wanted(const struct audit_status *found, enum source_kind kind)
{
	struct audit_status s = *found;

	s.mask = RESTORE_MASK;
	if (s.enabled == 0)
		s.enabled = 1;
	if (kind != SOURCE_UNICAST)
		return s;
	s.failure = found->failure == 2 ? 1 : found->failure;
	s.rate_limit = s.backlog_wait_time = 0;
	if (found->backlog_limit != 0 && found->backlog_limit <= RECORDING_BACKLOG_LIMIT) /* 0: no limit */
		s.backlog_limit = RECORDING_BACKLOG_LIMIT;
	return s;
}

static int save_state(struct live *l, enum source_kind kind)
{
	struct restore_state *s = &l->state;
	int r;

	s->found.mask = RESTORE_MASK;
	s->set = wanted(&s->found, kind);
	s->pid = getpid();
	snprintf(s->boot_id, sizeof(s->boot_id), "%s", procfs_boot_id(l->procfs));
	r = procfs_start_ticks(s->pid, &s->pid_start);
	if (r == 0)
		r = restore_save(l->state_path, s);
	l->state_saved = l->state_saved || r == 0;
	return r;
}

/* To what the settings ask for. fd: a control socket of the calling thread. */
int live_change_rules(struct live *l, int fd, enum source_kind kind)
{
	struct rules_wish to = rules_of(&l->settings, kind);
	int r;

	if (l->losses.locked)
		return 0;
	r = rules_change(fd, &l->rules, &to);
	l->rules = to;
	if (r > 0)
		l->losses.rules = (size_t)r;
	return r < 0 ? r : 0;
}

/* Audit has another owner now, so its settings are the owner's again; or it is ours, and so are they. A failure shows in
 * `status` as what it leads to. */
static void follow_source(struct live *l, const struct source_state *source)
{
	struct audit_status now, plan;

	if (netlink_status(l->look_fd, &now) < 0 || now.enabled == 2)
		return;
	plan = restore_plan(&l->state, &now);
	plan.mask &= ~(uint32_t)AUDIT_STATUS_ENABLED;
	if (plan.mask)
		netlink_set(l->look_fd, &plan);
	if (netlink_status(l->look_fd, &now) < 0)
		return;
	now.enabled = l->state.found.enabled;
	l->state.found = now;
	if (save_state(l, source->kind) == 0)
		netlink_set(l->look_fd, &l->state.set);
	live_change_rules(l, l->look_fd, source->kind);
}

int live_follow_source(struct live *l, int64_t now)
{
	struct source_state source = source_state(l->source);
	AUTO_BUF words = BUF_INIT;

	if (source.changes == l->source_changes)
		return 0;
	l->source_changes = source.changes;
	follow_source(l, &source);
	buf_printf(&words, "audit records come by %s now: %s", source_kind_name(source.kind), source.why);
	return words.failed ? -ENOMEM : losses_tell(l->recording, now, words.p);
}

static int explain_owner(const struct audit_status *s, char **ret_error)
{
	AUTO_BUF why = BUF_INIT;
	char name[SOURCE_NAME];

	if (!source_name_of(s->pid, name))
		return 0; /* it is gone; the kernel will notice when we claim */
	buf_printf(&why, "%s (pid %u) already receives the audit records; stop it first", name, s->pid);
	return live_fail(ret_error, "audit", -EEXIST, why.failed ? "another daemon has it" : why.p);
}

int live_check_audit(struct live *l, char **ret_error)
{
	struct audit_status s;
	AUTO_BUF why = BUF_INIT;
	pid_t other = 0;
	int r = netlink_status(l->control, &s);

	if (r < 0)
		return live_fail(ret_error, "audit", r, netlink_explain(r, NULL));
	r = restore_leftovers(l->control, l->state_path, procfs_boot_id(l->procfs), &l->was_left_over, &other);
	if (r == -EALREADY) {
		buf_printf(&why, "spoor-agent (pid %d) is already recording this machine", (int)other);
		return live_fail(ret_error, "audit", r, why.failed ? "already recording" : why.p);
	}
	if (r < 0 && s.enabled != 2) /* locked: what is left over has to stay */
		return live_fail(ret_error, "audit", r, netlink_explain(r, &s));
	if (s.pid && l->wish == SOURCE_UNICAST && (r = explain_owner(&s, ret_error)) < 0)
		return r;
	r = netlink_status(l->control, &l->state.found);
	return r < 0 ? live_fail(ret_error, "audit", r, netlink_explain(r, NULL)) : 0;
}

static int add_rules(struct live *l)
{
	struct rules_present rules = { 0 };
	struct audit_status before; /* what is lost as soon as there are rules is our loss */
	int64_t since = clock_now();
	int r = netlink_status(l->control, &before);

	if (r == 0 && l->state.found.enabled != 2) {
		l->rules = rules_of(&l->settings, source_state(l->source).kind);
		r = rules_add(l->control, &l->rules);
		if (r == 0)
			r = netlink_set(l->control, &l->state.set);
	}
	if (r == 0)
		r = rules_list(l->control, &rules);
	if (r == 0)
		r = losses_start(&l->losses, l->look_fd, rules.ours, &l->rules, before.lost, since);
	return r;
}

int live_take_over(struct live *l, char **ret_error)
{
	int r = source_open(l->wish, l->plugin_fd, live_on_record, l, &l->source);

	if (r < 0)
		return live_fail(ret_error, "audit", r, netlink_explain(r, &l->state.found));
	r = save_state(l, source_state(l->source).kind);
	if (r < 0)
		return live_fail(ret_error, l->state_path, r, strerror(-r));
	r = add_rules(l);
	return r < 0 ? live_fail(ret_error, "audit", r, netlink_explain(r, &l->state.found)) : 0;
}

/* Our rules and settings go first, then the kernel hands over what it still holds, then the role is given up. */
int live_give_back(struct live *l)
{
	int64_t deadline = clock_monotonic() + SETTLE_MS;
	struct audit_status s;
	int r;

	pthread_mutex_lock(&l->audit_lock);
	atomic_store(&l->leaving, true);
	pthread_mutex_unlock(&l->audit_lock);
	r = l->state_saved && !l->losses.locked ? restore_apply(l->control, &l->state) : 0;
	while (l->drain_runs && netlink_status(l->control, &s) == 0 && s.backlog > 0 && clock_monotonic() < deadline)
		live_pause(DRAIN_PAUSE_MS);
	if (l->source)
		source_release(l->source);
	if (r == 0 && l->state_saved)
		r = restore_remove(l->state_path);
	return r;
}
