#include "agent/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/file.h"
#include "agent/base/text.h"
#include "agent/client/enrol.h"
#include "agent/settings.h"

static const char help[] =
	"Usage: spoor-agent enroll --server \"NAME[:PORT] [ADDRESS]\" --ca FILE --token TOKEN\n"
	"                          [--name NAME] [--foreign-ca] [--force] [-c FILE]\n\n"
	"Makes this machine known to a server, which may then look into its recording: makes a\n"
	"key, has the server certify it, and keeps both.\n\n"
	"  --server NAME  the server's name, as its certificate has it; its port (17444); where\n"
	"                 the name leads nowhere, its address too\n"
	"  --ca FILE      the authority that signed its certificate: tls/authority.pem in the\n"
	"                 server's data folder\n"
	"  --token TOKEN  what \"spoor-server token create\" printed; - reads it from standard input\n"
	"  --name NAME    how the machine is called there, if not by its host's name\n"
	"  --foreign-ca   the authority is another one, whose certificate the server was given\n"
	"  --force        also if it is enrolled already: the server then knows it twice\n"
	"  -c, --config FILE  instead of " SETTINGS_PATH "\n"
	"  --help         this text\n";

enum { TOKEN_MAX = 128, CA_MAX = 64 << 10 };

/* Of the argument, or the first line of standard input. */
static struct span read_token(const char *argument, char line[TOKEN_MAX + 2])
{
	if (strcmp(argument, "-") != 0)
		return span_of(argument);
	if (!fgets(line, TOKEN_MAX + 2, stdin))
		line[0] = 0;
	line[strcspn(line, "\r\n")] = 0;
	return span_of(line);
}

struct arguments {
	const char *server, *ca, *token, *name, *config;
	bool foreign, force;
};

static int tell(const struct client_conf *conf, const struct client_conf_server *server)
{
	char id[ENROLMENT_ID];
	struct enrolment e;
	int r = enrolment_load(conf->identity, &e);

	if (r < 0)
		return cmd_fail_errno(conf->identity, r);
	printf("enrolled  with %s:%u as %s\n"
	       "Next: systemctl restart spoor-client, or SIGHUP to \"spoor-agent run\", connects it\n",
	       server->name, server->port, enrolment_id(&e, id));
	enrolment_free(&e);
	return CMD_OK;
}

static int enroll(const struct arguments *a, const struct client_conf *conf, const struct client_conf_server *server)
{
	char host[256] = "", line[TOKEN_MAX + 2];
	AUTO_FREE char *error = NULL;
	AUTO_BUF authority = BUF_INIT;
	struct enrol_request q = { .server = server, .foreign = a->foreign, .host = a->name ? a->name : host,
				   .path = conf->identity };
	int r = file_read(a->ca, CA_MAX, &authority);

	if (r < 0)
		return cmd_fail_errno(a->ca, r);
	if (access(conf->identity, F_OK) == 0 && !a->force)
		return cmd_fail(conf->identity, "this machine is enrolled already (--force enrols it anew)");
	if (!a->name && gethostname(host, sizeof(host) - 1) < 0)
		return cmd_fail_errno("this host's name", errno);
	q.authority = buf_span(&authority);
	q.token = read_token(a->token, line);
	r = enrol_run(&q, &error);
	explicit_bzero(line, sizeof(line));
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("enroll", r);
	return tell(conf, server);
}

static int check(struct arguments *a, struct client_conf *conf, struct client_conf_server *server)
{
	AUTO_FREE char *error = NULL;
	AUTO_BUF why = BUF_INIT;
	int r;

	if (!a->server || !a->ca || !a->token)
		return cmd_usage_error("enroll", "--server, --ca and --token are needed");
	r = client_conf_load(a->config ? a->config : SETTINGS_PATH, !a->config, conf, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("configuration", r);
	if (client_conf_read_server(span_of(a->server), server, &why) < 0)
		return cmd_fail("--server", why.failed || !why.n ? "it makes no sense" : why.p);
	if (a->name && (!*a->name || strlen(a->name) > 255 || !text_is_utf8(span_of(a->name))))
		return cmd_fail("--name", "from 1 to 255 bytes of UTF-8 are wanted");
	return CMD_OK;
}

int cmd_enroll(int argc, char **argv)
{
	struct arguments a = { 0 };
	const struct options_option options[] = {
		{ "server", 0, NULL, &a.server }, { "ca", 0, NULL, &a.ca }, { "token", 0, NULL, &a.token },
		{ "name", 0, NULL, &a.name }, { "config", 'c', NULL, &a.config }, { "foreign-ca", 0, &a.foreign, NULL },
		{ "force", 0, &a.force, NULL }, { NULL, 0, NULL, NULL },
	};
	struct client_conf_server server;
	struct client_conf conf;
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (optind < argc)
		return cmd_usage_error("enroll", "too many arguments");
	r = check(&a, &conf, &server);
	return r == CMD_OK ? enroll(&a, &conf, &server) : r;
}
