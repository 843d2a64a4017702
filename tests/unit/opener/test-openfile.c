#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/opener/openfile.h"

static char folder[64], why[OPENFILE_WHY];

static char *at(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/test-openfile-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "file", "link", "fifo", "socket", "program", "folder" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (unlink(at(names[i])) < 0)
			rmdir(at(names[i]));
	return rmdir(folder);
}

static void make_file(const char *text)
{
	FILE *f = fopen(at("file"), "we");

	fputs(text, f);
	fclose(f);
}

static void reads(int fd, const char *text)
{
	char found[64];

	assert_int_equal(read(fd, found, sizeof(found)), strlen(text));
	assert_memory_equal(found, text, strlen(text));
	close(fd);
}

static void refused(const char *path, uint64_t max, int error, const char *line)
{
	int fd = -1;

	assert_int_equal(openfile(path, max, &fd, why), error);
	assert_int_equal(fd, -1);
	assert_string_equal(why, line);
}

static void files_are_opened(void **state)
{
	char slashes[200];
	int fd;

	make_file("text");
	assert_int_equal(openfile(at("file"), 4, &fd, why), 0);
	reads(fd, "text");
	snprintf(slashes, sizeof(slashes), "//%s/.//../%s/file", folder, folder + 5);
	assert_int_equal(openfile(slashes, 4, &fd, why), 0);
	reads(fd, "text");
	assert_int_equal(openfile("/bin/sh", 100 << 20, &fd, why), 0); /* by links that are root's */
	close(fd);
}

static void anything_else_is_refused(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	make_file("text");
	refused(at("file"), 3, -EFBIG, "it is larger than was allowed");
	refused(at("nothing"), 9, -ENOENT, "No such file or directory");
	refused(at("file/x"), 9, -ENOTDIR, "Not a directory");
	refused("relative", 9, -EINVAL, "the path does not begin with /");
	refused("/", 9, -EINVAL, "it is a folder");
	refused(folder, 9, -EINVAL, "it is a folder");
	refused("/dev/null", 9, -EINVAL, "it is a device");
	refused("/proc/self/mem", UINT64_MAX, -EINVAL, "the kernel makes it up: it is no file on a disk");
	refused("/proc/1/stat", 9, -EINVAL, "the kernel makes it up: it is no file on a disk");
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	refused(at("fifo"), 9, -EINVAL, "it is a FIFO"); /* without waiting for somebody to write */
	snprintf(a.sun_path, sizeof(a.sun_path), "%.60s/socket", folder);
	assert_int_equal(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	refused(at("socket"), 9, -EINVAL, "it is a socket");
	close(s);
}

/* The folder's own owner is root here, or not: but others may write to /tmp, and a link in it may be anybody's. */
static void links_of_others_are_refused(void **state)
{
	make_file("text");
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(symlink("file", at("link")), 0);
	refused(at("link"), 9, -ELOOP, "there is a symbolic link on its path that others than root could have made");
	assert_int_equal(unlink(at("link")), 0);
	assert_int_equal(symlink("/etc", at("link")), 0);
	refused(at("link/passwd"), 1 << 20, -ELOOP, "there is a symbolic link on its path that others than root could have made");
	assert_int_equal(unlink(at("link")), 0);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(symlink("link", at("link")), 0);
	if (geteuid() == 0)
		refused(at("link"), 9, -ELOOP, "there are too many symbolic links on its path");
}

static void copy_program(void)
{
	char buffer[65536];
	int from = open("/bin/sleep", O_RDONLY | O_CLOEXEC), to = open(at("program"), O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		assert_int_equal(write(to, buffer, (size_t)n), n);
	close(from);
	close(to);
}

static void deleted_executables_are_found(void **state)
{
	char path[160];
	int64_t now = clock_now();
	pid_t child;
	int fd = -1;

	copy_program();
	snprintf(path, sizeof(path), "%s", at("program"));
	child = fork();
	if (child == 0) {
		execl(path, path, "60", (char *)NULL);
		_exit(1);
	}
	for (int i = 0; i < 200 && openfile_executable(child, now, path, 100 << 20, &fd, why) < 0; i++)
		usleep(10000); /* until it is that program */
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(openfile(path, 100 << 20, &fd, why), -ENOENT);
	assert_int_equal(openfile_executable(child, now, path, 100 << 20, &fd, why), 0);
	close(fd);
	assert_int_equal(openfile_executable(child, now, path, 1, &fd, why), -EFBIG);
	assert_int_equal(openfile_executable(child, now - 60000, path, 100 << 20, &fd, why), -ESRCH);
	assert_string_equal(why, "its process has ended: another one has its number");
	assert_int_equal(openfile_executable(child, now, "/bin/other", 100 << 20, &fd, why), -ESRCH);
	assert_string_equal(why, "its process runs another program now");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(openfile_executable(child, now, path, 100 << 20, &fd, why), -ESRCH);
	assert_string_equal(why, "its process has ended");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(anything_else_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_of_others_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(deleted_executables_are_found, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
