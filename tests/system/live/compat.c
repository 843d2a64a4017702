/* Makes the folder argv[1] through the 32-bit system call table of x86-64. Exit 3: the kernel has none. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define COMPAT_MKDIR 39

int main(int argc, char **argv)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r;

	if (argc != 2 || low == MAP_FAILED || strlen(argv[1]) >= 4096)
		return 1;
	memcpy(low, argv[1], strlen(argv[1]));
	__asm__ volatile("int $0x80" : "=a"(r) : "a"((long)COMPAT_MKDIR), "b"(low), "c"(0755L) : "memory", "r8", "r9",
	                 "r10", "r11");
	return r == 0 ? 0 : r == -ENOSYS ? 3 : 1;
}
