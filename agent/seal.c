#include "agent/seal.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

enum { CLIENT_DESCRIPTORS = 512, CLIENT_ADDRESSES = 512 << 20 };

/* ---- capabilities ---- */

#define CAP(name) (UINT64_C(1) << CAP_##name)
static const uint64_t recorders = CAP(AUDIT_CONTROL) | CAP(AUDIT_READ) | CAP(DAC_READ_SEARCH) | CAP(SYS_PTRACE) |
                                  CAP(NET_ADMIN);

/* EPERM: without CAP_SETPCAP, but then also without new privileges. */
static int bound_capabilities(uint64_t kept)
{
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL && errno != EPERM)
			return -errno;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return 0;
}

static int drop_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } }, found[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	memcpy(found, data, sizeof(found));
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(kept >> (i * 32));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (memcmp(found, data, sizeof(found)) == 0)
		return 0; /* as under the systemd unit, which allows no capset */
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* ---- system calls ---- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif
#define X32_BIT 0x40000000u

static const uint32_t denied[] = {
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
	SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_init_module,
	SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_bpf, SYS_perf_event_open,
	SYS_add_key, SYS_request_key, SYS_keyctl, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_setns, SYS_unshare,
	SYS_userfaultfd, SYS_io_uring_setup, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
	SYS_acct, SYS_quotactl, SYS_personality, SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_vhangup,
	SYS_open_by_handle_at, SYS_fanotify_init,
#if defined(__x86_64__)
	SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
};

/* A small program of a few fixed parts (linux/filter.h, seccomp(2)): jumps count the statements that they skip. */
enum { FILTER_MAX = 24 + 2 * ARRAY_LEN(denied) };
struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void add(struct filter *f, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	f->code[f->n++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void load(struct filter *f, size_t offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct filter *f, uint32_t what)
{
	add(f, BPF_RET | BPF_K, what, 0, 0);
}

static void build(struct filter *f, const uint32_t *families, size_t n)
{
	const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;

	load(f, offsetof(struct seccomp_data, arch));
	add(f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	answer(f, refuse);
	load(f, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
	add(f, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	answer(f, refuse);
#endif
	for (size_t i = 0; i < ARRAY_LEN(denied); i++) {
		add(f, BPF_JMP | BPF_JEQ | BPF_K, denied[i], 0, 1);
		answer(f, refuse);
	}
	add(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0);
	answer(f, SECCOMP_RET_ALLOW);
	load(f, offsetof(struct seccomp_data, args[0])); /* its low half: both architectures are little-endian */
	for (size_t i = 0; i < n; i++) {
		add(f, BPF_JMP | BPF_JEQ | BPF_K, families[i], 0, 1);
		answer(f, SECCOMP_RET_ALLOW);
	}
	answer(f, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
}

static int filter_calls(const uint32_t *families, size_t n)
{
	struct filter f = { .n = 0 };
	struct sock_fprog program = { .filter = f.code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	build(&f, families, n);
	program.len = f.n;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

int seal_opener(void)
{
	const uint64_t kept = CAP(DAC_READ_SEARCH) | CAP(SYS_PTRACE);
	static const uint32_t families[] = { AF_UNIX };
	int r = bound_capabilities(kept);

	if (r == 0)
		r = drop_capabilities(kept);
	return r < 0 ? r : filter_calls(families, ARRAY_LEN(families));
}

int seal_recorder(void)
{
	static const uint32_t families[] = { AF_NETLINK, AF_UNIX };
	int r = bound_capabilities(recorders);

	if (r == 0)
		r = drop_capabilities(recorders);
	return r < 0 ? r : filter_calls(families, ARRAY_LEN(families));
}

/* ---- the client ---- */

static int become(uid_t uid, gid_t gid)
{
	if (geteuid() != 0)
		return 0;
	if (uid == 0 || gid == 0)
		return -EINVAL;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return setuid(0) == 0 ? -EPERM : 0; /* it must not come back */
}

static int limit(int what, rlim_t most, bool hard)
{
	struct rlimit l;

	if (getrlimit(what, &l) < 0)
		return -errno;
	if (l.rlim_cur > most)
		l.rlim_cur = most;
	if (hard && l.rlim_max > most)
		l.rlim_max = most;
	return setrlimit(what, &l) < 0 ? -errno : 0;
}

int seal_client(uid_t uid, gid_t gid)
{
	static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6 };
	int r = limit(RLIMIT_CORE, 0, true);

	if (r == 0)
		r = limit(RLIMIT_NOFILE, CLIENT_DESCRIPTORS, true);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* their shadow takes terabytes of address space */
	if (r == 0)
		r = limit(RLIMIT_AS, CLIENT_ADDRESSES, false);
#endif
	if (r == 0)
		r = bound_capabilities(0); /* while it may */
	if (r == 0)
		r = become(uid, gid);
	if (r == 0)
		r = drop_capabilities(0);
	return r < 0 ? r : filter_calls(families, ARRAY_LEN(families));
}
