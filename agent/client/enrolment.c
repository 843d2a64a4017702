#include "agent/client/enrolment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/file.h"

enum { BYTES_MAX = 64 << 10 };

int enrolment_save(const char *path, const struct client_conf_server *server, bool foreign, struct span key,
		   struct span certificate, struct span authority)
{
	AUTO_SECRET_BUF text = BUF_INIT;
	struct tls_identity *identity = NULL;
	struct tls_authority *a = NULL;
	int r = tls_identity_parse(certificate, key, &identity);

	if (r == 0)
		r = tls_authority_parse(authority, &a);
	tls_identity_free(identity);
	tls_authority_free(a);
	if (r < 0)
		return r;
	buf_reserve(&text, key.n + certificate.n + authority.n + 1024); /* at once: growing leaves copies */
	buf_printf(&text, "server %s %u %s\nforeign %s\n", server->name, server->port, server->address, foreign ? "yes" : "no");
	buf_add_span(&text, key);
	buf_add_char(&text, '\n');
	buf_add_span(&text, certificate);
	buf_add_char(&text, '\n');
	buf_add_span(&text, authority);
	buf_add_char(&text, '\n');
	return text.failed ? -ENOMEM : file_replace(path, buf_span(&text), 0600);
}

/* ---- reading ---- */

/* At once, so that no copy of the key stays behind. */
static int read_all(const char *path, struct buf *out)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *to = buf_reserve(out, BYTES_MAX + 1);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!to)
		return -ENOMEM;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while (out->n <= BYTES_MAX) {
		ssize_t n = read(fd, out->p + out->n, BYTES_MAX + 1 - out->n);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		out->n += n > 0 ? (size_t)n : 0;
	}
	out->p[out->n] = 0;
	return out->n > BYTES_MAX ? -EFBIG : 0;
}

static int read_lines(const char *text, struct enrolment *e)
{
	char foreign[4];
	unsigned port;
	int at = 0;

	if (sscanf(text, "server %253s %u%n", e->server.name, &port, &at) != 2 || port < 1 || port > 65535)
		return -EINVAL;
	e->server.port = (uint16_t)port;
	text += at;
	if (*text == ' ' && text[1] != '\n') {
		if (sscanf(text, " %253s%n", e->server.address, &at) != 1)
			return -EINVAL;
		text += at;
	}
	text = strchr(text, '\n');
	if (!text || sscanf(text, "\nforeign %3s", foreign) != 1)
		return -EINVAL;
	e->foreign = strcmp(foreign, "yes") == 0;
	return 0;
}

/* The certificate, and what follows from the second on: the authority. */
static int read_pems(struct span text, struct enrolment *e)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	char *first = strstr(text.p, begin), *second = first ? strstr(first + 1, begin) : NULL;
	int r;

	if (!second)
		return -EINVAL;
	r = tls_identity_parse((struct span){ first, (size_t)(second - first) }, (struct span){ text.p, (size_t)(first - text.p) },
			       &e->identity);
	return r < 0 ? r : tls_authority_parse(span_of(second), &e->authority);
}

int enrolment_load(const char *path, struct enrolment *ret)
{
	AUTO_SECRET_BUF text = BUF_INIT;
	struct enrolment e = { 0 };
	int r = read_all(path, &text);

	if (r == 0)
		r = read_lines(text.p, &e);
	if (r == 0)
		r = read_pems(buf_span(&text), &e);
	if (r < 0)
		enrolment_free(&e);
	else
		*ret = e;
	return r;
}

void enrolment_free(struct enrolment *e)
{
	tls_identity_free(e->identity);
	tls_authority_free(e->authority);
	*e = (struct enrolment){ 0 };
}

struct tls_policy enrolment_policy(const struct enrolment *e)
{
	return (struct tls_policy){ .identity = e->identity, .authority = e->authority, .unit = e->foreign ? NULL : "server" };
}

char *enrolment_id(const struct enrolment *e, char out[ENROLMENT_ID])
{
	const unsigned char *key = tls_identity_key(e->identity);

	for (size_t i = 0; i < TLS_KEY; i++)
		snprintf(out + 2 * i, 3, "%02x", key[i]);
	return out;
}
