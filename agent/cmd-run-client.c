#include "agent/cmd-run-client.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "agent/client/client.h"
#include "agent/cmd.h"
#include "agent/seal.h"
#include "agent/settings.h"
#include "agent/supervise.h"
#include "recorder/health.h"

enum { LOG_BYTES_MAX = 4 << 20 };

static struct process {
	const char *path;
	bool optional;
	struct settings settings;
	struct client_conf conf;
	struct enrolment enrolment;
	struct stat identity; /* of its file: another one is a reason to begin anew */
	enum log_level wished; /* by the server */
	bool is_wished, again;
} self;

/* ---- the log ---- */

/* Kept to twice LOG_BYTES_MAX: the file, and the one before. */
static void turn_log(void)
{
	char before[CLIENT_CONF_PATH + 8];
	struct stat st;

	if (stat(self.conf.log, &st) < 0 || st.st_size < LOG_BYTES_MAX)
		return;
	snprintf(before, sizeof(before), "%s.1", self.conf.log);
	if (rename(self.conf.log, before) == 0)
		log_open(self.conf.log, LOG_TEXT);
}

static void tell(enum log_level level, const char *text)
{
	turn_log();
	switch (level) {
	case LOG_LEVEL_ERROR: log_error("%s", text); break;
	case LOG_LEVEL_WARNING: log_warning("%s", text); break;
	case LOG_LEVEL_INFO: log_info("%s", text); break;
	default: log_debug("%s", text); break;
	}
}

/* However often a server says so, the log stays within its bounds. */
static void set_level(enum log_level level)
{
	if (self.is_wished && level == self.wished)
		return;
	turn_log();
	self.wished = level;
	self.is_wished = true;
	log_set_level(level);
	log_info("log level: %s, as the server wishes", log_level_name(level));
}

/* ---- reload ---- */

static bool is_same_place(const struct client_conf *a, const struct client_conf *b)
{
	return a->connect == b->connect && a->n_servers == b->n_servers &&
	       memcmp(a->servers, b->servers, sizeof(a->servers)) == 0 && strcmp(a->user, b->user) == 0 &&
	       strcmp(a->status, b->status) == 0 && strcmp(a->log, b->log) == 0;
}

static bool is_same_identity(void)
{
	struct stat st;

	return stat(self.conf.identity, &st) == 0 && st.st_ino == self.identity.st_ino &&
	       st.st_mtim.tv_sec == self.identity.st_mtim.tv_sec && st.st_mtim.tv_nsec == self.identity.st_mtim.tv_nsec;
}

/* What only a start can change, as the key, which this process may not read any more, is left to one. */
static bool reload(struct client_conf *conf)
{
	AUTO_FREE char *error = NULL;
	struct client_conf fresh;

	if (client_conf_load(self.path, self.optional, &fresh, &error) < 0) {
		log_error("%s; the old configuration stays in force", error ? error : self.path);
		return true;
	}
	if (!is_same_place(&fresh, conf) || !is_same_identity()) {
		log_info("%s: begins anew", self.path);
		self.again = true;
		return false;
	}
	conf->sessions = fresh.sessions;
	conf->session_memory = fresh.session_memory;
	conf->log_level = fresh.log_level;
	if (!self.is_wished)
		log_set_level(conf->log_level);
	log_open(conf->log, LOG_TEXT);
	log_info("%s: in force", self.path);
	return true;
}

/* ---- the start, still with all rights ---- */

static int find_user(const char *name, uid_t *uid, gid_t *gid)
{
	const struct passwd *p = getpwnam(name);

	if (!p)
		return -ENOENT;
	*uid = p->pw_uid;
	*gid = p->pw_gid;
	return p->pw_uid ? 0 : -EPERM;
}

/* The folder of a file that the client writes: its group's, where we may not give it away (as under the systemd unit, whose
 * group is the client's). */
static int make_folder_of(const char *file, uid_t uid, gid_t gid, mode_t mode)
{
	AUTO_FREE char *folder = strndup(file, (size_t)(strrchr(file, '/') - file));
	AUTO_CLOSE int fd = -1;

	if (!folder)
		return -ENOMEM;
	if (!*folder || (mkdir(folder, mode) < 0 && errno == EEXIST))
		return 0; /* it is as somebody made it */
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, mode) < 0)
		return -errno;
	return fchown(fd, uid, gid) < 0 && errno != EPERM ? -errno : 0;
}

/* Nothing to do until somebody enrols this machine or changes the configuration. */
static int rest(enum report_state state, const char *error)
{
	struct report r;
	uid_t uid = 0;
	gid_t gid = 0;

	if (geteuid() != 0 || find_user(self.conf.user, &uid, &gid) == 0)
		make_folder_of(self.conf.status, uid, gid, 0775);
	report_begin(&r);
	r.state = state;
	r.since_ms = clock_now();
	if (error) {
		snprintf(r.error, sizeof(r.error), "%s", error);
		r.error_ms = r.since_ms;
	}
	report_save(self.conf.status, &r);
	return SUPERVISE_REST;
}

static int fail(const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	cmd_fail(what, why);
	buf_printf(&line, "%s: %s", what, why);
	return rest(REPORT_FAILED, line.failed ? why : line.p);
}

/* Rights go; the files that are written from now on are the client's own. */
static int give_up(uid_t uid, gid_t gid, pid_t parent)
{
	int r = make_folder_of(self.conf.status, uid, gid, 0775);

	if (r == 0)
		r = make_folder_of(self.conf.log, uid, gid, 0770);
	if (r < 0)
		return r;
	umask(0027);
	r = seal_client(uid, gid);
	/* A change of user takes it back (prctl(2)). */
	if (r == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		r = -errno;
	return r == 0 && getppid() != parent ? -ESRCH : r;
}

/* When memory is short the recorder is to stay. */
static void step_back(void)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/self/oom_score_adj", "we");

	if (f)
		fputs("500", f);
}

/* The copy that systemd made for us (LoadCredential=), whose rights are not root's. */
static void take_credential(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[CLIENT_CONF_PATH];

	if (!folder || geteuid() == 0 || snprintf(path, sizeof(path), "%s/client.pem", folder) >= CLIENT_CONF_PATH)
		return;
	if (access(path, R_OK) == 0)
		memcpy(self.conf.identity, path, sizeof(path));
}

static int load(void)
{
	AUTO_FREE char *error = NULL;
	int r = settings_load(self.path, self.optional, &self.settings, &error);

	if (r == 0)
		r = client_conf_load(self.path, self.optional, &self.conf, &error);
	if (r < 0) {
		cmd_fail_line(error ? error : self.path);
		return SUPERVISE_REST;
	}
	if (!self.conf.connect)
		return rest(REPORT_OFF, NULL);
	take_credential();
	r = enrolment_load(self.conf.identity, &self.enrolment);
	if (r == -ENOENT)
		return rest(REPORT_NOT_ENROLLED, NULL);
	if (r == 0 && stat(self.conf.identity, &self.identity) < 0)
		r = -errno;
	return r < 0 ? fail(self.conf.identity, strerror(-r)) : CMD_GO_ON;
}

int cmd_run_client(void *data)
{
	const char *config = *(const char *const *)data;
	char host[256] = "";
	pid_t parent = getppid();
	uid_t uid = 0;
	gid_t gid = 0;
	int r;

	self = (struct process){ .path = config ? config : SETTINGS_PATH, .optional = !config };
	r = load();
	if (r != CMD_GO_ON)
		return r;
	r = geteuid() == 0 ? find_user(self.conf.user, &uid, &gid) : 0;
	if (r < 0)
		return fail(self.conf.user, r == -EPERM ? "the client runs as anybody but root" :
		                            "no such user: systemd-sysusers, or user = in [client]");
	step_back();
	r = give_up(uid, gid, parent);
	if (r < 0)
		return cmd_fail_errno("client: giving privileges up", r);
	log_set_level(self.conf.log_level);
	r = log_open(self.conf.log, LOG_TEXT);
	if (r < 0)
		cmd_fail_errno(self.conf.log, r); /* and goes on, on standard error */
	gethostname(host, sizeof(host) - 1);
	r = client_run(&(struct client_config){ self.settings.database, HEALTH_PATH, host, &self.conf, &self.enrolment, tell,
						set_level, reload });
	enrolment_free(&self.enrolment);
	return r < 0 ? cmd_fail_errno("client", r) : self.again ? SUPERVISE_AGAIN : CMD_OK;
}
