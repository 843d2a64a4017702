#include "tests/unit/test.h"

#include "tests/unit/net/pems.h"

#include <stdio.h>

#include "agent/base/cleanup.h"

const char *pems_folder = ".";

void pems_load(struct buf *out, const char *name, const char *ending)
{
	AUTO_BUF path = BUF_INIT;
	AUTO_FCLOSE FILE *f = NULL;
	char piece[4096];
	size_t n;

	buf_printf(&path, "%s/%s.%s", pems_folder, name, ending);
	f = fopen(path.p, "r");
	if (!f)
		fail_msg("%s", path.p);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
}

int pems_parse_identity(const char *certificate, const char *key, struct tls_identity **ret)
{
	AUTO_BUF certificates = BUF_INIT, private = BUF_INIT;

	pems_load(&certificates, certificate, "pem");
	pems_load(&private, key, "key");
	return tls_identity_parse(buf_span(&certificates), buf_span(&private), ret);
}

struct tls_identity *pems_identity(const char *name)
{
	struct tls_identity *i = NULL;
	int r = pems_parse_identity(name, name, &i);

	if (r < 0)
		fail_msg("%s: %d", name, r);
	return i;
}

struct tls_authority *pems_authority(const char *name)
{
	struct tls_authority *a = NULL;
	AUTO_BUF pem = BUF_INIT;

	pems_load(&pem, name, "one");
	assert_int_equal(tls_authority_parse(buf_span(&pem), &a), 0);
	return a;
}
