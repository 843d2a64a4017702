#include "recorder/type.h"

#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>

enum { TYPES_MAX = 4096, FIRST_UNKNOWN = 100000, NAME_MAX_LEN = 64, TYPE_URINGOP_NUMBER = 1336 };

static const struct {
	struct span name;
	int number;
	enum type_kind kind;
} known[] = {
	{ { "SYSCALL", 7 }, AUDIT_SYSCALL, TYPE_SYSCALL },
	{ { "PATH", 4 }, AUDIT_PATH, TYPE_PATH },
	{ { "PROCTITLE", 9 }, AUDIT_PROCTITLE, TYPE_PROCTITLE },
	{ { "CWD", 3 }, AUDIT_CWD, TYPE_CWD },
	{ { "EXECVE", 6 }, AUDIT_EXECVE, TYPE_EXECVE },
	{ { "EOE", 3 }, AUDIT_EOE, TYPE_EOE },
	{ { "SOCKADDR", 8 }, AUDIT_SOCKADDR, TYPE_SOCKADDR },
	{ { "SOCKETCALL", 10 }, AUDIT_SOCKETCALL, TYPE_SOCKETCALL },
	{ { "OPENAT2", 7 }, AUDIT_OPENAT2, TYPE_OPENAT2 },
	{ { "URINGOP", 7 }, TYPE_URINGOP_NUMBER, TYPE_URINGOP },
	{ { "ANOM_ABEND", 10 }, AUDIT_ANOM_ABEND, TYPE_ANOM_ABEND },
	{ { "SYSTEM_BOOT", 11 }, AUDIT_SYSTEM_BOOT, TYPE_SYSTEM_BOOT },
	{ { "SYSTEM_SHUTDOWN", 15 }, AUDIT_SYSTEM_SHUTDOWN, TYPE_SYSTEM_SHUTDOWN },
	{ { "OBJ_PID", 7 }, AUDIT_OBJ_PID, TYPE_OBJ_PID },
	{ { "BPRM_FCAPS", 10 }, AUDIT_BPRM_FCAPS, TYPE_BPRM_FCAPS },
	{ { "CAPSET", 6 }, AUDIT_CAPSET, TYPE_CAPSET },
	{ { "KERN_MODULE", 11 }, AUDIT_KERN_MODULE, TYPE_KERN_MODULE },
	{ { "LOGIN", 5 }, AUDIT_LOGIN, TYPE_LOGIN },
	{ { "USER_AUTH", 9 }, AUDIT_USER_AUTH, TYPE_AUTH },
	{ { "USER_ACCT", 9 }, AUDIT_USER_ACCT, TYPE_ACCT },
	{ { "USER_ERR", 8 }, AUDIT_USER_ERR, TYPE_ACCT },
	{ { "USER_START", 10 }, AUDIT_USER_START, TYPE_SESSION },
	{ { "USER_END", 8 }, AUDIT_USER_END, TYPE_SESSION_END },
	{ { "USER_LOGIN", 10 }, AUDIT_USER_LOGIN, TYPE_USER_LOGIN },
	{ { "USER_LOGOUT", 11 }, AUDIT_USER_LOGOUT, TYPE_USER_LOGOUT },
	{ { "USER_CMD", 8 }, AUDIT_USER_CMD, TYPE_COMMAND },
	{ { "USER_CHAUTHTOK", 14 }, AUDIT_USER_CHAUTHTOK, TYPE_ACCOUNT },
	{ { "USER_MGMT", 9 }, AUDIT_USER_MGMT, TYPE_ACCOUNT },
	{ { "ADD_USER", 8 }, AUDIT_ADD_USER, TYPE_ACCOUNT },
	{ { "DEL_USER", 8 }, AUDIT_DEL_USER, TYPE_ACCOUNT },
	{ { "ADD_GROUP", 9 }, AUDIT_ADD_GROUP, TYPE_ACCOUNT },
	{ { "DEL_GROUP", 9 }, AUDIT_DEL_GROUP, TYPE_ACCOUNT },
	{ { "ACCT_LOCK", 9 }, AUDIT_ACCT_LOCK, TYPE_ACCOUNT },
	{ { "ACCT_UNLOCK", 11 }, AUDIT_ACCT_UNLOCK, TYPE_ACCOUNT },
	{ { "GRP_MGMT", 8 }, AUDIT_GRP_MGMT, TYPE_ACCOUNT },
	{ { "GRP_CHAUTHTOK", 13 }, AUDIT_GRP_CHAUTHTOK, TYPE_ACCOUNT },
	{ { "SECCOMP", 7 }, AUDIT_SECCOMP, TYPE_SECCOMP },
	{ { "AVC", 3 }, AUDIT_AVC, TYPE_AVC },
	{ { "USER_AVC", 8 }, AUDIT_USER_AVC, TYPE_AVC },
	{ { "AVC_PATH", 8 }, AUDIT_AVC_PATH, TYPE_AVC_PATH },
	{ { "APPARMOR_DENIED", 15 }, AUDIT_APPARMOR_DENIED, TYPE_AVC },
	{ { "APPARMOR_ALLOWED", 16 }, AUDIT_APPARMOR_ALLOWED, TYPE_AVC },
	{ { "APPARMOR_STATUS", 15 }, AUDIT_APPARMOR_STATUS, TYPE_AVC },
	{ { "APPARMOR_KILL", 13 }, AUDIT_APPARMOR_KILL, TYPE_AVC },
	{ { "SELINUX_ERR", 11 }, AUDIT_SELINUX_ERR, TYPE_SELINUX_ERR },
	{ { "USER_SELINUX_ERR", 16 }, AUDIT_USER_SELINUX_ERR, TYPE_SELINUX_ERR },
	{ { "CONFIG_CHANGE", 13 }, AUDIT_CONFIG_CHANGE, TYPE_CONFIG },
	{ { "ANOM_PROMISCUOUS", 16 }, AUDIT_ANOM_PROMISCUOUS, TYPE_PROMISCUOUS },
	{ { "MAC_POLICY_LOAD", 15 }, AUDIT_MAC_POLICY_LOAD, TYPE_POLICY },
	{ { "MAC_STATUS", 10 }, AUDIT_MAC_STATUS, TYPE_POLICY },
	{ { "MAC_CONFIG_CHANGE", 17 }, AUDIT_MAC_CONFIG_CHANGE, TYPE_POLICY },
};
enum { N_KNOWN = sizeof(known) / sizeof(*known) };

void type_table_free(struct type_table *t)
{
	free(t->counts);
	free(t->traits);
	free(t->slots);
	arena_free(&t->names);
	memset(t, 0, sizeof(*t));
}

/* auparse's rule of what stands alone, less LOGIN and the netlabel messages, which may come with a SYSCALL. */
static struct type_traits traits_of(int number)
{
	struct type_traits traits = { TYPE_OTHER, false, false };

	for (size_t i = 0; i < N_KNOWN; i++)
		if (known[i].number == number)
			traits.kind = known[i].kind;
	traits.single = (number >= AUDIT_FIRST_USER_MSG && number <= AUDIT_LAST_DAEMON) || number == AUDIT_KERNEL ||
			(number >= AUDIT_FIRST_ANOM_MSG && number < FIRST_UNKNOWN);
	traits.foreign = number >= AUDIT_FIRST_DAEMON && number <= AUDIT_LAST_DAEMON;
	return traits;
}

int type_number(struct span name)
{
	char z[NAME_MAX_LEN + 1];
	uint64_t v;
	int number;

	for (size_t i = 0; i < N_KNOWN; i++)
		if (span_eq(known[i].name, name))
			return known[i].number;
	if (name.n > NAME_MAX_LEN || memchr(name.p, 0, name.n))
		return -1;
	if (span_starts(name, SPAN("UNKNOWN["))) {
		if (name.p[name.n - 1] != ']' || span_to_u64((struct span){ name.p + 8, name.n - 9 }, &v) < 0)
			return -1;
		return v < FIRST_UNKNOWN ? (int)v : -1;
	}
	memcpy(z, name.p, name.n);
	z[name.n] = 0;
	number = audit_name_to_msg_type(z);
	return number > 0 && number < FIRST_UNKNOWN ? number : -1;
}

static size_t slot_of(const struct type_table *t, struct span name)
{
	size_t i = (size_t)span_hash(name) & (t->n_slots - 1);

	while (t->slots[i]) {
		const char *have = t->counts[t->slots[i] - 1].name;

		if (strlen(have) == name.n && memcmp(have, name.p, name.n) == 0)
			break;
		i = (i + 1) & (t->n_slots - 1);
	}
	return i;
}

static int grow(struct type_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 64;
	struct recording_type_count *counts = reallocarray(t->counts, cap, sizeof(*counts));
	struct type_traits *traits;
	uint16_t *slots;

	if (!counts)
		return -ENOMEM;
	t->counts = counts;
	traits = reallocarray(t->traits, cap, sizeof(*traits));
	if (!traits)
		return -ENOMEM;
	t->traits = traits;
	slots = calloc(cap * 4, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->n_slots = cap * 4;
	t->cap = cap;
	for (size_t i = 0; i < t->n; i++)
		t->slots[slot_of(t, span_of(t->counts[i].name))] = (uint16_t)(i + 1);
	return 0;
}

static int add(struct type_table *t, struct span name, int number)
{
	struct span copy;
	int r = t->n == t->cap ? grow(t) : 0;

	if (r < 0)
		return r;
	if (t->n >= TYPES_MAX)
		return -E2BIG;
	copy = arena_copy(&t->names, name);
	if (!copy.p)
		return -ENOMEM;
	if (number < 0)
		number = FIRST_UNKNOWN + t->next_unknown++;
	t->counts[t->n] = (struct recording_type_count){ number, copy.p, 0, 0 };
	t->traits[t->n] = traits_of(number);
	t->slots[slot_of(t, copy)] = (uint16_t)(t->n + 1);
	return (int)t->n++;
}

int type_by_name(struct type_table *t, struct span name)
{
	int number;

	if (memchr(name.p, 0, name.n))
		name = SPAN("UNKNOWN");
	if (t->n_slots) {
		size_t slot = slot_of(t, name);

		if (t->slots[slot])
			return t->slots[slot] - 1;
	}
	number = type_number(name);
	if (span_starts(name, SPAN("UNKNOWN[")) && number >= 0)
		return type_by_number(t, number);
	return add(t, name, number);
}

int type_by_number(struct type_table *t, int number)
{
	char unknown[32];
	const char *name;

	for (size_t i = 0; i < t->n; i++)
		if (t->counts[i].type == number)
			return (int)i;
	for (size_t i = 0; i < N_KNOWN; i++)
		if (known[i].number == number)
			return add(t, known[i].name, number);
	name = audit_msg_type_to_name(number);
	if (name)
		return add(t, span_of(name), number);
	snprintf(unknown, sizeof(unknown), "UNKNOWN[%d]", number);
	return add(t, span_of(unknown), number);
}
