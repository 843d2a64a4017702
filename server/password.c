#include "server/password.h"

#include <crypt.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"

/* A hash that is nobody's: checked against when there is no such user, so that the answer takes as long. */
static const char nobody[] = "$y$j9T$SxLlygeBv8R/vZFkAzwvC.$7LHYYo7rk/k4jER1N1i4joO9dzSm6ikQI/l5F6JU3Z3";

static void wipe(struct crypt_data **data)
{
	if (!*data)
		return;
	explicit_bzero(*data, sizeof(**data));
	free(*data);
}

const char *password_fault(const char *password)
{
	struct span s = span_of(password);

	if (s.n < PASSWORD_MIN)
		return "at least 10 characters are wanted";
	if (s.n > PASSWORD_MAX)
		return "longer than 256 bytes";
	if (!text_is_utf8(s))
		return "not valid UTF-8";
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return "control characters are not taken";
	return NULL;
}

int password_hash(const char *password, char **ret)
{
	CLEANUP(wipe) struct crypt_data *data = calloc(1, sizeof(*data));
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	char *copy;

	if (!data)
		return -ENOMEM;
	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) ||
	    !crypt_rn(password, setting, data, sizeof(*data)))
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	copy = strdup(data->output);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

/* In a time that tells nothing of where they differ. */
static bool same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char differ = strlen(b) != n;

	for (size_t i = 0; !differ && i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

int password_check(const char *password, const char *hash)
{
	CLEANUP(wipe) struct crypt_data *data = calloc(1, sizeof(*data));

	if (!data)
		return -ENOMEM;
	if (!crypt_rn(password, hash ? hash : nobody, data, sizeof(*data)))
		return errno == ENOMEM ? -ENOMEM : -EACCES;
	return hash && same(data->output, hash) ? 0 : -EACCES;
}
