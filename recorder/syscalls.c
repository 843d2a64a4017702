#include "recorder/syscalls.h"

#include <stddef.h>

#define CALL(number, op, dirfd, dirfd2, flags) [number] = { OP_##op, dirfd, dirfd2, flags }
#define PLAIN(number, op) CALL(number, op, -1, -1, -1)

static const struct syscall x86_64[] = {
	CALL(2, OPEN, -1, -1, 1), CALL(257, OPEN, 0, -1, 2), PLAIN(85, CREAT), CALL(437, OPENAT2, 0, -1, -1),
	PLAIN(87, UNLINK), PLAIN(84, UNLINK), CALL(263, UNLINK, 0, -1, -1),
	PLAIN(82, RENAME), CALL(264, RENAME, 0, 2, -1), CALL(316, RENAME, 0, 2, -1),
	PLAIN(83, MKDIR), CALL(258, MKDIR, 0, -1, -1), PLAIN(133, MKNOD), CALL(259, MKNOD, 0, -1, -1),
	PLAIN(86, LINK), CALL(265, LINK, 0, 2, -1), PLAIN(88, SYMLINK), CALL(266, SYMLINK, 1, -1, -1),
	PLAIN(76, TRUNCATE), PLAIN(77, TRUNCATE),
	PLAIN(59, EXEC), CALL(322, EXEC, 0, -1, -1), PLAIN(231, EXIT), PLAIN(60, THREAD_EXIT),
	PLAIN(57, FORK), PLAIN(58, FORK), PLAIN(56, CLONE),
	PLAIN(42, CONNECT), PLAIN(43, ACCEPT), PLAIN(288, ACCEPT), PLAIN(49, BIND),
};

/* x32 has calls of its own for what carries pointers. */
static const struct syscall x32_own[] = {
	PLAIN(520 - 512, EXEC), CALL(545 - 512, EXEC, 0, -1, -1),
};

static const struct syscall i386[] = {
	CALL(5, OPEN, -1, -1, 1), CALL(295, OPEN, 0, -1, 2), PLAIN(8, CREAT), CALL(437, OPENAT2, 0, -1, -1),
	PLAIN(10, UNLINK), PLAIN(40, UNLINK), CALL(301, UNLINK, 0, -1, -1),
	PLAIN(38, RENAME), CALL(302, RENAME, 0, 2, -1), CALL(353, RENAME, 0, 2, -1),
	PLAIN(39, MKDIR), CALL(296, MKDIR, 0, -1, -1), PLAIN(14, MKNOD), CALL(297, MKNOD, 0, -1, -1),
	PLAIN(9, LINK), CALL(303, LINK, 0, 2, -1), PLAIN(83, SYMLINK), CALL(304, SYMLINK, 1, -1, -1),
	PLAIN(92, TRUNCATE), PLAIN(93, TRUNCATE), PLAIN(193, TRUNCATE), PLAIN(194, TRUNCATE),
	PLAIN(11, EXEC), CALL(358, EXEC, 0, -1, -1), PLAIN(252, EXIT), PLAIN(1, THREAD_EXIT),
	PLAIN(2, FORK), PLAIN(190, FORK), PLAIN(120, CLONE),
	PLAIN(362, CONNECT), PLAIN(364, ACCEPT), PLAIN(361, BIND), PLAIN(102, SOCKETCALL),
};

static const struct syscall aarch64[] = {
	CALL(56, OPEN, 0, -1, 2), CALL(437, OPENAT2, 0, -1, -1), CALL(35, UNLINK, 0, -1, -1),
	CALL(38, RENAME, 0, 2, -1), CALL(276, RENAME, 0, 2, -1),
	CALL(34, MKDIR, 0, -1, -1), CALL(33, MKNOD, 0, -1, -1),
	CALL(37, LINK, 0, 2, -1), CALL(36, SYMLINK, 1, -1, -1),
	PLAIN(45, TRUNCATE), PLAIN(46, TRUNCATE),
	PLAIN(221, EXEC), CALL(281, EXEC, 0, -1, -1), PLAIN(94, EXIT), PLAIN(93, THREAD_EXIT),
	PLAIN(220, CLONE), PLAIN(203, CONNECT), PLAIN(202, ACCEPT), PLAIN(242, ACCEPT), PLAIN(200, BIND),
};

static struct syscall at(const struct syscall *table, size_t n, uint32_t number)
{
	static const struct syscall none = { OP_NONE, -1, -1, -1 };

	return number < n ? table[number] : none;
}
#define AT(table, number) at(table, sizeof(table) / sizeof(*(table)), number)

struct syscall syscall_lookup(uint32_t arch, uint32_t number)
{
	enum { X32 = 0x40000000 };

	switch (arch) {
	case SYSCALL_ARCH_X86_64:
		if (!(number & X32))
			return AT(x86_64, number);
		number &= ~(uint32_t)X32;
		return number < 512 ? AT(x86_64, number) : AT(x32_own, number - 512);
	case SYSCALL_ARCH_I386:
		return AT(i386, number);
	case SYSCALL_ARCH_AARCH64:
		return AT(aarch64, number);
	}
	return AT(x86_64, UINT32_MAX);
}

/* linux/net.h, SYS_* */
enum syscall_op syscall_socketcall(uint64_t call)
{
	switch (call) {
	case 2: return OP_BIND;
	case 3: return OP_CONNECT;
	case 5:
	case 18: return OP_ACCEPT;
	}
	return OP_NONE;
}
