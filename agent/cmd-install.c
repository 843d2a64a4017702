#include "agent/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/file.h"
#include "agent/settings.h"

static const char help_install[] =
	"Usage: spoor-agent install [--root DIR] [--no-start]\n\n"
	"Puts this program on the host where no package does: copies itself to /usr/local/sbin,\n"
	"writes the systemd units, the configuration (one that is there stays), sysusers.d,\n"
	"tmpfiles.d, auditd's plugins.d file (inactive) and the manual page, and starts the\n"
	"daemon. Doing it again brings a host up to date.\n\n"
	"  --root DIR   below DIR instead of /; nothing is started\n"
	"  --no-start   neither enable nor start the daemon\n"
	"  --help       this text\n";

static const char help_uninstall[] =
	"Usage: spoor-agent uninstall [--root DIR] [--keep-database | --remove-database]\n\n"
	"Stops the daemon and removes what install wrote. A configuration that was changed stays.\n"
	"Whether the recording goes too is asked on a terminal; elsewhere it stays.\n\n"
	"  --root DIR         below DIR instead of /\n"
	"  --keep-database    the recording stays, unasked\n"
	"  --remove-database  the recording goes, unasked\n"
	"  --help             this text\n";

extern const char installed_service[], installed_client[], installed_configuration[], installed_sysusers[], installed_tmpfiles[],
	installed_plugin[], installed_manual[];

struct file {
	const char *path;
	const char *text;
	bool keep;          /* one that is there stays, and is removed only when it is as we wrote it */
	const char *only_in; /* written only where this folder is */
};

#define PROGRAM_PATH "/usr/local/sbin/spoor-agent"
static const struct file files[] = {
	{ "/etc/systemd/system/spoor-agent.service", installed_service, false, NULL },
	{ "/etc/systemd/system/spoor-client.service", installed_client, false, NULL },
	{ SETTINGS_PATH, installed_configuration, true, NULL },
	{ "/etc/sysusers.d/spoor.conf", installed_sysusers, false, NULL },
	{ "/etc/tmpfiles.d/spoor.conf", installed_tmpfiles, false, NULL },
	{ "/etc/audit/plugins.d/spoor.conf", installed_plugin, true, "/etc/audit/plugins.d" },
	{ "/usr/local/share/man/man8/spoor-agent.8", installed_manual, false, NULL },
};

enum database { DATABASE_ASK, DATABASE_KEEP, DATABASE_REMOVE };

static char *below(const char *root, const char *path)
{
	AUTO_BUF b = BUF_INIT;

	buf_printf(&b, "%s%s", root, path);
	return buf_steal(&b);
}

/* ---- writing ---- */

/* Every folder above the file, 0755. */
static int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = 0;
		r = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
		*slash = '/';
		if (r < 0)
			return r;
	}
	return 0;
}

static int copy_program(int to)
{
	AUTO_CLOSE int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char part[65536];
	ssize_t n;

	if (from < 0)
		return -errno;
	while ((n = read(from, part, sizeof(part))) > 0) {
		int r = file_write_all(to, (struct span){ part, (size_t)n });

		if (r < 0)
			return r;
	}
	return n < 0 ? -errno : 0;
}

/* Whole or not at all: beside it, then renamed into place. text NULL: this program. */
static int put(char *path, const char *text, mode_t mode)
{
	AUTO_BUF temporary = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	int r = make_folders(path);

	if (r < 0)
		return r;
	buf_printf(&temporary, "%s.new", path);
	if (temporary.failed)
		return -ENOMEM;
	unlink(temporary.p);
	fd = open(temporary.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = text ? file_write_all(fd, span_of(text)) : copy_program(fd);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(temporary.p, path) < 0))
		r = -errno;
	if (r < 0)
		unlink(temporary.p);
	return r;
}

static int install_file(const char *root, const char *path, const char *text, bool keep, mode_t mode)
{
	AUTO_FREE char *target = below(root, path);
	int r;

	if (!target)
		return cmd_fail_errno(path, ENOMEM);
	if (keep && access(target, F_OK) == 0) {
		printf("kept     %s\n", target);
		return CMD_OK;
	}
	r = put(target, text, mode);
	if (r < 0)
		return cmd_fail_errno(target, r);
	printf("written  %s\n", target);
	return CMD_OK;
}

/* ---- other programs ---- */

/* Whether it could be run and ended well. */
static bool run_program(const char *const argv[])
{
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static int start_daemon(void)
{
	if (!systemd_runs()) {
		puts("systemd does not run here: start \"" PROGRAM_PATH " run\" by what does");
		return CMD_OK;
	}
	run_program((const char *const[]){ "systemd-sysusers", "/etc/sysusers.d/spoor.conf", NULL });
	if (!run_program((const char *const[]){ "systemctl", "daemon-reload", NULL }) ||
	    !run_program((const char *const[]){ "systemctl", "enable", "spoor-agent.service", "spoor-client.service", NULL }) ||
	    !run_program((const char *const[]){ "systemctl", "restart", "spoor-agent.service", "spoor-client.service", NULL }))
		return cmd_fail("systemctl", "the daemon could not be started; see systemctl status spoor-agent");
	puts("started  spoor-agent.service; \"spoor-agent status\" tells how it does");
	return CMD_OK;
}

static bool is_there(const char *root, const char *path)
{
	AUTO_FREE char *target = path ? below(root, path) : NULL;

	return !path || (target && access(target, F_OK) == 0);
}

static int install(const char *root, bool start)
{
	int r = install_file(root, PROGRAM_PATH, NULL, false, 0755);

	for (size_t i = 0; r == CMD_OK && i < ARRAY_LEN(files); i++)
		if (is_there(root, files[i].only_in))
			r = install_file(root, files[i].path, files[i].text, files[i].keep, 0644);
	if (r != CMD_OK || !start || root[0])
		return r;
	return start_daemon();
}

/* ---- removing ---- */

static bool is_as_written(const char *path, const char *text)
{
	size_t n = strlen(text), at = 0;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char part[4096];
	ssize_t got;

	if (fd < 0)
		return false;
	while ((got = read(fd, part, sizeof(part))) > 0) {
		if ((size_t)got > n - at || memcmp(part, text + at, (size_t)got) != 0)
			return false;
		at += (size_t)got;
	}
	return got == 0 && at == n;
}

static int remove_file(const char *root, const struct file *f)
{
	AUTO_FREE char *target = below(root, f->path);

	if (!target)
		return cmd_fail_errno(f->path, ENOMEM);
	if (access(target, F_OK) < 0)
		return CMD_OK;
	if (f->keep && !is_as_written(target, f->text)) {
		printf("kept     %s: it was changed\n", target);
		return CMD_OK;
	}
	if (unlink(target) < 0)
		return cmd_fail_errno(target, errno);
	printf("removed  %s\n", target);
	return CMD_OK;
}

/* The database, what SQLite has beside it, and those that were set aside. */
static bool belongs_to(const char *name, const char *database)
{
	size_t n = strlen(database);

	if (strncmp(name, database, n) != 0)
		return false;
	name += n;
	return !*name || strcmp(name, "-wal") == 0 || strcmp(name, "-shm") == 0 || strcmp(name, "-journal") == 0 ||
	       strncmp(name, ".aside-", 7) == 0;
}

static int remove_database(char *database)
{
	char *slash = strrchr(database, '/');
	const struct dirent *entry;
	int r = CMD_OK;
	DIR *folder;

	*slash = 0;
	folder = opendir(database);
	while (folder && (entry = readdir(folder))) {
		if (!belongs_to(entry->d_name, slash + 1))
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) < 0)
			r = cmd_fail_errno(entry->d_name, errno);
		else
			printf("removed  %s/%s\n", database, entry->d_name);
	}
	if (folder)
		closedir(folder);
	rmdir(database); /* unless somebody else has something there */
	return r;
}

static bool ask(const char *database)
{
	char answer[16] = "";

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	printf("Remove the recording %s too? It cannot be had again. [y/N] ", database);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int end_database(const char *root, const char *path, enum database what)
{
	AUTO_FREE char *database = below(root, path);

	if (!database)
		return cmd_fail_errno(path, ENOMEM);
	if (access(database, F_OK) < 0)
		return CMD_OK;
	if (what == DATABASE_REMOVE || (what == DATABASE_ASK && ask(database)))
		return remove_database(database);
	printf("kept     %s\n", database);
	return CMD_OK;
}

static int uninstall(const char *root, enum database what)
{
	AUTO_FREE char *config = below(root, SETTINGS_PATH);
	AUTO_FREE char *error = NULL;
	struct settings s = { .database = SETTINGS_DATABASE };
	const struct file program = { PROGRAM_PATH, "", false, NULL };
	int r = CMD_OK;

	if (!config)
		return cmd_fail_errno("uninstall", ENOMEM);
	settings_load(config, true, &s, &error); /* a wrong one: the database is where it is by default */
	if (!root[0] && systemd_runs())
		run_program((const char *const[]){ "systemctl", "disable", "--now", "spoor-client.service", "spoor-agent.service",
						   NULL });
	for (size_t i = 0; r == CMD_OK && i < ARRAY_LEN(files); i++)
		r = remove_file(root, &files[i]);
	if (r == CMD_OK)
		r = remove_file(root, &program);
	if (!root[0] && systemd_runs())
		run_program((const char *const[]){ "systemctl", "daemon-reload", NULL });
	return r == CMD_OK ? end_database(root, s.database, what) : r;
}

/* ---- command lines ---- */

static int check_root(const char *name, const char *root, int argc)
{
	if (optind < argc)
		return cmd_usage_error(name, "too many arguments");
	if (root[0] && root[0] != '/')
		return cmd_usage_error(name, "--root takes an absolute path");
	if (!root[0] && geteuid() != 0)
		return cmd_fail(name, "needs root");
	return CMD_OK;
}

int cmd_install(int argc, char **argv)
{
	const char *root = "";
	bool no_start = false;
	const struct options_option options[] = {
		{ "root", 0, NULL, &root }, { "no-start", 0, &no_start, NULL }, { NULL, 0, NULL, NULL },
	};
	int r = cmd_options(help_install, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	root = strcmp(root, "/") == 0 ? "" : root;
	r = check_root("install", root, argc);
	return r != CMD_OK ? r : install(root, !no_start);
}

int cmd_uninstall(int argc, char **argv)
{
	const char *root = "";
	bool keep = false, remove = false;
	const struct options_option options[] = {
		{ "root", 0, NULL, &root }, { "keep-database", 0, &keep, NULL }, { "remove-database", 0, &remove, NULL },
		{ NULL, 0, NULL, NULL },
	};
	int r = cmd_options(help_uninstall, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (keep && remove)
		return cmd_usage_error("uninstall", "keep the database, or remove it?");
	root = strcmp(root, "/") == 0 ? "" : root;
	r = check_root("uninstall", root, argc);
	return r != CMD_OK ? r : uninstall(root, keep ? DATABASE_KEEP : remove ? DATABASE_REMOVE : DATABASE_ASK);
}
