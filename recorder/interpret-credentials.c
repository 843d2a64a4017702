/* Changes of rights: set*id calls, capset, programs that start with more than their caller had, ptrace, io_uring. */
#include <inttypes.h>

#include "recorder/interpret.h"

/* linux/capability.h, by bit */
static const char *const capabilities[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
	"linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
};
enum { N_CAPABILITIES = sizeof(capabilities) / sizeof(*capabilities) };

static void add_capabilities(struct buf *out, uint64_t set)
{
	const uint64_t fewest = (UINT64_C(1) << 36) - 1; /* all that there were in Linux 3.0 */
	const char *sep = " ";

	if ((set & (set + 1)) == 0 && set >= fewest) {
		buf_add_z(out, " all");
		return;
	}
	for (size_t i = 0; i < 64; i++) {
		if (!(set >> i & 1))
			continue;
		if (i < N_CAPABILITIES)
			buf_printf(out, "%s%s", sep, capabilities[i]);
		else
			buf_printf(out, "%s%zu", sep, i);
		sep = ",";
	}
}

static void add_id(struct interpretation *in, struct buf *out, const char *what, int64_t before, int64_t now, bool user)
{
	struct span name = SPAN_NONE;

	if (user && in->config->user)
		name = in->config->user(now, in->config->data);
	buf_printf(out, "%s%s ", out->n ? ", " : "", what);
	if (before >= 0)
		buf_printf(out, "%" PRId64 " → ", before);
	buf_printf(out, "%" PRId64, now);
	if (name.p)
		buf_printf(out, " (%.*s)", SPAN_FMT(name));
}

/* Of both that changed one is told: "uid 0 → 1000", not the effective one beside it, which is the same now. */
static void add_ids(struct interpretation *in, struct buf *out, const struct process_ids *b, bool users, bool groups)
{
	const struct syscall_record *r = &in->event->syscall;
	bool uid = users && r->uid >= 0 && r->uid != b->uid, euid = users && r->euid >= 0 && r->euid != b->euid;
	bool gid = groups && r->gid >= 0 && r->gid != b->gid, egid = groups && r->egid >= 0 && r->egid != b->egid;

	if (uid)
		add_id(in, out, "uid", b->uid, r->uid, true);
	if (euid && !uid)
		add_id(in, out, "euid", b->euid, r->euid, true);
	if (gid)
		add_id(in, out, "gid", b->gid, r->gid, false);
	if (egid && !gid)
		add_id(in, out, "egid", b->egid, r->egid, false);
}

static void row_of(struct interpretation *in, int64_t image, struct buf *text)
{
	struct span object = text->n || text->failed ? interpret_text(in, text) : SPAN_NONE;
	struct event *row = object.p ? interpret_row_of(in, ACTION_PROCESS_CREDENTIALS, image) : NULL;

	if (row)
		row->object = object;
	buf_free(text);
}

/* Only what cannot be taken back: a program that lends itself another user's rights (sshd looking into a home) keeps
 * one of the three ids to return with. */
void interpret_setid(struct interpretation *in)
{
	const struct syscall_record *r = &in->event->syscall;
	bool users = r->uid == r->euid && r->uid == r->suid, groups = r->gid == r->egid && r->gid == r->sgid;
	struct process_actor actor = interpret_actor(in);
	struct buf text = BUF_INIT;
	struct process_ids before;
	int64_t image;

	if (in->event->syscall.success != 1)
		return;
	before = process_ids(in->processes, &actor);
	image = process_image(in->processes, &actor);
	add_ids(in, &text, &before, users, groups);
	process_set_ids(in->processes, &actor, users, groups);
	row_of(in, image, &text);
}

static uint64_t mask_of(struct span body, struct span key)
{
	struct record_field f;
	uint64_t v = 0;

	return record_find(record_kernel_part(body), key, &f) && span_hex_to_u64(f.value, &v) == 0 ? v : 0;
}

/* Most programs only give up what they had, root above all. What is told is which rights others hold effectively. */
void interpret_capset(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);
	struct buf text = BUF_INIT;
	struct pending_record *r;
	size_t at = 0;
	uint64_t effective;

	if (in->event->syscall.success != 1 || in->event->syscall.euid <= 0)
		return;
	r = interpret_record(in, TYPE_CAPSET, &at);
	effective = r ? mask_of(r->body, SPAN("cap_pe")) : 0;
	if (!effective)
		return;
	buf_add_z(&text, "capabilities");
	add_capabilities(&text, effective);
	row_of(in, process_image(in->processes, &actor), &text);
}

/* Set-user-id and set-group-id programs, and those whose file gives capabilities. */
void interpret_gain(struct interpretation *in, const struct process_ids *before, int64_t image)
{
	const struct syscall_record *now = &in->event->syscall;
	bool set_uid = now->euid >= 0 && now->uid >= 0 && now->euid != now->uid && now->euid != before->euid;
	bool set_gid = now->egid >= 0 && now->gid >= 0 && now->egid != now->gid && now->egid != before->egid;
	struct buf text = BUF_INIT;
	struct pending_record *r;
	size_t at = 0;
	uint64_t gained;

	if (set_uid)
		add_id(in, &text, "euid", before->euid >= 0 ? before->euid : now->uid, now->euid, true);
	if (set_gid)
		add_id(in, &text, "egid", before->egid >= 0 ? before->egid : now->gid, now->egid, false);
	r = interpret_record(in, TYPE_BPRM_FCAPS, &at);
	gained = r && mask_of(r->body, SPAN("fp")) ? mask_of(r->body, SPAN("new_pp")) & ~mask_of(r->body, SPAN("old_pp")) : 0;
	if (gained && !set_uid) {
		buf_add_z(&text, text.n ? ", capabilities" : "capabilities");
		add_capabilities(&text, gained);
	}
	row_of(in, image, &text);
}

void interpret_ptrace(struct interpretation *in)
{
	enum { ATTACH = 16, SEIZE = 0x4206 };
	uint64_t request = in->event->syscall.a[0];
	struct pending_record *r;
	struct span name = SPAN_NONE;
	struct record_field f;
	int64_t pid = 0;
	struct event *row;
	size_t at = 0;

	if (request != ATTACH && request != SEIZE)
		return;
	r = interpret_record(in, TYPE_OBJ_PID, &at);
	if (r) {
		name = interpret_string(in, r->body, SPAN("ocomm"));
		pid = record_find(r->body, SPAN("opid"), &f) ? record_id(f.value) : 0;
	} else {
		pid = (int64_t)(in->event->syscall.a[1] & INT32_MAX);
	}
	row = interpret_row(in, ACTION_PROCESS_PTRACE);
	if (!row)
		return;
	row->object = name;
	row->port = pid > 0 && pid <= INT32_MAX ? (int32_t)pid : 0;
	row->result = interpret_errno(&in->event->syscall);
}

void interpret_io_uring(struct interpretation *in)
{
	if (in->event->syscall.success == 1)
		interpret_row(in, ACTION_PROCESS_IO_URING);
}
