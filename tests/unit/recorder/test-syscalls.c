#include "tests/unit/test.h"

#include <sys/syscall.h>

#include "recorder/syscalls.h"

/* Numbers of the machine that compiles this: the kernel's own header is the witness. */
static void numbers_are_the_kernels(void **state)
{
#ifdef __x86_64__
	const uint32_t arch = SYSCALL_ARCH_X86_64;
#elif defined(__aarch64__)
	const uint32_t arch = SYSCALL_ARCH_AARCH64;
#endif
#if defined(__x86_64__) || defined(__aarch64__)
	assert_int_equal(syscall_lookup(arch, SYS_execve).op, OP_EXEC);
	assert_int_equal(syscall_lookup(arch, SYS_execveat).op, OP_EXEC);
	assert_int_equal(syscall_lookup(arch, SYS_exit_group).op, OP_EXIT);
	assert_int_equal(syscall_lookup(arch, SYS_exit).op, OP_THREAD_EXIT);
	assert_int_equal(syscall_lookup(arch, SYS_clone).op, OP_CLONE);
	assert_int_equal(syscall_lookup(arch, SYS_openat).op, OP_OPEN);
	assert_int_equal(syscall_lookup(arch, SYS_unlinkat).op, OP_UNLINK);
	assert_int_equal(syscall_lookup(arch, SYS_renameat2).op, OP_RENAME);
	assert_int_equal(syscall_lookup(arch, SYS_mkdirat).op, OP_MKDIR);
	assert_int_equal(syscall_lookup(arch, SYS_mknodat).op, OP_MKNOD);
	assert_int_equal(syscall_lookup(arch, SYS_linkat).op, OP_LINK);
	assert_int_equal(syscall_lookup(arch, SYS_symlinkat).op, OP_SYMLINK);
	assert_int_equal(syscall_lookup(arch, SYS_truncate).op, OP_TRUNCATE);
	assert_int_equal(syscall_lookup(arch, SYS_connect).op, OP_CONNECT);
	assert_int_equal(syscall_lookup(arch, SYS_accept4).op, OP_ACCEPT);
	assert_int_equal(syscall_lookup(arch, SYS_bind).op, OP_BIND);
	assert_int_equal(syscall_lookup(arch, SYS_read).op, OP_NONE);
	assert_int_equal(syscall_lookup(arch, SYS_fchmodat).op, OP_CHMOD);
	assert_int_equal(syscall_lookup(arch, SYS_fchmod).op, OP_CHMOD);
	assert_int_equal(syscall_lookup(arch, SYS_fchownat).op, OP_CHOWN);
	assert_int_equal(syscall_lookup(arch, SYS_fchown).op, OP_CHOWN);
	assert_int_equal(syscall_lookup(arch, SYS_setxattr).op, OP_SETXATTR);
	assert_int_equal(syscall_lookup(arch, SYS_lsetxattr).op, OP_SETXATTR);
	assert_int_equal(syscall_lookup(arch, SYS_fsetxattr).op, OP_SETXATTR);
	assert_int_equal(syscall_lookup(arch, SYS_removexattr).op, OP_REMOVEXATTR);
	assert_int_equal(syscall_lookup(arch, SYS_lremovexattr).op, OP_REMOVEXATTR);
	assert_int_equal(syscall_lookup(arch, SYS_fremovexattr).op, OP_REMOVEXATTR);
	assert_int_equal(syscall_lookup(arch, SYS_utimensat).op, OP_UTIME);
	assert_int_equal(syscall_lookup(arch, SYS_ftruncate).op, OP_FTRUNCATE);
	assert_int_equal(syscall_lookup(arch, SYS_mount).op, OP_MOUNT);
	assert_int_equal(syscall_lookup(arch, SYS_umount2).op, OP_UNMOUNT);
	assert_int_equal(syscall_lookup(arch, 429).op, OP_MOVE_MOUNT);
	assert_int_equal(syscall_lookup(arch, SYS_setuid).op, OP_SETID);
	assert_int_equal(syscall_lookup(arch, SYS_setgid).op, OP_SETID);
	assert_int_equal(syscall_lookup(arch, SYS_setreuid).op, OP_SETID);
	assert_int_equal(syscall_lookup(arch, SYS_setregid).op, OP_SETID);
	assert_int_equal(syscall_lookup(arch, SYS_setresuid).op, OP_SETID);
	assert_int_equal(syscall_lookup(arch, SYS_setresgid).op, OP_SETID);
	assert_int_equal(syscall_lookup(arch, SYS_capset).op, OP_CAPSET);
	assert_int_equal(syscall_lookup(arch, SYS_ptrace).op, OP_PTRACE);
	assert_int_equal(syscall_lookup(arch, 425).op, OP_IO_URING);
	assert_int_equal(syscall_lookup(arch, SYS_init_module).op, OP_INIT_MODULE);
	assert_int_equal(syscall_lookup(arch, SYS_finit_module).op, OP_FINIT_MODULE);
	assert_int_equal(syscall_lookup(arch, SYS_delete_module).op, OP_DELETE_MODULE);
	assert_int_equal(syscall_lookup(arch, SYS_listen).op, OP_LISTEN);
	assert_int_equal(syscall_lookup(arch, SYS_sendto).op, OP_SENDTO);
	assert_int_equal(syscall_lookup(arch, SYS_sendmsg).op, OP_SENDTO);
#else
	skip();
#endif
}

static void every_architecture_has_its_numbers(void **state)
{
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, 59).op, OP_EXEC);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_I386, 11).op, OP_EXEC);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_AARCH64, 221).op, OP_EXEC);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_I386, 59).op, OP_NONE);
	assert_int_equal(syscall_lookup(0x80000015, 11).op, OP_NONE);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, UINT32_MAX).op, OP_NONE);
}

static void x32_shares_most_calls(void **state)
{
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, 0x40000000 | 257).op, OP_OPEN);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, 0x40000000 | 520).op, OP_EXEC);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, 0x40000000 | 545).op, OP_EXEC);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, 520).op, OP_NONE);
}

static void arguments_are_where_the_manual_says(void **state)
{
	struct syscall s = syscall_lookup(SYSCALL_ARCH_X86_64, 264); /* renameat */

	assert_int_equal(s.dirfd_arg, 0);
	assert_int_equal(s.dirfd2_arg, 2);
	s = syscall_lookup(SYSCALL_ARCH_X86_64, 2);
	assert_int_equal(s.dirfd_arg, -1);
	assert_int_equal(s.flags_arg, 1);
	s = syscall_lookup(SYSCALL_ARCH_AARCH64, 56);
	assert_int_equal(s.flags_arg, 2);
	assert_int_equal(syscall_lookup(SYSCALL_ARCH_X86_64, 266).dirfd_arg, 1);
	assert_int_equal(syscall_socketcall(3), OP_CONNECT);
	assert_int_equal(syscall_socketcall(18), OP_ACCEPT);
	assert_int_equal(syscall_socketcall(1), OP_NONE);
}

static void bits_of_an_architecture(void **state)
{
	assert_true(syscall_arch_little_endian(SYSCALL_ARCH_X86_64));
	assert_false(syscall_arch_little_endian(0x80000015));
	assert_true(syscall_arch_is_32bit(SYSCALL_ARCH_I386));
	assert_false(syscall_arch_is_32bit(SYSCALL_ARCH_AARCH64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_kernels),
		cmocka_unit_test(every_architecture_has_its_numbers),
		cmocka_unit_test(x32_shares_most_calls),
		cmocka_unit_test(arguments_are_where_the_manual_says),
		cmocka_unit_test(bits_of_an_architecture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
