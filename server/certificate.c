#include "server/certificate.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

enum { SERIAL = 16, PUBLIC_MAX = 1024, P256 = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) };

static void free_key(gnutls_x509_privkey_t *k) { if (*k) gnutls_x509_privkey_deinit(*k); }
static void free_crt(gnutls_x509_crt_t *c) { if (*c) gnutls_x509_crt_deinit(*c); }
static void free_pubkey(gnutls_pubkey_t *k) { if (*k) gnutls_pubkey_deinit(*k); }
static void free_datum(gnutls_datum_t *d)
{
	if (d->data)
		explicit_bzero(d->data, d->size); /* it may be a key */
	gnutls_free(d->data);
}

#define AUTO_KEY CLEANUP(free_key) gnutls_x509_privkey_t
#define AUTO_CRT CLEANUP(free_crt) gnutls_x509_crt_t
#define AUTO_DATUM CLEANUP(free_datum) gnutls_datum_t

static int error_of(int code)
{
	return code >= 0 ? 0 : code == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : code == GNUTLS_E_FILE_ERROR ? -EIO : -EINVAL;
}

/* Sets the line; answers `error`. */
static int say(char **ret_error, int error, const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: %s", what, why);
	*ret_error = buf_steal(&line);
	return error;
}

static int say_code(char **ret_error, const char *what, int code)
{
	return say(ret_error, error_of(code), what, gnutls_strerror(code));
}

static int steal(const gnutls_datum_t *d, char **ret_pem)
{
	char *copy = strndup((const char *)d->data, d->size);

	if (!copy)
		return -ENOMEM;
	*ret_pem = copy;
	return 0;
}

static gnutls_datum_t datum_of(struct span s)
{
	return (gnutls_datum_t){ (unsigned char *)s.p, (unsigned)s.n };
}

static int load_key(const char *pem, gnutls_x509_privkey_t *key)
{
	gnutls_datum_t d = datum_of(span_of(pem));
	int code = gnutls_x509_privkey_init(key);

	return code < 0 ? code : gnutls_x509_privkey_import2(*key, &d, GNUTLS_X509_FMT_PEM, NULL, 0);
}

static int load_crt(const char *pem, gnutls_x509_crt_t *crt)
{
	gnutls_datum_t d = datum_of(span_of(pem));
	int code = gnutls_x509_crt_init(crt);

	return code < 0 ? code : gnutls_x509_crt_import(*crt, &d, GNUTLS_X509_FMT_PEM);
}

int certificate_key_new(unsigned bits, char **ret_pem)
{
	AUTO_KEY key = NULL;
	AUTO_DATUM pem = { NULL, 0 };
	int code;

	if (bits != 0 && (bits < 2048 || bits > 8192))
		return -EINVAL;
	code = gnutls_x509_privkey_init(&key);
	if (code >= 0)
		code = gnutls_x509_privkey_generate(key, bits ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA, bits ? bits : P256, 0);
	if (code >= 0)
		code = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
	return code < 0 ? error_of(code) : steal(&pem, ret_pem);
}

bool certificate_is_name(const char *name)
{
	const char *label = name[0] == '*' && name[1] == '.' ? name + 2 : name;
	bool letters = false;

	if (strlen(name) > 253)
		return false;
	for (;;) {
		size_t n = strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

		if (n == 0 || n > 63 || label[0] == '-' || label[n - 1] == '-')
			return false;
		/* Only the last label tells a name from an address. */
		letters = strspn(label, "0123456789") < n;
		if (label[n] == '\0')
			return letters;
		if (label[n] != '.')
			return false;
		label += n + 1;
	}
}

/* What all have in common. unit NULL: an authority's. */
static int begin(gnutls_x509_crt_t *crt, const char *common_name, const char *unit, int64_t now, int days)
{
	unsigned char serial[SERIAL];
	time_t from = now / MS_PER_SEC - 86400;
	int code = gnutls_x509_crt_init(crt);

	if (code >= 0)
		code = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 1; /* positive, and no leading zero */
	if (code >= 0)
		code = gnutls_x509_crt_set_version(*crt, 3);
	if (code >= 0)
		code = gnutls_x509_crt_set_serial(*crt, serial, sizeof(serial));
	if (code >= 0)
		code = gnutls_x509_crt_set_activation_time(*crt, from);
	if (code >= 0)
		code = gnutls_x509_crt_set_expiration_time(*crt, from + (time_t)days * 86400);
	if (code >= 0)
		code = gnutls_x509_crt_set_dn_by_oid(*crt, GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
		                                     (unsigned)strlen(common_name));
	if (code >= 0 && unit)
		code = gnutls_x509_crt_set_dn_by_oid(*crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, 0, unit,
		                                     (unsigned)strlen(unit));
	return code;
}

static int set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t authority)
{
	unsigned char id[64];
	size_t n = sizeof(id);
	int code = gnutls_x509_crt_get_key_id(crt, 0, id, &n);

	if (code >= 0)
		code = gnutls_x509_crt_set_subject_key_id(crt, id, n);
	n = sizeof(id);
	if (code >= 0)
		code = gnutls_x509_crt_get_subject_key_id(authority, id, &n, NULL);
	if (code >= 0 && crt != authority)
		code = gnutls_x509_crt_set_authority_key_id(crt, id, n);
	return code;
}

static int finish(gnutls_x509_crt_t crt, gnutls_x509_crt_t authority, gnutls_x509_privkey_t authority_key, char **ret_pem)
{
	AUTO_DATUM pem = { NULL, 0 };
	int code = set_key_ids(crt, authority);

	if (code >= 0)
		code = gnutls_x509_crt_sign2(crt, authority, authority_key, GNUTLS_DIG_SHA256, 0);
	if (code >= 0)
		code = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
	return code < 0 ? code : steal(&pem, ret_pem);
}

int certificate_authority_new(const char *common_name, const char *key_pem, int64_t now, int days, char **ret_pem,
                              char **ret_error)
{
	AUTO_KEY key = NULL;
	AUTO_CRT crt = NULL;
	int code = load_key(key_pem, &key);

	if (code >= 0)
		code = begin(&crt, common_name, NULL, now, days);
	if (code >= 0)
		code = gnutls_x509_crt_set_key(crt, key);
	if (code >= 0)
		code = gnutls_x509_crt_set_basic_constraints(crt, 1, 0);
	if (code >= 0)
		code = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	if (code >= 0)
		code = finish(crt, crt, key, ret_pem);
	return code < 0 ? say_code(ret_error, common_name, code) : 0;
}

struct authority {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

static void free_authority(struct authority *a)
{
	free_crt(&a->crt);
	free_key(&a->key);
}

static int load_authority(struct authority *a, const char *pem, const char *key)
{
	int code = load_crt(pem, &a->crt);

	return code < 0 ? code : load_key(key, &a->key);
}

/* No authority; for that purpose only. */
static int set_purpose(gnutls_x509_crt_t crt, const char *purpose)
{
	int code = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);

	if (code >= 0)
		code = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	return code < 0 ? code : gnutls_x509_crt_set_key_purpose_oid(crt, purpose, 0);
}

static int set_names(gnutls_x509_crt_t crt, const char *const *names, size_t n)
{
	int code = 0;

	for (size_t i = 0; i < n && code >= 0; i++)
		code = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, names[i], (unsigned)strlen(names[i]),
		                                            GNUTLS_FSAN_APPEND);
	return code;
}

int certificate_server_new(const char *authority_pem, const char *authority_key, const char *key_pem,
                           const char *const *names, size_t n, int64_t now, int days, char **ret_pem, char **ret_error)
{
	CLEANUP(free_authority) struct authority a = { NULL, NULL };
	AUTO_KEY key = NULL;
	AUTO_CRT crt = NULL;
	int code;

	if (n < 1 || n > CERTIFICATE_NAMES_MAX)
		return say(ret_error, -EINVAL, "names", "from 1 to 32 are wanted");
	for (size_t i = 0; i < n; i++)
		if (!certificate_is_name(names[i]))
			return say(ret_error, -EINVAL, names[i], "not a host's name (addresses are not taken: a name is checked)");
	code = load_authority(&a, authority_pem, authority_key);
	if (code >= 0)
		code = load_key(key_pem, &key);
	if (code >= 0)
		code = begin(&crt, strlen(names[0]) <= 64 ? names[0] : "spoor-server", CERTIFICATE_SERVER, now, days);
	if (code >= 0)
		code = gnutls_x509_crt_set_key(crt, key);
	if (code >= 0)
		code = set_names(crt, names, n);
	if (code >= 0)
		code = set_purpose(crt, GNUTLS_KP_TLS_WWW_SERVER);
	if (code >= 0)
		code = finish(crt, a.crt, a.key, ret_pem);
	return code < 0 ? say_code(ret_error, names[0], code) : 0;
}

/* ---- an endpoint's ---- */

static bool is_good(gnutls_pubkey_t key)
{
	gnutls_ecc_curve_t curve;
	unsigned bits = 0;
	int algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);

	if (algorithm == GNUTLS_PK_RSA)
		return bits >= 2048 && bits <= 8192;
	if (algorithm != GNUTLS_PK_ECDSA || gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) < 0)
		return false;
	return curve == GNUTLS_ECC_CURVE_SECP256R1 || curve == GNUTLS_ECC_CURVE_SECP384R1;
}

static int load_public(struct span key, gnutls_pubkey_t *ret, char **ret_error)
{
	gnutls_datum_t d = datum_of(key);
	int code;

	if (key.n > PUBLIC_MAX)
		return say(ret_error, -EINVAL, "public key", "longer than 1 KiB");
	code = gnutls_pubkey_init(ret);
	if (code >= 0)
		code = gnutls_pubkey_import(*ret, &d, GNUTLS_X509_FMT_DER);
	if (code < 0)
		return say_code(ret_error, "public key", code);
	if (!is_good(*ret))
		return say(ret_error, -EINVAL, "public key", "neither P-256, P-384 nor RSA of 2048 to 8192 bits");
	return 0;
}

int certificate_agent_key_check(struct span key, char **ret_error)
{
	CLEANUP(free_pubkey) gnutls_pubkey_t public = NULL;

	return load_public(key, &public, ret_error);
}

int certificate_agent_new(const char *authority_pem, const char *authority_key, struct span key_der,
                          const char *common_name, int64_t now, int days, char **ret_pem, char **ret_error)
{
	CLEANUP(free_authority) struct authority a = { NULL, NULL };
	CLEANUP(free_pubkey) gnutls_pubkey_t key = NULL;
	AUTO_CRT crt = NULL;
	int code, r = load_public(key_der, &key, ret_error);

	if (r < 0)
		return r;
	code = load_authority(&a, authority_pem, authority_key);
	if (code >= 0)
		code = begin(&crt, common_name, CERTIFICATE_AGENT, now, days);
	if (code >= 0)
		code = gnutls_x509_crt_set_pubkey(crt, key);
	if (code >= 0)
		code = set_purpose(crt, GNUTLS_KP_TLS_WWW_CLIENT);
	if (code >= 0)
		code = finish(crt, a.crt, a.key, ret_pem);
	return code < 0 ? say_code(ret_error, common_name, code) : 0;
}

/* ---- looking at one ---- */

int certificate_key_id(const char *pem, char out[CERTIFICATE_KEY_ID])
{
	AUTO_CRT crt = NULL;
	unsigned char id[32];
	size_t n = sizeof(id);
	int code = load_crt(pem, &crt);

	if (code >= 0)
		code = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, id, &n);
	if (code < 0 || n != sizeof(id))
		return code < 0 ? error_of(code) : -EINVAL;
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", id[i]);
	return 0;
}

static bool belongs(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	unsigned char a[32], b[32];
	size_t na = sizeof(a), nb = sizeof(b);

	return gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, a, &na) >= 0 &&
	       gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, b, &nb) >= 0 && na == nb && memcmp(a, b, na) == 0;
}

/* One without purposes is for all. */
static bool is_for_servers(gnutls_x509_crt_t crt)
{
	char purpose[64];
	unsigned i = 0;

	for (;; i++) {
		size_t n = sizeof(purpose);
		int code = gnutls_x509_crt_get_key_purpose_oid(crt, i, purpose, &n, NULL);

		if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return i == 0;
		if (code >= 0 && strcmp(purpose, GNUTLS_KP_TLS_WWW_SERVER) == 0)
			return true;
		if (code < 0 && code != GNUTLS_E_SHORT_MEMORY_BUFFER)
			return false;
	}
}

int certificate_check_pair(const char *pem, const char *key_pem, int64_t now, char **ret_error)
{
	AUTO_KEY key = NULL;
	AUTO_CRT crt = NULL;
	int code = load_crt(pem, &crt);

	if (code < 0)
		return say_code(ret_error, "certificate", code);
	code = load_key(key_pem, &key);
	if (code < 0)
		return say_code(ret_error, "key", code);
	if (!belongs(crt, key))
		return say(ret_error, -EINVAL, "certificate", "it is not that key's");
	if (gnutls_x509_crt_get_expiration_time(crt) <= now / MS_PER_SEC)
		return say(ret_error, -EINVAL, "certificate", "expired");
	if (!is_for_servers(crt))
		return say(ret_error, -EINVAL, "certificate", "not for a server");
	return 0;
}
