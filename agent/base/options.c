#include "agent/base/options.h"

#include <getopt.h>
#include <stddef.h>

/* What getopt_long just complained about; `opt` is what it returned: '?' or ':'. */
static void tell(int opt, char **argv, struct buf *why)
{
	const char *option = optind > 0 && argv[optind - 1] ? argv[optind - 1] : "?";
	const char *what = opt == ':' ? "missing argument to" : "unknown option";

	if (optopt > ' ' && optopt < 127 && (option[0] != '-' || option[1] != '-'))
		buf_printf(why, "%s -%c", what, optopt);
	else
		buf_printf(why, "%s %s", what, option);
}

/* getopt_long answers 256 + the index, whether a name or a letter was used. */
static enum options_result read_all(const struct options_option *options, const struct option *longs, const char *letters,
                                    int argc, char **argv, struct buf *why)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
		const struct options_option *o = opt >= 256 ? &options[opt - 256] : NULL;

		if (opt == 'h')
			return OPTIONS_HELP;
		for (const struct options_option *by = options; !o && by->name; by++)
			if (by->letter == opt)
				o = by;
		if (!o) {
			tell(opt, argv, why);
			return OPTIONS_WRONG;
		}
		if (o->value)
			*o->value = optarg;
		else
			*o->flag = true;
	}
	return OPTIONS_READ;
}

enum options_result options_read(const struct options_option *options, int argc, char **argv, struct buf *why)
{
	struct option longs[OPTIONS_MAX + 2] = { { NULL, 0, NULL, 0 } };
	char letters[2 * OPTIONS_MAX + 3] = ":h", *end = letters + 2;
	int n = 0;

	for (; options[n].name && n < OPTIONS_MAX; n++) {
		longs[n] = (struct option){ options[n].name, options[n].value ? required_argument : no_argument, NULL, 256 + n };
		if (!options[n].letter)
			continue;
		*end++ = options[n].letter;
		if (options[n].value)
			*end++ = ':';
	}
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
	return read_all(options, longs, letters, argc, argv, why);
}
