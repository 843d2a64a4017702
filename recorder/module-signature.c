#include "recorder/module-signature.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

/* ---- DER (X.690): definite lengths only ---- */

enum { DER_OID = 0x06, DER_UTF8 = 0x0c, DER_PRINTABLE = 0x13, DER_T61 = 0x14, DER_IA5 = 0x16, DER_SEQUENCE = 0x30,
       DER_SET = 0x31, DER_CONTEXT_0 = 0xa0, DER_CONTEXT_1 = 0xa1, DER_KEY_ID = 0x80 };

struct der {
	int tag;
	struct span value;
};

static bool der_next(struct span *rest, struct der *ret)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t at = 2, length;

	if (rest->n < 2)
		return false;
	length = p[1];
	if (length & 0x80) {
		size_t bytes = length & 0x7f;

		if (bytes == 0 || bytes > 4 || rest->n < 2 + bytes)
			return false;
		for (length = 0; at < 2 + bytes; at++)
			length = length << 8 | p[at];
	}
	if (length > rest->n - at)
		return false;
	*ret = (struct der){ p[0], { rest->p + at, length } };
	rest->p += at + length;
	rest->n -= at + length;
	return true;
}

/* The next element, which must have that tag. */
static bool der_take(struct span *rest, int tag, struct span *ret)
{
	struct der d;

	if (!der_next(rest, &d) || d.tag != tag)
		return false;
	*ret = d.value;
	return true;
}

static bool is_text(int tag)
{
	return tag == DER_UTF8 || tag == DER_PRINTABLE || tag == DER_T61 || tag == DER_IA5;
}

/* A Name is a SEQUENCE of SETs of { OID, text }. Its commonName (2.5.4.3), else its organization (2.5.4.10). */
static struct span common_name(struct span name)
{
	static const char prefix[] = { 0x55, 0x04 };
	struct span set, pair, oid, organization = SPAN_NONE;
	struct der text;

	while (der_take(&name, DER_SET, &set)) {
		if (!der_take(&set, DER_SEQUENCE, &pair) || !der_take(&pair, DER_OID, &oid) || !der_next(&pair, &text))
			continue;
		if (oid.n != 3 || memcmp(oid.p, prefix, 2) != 0 || !is_text(text.tag))
			continue;
		if (oid.p[2] == 3)
			return text.value;
		if (oid.p[2] == 10)
			organization = text.value;
	}
	return organization;
}

static struct span key_text(struct span id, struct arena *arena)
{
	AUTO_BUF text = BUF_INIT;

	buf_add_z(&text, "key ");
	for (size_t i = 0; i < id.n && i < 32; i++)
		buf_printf(&text, "%02x", (unsigned char)id.p[i]);
	return text.failed ? SPAN_NONE : arena_copy(arena, buf_span(&text));
}

/* ContentInfo → SignedData → signerInfos → the first SignerInfo's issuer. */
static bool find_signer(struct span pkcs7, struct arena *arena, struct span *ret)
{
	struct span info, content, data, skipped, signers, signer, who, issuer;
	struct der d;

	if (!der_take(&pkcs7, DER_SEQUENCE, &info) || !der_take(&info, DER_OID, &skipped) ||
	    !der_take(&info, DER_CONTEXT_0, &content) || !der_take(&content, DER_SEQUENCE, &data))
		return false;
	if (!der_next(&data, &d) || !der_take(&data, DER_SET, &skipped) || !der_take(&data, DER_SEQUENCE, &skipped))
		return false;
	do {
		if (!der_next(&data, &d))
			return false;
	} while (d.tag == DER_CONTEXT_0 || d.tag == DER_CONTEXT_1); /* certificates, revocations */
	signers = d.value;
	if (d.tag != DER_SET || !der_take(&signers, DER_SEQUENCE, &signer) || !der_next(&signer, &d) || !der_next(&signer, &d))
		return false;
	who = d.value;
	if (d.tag == DER_KEY_ID)
		*ret = key_text(who, arena);
	else if (d.tag == DER_SEQUENCE && der_take(&who, DER_SEQUENCE, &issuer))
		*ret = arena_copy(arena, common_name(issuer));
	else
		return false;
	return true;
}

/* ---- behind the module ---- */

void module_signature_parse(struct span end, struct arena *arena, struct module_signature *ret)
{
	/* algorithm, hash, kind of id, signer and key id lengths, padding, length of the signature (big endian) */
	enum { TRAILER = 12, KIND = 2, LENGTH = 8, PKCS7 = 2 };
	const struct span marker = SPAN("~Module signature appended~\n");
	const unsigned char *trailer;
	size_t length;

	*ret = (struct module_signature){ SPAN("unsigned"), SPAN_NONE };
	if (end.n < marker.n + TRAILER || memcmp(end.p + end.n - marker.n, marker.p, marker.n) != 0)
		return;
	end.n -= marker.n + TRAILER;
	trailer = (const unsigned char *)end.p + end.n;
	length = (size_t)trailer[LENGTH] << 24 | (size_t)trailer[LENGTH + 1] << 16 | (size_t)trailer[LENGTH + 2] << 8 |
		 trailer[LENGTH + 3];
	ret->status = SPAN("signature unreadable");
	if (length > end.n || trailer[KIND] != PKCS7)
		return;
	if (find_signer((struct span){ end.p + end.n - length, length }, arena, &ret->signer))
		ret->status = SPAN("signed");
}

/* ---- files ---- */

enum { FILE_MOST = 256 << 20, CHUNK = 64 << 10 };

/* The last bytes of a stream. */
struct tail {
	char bytes[2 * MODULE_SIGNATURE_MAX];
	size_t n;
	uint64_t total;
};

static void tail_add(struct tail *t, const char *p, size_t n)
{
	t->total += n;
	if (n > MODULE_SIGNATURE_MAX) {
		p += n - MODULE_SIGNATURE_MAX;
		n = MODULE_SIGNATURE_MAX;
	}
	if (t->n + n > sizeof(t->bytes)) {
		memmove(t->bytes, t->bytes + t->n - MODULE_SIGNATURE_MAX, MODULE_SIGNATURE_MAX);
		t->n = MODULE_SIGNATURE_MAX;
	}
	memcpy(t->bytes + t->n, p, n);
	t->n += n;
}

static bool read_plain(int fd, struct tail *t)
{
	struct stat st;
	off_t from;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return false;
	from = st.st_size > MODULE_SIGNATURE_MAX ? st.st_size - MODULE_SIGNATURE_MAX : 0;
	n = pread(fd, t->bytes, MODULE_SIGNATURE_MAX, from);
	t->n = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

static bool read_zstd(int fd, struct tail *t)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	char *in = malloc(CHUNK), *out = malloc(CHUNK);
	size_t left = 1;
	ssize_t n;

	if (z)
		ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 24); /* 16 MB */
	while (z && in && out && (n = read(fd, in, CHUNK)) > 0) {
		ZSTD_inBuffer from = { in, (size_t)n, 0 };

		while (from.pos < from.size && t->total <= FILE_MOST) {
			ZSTD_outBuffer to = { out, CHUNK, 0 };

			left = ZSTD_decompressStream(z, &to, &from);
			if (ZSTD_isError(left))
				break;
			tail_add(t, out, to.pos);
		}
		if (ZSTD_isError(left) || t->total > FILE_MOST)
			break;
	}
	ZSTD_freeDStream(z);
	free(in);
	free(out);
	return left == 0;
}

static bool read_gzip(int fd, struct tail *t)
{
	gzFile z = gzdopen(dup(fd), "rb");
	char *out = malloc(CHUNK);
	int n = -1;

	while (z && out && t->total <= FILE_MOST && (n = gzread(z, out, CHUNK)) > 0)
		tail_add(t, out, (size_t)n);
	if (z)
		gzclose(z);
	free(out);
	return n == 0;
}

static bool ends(struct span path, struct span with)
{
	return path.n >= with.n && memcmp(path.p + path.n - with.n, with.p, with.n) == 0;
}

void module_signature_read(int fd, struct span name, struct arena *arena, struct module_signature *ret)
{
	AUTO_FREE struct tail *t = calloc(1, sizeof(*t));
	struct stat st;
	bool read;

	*ret = (struct module_signature){ SPAN("file unreadable"), SPAN_NONE };
	if (fd < 0 || !t || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (st.st_size > FILE_MOST) {
		ret->status = SPAN("file too large");
		return;
	}
	if (ends(name, SPAN(".xz"))) {
		ret->status = SPAN("compressed (xz), not read");
		return;
	}
	read = ends(name, SPAN(".zst")) ? read_zstd(fd, t) : ends(name, SPAN(".gz")) ? read_gzip(fd, t) : read_plain(fd, t);
	if (read)
		module_signature_parse((struct span){ t->bytes, t->n }, arena, ret);
}
