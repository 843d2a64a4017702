#include "recorder/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "recorder/netlink.h"
#include "recorder/procfs.h"
#include "recorder/rules.h"

static const char magic[] = "spoor audit state 1";

struct setting {
	const char *name;
	uint32_t bit;
	size_t offset;
};

static const struct setting settings[] = {
	{ "failure", AUDIT_STATUS_FAILURE, offsetof(struct audit_status, failure) },
	{ "rate_limit", AUDIT_STATUS_RATE_LIMIT, offsetof(struct audit_status, rate_limit) },
	{ "backlog_limit", AUDIT_STATUS_BACKLOG_LIMIT, offsetof(struct audit_status, backlog_limit) },
	{ "backlog_wait_time", AUDIT_STATUS_BACKLOG_WAIT_TIME, offsetof(struct audit_status, backlog_wait_time) },
	{ "enabled", AUDIT_STATUS_ENABLED, offsetof(struct audit_status, enabled) },
};

static uint32_t value_of(const struct audit_status *s, const struct setting *t)
{
	uint32_t v;

	memcpy(&v, (const char *)s + t->offset, sizeof(v));
	return v;
}

static void set_value(struct audit_status *s, const struct setting *t, uint32_t v)
{
	memcpy((char *)s + t->offset, &v, sizeof(v));
	s->mask |= t->bit;
}

/* ---- the file ---- */

static int make_folder(const char *path)
{
	AUTO_FREE char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder)
		return -ENOMEM;
	if (!slash || slash == folder)
		return 0;
	*slash = 0;
	return mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_file(const char *path, const struct buf *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t done = 0;

	if (fd < 0)
		return -errno;
	while (done < text->n) {
		ssize_t n = write(fd, text->p + done, text->n - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int restore_save(const char *path, const struct restore_state *s)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF temporary = BUF_INIT;
	int r = make_folder(path);

	buf_printf(&text, "%s\nboot %s\npid %d %llu\n", magic, s->boot_id, (int)s->pid, s->pid_start);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (s->found.mask & settings[i].bit)
			buf_printf(&text, "%s %" PRIu32 " %" PRIu32 "\n", settings[i].name,
			           value_of(&s->found, &settings[i]), value_of(&s->set, &settings[i]));
	buf_add_z(&text, "end\n"); /* without it the file is not whole */
	buf_printf(&temporary, "%s.new", path);
	if (text.failed || temporary.failed)
		return -ENOMEM;
	if (r == 0)
		r = write_file(temporary.p, &text);
	if (r == 0 && rename(temporary.p, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary.p);
	return r;
}

static int parse_line(const char *line, struct restore_state *s)
{
	char name[32];
	uint32_t found, set;

	if (sscanf(line, "boot %39s", s->boot_id) == 1 || sscanf(line, "pid %d %llu", &s->pid, &s->pid_start) == 2)
		return 0;
	if (sscanf(line, "%31s %" SCNu32 " %" SCNu32, name, &found, &set) != 3)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		if (strcmp(settings[i].name, name) != 0)
			continue;
		set_value(&s->found, &settings[i], found);
		set_value(&s->set, &settings[i], set);
		return 0;
	}
	return -EBADMSG;
}

static int parse(FILE *f, struct restore_state *ret)
{
	struct restore_state s = { 0 };
	char line[256];

	if (!fgets(line, sizeof(line), f) || strncmp(line, magic, sizeof(magic) - 1) != 0)
		return -EBADMSG;
	while (fgets(line, sizeof(line), f)) {
		if (strcmp(line, "end\n") == 0) {
			*ret = s;
			return s.boot_id[0] ? 0 : -EBADMSG;
		}
		if (parse_line(line, &s) < 0)
			return -EBADMSG;
	}
	return -EBADMSG;
}

int restore_load(const char *path, const char *boot_id, struct restore_state *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), r;
	AUTO_FCLOSE FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	struct restore_state s;

	if (!f)
		return -errno;
	r = parse(f, &s);
	if (r < 0)
		return r;
	if (strcmp(s.boot_id, boot_id) != 0) {
		unlink(path);
		return -ENOENT;
	}
	*ret = s;
	return 0;
}

int restore_remove(const char *path)
{
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

bool restore_owner_alive(const struct restore_state *s)
{
	unsigned long long start;

	return s->pid > 0 && procfs_start_ticks(s->pid, &start) == 0 && start == s->pid_start;
}

/* ---- putting back ---- */

struct audit_status restore_plan(const struct restore_state *s, const struct audit_status *now)
{
	struct audit_status plan = { 0 };
	bool other = now->pid != 0 && now->pid != (uint32_t)s->pid;

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *t = &settings[i];
		uint32_t found = value_of(&s->found, t);

		if (other && t->bit == AUDIT_STATUS_ENABLED)
			continue;
		if ((s->found.mask & t->bit) && value_of(now, t) == value_of(&s->set, t) && value_of(now, t) != found)
			set_value(&plan, t, found);
	}
	return plan;
}

int restore_apply(int fd, const struct restore_state *s)
{
	struct audit_status now, plan;
	int removed = rules_remove(fd);
	int r = netlink_status(fd, &now);

	if (r < 0)
		return r;
	plan = restore_plan(s, &now);
	if (plan.mask)
		r = netlink_set(fd, &plan);
	return r < 0 ? r : removed < 0 ? removed : 0;
}

int restore_leftovers(int fd, const char *path, const char *boot_id, bool *ret_was, pid_t *ret_pid)
{
	struct restore_state s = { 0 };
	int r = restore_load(path, boot_id, &s);
	bool was = r == 0;

	if (r == 0 && restore_owner_alive(&s) && s.pid != getpid()) {
		*ret_pid = s.pid;
		return -EALREADY;
	}
	/* Without a file, or with one that cannot be understood, the rules under our key still are ours. */
	r = was ? restore_apply(fd, &s) : rules_remove(fd);
	if (r < 0)
		return r;
	*ret_was = was || r > 0;
	return restore_remove(path);
}
