#include "recorder/query/field-def.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "agent/base/cleanup.h"
#include "agent/base/translate.h"
#include "recorder/event.h"

#define IN_PROCESS (1u << EVENT_PROCESS)
#define IN_FILE (1u << EVENT_FILE)
#define IN_NETWORK (1u << EVENT_NETWORK)
#define IN_SECURITY (1u << EVENT_SECURITY)
#define IN_DRIVER (1u << EVENT_DRIVER)
#define IN_REGISTRY (1u << EVENT_REGISTRY)

static const char *const outcome_words[] = { "success", "failure", "unknown", NULL };
static const char *const provider_words[] = { "wtmp", "btmp", NULL };
static const char *const attribute_words[] = { "mode", "owner", "group", "xattr", "xattr_removed", "times", NULL };
static const char *const direction_words[] = { "egress", "ingress", NULL };
static const char *const transport_words[] = { "tcp", "udp", NULL };
static const char *const network_words[] = { "ipv4", "ipv6", "unix", NULL };

#define EVENT(n, t, c, a, x) .field = { n, t, FIELD_OF_EVENT, a, x, c }
#define IMAGE(n, t, a, x) .field = { n, t, FIELD_OF_IMAGE, a, x, 0 }
#define PARENT(n, t, a, x) .field = { n, t, FIELD_OF_PARENT, a, x, 0 }
#define DETAIL(n, c, a, x, d) .field = { n, FIELD_TEXT, FIELD_OF_DETAIL, a, x, c }, .source = SOURCE_DETAIL, .detail = d

static const struct field_def fields[] = {
	{ EVENT("@timestamp", FIELD_TIME, 0, N_("When it happened, UTC."), "@timestamp >= -1h"),
	  .aliases = "event.time event.start time", .source = SOURCE_EVENT_TIME },
	{ EVENT("event.id", FIELD_NUMBER, 0, N_("Number of the row, unique in this recording and ordered by time."),
	        "event.id == 29021234123423744"), .source = SOURCE_EVENT_ID },
	{ EVENT("event.category", FIELD_ENUM, 0, N_("Kind of event."), "event.category == network"),
	  .source = SOURCE_EVENT_CATEGORY },
	{ EVENT("event.action", FIELD_ENUM, 0, N_("What was done."), "event.action in (CreateNewFile, RenamePath)"),
	  .source = SOURCE_EVENT_ACTION },
	{ EVENT("event.outcome", FIELD_ENUM, 0,
	        N_("Whether it worked; unknown for a connection that was only begun."), "event.outcome == failure"),
	  .source = SOURCE_EVENT_OUTCOME, .words = outcome_words },
	{ EVENT("event.count", FIELD_NUMBER, 0, N_("How many alike events the row stands for."), "event.count > 100"),
	  .source = SOURCE_EVENT_COUNT },
	{ EVENT("event.duration", FIELD_NUMBER, IN_NETWORK,
	        N_("How long a connection that ended had lasted, in nanoseconds."),
	        "event.duration > 60000000000"), .source = SOURCE_DURATION },
	{ EVENT("event.serial", FIELD_NUMBER, 0, N_("Serial number of the audit event."), "event.serial == 5021"),
	  .aliases = "auditd.sequence event.sequence", .source = SOURCE_EVENT_SERIAL },
	{ EVENT("event.provider", FIELD_ENUM, IN_SECURITY,
	        N_("File that tells of a logon from before recording; absent for what was recorded."),
	         "event.provider exists"),
	  .source = SOURCE_EVENT_PROVIDER, .words = provider_words },
	{ EVENT("event.partial", FIELD_BOOL, 0, N_("Records of the audit event were missing."),
	        "event.partial == true"),
	  .source = SOURCE_EVENT_PARTIAL },
	{ EVENT("error.code", FIELD_NUMBER, 0, N_("Why it failed: an errno number or name."),
	        "error.code == ECONNREFUSED"),
	  .source = SOURCE_ERROR_CODE },
	{ DETAIL("event.reason", 0, N_("Why something failed or is not known."), "event.reason contains \"password\"",
	         DETAIL_REASON) },

	{ IMAGE("process.entity_id", FIELD_NUMBER, N_("Number of the process in this recording, never reused."),
	        "process.entity_id == 4711"), .source = SOURCE_PROCESS_ID },
	{ IMAGE("process.image_id", FIELD_NUMBER, N_("Number of the program that the process ran, one for each exec."),
	        "process.image_id == 4712"), .source = SOURCE_IMAGE_ID },
	{ IMAGE("process.pid", FIELD_NUMBER, N_("Process id as the kernel gave it; these are reused."),
	        "process.pid == 1"),
	  .source = SOURCE_PID },
	{ IMAGE("process.vpid", FIELD_NUMBER,
	        N_("Process id in its own namespace, where that is another than the recorder's."),
	        "process.vpid == 1"), .aliases = "process.ns_pid", .source = SOURCE_NS_PID },
	{ IMAGE("process.executable", FIELD_TEXT, N_("Path of the program."),
	        "process.executable == \"/usr/bin/curl\""),
	  .source = SOURCE_EXECUTABLE },
	{ IMAGE("process.name", FIELD_TEXT, N_("Last name of the program's path, or the name that the kernel shows."),
	        "process.name in (\"curl\", \"wget\")"), .aliases = "process.title", .source = SOURCE_PROCESS_NAME },
	{ IMAGE("process.command_line", FIELD_TEXT, N_("The arguments, joined with one space each."),
	        "process.command_line contains \"--insecure\""), .aliases = "process.args", .source = SOURCE_COMMAND_LINE },
	{ IMAGE("process.working_directory", FIELD_TEXT, N_("Directory in which the program was started."),
	        "process.working_directory startswith \"/tmp\""), .source = SOURCE_CWD },
	{ IMAGE("process.start", FIELD_TIME, N_("When the process started."), "process.start >= \"2026-11-20\""),
	  .source = SOURCE_START },
	{ IMAGE("process.end", FIELD_TIME, N_("When the process ended; absent while it runs."),
	        "not process.end exists"),
	  .source = SOURCE_END },
	{ IMAGE("process.exit_code", FIELD_NUMBER, N_("What the process returned."), "process.exit_code != 0"),
	  .source = SOURCE_EXIT_CODE },
	{ IMAGE("process.exit_signal", FIELD_NUMBER, N_("Signal that ended the process."), "process.exit_signal == 11"),
	  .source = SOURCE_SIGNAL },
	{ IMAGE("process.interactive", FIELD_BOOL, N_("The process had a terminal."), "process.interactive == true"),
	  .source = SOURCE_INTERACTIVE },
	{ IMAGE("process.tty.name", FIELD_TEXT, N_("Terminal of the process."), "process.tty.name == \"pts0\""),
	  .aliases = "process.tty", .source = SOURCE_TTY },
	{ IMAGE("process.cgroup", FIELD_TEXT,
	        N_("Control group the program was started in: names its container or unit."),
	        "process.cgroup contains \"docker\""), .aliases = "container.cgroup", .source = SOURCE_CGROUP },
	{ IMAGE("container.id", FIELD_TEXT, N_("Container the program was started in, as its control group names it."),
	        "container.id startswith \"4f0c8e1f3a5b\""), .source = SOURCE_CGROUP, .part = PART_CONTAINER },
	{ IMAGE("systemd.unit", FIELD_TEXT,
	        N_("Unit of systemd the program was started in: a service, a session's scope."),
	        "systemd.unit == \"ssh.service\""), .aliases = "process.unit", .source = SOURCE_CGROUP, .part = PART_UNIT },
	{ IMAGE("process.hash.md5", FIELD_TEXT, N_("MD5 of the program file, hexadecimal."),
	        "process.hash.md5 == d41d8cd98f00b204e9800998ecf8427e"), .source = SOURCE_MD5 },
	{ IMAGE("process.hash.sha256", FIELD_TEXT, N_("SHA-256 of the program file, hexadecimal."),
	        "process.hash.sha256 startswith \"e3b0c442\""), .source = SOURCE_SHA256 },
	{ PARENT("process.parent.entity_id", FIELD_NUMBER, N_("Number of the parent in this recording."),
	         "process.parent.entity_id == 17"), .source = SOURCE_PARENT_ID },
	{ PARENT("process.parent.pid", FIELD_NUMBER, N_("Process id of the parent."), "process.parent.pid == 1"),
	  .aliases = "process.ppid", .source = SOURCE_PARENT_PID },
	{ PARENT("process.parent.executable", FIELD_TEXT, N_("Path of the program that the parent ran at the time."),
	         "process.parent.executable endswith \"/sshd\""), .source = SOURCE_EXECUTABLE },
	{ PARENT("process.parent.name", FIELD_TEXT, N_("Name of the parent's program."),
	         "process.parent.name == \"bash\""),
	  .source = SOURCE_PROCESS_NAME },
	{ PARENT("process.parent.command_line", FIELD_TEXT, N_("Arguments of the parent's program."),
	         "process.parent.command_line contains \"cron\""), .source = SOURCE_COMMAND_LINE },
	{ PARENT("process.parent.working_directory", FIELD_TEXT,
	         N_("Directory in which the parent's program was started."),
	         "process.parent.working_directory == \"/root\""), .source = SOURCE_CWD },
	{ PARENT("process.parent.hash.md5", FIELD_TEXT, N_("MD5 of the parent's program file."),
	         "process.parent.hash.md5 exists"), .source = SOURCE_MD5 },
	{ PARENT("process.parent.hash.sha256", FIELD_TEXT, N_("SHA-256 of the parent's program file."),
	         "process.parent.hash.sha256 exists"), .source = SOURCE_SHA256 },

	{ IMAGE("user.id", FIELD_NUMBER, N_("Effective user id: whose rights the process has."), "user.id == 0"),
	  .aliases = "user.effective.id process.user.id", .source = SOURCE_EUID },
	{ IMAGE("user.name", FIELD_TEXT, N_("Name of the effective user."), "user.name == \"root\""),
	  .aliases = "user.effective.name process.user.name", .source = SOURCE_USER_NAME },
	{ IMAGE("user.group.id", FIELD_NUMBER, N_("Effective group id."), "user.group.id == 0"),
	  .aliases = "group.id process.group.id user.effective.group.id", .source = SOURCE_EGID },
	{ IMAGE("process.real_user.id", FIELD_NUMBER, N_("Real user id."), "process.real_user.id == 1000"),
	  .aliases = "user.real.id", .source = SOURCE_UID },
	{ IMAGE("process.real_group.id", FIELD_NUMBER, N_("Real group id."), "process.real_group.id == 1000"),
	  .source = SOURCE_GID },
	{ IMAGE("user.audit.id", FIELD_NUMBER, N_("Who logged in, whatever they have become since (auid)."),
	        "user.audit.id >= 1000 and user.id == 0"), .aliases = "auditd.loginuid", .source = SOURCE_AUID },
	{ IMAGE("user.audit.name", FIELD_TEXT, N_("Name of who logged in."), "user.audit.name == \"alice\""),
	  .source = SOURCE_AUDIT_USER_NAME },
	{ IMAGE("auditd.session", FIELD_NUMBER, N_("Number of the login session."), "auditd.session == 3"),
	  .aliases = "process.session process.audit_session", .source = SOURCE_SESSION },
	{ EVENT("user.target.name", FIELD_TEXT, IN_SECURITY, N_("Account that a security event is about."),
	        "user.target.name == \"root\""), .source = SOURCE_TARGET_USER },
	{ DETAIL("user.logon_type", IN_SECURITY,
	         N_("How the user logged on: interactive, remote interactive, network, batch or service."),
	         "user.logon_type == \"remote interactive\"", DETAIL_LOGON_TYPE) },
	{ DETAIL("event.terminal", IN_SECURITY, N_("Terminal that a security event names."),
	         "event.terminal == \"ssh\"", DETAIL_TERMINAL) },
	{ EVENT("event.object", FIELD_TEXT, IN_SECURITY | IN_PROCESS,
	        N_("What was denied, changed or attached to; the command of sudo."),
	         "event.object contains \"useradd\""),
	  .source = SOURCE_OBJECT },
	{ EVENT("event.operation", FIELD_TEXT, IN_SECURITY,
	        N_("What was done to an account, or which right was denied and by whom."),
	        "event.operation startswith \"SELinux\""), .source = SOURCE_OPERATION },
	{ EVENT("process.target.pid", FIELD_NUMBER, IN_PROCESS, N_("Process that was attached to."),
	        "process.target.pid == 4711"), .source = SOURCE_TARGET_PID },
	{ DETAIL("source.domain", IN_SECURITY, N_("Host that a logon came from."), "source.domain == \"192.0.2.7\"",
	         DETAIL_SOURCE_HOST) },

	{ EVENT("file.path", FIELD_TEXT, IN_FILE | IN_PROCESS,
	        N_("Path of the file; of a rename or link either name, of a failed exec the path tried."),
	        "file.path startswith \"/etc/\""), .source = SOURCE_FILE },
	{ EVENT("file.name", FIELD_TEXT, IN_FILE | IN_PROCESS, N_("Last name of the path."), "file.name == \"passwd\""),
	  .source = SOURCE_FILE, .part = PART_NAME },
	{ EVENT("file.directory", FIELD_TEXT, IN_FILE | IN_PROCESS, N_("The path without its last name."),
	        "file.directory == \"/tmp\""), .source = SOURCE_FILE, .part = PART_DIRECTORY },
	{ EVENT("file.extension", FIELD_TEXT, IN_FILE | IN_PROCESS, N_("What follows the last dot of the last name."),
	        "file.extension in (\"sh\", \"py\")"), .source = SOURCE_FILE, .part = PART_EXTENSION },
	{ EVENT("file.attribute", FIELD_ENUM, IN_FILE, N_("Which attribute was changed."),
	        "file.attribute in (mode, owner)"),
	  .source = SOURCE_ATTRIBUTE, .words = attribute_words },
	{ EVENT("file.target_path", FIELD_TEXT, IN_FILE, N_("New name of a rename, target of a link."),
	        "file.target_path exists"), .source = SOURCE_FILE_TARGET },

	{ EVENT("source.ip", FIELD_ADDRESS, IN_NETWORK | IN_SECURITY,
	        N_("Address of the side that began the connection, or that a logon came from."),
	        "source.ip cidr \"10.0.0.0/8\""), .source = SOURCE_NET_SOURCE },
	{ EVENT("source.port", FIELD_NUMBER, IN_NETWORK, N_("Its port."), "source.port < 1024"),
	  .source = SOURCE_NET_SOURCE_PORT },
	{ EVENT("source.address", FIELD_TEXT, IN_NETWORK | IN_SECURITY,
	        N_("The same as text: also the path of a unix socket."),
	        "source.address contains \"::\""), .source = SOURCE_NET_SOURCE },
	{ EVENT("destination.ip", FIELD_ADDRESS, IN_NETWORK, N_("Address of the side that was connected to."),
	        "not destination.ip cidr \"127.0.0.0/8\""), .source = SOURCE_NET_DESTINATION },
	{ EVENT("destination.port", FIELD_NUMBER, IN_NETWORK, N_("Its port."), "destination.port in (80, 443)"),
	  .source = SOURCE_NET_DESTINATION_PORT },
	{ EVENT("destination.address", FIELD_TEXT, IN_NETWORK, N_("The same as text: also the path of a unix socket."),
	        "destination.address startswith \"/run/\""), .source = SOURCE_NET_DESTINATION },
	{ EVENT("network.direction", FIELD_ENUM, IN_NETWORK,
	        N_("Who began it: this host (egress) or another (ingress)."),
	        "network.direction == ingress"), .source = SOURCE_NET_DIRECTION, .words = direction_words },
	{ EVENT("network.type", FIELD_ENUM, IN_NETWORK, N_("Family of the addresses."), "network.type == ipv6"),
	  .source = SOURCE_NET_TYPE, .words = network_words },
	{ EVENT("network.transport", FIELD_ENUM, IN_NETWORK, N_("tcp or udp, where it is known."),
	        "network.transport == udp"),
	  .source = SOURCE_NET_TRANSPORT, .words = transport_words },

	{ IMAGE("host.name", FIELD_TEXT, N_("Host that was recorded."), "host.name == \"web-03\""),
	  .aliases = "host.hostname", .source = SOURCE_HOST },
	{ IMAGE("host.boot.id", FIELD_TEXT, N_("Boot id of the host, where it is known."), "host.boot.id exists"),
	  .source = SOURCE_BOOT_ID },

	{ EVENT("driver.path", FIELD_TEXT, IN_DRIVER, N_("Path or name of the kernel module."),
	        "driver.path contains \"/extra/\""), .aliases = "dll.path", .source = SOURCE_DRIVER },
	{ EVENT("driver.name", FIELD_TEXT, IN_DRIVER, N_("Last name of the kernel module's path."),
	        "driver.name startswith \"nf_\""), .aliases = "dll.name", .source = SOURCE_DRIVER, .part = PART_NAME },
	{ DETAIL("driver.code_signature.subject_name", IN_DRIVER, N_("Who signed the kernel module."),
	         "not driver.code_signature.subject_name exists", DETAIL_SIGNER),
	  .aliases = "dll.code_signature.subject_name" },
	{ DETAIL("driver.code_signature.status", IN_DRIVER,
	         N_("Whether the kernel module is signed, or why that is not known."),
	         "driver.code_signature.status == \"unsigned\"", DETAIL_SIGNATURE), .aliases = "dll.code_signature.status" },
	{ DETAIL("driver.hash.sha256", IN_DRIVER, N_("SHA-256 of the kernel module's file, hexadecimal."),
	         "driver.hash.sha256 startswith \"e3b0c442\"", DETAIL_SHA256), .aliases = "dll.hash.sha256" },
	{ EVENT("registry.path", FIELD_TEXT, IN_REGISTRY, N_("Key and value, from imports only."),
	        "registry.path contains \"\\\\Run\\\\\""), .source = SOURCE_REGISTRY },
};

const struct field *field_at(size_t i)
{
	return i < ARRAY_LEN(fields) ? &fields[i].field : NULL;
}

static bool equals_nocase(struct span s, const char *z, size_t n)
{
	return s.n == n && strncasecmp(s.p ? s.p : "", z, n) == 0;
}

static bool has_alias(const char *aliases, struct span name)
{
	struct span rest = span_of(aliases), one;

	while (aliases && span_next(&rest, ' ', &one))
		if (equals_nocase(name, one.p, one.n))
			return true;
	return false;
}

const struct field *field_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (equals_nocase(name, fields[i].field.name, strlen(fields[i].field.name)))
			return &fields[i].field;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (has_alias(fields[i].aliases, name))
			return &fields[i].field;
	return NULL;
}

enum { NEAR_MAX = 48 };

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance, ignoring case; both at most NEAR_MAX. */
static size_t distance(struct span a, const char *b, size_t nb)
{
	size_t row[NEAR_MAX + 1];

	for (size_t k = 0; k <= nb; k++)
		row[k] = k;
	for (size_t i = 0; i < a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < nb; k++) {
			size_t above = row[k + 1];
			bool same = tolower((unsigned char)a.p[i]) == tolower((unsigned char)b[k]);

			row[k + 1] = min3(row[k] + 1, above + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[nb];
}

const struct field *field_nearest(struct span name)
{
	const struct field *best = NULL;
	size_t best_distance = name.n / 3 < 4 ? name.n / 3 + 1 : 4;

	if (name.n < 2 || name.n > NEAR_MAX)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i].field;
		const char *dot = strrchr(f->name, '.');
		size_t d = distance(name, f->name, strlen(f->name));

		/* "pid", "executable": the last word alone is as good as a near miss. */
		if (d && dot && equals_nocase(name, dot + 1, strlen(dot + 1)))
			d = 1;
		if (d < best_distance) {
			best = f;
			best_distance = d;
		}
	}
	return best;
}

const char *field_word_at(const struct field *f, size_t i)
{
	const struct field_def *d = field_def(f);
	const int *action;

	if (f->type != FIELD_ENUM)
		return NULL;
	if (d->source == SOURCE_EVENT_CATEGORY)
		return i + 1 < EVENT_CATEGORY_COUNT ? event_category_name((enum event_category)(i + 1)) : NULL;
	if (d->source == SOURCE_EVENT_ACTION) {
		action = event_action_at(i);
		return action ? event_action_name(*action) : NULL;
	}
	for (size_t k = 0; k < i; k++)
		if (!d->words[k])
			return NULL;
	return d->words[i];
}

int field_word_number(const struct field *f, struct span word, int64_t *ret)
{
	const char *w;

	for (size_t i = 0; (w = field_word_at(f, i)); i++) {
		if (!equals_nocase(word, w, strlen(w)))
			continue;
		if (field_def(f)->source == SOURCE_EVENT_ACTION)
			*ret = *event_action_at(i);
		else
			*ret = (int64_t)i + (field_def(f)->source == SOURCE_EVENT_CATEGORY);
		return 0;
	}
	return -ENOENT;
}

/* Linux errno names; values from the C library, which takes them from asm/errno.h. */
static const struct { const char *name; int number; } errnos[] = {
#define E(n) { #n, n }
	E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF), E(ECHILD), E(EAGAIN),
	E(ENOMEM), E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV), E(ENOTDIR), E(EISDIR),
	E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC), E(ESPIPE), E(EROFS), E(EMLINK),
	E(EPIPE), E(EDOM), E(ERANGE), E(EDEADLK), E(ENAMETOOLONG), E(ENOLCK), E(ENOSYS), E(ENOTEMPTY), E(ELOOP),
	E(ENOMSG), E(EIDRM), E(ENODATA), E(ETIME), E(ENOLINK), E(EPROTO), E(EBADMSG), E(EOVERFLOW), E(EILSEQ), E(EUSERS),
	E(ENOTSOCK), E(EDESTADDRREQ), E(EMSGSIZE), E(EPROTOTYPE), E(ENOPROTOOPT), E(EPROTONOSUPPORT), E(ESOCKTNOSUPPORT),
	E(EOPNOTSUPP), E(EPFNOSUPPORT), E(EAFNOSUPPORT), E(EADDRINUSE), E(EADDRNOTAVAIL), E(ENETDOWN), E(ENETUNREACH),
	E(ENETRESET), E(ECONNABORTED), E(ECONNRESET), E(ENOBUFS), E(EISCONN), E(ENOTCONN), E(ESHUTDOWN), E(ETOOMANYREFS),
	E(ETIMEDOUT), E(ECONNREFUSED), E(EHOSTDOWN), E(EHOSTUNREACH), E(EALREADY), E(EINPROGRESS), E(ESTALE), E(EDQUOT),
	E(ECANCELED), E(ENOKEY), E(EKEYEXPIRED), E(EKEYREVOKED), E(EKEYREJECTED), E(EOWNERDEAD), E(ENOTRECOVERABLE),
	E(ERFKILL), E(EHWPOISON), E(EWOULDBLOCK), E(ENOTSUP),
#undef E
};

int field_errno_number(struct span name, int64_t *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(errnos); i++) {
		if (!equals_nocase(name, errnos[i].name, strlen(errnos[i].name)))
			continue;
		*ret = errnos[i].number;
		return 0;
	}
	return -ENOENT;
}

const char *field_errno_name(int64_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(errnos); i++)
		if (errnos[i].number == number)
			return errnos[i].name;
	return NULL;
}
