#include "agent/cmd-run-opener.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/client/client-conf.h"
#include "agent/cmd.h"
#include "agent/opener/ask.h"
#include "agent/seal.h"
#include "agent/settings.h"
#include "agent/supervise.h"

static int serve(const char *database, uid_t user, gid_t group)
{
	int fd, r;

	r = ask_listen(database, group, &fd);
	if (r < 0)
		return cmd_fail_errno("opener: its socket", r);
	r = seal_opener();
	if (r < 0)
		return cmd_fail_errno("opener: giving privileges up", r);
	r = ask_serve(fd, user, database);
	return cmd_fail_errno("opener", r);
}

/* Of a machine that is not to be connected, or of no user whom it could serve, there is nothing to do. */
int cmd_run_opener(void *data)
{
	const char *config = *(const char *const *)data;
	AUTO_FREE char *error = NULL;
	const struct passwd *user;
	struct settings s;
	struct client_conf conf;
	int r = settings_load(config ? config : SETTINGS_PATH, !config, &s, &error);

	if (r == 0)
		r = client_conf_load(config ? config : SETTINGS_PATH, !config, &conf, &error);
	if (r < 0) {
		cmd_fail_line(error ? error : strerror(-r));
		return SUPERVISE_REST;
	}
	if (!conf.connect)
		return SUPERVISE_REST;
	if (geteuid() != 0)
		return serve(s.database, geteuid(), getegid());
	user = getpwnam(conf.user);
	return user && user->pw_uid ? serve(s.database, user->pw_uid, user->pw_gid) : SUPERVISE_REST;
}
