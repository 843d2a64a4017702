#include "recorder/script.h"

enum { LOOK_AT = 4 };

static const struct {
	const char *prefix;  /* of the program's last name */
	const char *options; /* letters that stand alone: the next word may still be the script */
} interpreters[] = {
	{ "sh", "aefhkmuvxBCEHP" }, { "bash", "aefhkmuvxBCEHPlr" }, { "dash", "aefuvx" }, { "ksh", "aefuvx" },
	{ "zsh", "aefuvx" }, { "python", "bBdEiIOqsSuv" }, { "perl", "wWTtUu" }, { "ruby", "wW" }, { "node", "" },
	{ "php", "" }, { "lua", "" }, { "tclsh", "" },
};

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;
}

/* The first arguments. How many. */
static size_t arguments(const struct image_start *image, struct span args[LOOK_AT])
{
	struct span rest = image->command_line;
	size_t n = 0;

	for (uint32_t i = 0; i < image->argc && n < LOOK_AT && rest.p; i++) {
		if (!image->arg_lengths) {
			if (!span_next(&rest, ' ', &args[n]))
				break;
		} else {
			int32_t length = image->arg_lengths[i];

			if (length < 0 || (size_t)length > rest.n) /* missing: what follows is not where it seems */
				break;
			args[n] = (struct span){ rest.p, (size_t)length };
			rest.p += length + (rest.n > (size_t)length);
			rest.n -= (size_t)length + (rest.n > (size_t)length);
		}
		n++;
	}
	return n;
}

/* "python3.11" is python, "shred" is not sh: only digits, dots and a dash may follow. */
static const char *options_of(struct span name)
{
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(*interpreters); i++) {
		struct span prefix = span_of(interpreters[i].prefix);
		size_t k = prefix.n;

		if (!span_starts(name, prefix))
			continue;
		while (k < name.n && ((name.p[k] >= '0' && name.p[k] <= '9') || name.p[k] == '.'))
			k++;
		if (k == name.n)
			return interpreters[i].options;
	}
	return NULL;
}

static bool stands_alone(struct span option, const char *letters)
{
	for (size_t i = 1; i < option.n; i++)
		if (!option.p[i] || !strchr(letters, option.p[i]))
			return false;
	return option.n > 1;
}

struct span script_find(const struct image_start *image, struct span name, struct span interpreter)
{
	struct span args[LOOK_AT];
	size_t n = arguments(image, args);
	const char *letters;

	if (n < 2)
		return SPAN_NONE;
	for (size_t i = 1; i < n && name.n && interpreter.n; i++)
		if (span_eq(args[i], name) && span_eq(args[0], interpreter))
			return args[i];
	letters = options_of(last_name(image->executable));
	for (size_t i = 1; letters && i < n && args[i].n; i++) {
		if (*args[i].p != '-')
			return args[i];
		if (!stands_alone(args[i], letters))
			break;
	}
	return SPAN_NONE;
}
