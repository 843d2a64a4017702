#include "recorder/query/autostart.h"

#include <string.h>

#include "agent/base/cleanup.h"

enum how { FILE_IS, BELOW, CONTAINS, ENDS };

/* systemd.unit(5), cron(8), bash(1), sshd(8), ld.so(8), modules-load.d(5), udev(7), init(8), the XDG autostart
 * specification, pam.d(5), update-motd(5). */
static const struct { enum how how; struct span text; } places[] = {
	{ BELOW, SPAN("/etc/systemd/system/") }, { BELOW, SPAN("/usr/lib/systemd/system/") },
	{ BELOW, SPAN("/lib/systemd/system/") }, { BELOW, SPAN("/run/systemd/system/") },
	{ BELOW, SPAN("/usr/local/lib/systemd/system/") },
	{ BELOW, SPAN("/etc/systemd/user/") }, { BELOW, SPAN("/usr/lib/systemd/user/") },
	{ CONTAINS, SPAN("/.config/systemd/user/") }, { CONTAINS, SPAN("/.local/share/systemd/user/") },
	{ BELOW, SPAN("/usr/lib/systemd/system-generators/") }, { BELOW, SPAN("/etc/systemd/system-generators/") },
	{ FILE_IS, SPAN("/etc/crontab") }, { FILE_IS, SPAN("/etc/anacrontab") }, { BELOW, SPAN("/etc/cron.") },
	{ BELOW, SPAN("/var/spool/cron/") }, { BELOW, SPAN("/var/spool/at/") },
	{ FILE_IS, SPAN("/etc/inittab") }, { BELOW, SPAN("/etc/init.d/") }, { BELOW, SPAN("/etc/rc") },
	{ FILE_IS, SPAN("/etc/profile") }, { BELOW, SPAN("/etc/profile.d/") }, { FILE_IS, SPAN("/etc/bash.bashrc") },
	{ BELOW, SPAN("/etc/zsh/") }, { FILE_IS, SPAN("/etc/environment") },
	{ ENDS, SPAN("/.profile") }, { ENDS, SPAN("/.bashrc") }, { ENDS, SPAN("/.bash_profile") },
	{ ENDS, SPAN("/.bash_login") }, { ENDS, SPAN("/.bash_logout") }, { ENDS, SPAN("/.zshrc") }, { ENDS, SPAN("/.zshenv") },
	{ ENDS, SPAN("/.zprofile") },
	{ ENDS, SPAN("/.ssh/authorized_keys") }, { ENDS, SPAN("/.ssh/authorized_keys2") }, { ENDS, SPAN("/.ssh/rc") },
	{ FILE_IS, SPAN("/etc/ssh/sshrc") },
	{ FILE_IS, SPAN("/etc/ld.so.preload") }, { FILE_IS, SPAN("/etc/ld.so.conf") }, { BELOW, SPAN("/etc/ld.so.conf.d/") },
	{ FILE_IS, SPAN("/etc/modules") }, { BELOW, SPAN("/etc/modules-load.d/") }, { BELOW, SPAN("/etc/modprobe.d/") },
	{ BELOW, SPAN("/etc/udev/rules.d/") }, { BELOW, SPAN("/usr/lib/udev/rules.d/") },
	{ BELOW, SPAN("/etc/xdg/autostart/") }, { CONTAINS, SPAN("/.config/autostart/") },
	{ BELOW, SPAN("/etc/pam.d/") }, { BELOW, SPAN("/etc/update-motd.d/") },
	{ BELOW, SPAN("/etc/NetworkManager/dispatcher.d/") }, { BELOW, SPAN("/etc/network/if-") },
	{ BELOW, SPAN("/etc/apt/apt.conf.d/") },
};

static bool contains(struct span s, struct span part)
{
	return memmem(s.p, s.n, part.p, part.n) != NULL;
}

static bool fits(struct span path, enum how how, struct span text)
{
	if (path.n < text.n)
		return false;
	switch (how) {
	case FILE_IS: return span_eq(path, text);
	case BELOW: return memcmp(path.p, text.p, text.n) == 0;
	case CONTAINS: return contains(path, text);
	case ENDS: return memcmp(path.p + path.n - text.n, text.p, text.n) == 0;
	}
	return false;
}

bool autostart_is(struct span path)
{
	for (size_t i = 0; path.n && i < ARRAY_LEN(places); i++)
		if (fits(path, places[i].how, places[i].text))
			return true;
	return false;
}
