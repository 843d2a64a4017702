#include "agent/cmd.h"

#include <unistd.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/client/client-conf.h"
#include "agent/config.h"
#include "agent/kernel-filter.h"
#include "agent/settings.h"

static const char help[] =
	"Usage: spoor-agent config check [FILE]\n\n"
	"Reads a configuration file (" SETTINGS_PATH " when none is named) as record -c\n"
	"does, and says in which line what is wrong.\n\n"
	"  --help  this text\n";

/* What is not recorded, and where that is decided: what the kernel leaves out costs nothing. */
static void tell_kinds(const struct config *c)
{
	for (int k = EVENT_PROCESS; k < EVENT_REGISTRY; k++)
		if (!(c->categories >> k & 1))
			printf("kinds without %s: left out %s\n", event_category_name((enum event_category)k),
			       k == EVENT_SECURITY ? "in memory: other programs tell of it, no rule of ours asks for it" :
			                             "in the kernel");
}

static void tell_exclusions(const struct config *c)
{
	struct rules_wish ignored = { 0 };

	for (size_t i = 0; i < c->n_exclusions; i++) {
		const struct config_exclusion *e = &c->exclusions[i];
		const char *why = kernel_filter_add(&ignored, e);
		AUTO_BUF value = BUF_INIT;

		text_visible(&value, span_of(e->value));
		if (value.failed)
			continue;
		if (e->line)
			printf("line %zu: ", e->line);
		else
			printf("noise: ");
		printf("%s = %s: left out in %s%s%s\n", config_key_name(e->key), value.p ? value.p : "",
		       why ? "memory" : e->key == CONFIG_FILE_PREFIX ? "the kernel where opened or made, the rest in memory" :
		       "the kernel, of files and connections; the rest in memory", why ? ": " : "", why ? why : "");
	}
}

static int check(const char *path)
{
	AUTO_FREE char *error = NULL;
	struct settings s;
	struct client_conf client;
	struct config c;
	int r = settings_load(path, false, &s, &error);

	if (r == 0)
		r = client_conf_load(path, false, &client, &error);
	if (r == 0)
		r = config_load(path, &c, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(path, r);
	printf("%s: all right\n", path);
	tell_kinds(&c);
	tell_exclusions(&c);
	config_free(&c);
	return CMD_OK;
}

int cmd_config(int argc, char **argv)
{
	static const struct options_option options[] = { { NULL, 0, NULL, NULL } };
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (optind >= argc || strcmp(argv[optind], "check") != 0)
		return cmd_usage_error("config", "what to do? \"check\" is all there is");
	if (optind + 2 < argc)
		return cmd_usage_error("config", "too many arguments");
	return check(optind + 1 < argc ? argv[optind + 1] : SETTINGS_PATH);
}
