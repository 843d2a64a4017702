#include "agent/kernel-filter.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/base/cleanup.h"

static const char *add_user(struct rules_wish *w, const char *value)
{
	const struct passwd *user;
	int64_t uid;

	if (span_to_i64(span_of(value), &uid) < 0) {
		user = getpwnam(value);
		if (!user)
			return "there is no user of that name now";
		uid = user->pw_uid;
	}
	if (uid < 0 || uid >= UINT32_MAX)
		return "that is no user's number";
	if (w->n_users == RULES_USERS)
		return "there are too many users";
	w->users[w->n_users++] = (uint32_t)uid;
	return NULL;
}

/* The kernel goes by inode: a name that leads somewhere else would leave out more than what has it. */
static bool is_own_name(const char *path)
{
	AUTO_FREE char *real = realpath(path, NULL);

	return real && strcmp(real, path) == 0;
}

static const char *leave_out(struct rules_wish *w, enum rules_what what, const char *path)
{
	struct rules_left_out *l = &w->left_out[w->n_left_out];

	if (!is_own_name(path))
		return "it is not there, or another's name";
	if (strlen(path) >= sizeof(l->path))
		return "the path is too long";
	if (w->n_left_out == RULES_LEFT_OUT)
		return "there are too many files and folders";
	l->what = what;
	memset(l->path, 0, sizeof(l->path));
	memcpy(l->path, path, strlen(path));
	w->n_left_out++;
	return NULL;
}

static const char *add_prefix(struct rules_wish *w, const char *prefix)
{
	size_t n = strlen(prefix);
	AUTO_FREE char *folder = strndup(prefix, n > 1 && prefix[n - 1] == '/' ? n - 1 : n);
	struct stat st;

	if (!folder || lstat(folder, &st) < 0)
		return "it is not there";
	if (S_ISCHR(st.st_mode) && prefix[n - 1] != '/')
		return leave_out(w, RULES_DEVICE, folder);
	if (!S_ISDIR(st.st_mode) || prefix[n - 1] != '/')
		return "it is no folder with a \"/\" at its end";
	if (n == 1)
		return "everything is below \"/\": switch files off instead";
	return leave_out(w, RULES_FOLDER, folder);
}

static const char *add_executable(struct rules_wish *w, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return "it is not there";
	if (!S_ISREG(st.st_mode))
		return "it is no plain file";
	if (st.st_nlink > 1)
		return "the file has other names too";
	return leave_out(w, RULES_EXECUTABLE, path);
}

const char *kernel_filter_add(struct rules_wish *w, const struct config_exclusion *e)
{
	switch (e->key) {
	case CONFIG_USER:
		return add_user(w, e->value);
	case CONFIG_FILE_PREFIX:
		return add_prefix(w, e->value);
	case CONFIG_EXECUTABLE:
		return add_executable(w, e->value);
	default:
		return "the kernel has no rule for it";
	}
}

void kernel_filter(struct rules_wish *w, const struct config *c)
{
	for (size_t i = 0; i < c->n_exclusions; i++)
		kernel_filter_add(w, &c->exclusions[i]);
}
