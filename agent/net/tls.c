#include "agent/net/tls.h"

#include <arpa/inet.h>
#include <bearssl.h>
#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/certificate.h"

enum { CERTIFICATE_MAX = 8192, MAX_CHAIN = 4, MAX_PEM = 64 << 10, MIN_RSA_BYTES = 256, KEEP = 16384 };
#define DAYS_TO_1970 719528 /* from the year 0, which BearSSL counts from */

struct tls_identity {
	br_x509_certificate chain[MAX_CHAIN];
	size_t n;
	br_skey_decoder_context key;
	unsigned issuer_type; /* BR_KEYTYPE_* of the key that signed the first certificate, as far as ECDHE needs it */
	unsigned char id[TLS_KEY];
};

struct tls_authority {
	br_x509_decoder_context decoder; /* the anchor's key is a part of it */
	struct buf name;
	br_x509_trust_anchor anchor;
};

/* A BearSSL X.509 engine around BearSSL's own, which also knows pins, units and revoked keys. */
struct judge {
	const br_x509_class *vtable; /* first, as BearSSL wants it */
	struct tls_policy policy;
	int64_t now;
	br_x509_minimal_context minimal;
	br_x509_decoder_context decoder; /* with a pin */
	br_name_element unit_element;
	char unit[TLS_MAX_UNIT];
	struct buf der;                  /* the peer's own certificate, while the chain comes */
	unsigned certificates;
	bool has_key, is_trusted;
	unsigned char key[TLS_KEY];
	unsigned char pin[TLS_KEY];
	enum tls_fault fault;
};

struct tls {
	union {
		br_ssl_client_context client;
		br_ssl_server_context server;
	};
	br_ssl_engine_context *engine;
	struct judge judge;
	struct buf out;
	bool was_open, failed;
	enum tls_fault fault;
	unsigned alert;
	unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
};

/* ---- PEM ---- */

static void add_der(void *out, const void *p, size_t n)
{
	buf_add(out, p, n);
}

static bool is_wanted(const char *found, const char *name)
{
	size_t n = strlen(found);

	if (name)
		return strcmp(found, name) == 0;
	return n >= 11 && strcmp(found + n - 11, "PRIVATE KEY") == 0 && strncmp(found, "ENCRYPTED", 9) != 0;
}

/* Takes the next object of that name ("CERTIFICATE"; NULL: a private key) off *text, as DER. 1; 0 when there is none;
 * -EINVAL, -ENOMEM. */
static int next_pem(struct span *text, const char *name, struct buf *ret)
{
	br_pem_decoder_context pem;
	bool wanted = false;

	br_pem_decoder_init(&pem);
	while (text->n) {
		size_t n = br_pem_decoder_push(&pem, text->p, text->n);

		text->p += n;
		text->n -= n;
		switch (br_pem_decoder_event(&pem)) {
		case BR_PEM_BEGIN_OBJ:
			wanted = is_wanted(br_pem_decoder_name(&pem), name);
			buf_clear(ret);
			br_pem_decoder_setdest(&pem, wanted ? add_der : NULL, ret);
			break;
		case BR_PEM_END_OBJ:
			if (wanted)
				return ret->failed ? -ENOMEM : 1;
			break;
		case BR_PEM_ERROR:
			return -EINVAL;
		default:
			break;
		}
	}
	return 0;
}

/* ---- who we are ---- */

static int read_chain(struct tls_identity *i, struct span text)
{
	int r;

	for (;;) {
		AUTO_BUF der = BUF_INIT;

		r = next_pem(&text, "CERTIFICATE", &der);
		if (r <= 0)
			break;
		if (i->n == MAX_CHAIN)
			return -EINVAL;
		i->chain[i->n].data_len = der.n;
		i->chain[i->n++].data = (unsigned char *)buf_steal(&der);
	}
	return r < 0 ? r : i->n ? 0 : -EINVAL;
}

static int read_key(struct tls_identity *i, struct span text)
{
	AUTO_BUF der = BUF_INIT;
	int r = next_pem(&text, NULL, &der);

	br_skey_decoder_init(&i->key);
	if (r == 1)
		br_skey_decoder_push(&i->key, der.p, der.n);
	if (der.p)
		explicit_bzero(der.p, der.cap);
	if (r < 0)
		return r;
	return r == 1 && br_skey_decoder_last_error(&i->key) == 0 ? 0 : -EINVAL;
}

static bool is_key_of(const br_skey_decoder_context *key, const br_x509_pkey *public)
{
	unsigned char made[BR_EC_KBUF_PUB_MAX_SIZE], modulus[BR_X509_BUFSIZE_KEY];
	const br_rsa_private_key *rsa;
	br_ec_public_key ec;
	size_t n;

	if (br_skey_decoder_key_type(key) != public->key_type)
		return false;
	if (public->key_type == BR_KEYTYPE_EC) {
		const br_ec_private_key *sk = br_skey_decoder_get_ec(key);

		return sk->curve == public->key.ec.curve &&
		       br_ec_compute_pub(br_ec_get_default(), &ec, made, sk) == public->key.ec.qlen &&
		       memcmp(ec.q, public->key.ec.q, ec.qlen) == 0;
	}
	rsa = br_skey_decoder_get_rsa(key);
	n = (rsa->n_bitlen + 7) / 8;
	return n <= sizeof(modulus) && n == public->key.rsa.nlen &&
	       br_rsa_compute_modulus_get_default()(modulus, rsa) == n && memcmp(modulus, public->key.rsa.n, n) == 0;
}

static void hash_key(struct span key, unsigned char ret[TLS_KEY])
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const uint8_t *)key.p, key.n);
	SHA256Final(ret, &sha);
}

/* The first certificate and the key belong together. */
static int match(struct tls_identity *i)
{
	struct span der = { (char *)i->chain[0].data, i->chain[0].data_len };
	br_x509_decoder_context decoder;
	struct certificate c;
	const br_x509_pkey *public;

	br_x509_decoder_init(&decoder, NULL, NULL);
	br_x509_decoder_push(&decoder, der.p, der.n);
	public = br_x509_decoder_get_pkey(&decoder);
	if (!public || certificate_find(der, &c) < 0)
		return -EINVAL;
	if (!is_key_of(&i->key, public))
		return -EKEYREJECTED;
	i->issuer_type = (unsigned)br_x509_decoder_get_signer_key_type(&decoder);
	hash_key(c.key, i->id);
	return 0;
}

int tls_identity_parse(struct span certificates, struct span key, struct tls_identity **ret)
{
	struct tls_identity *i;
	int r;

	if (certificates.n > MAX_PEM || key.n > MAX_PEM)
		return -EINVAL;
	i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	r = read_chain(i, certificates);
	if (r == 0)
		r = read_key(i, key);
	if (r == 0)
		r = match(i);
	if (r < 0) {
		tls_identity_free(i);
		return r;
	}
	*ret = i;
	return 0;
}

void tls_identity_free(struct tls_identity *i)
{
	if (!i)
		return;
	for (size_t k = 0; k < i->n; k++)
		free(i->chain[k].data);
	explicit_bzero(&i->key, sizeof(i->key));
	free(i);
}

const unsigned char *tls_identity_key(const struct tls_identity *i)
{
	return i->id;
}

static void put_public(struct buf *out, const br_ec_public_key *key)
{
	/* RFC 5480: id-ecPublicKey on prime256v1, and a bit string of 65 bytes. */
	static const unsigned char head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
		0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };

	buf_add(out, head, sizeof(head));
	buf_add(out, key->q, key->qlen);
}

static void put_private(struct buf *out, const br_ec_private_key *key, const br_ec_public_key *public)
{
	unsigned char der[256];
	size_t n = br_encode_ec_pkcs8_der(NULL, key, public), n_pem;
	char *to;

	n_pem = br_pem_encode(NULL, NULL, n, BR_ENCODE_PEM_PKCS8, BR_PEM_LINE64);
	to = n <= sizeof(der) ? buf_reserve(out, n_pem + 1) : NULL; /* its NUL too */
	if (!to) {
		out->failed = true;
		return;
	}
	br_encode_ec_pkcs8_der(der, key, public);
	br_pem_encode(to, der, n, BR_ENCODE_PEM_PKCS8, BR_PEM_LINE64);
	out->n += n_pem;
	explicit_bzero(der, sizeof(der));
}

int tls_key_new(struct buf *ret_key, struct buf *ret_public)
{
	unsigned char seed[32], secret[BR_EC_KBUF_PRIV_MAX_SIZE], point[BR_EC_KBUF_PUB_MAX_SIZE];
	const br_ec_impl *ec = br_ec_get_default();
	br_hmac_drbg_context random;
	br_ec_private_key key;
	br_ec_public_key public;
	bool made;

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return -errno;
	br_hmac_drbg_init(&random, &br_sha256_vtable, seed, sizeof(seed));
	made = br_ec_keygen(&random.vtable, ec, &key, secret, BR_EC_secp256r1) > 0 &&
	       br_ec_compute_pub(ec, &public, point, &key) > 0;
	if (made) {
		put_private(ret_key, &key, &public);
		put_public(ret_public, &public);
	}
	explicit_bzero(seed, sizeof(seed));
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(&random, sizeof(random));
	return made && !ret_key->failed && !ret_public->failed ? 0 : -ENOMEM;
}

/* ---- whom we trust ---- */

int tls_authority_parse(struct span certificate, struct tls_authority **ret)
{
	AUTO_BUF der = BUF_INIT;
	struct tls_authority *a;
	br_x509_pkey *key;
	int r = certificate.n > MAX_PEM ? -EINVAL : next_pem(&certificate, "CERTIFICATE", &der);

	if (r <= 0)
		return r < 0 ? r : -EINVAL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	br_x509_decoder_init(&a->decoder, add_der, &a->name);
	br_x509_decoder_push(&a->decoder, der.p, der.n);
	key = br_x509_decoder_get_pkey(&a->decoder);
	if (!key || a->name.failed) {
		r = key ? -ENOMEM : -EINVAL;
		tls_authority_free(a);
		return r;
	}
	a->anchor.dn.data = (unsigned char *)a->name.p;
	a->anchor.dn.len = a->name.n;
	a->anchor.flags = br_x509_decoder_isCA(&a->decoder) ? BR_X509_TA_CA : 0;
	a->anchor.pkey = *key;
	*ret = a;
	return 0;
}

void tls_authority_free(struct tls_authority *a)
{
	if (!a)
		return;
	buf_free(&a->name);
	free(a);
}

/* ---- the judge of a peer's certificate ---- */

static struct judge *judge_of(const br_x509_class **ctx) { return (struct judge *)(void *)ctx; }

static void start_chain(const br_x509_class **ctx, const char *name)
{
	struct judge *j = judge_of(ctx);

	buf_clear(&j->der);
	j->certificates = 0;
	j->has_key = j->is_trusted = false;
	if (!j->policy.pin)
		j->minimal.vtable->start_chain(&j->minimal.vtable, name);
}

static void start_cert(const br_x509_class **ctx, uint32_t length)
{
	struct judge *j = judge_of(ctx);

	if (j->policy.pin && j->certificates == 0)
		br_x509_decoder_init(&j->decoder, NULL, NULL);
	else if (!j->policy.pin)
		j->minimal.vtable->start_cert(&j->minimal.vtable, length);
}

static void append(const br_x509_class **ctx, const unsigned char *p, size_t n)
{
	struct judge *j = judge_of(ctx);

	if (j->certificates == 0 && j->der.n <= CERTIFICATE_MAX) /* one byte more tells that it is too large */
		buf_add(&j->der, p, n > CERTIFICATE_MAX + 1 ? CERTIFICATE_MAX + 1 : n);
	if (j->policy.pin && j->certificates == 0)
		br_x509_decoder_push(&j->decoder, p, n);
	else if (!j->policy.pin)
		j->minimal.vtable->append(&j->minimal.vtable, p, n);
}

static void end_cert(const br_x509_class **ctx)
{
	struct judge *j = judge_of(ctx);

	j->certificates++;
	if (!j->policy.pin)
		j->minimal.vtable->end_cert(&j->minimal.vtable);
}

static enum tls_fault fault_of_chain(unsigned error, const struct certificate *c, int64_t now)
{
	switch (error) {
	case 0:
		return TLS_SOUND;
	case BR_ERR_X509_EXPIRED:
		return now < c->not_before ? TLS_NOT_YET_VALID : TLS_EXPIRED;
	case BR_ERR_X509_BAD_SERVER_NAME:
		return TLS_WRONG_NAME;
	case BR_ERR_X509_NOT_TRUSTED:
	case BR_ERR_X509_NOT_CA:
	case BR_ERR_X509_DN_MISMATCH:
	case BR_ERR_X509_BAD_SIGNATURE:
		return TLS_UNKNOWN_AUTHORITY;
	case BR_ERR_X509_FORBIDDEN_KEY_USAGE:
		return TLS_WRONG_USE;
	case BR_ERR_X509_WEAK_PUBLIC_KEY:
		return TLS_WEAK;
	case BR_ERR_X509_EMPTY_CHAIN:
		return TLS_NO_CERTIFICATE;
	default:
		return TLS_BAD_CERTIFICATE;
	}
}

static enum tls_fault judge_pin(struct judge *j)
{
	if (memcmp(j->key, j->pin, TLS_KEY) != 0)
		return TLS_OTHER_KEY;
	return br_x509_decoder_get_pkey(&j->decoder) ? TLS_SOUND : TLS_BAD_CERTIFICATE;
}

static enum tls_fault judge_chain(struct judge *j, const struct certificate *c)
{
	enum tls_fault fault = fault_of_chain(j->minimal.vtable->end_chain(&j->minimal.vtable), c, j->now);

	j->is_trusted = fault == TLS_SOUND;
	if (j->is_trusted && j->policy.unit && (j->unit_element.status != 1 || strcmp(j->unit, j->policy.unit) != 0))
		return TLS_WRONG_USE;
	return fault;
}

static unsigned end_chain(const br_x509_class **ctx)
{
	struct judge *j = judge_of(ctx);
	struct certificate c = { 0 };

	if (j->certificates == 0) {
		j->fault = TLS_NO_CERTIFICATE;
	} else if (j->der.failed || j->der.n > CERTIFICATE_MAX || certificate_find(buf_span(&j->der), &c) < 0) {
		j->fault = TLS_BAD_CERTIFICATE;
	} else {
		hash_key(c.key, j->key);
		j->has_key = true;
		j->fault = j->policy.pin ? judge_pin(j) : judge_chain(j, &c);
		if (!j->fault && j->policy.is_revoked && j->policy.is_revoked(j->key, j->policy.data))
			j->fault = TLS_REVOKED;
	}
	buf_free(&j->der);
	return j->fault ? BR_ERR_X509_NOT_TRUSTED : 0;
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *ctx, unsigned *usages)
{
	const struct judge *j = (const void *)ctx;

	if (!j->policy.pin)
		return j->minimal.vtable->get_pkey(&j->minimal.vtable, usages);
	if (usages)
		*usages = BR_KEYTYPE_SIGN;
	return br_x509_decoder_get_pkey((br_x509_decoder_context *)&j->decoder);
}

static const br_x509_class judge_class = {
	sizeof(struct judge), start_chain, start_cert, append, end_cert, end_chain, get_pkey,
};

static void judge_init(struct judge *j, const struct tls_policy *policy, int64_t now)
{
	static const unsigned char unit[] = { 3, 0x55, 0x04, 0x0b }; /* organizationalUnitName */
	int64_t days = (now - (now % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY) / MS_PER_DAY;

	j->vtable = &judge_class;
	j->policy = *policy;
	j->now = now;
	if (policy->pin) {
		memcpy(j->pin, policy->pin, TLS_KEY);
		return;
	}
	br_x509_minimal_init(&j->minimal, &br_sha256_vtable, &policy->authority->anchor, 1);
	br_x509_minimal_set_rsa(&j->minimal, br_rsa_pkcs1_vrfy_get_default());
	br_x509_minimal_set_ecdsa(&j->minimal, br_ec_get_default(), br_ecdsa_vrfy_asn1_get_default());
	br_x509_minimal_set_hash(&j->minimal, br_sha256_ID, &br_sha256_vtable);
	br_x509_minimal_set_hash(&j->minimal, br_sha384_ID, &br_sha384_vtable);
	br_x509_minimal_set_hash(&j->minimal, br_sha512_ID, &br_sha512_vtable);
	br_x509_minimal_set_minrsa(&j->minimal, MIN_RSA_BYTES);
	br_x509_minimal_set_time(&j->minimal, (uint32_t)(days + DAYS_TO_1970),
				 (uint32_t)((now - days * MS_PER_DAY) / MS_PER_SEC));
	j->unit_element = (br_name_element){ unit, j->unit, sizeof(j->unit), 0 };
	br_x509_minimal_set_name_elements(&j->minimal, &j->unit_element, 1);
}

/* ---- a connection ---- */

/* What both roles have in common: only what this program speaks is linked. */
static int engine_init(struct tls *t)
{
	static const uint16_t suites[] = {
		BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	};
	br_ssl_engine_context *e = t->engine;
	unsigned char seed[32];

	br_ssl_engine_set_versions(e, BR_TLS12, BR_TLS12);
	br_ssl_engine_set_suites(e, suites, ARRAY_LEN(suites));
	br_ssl_engine_set_default_rsavrfy(e);
	br_ssl_engine_set_default_ecdsa(e);
	br_ssl_engine_set_hash(e, br_sha256_ID, &br_sha256_vtable);
	br_ssl_engine_set_hash(e, br_sha384_ID, &br_sha384_vtable);
	br_ssl_engine_set_hash(e, br_sha512_ID, &br_sha512_vtable);
	br_ssl_engine_set_prf_sha256(e, &br_tls12_sha256_prf);
	br_ssl_engine_set_prf_sha384(e, &br_tls12_sha384_prf);
	br_ssl_engine_set_default_aes_gcm(e);
	br_ssl_engine_set_default_chapol(e);
	br_ssl_engine_add_flags(e, BR_OPT_NO_RENEGOTIATION | BR_OPT_ENFORCE_SERVER_PREFERENCES);
	br_ssl_engine_set_buffer(e, t->buffer, sizeof(t->buffer), 1);
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	br_ssl_engine_inject_entropy(e, seed, sizeof(seed));
	explicit_bzero(seed, sizeof(seed));
	return 0;
}

static bool is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

static void client_shows(struct tls *t, const struct tls_identity *i)
{
	if (br_skey_decoder_key_type(&i->key) == BR_KEYTYPE_EC)
		br_ssl_client_set_single_ec(&t->client, i->chain, i->n, br_skey_decoder_get_ec(&i->key), BR_KEYTYPE_SIGN,
					    i->issuer_type, br_ec_get_default(), br_ecdsa_sign_asn1_get_default());
	else
		br_ssl_client_set_single_rsa(&t->client, i->chain, i->n, br_skey_decoder_get_rsa(&i->key),
					     br_rsa_pkcs1_sign_get_default());
}

static void server_shows(struct tls *t, const struct tls_identity *i)
{
	if (br_skey_decoder_key_type(&i->key) == BR_KEYTYPE_EC)
		br_ssl_server_set_single_ec(&t->server, i->chain, i->n, br_skey_decoder_get_ec(&i->key), BR_KEYTYPE_SIGN,
					    i->issuer_type, br_ec_get_default(), br_ecdsa_sign_asn1_get_default());
	else
		br_ssl_server_set_single_rsa(&t->server, i->chain, i->n, br_skey_decoder_get_rsa(&i->key),
					     BR_KEYTYPE_SIGN, br_rsa_private_get_default(),
					     br_rsa_pkcs1_sign_get_default());
}

static enum tls_fault fault_of_engine(struct tls *t, int error)
{
	if (t->judge.fault)
		return t->judge.fault;
	switch (error) {
	case BR_ERR_NO_CLIENT_AUTH:
		return TLS_NO_CERTIFICATE;
	case BR_ERR_WRONG_KEY_USAGE:
		return TLS_WRONG_USE;
	case BR_ERR_UNSUPPORTED_VERSION:
	case BR_ERR_BAD_CIPHER_SUITE:
	case BR_ERR_SEND_FATAL_ALERT + BR_ALERT_HANDSHAKE_FAILURE:
	case BR_ERR_SEND_FATAL_ALERT + BR_ALERT_PROTOCOL_VERSION:
		return TLS_NOTHING_COMMON;
	default:
		break;
	}
	if (error > BR_ERR_RECV_FATAL_ALERT && error < BR_ERR_SEND_FATAL_ALERT) {
		t->alert = (unsigned)error - BR_ERR_RECV_FATAL_ALERT;
		return TLS_REFUSED;
	}
	return TLS_BROKEN;
}

static int error_of(enum tls_fault fault)
{
	return fault >= TLS_NO_CERTIFICATE && fault <= TLS_OTHER_KEY ? -EKEYREJECTED : -EPROTO;
}

/* RFC 5246 section 7.2. */
static unsigned alert_of(enum tls_fault fault)
{
	switch (fault) {
	case TLS_NO_CERTIFICATE: return BR_ALERT_HANDSHAKE_FAILURE;
	case TLS_WRONG_USE: return BR_ALERT_UNSUPPORTED_CERTIFICATE;
	case TLS_REVOKED: return BR_ALERT_CERTIFICATE_REVOKED;
	case TLS_EXPIRED: return BR_ALERT_CERTIFICATE_EXPIRED;
	case TLS_UNKNOWN_AUTHORITY: return BR_ALERT_UNKNOWN_CA;
	default: return BR_ALERT_BAD_CERTIFICATE;
	}
}

/* BearSSL is silent to a peer whose certificate is refused. Nothing that we send is encrypted yet at that time: a record of
 * type 21 (alert), of TLS 1.2, with a fatal one. */
static void put_alert(struct tls *t)
{
	const unsigned char record[] = { 21, 3, 3, 0, 2, 2, (unsigned char)alert_of(t->fault) };

	buf_add(&t->out, record, sizeof(record));
}

static int fail(struct tls *t)
{
	t->failed = true;
	t->fault = fault_of_engine(t, br_ssl_engine_last_error(t->engine));
	if (!t->was_open && error_of(t->fault) == -EKEYREJECTED)
		put_alert(t);
	return error_of(t->fault);
}

/* Moves bytes until the engine wants more of them or the peer's end came. */
static int pump(struct tls *t, struct span *bytes, struct buf *plain)
{
	for (;;) {
		unsigned state = br_ssl_engine_current_state(t->engine);
		unsigned char *p;
		size_t n;

		/* A server that takes peers without a certificate goes on with a bad one, for all BearSSL cares. */
		if (t->judge.fault || (state == BR_SSL_CLOSED && br_ssl_engine_last_error(t->engine)))
			return fail(t);
		if (state == BR_SSL_CLOSED)
			return 0;
		if (state & BR_SSL_SENDAPP)
			t->was_open = true;
		if (state & BR_SSL_SENDREC) {
			p = br_ssl_engine_sendrec_buf(t->engine, &n);
			buf_add(&t->out, p, n);
			br_ssl_engine_sendrec_ack(t->engine, n);
		} else if (state & BR_SSL_RECVAPP && plain) {
			p = br_ssl_engine_recvapp_buf(t->engine, &n);
			buf_add(plain, p, n);
			br_ssl_engine_recvapp_ack(t->engine, n);
		} else if (state & BR_SSL_RECVREC && bytes->n) {
			p = br_ssl_engine_recvrec_buf(t->engine, &n);
			n = n < bytes->n ? n : bytes->n;
			memcpy(p, bytes->p, n);
			bytes->p += n;
			bytes->n -= n;
			br_ssl_engine_recvrec_ack(t->engine, n);
		} else {
			return 0;
		}
		if (t->out.failed || (plain && plain->failed))
			return -ENOMEM;
	}
}

int tls_client_new(const struct tls_policy *policy, const char *name, int64_t now, struct tls **ret)
{
	struct span nothing = SPAN("");
	struct tls *t;
	int r;

	if (!policy->authority == !policy->pin || !*name || strlen(name) > TLS_MAX_NAME || is_address(name))
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	br_ssl_client_zero(&t->client);
	t->engine = &t->client.eng;
	judge_init(&t->judge, policy, now);
	r = engine_init(t);
	br_ssl_engine_set_x509(t->engine, &t->judge.vtable);
	if (policy->identity)
		client_shows(t, policy->identity);
	if (r == 0 && !br_ssl_client_reset(&t->client, name, 0))
		r = -EINVAL;
	if (r == 0)
		r = pump(t, &nothing, NULL);
	if (r < 0) {
		tls_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

int tls_server_new(const struct tls_policy *policy, int64_t now, struct tls **ret)
{
	struct tls *t;
	int r;

	if (!policy->identity || policy->pin)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	br_ssl_server_zero(&t->server);
	t->engine = &t->server.eng;
	r = engine_init(t);
	server_shows(t, policy->identity);
	if (policy->authority) {
		judge_init(&t->judge, policy, now);
		br_ssl_engine_set_x509(t->engine, &t->judge.vtable);
		br_ssl_server_set_trust_anchor_names_alt(&t->server, &policy->authority->anchor, 1);
		if (policy->may_show_none)
			br_ssl_engine_add_flags(t->engine, BR_OPT_TOLERATE_NO_CLIENT_AUTH);
	}
	if (r == 0 && !br_ssl_server_reset(&t->server))
		r = -EINVAL;
	if (r < 0) {
		tls_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	buf_free(&t->out);
	buf_free(&t->judge.der);
	explicit_bzero(t, sizeof(*t));
	free(t);
}

int tls_feed(struct tls *t, struct span bytes, struct buf *plain)
{
	if (t->failed)
		return error_of(t->fault);
	return pump(t, &bytes, plain);
}

struct buf *tls_output(struct tls *t)
{
	if (t->out.n == 0 && t->out.cap > KEEP)
		buf_free(&t->out);
	return &t->out;
}

bool tls_is_open(const struct tls *t)
{
	return t->was_open && !t->failed && br_ssl_engine_current_state(t->engine) & BR_SSL_SENDAPP;
}

bool tls_is_ended(const struct tls *t)
{
	return !t->failed && br_ssl_engine_current_state(t->engine) == BR_SSL_CLOSED;
}

int tls_put(struct tls *t, struct span plain)
{
	struct span nothing = SPAN("");

	while (plain.n) {
		size_t n;
		unsigned char *p;

		if (t->failed || !(br_ssl_engine_current_state(t->engine) & BR_SSL_SENDAPP))
			return t->was_open || t->failed ? -EPIPE : -EAGAIN;
		p = br_ssl_engine_sendapp_buf(t->engine, &n);
		n = n < plain.n ? n : plain.n;
		memcpy(p, plain.p, n);
		plain.p += n;
		plain.n -= n;
		br_ssl_engine_sendapp_ack(t->engine, n);
		if (plain.n == 0)
			br_ssl_engine_flush(t->engine, 0);
		if (pump(t, &nothing, NULL) < 0)
			return t->out.failed ? -ENOMEM : -EPIPE;
	}
	return 0;
}

void tls_end(struct tls *t)
{
	struct span nothing = SPAN("");
	struct buf dropped = BUF_INIT;

	br_ssl_engine_close(t->engine);
	pump(t, &nothing, &dropped);
	buf_free(&dropped);
}

const unsigned char *tls_peer_key(const struct tls *t)
{
	return t->judge.has_key ? t->judge.key : NULL;
}

const char *tls_peer_unit(const struct tls *t)
{
	return t->judge.is_trusted && t->judge.unit_element.status == 1 ? t->judge.unit : "";
}

enum tls_fault tls_fault(const struct tls *t) { return t->fault; }
unsigned tls_alert(const struct tls *t) { return t->alert; }
