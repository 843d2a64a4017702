#include "tests/unit/test.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "server/certificate.h"

static const int64_t now = INT64_C(1795600000000);

struct made {
	char *ca_key, *ca, *key, *crt;
};

static int make(void **state)
{
	static struct made m;
	const char *names[] = { "spoor.example", "localhost" };
	char *error = NULL;

	assert_int_equal(certificate_key_new(0, &m.ca_key), 0);
	assert_int_equal(certificate_authority_new("Spoor of example", m.ca_key, now, 3650, &m.ca, &error), 0);
	assert_int_equal(certificate_key_new(0, &m.key), 0);
	assert_int_equal(certificate_server_new(m.ca, m.ca_key, m.key, names, 2, now, 825, &m.crt, &error), 0);
	*state = &m;
	return 0;
}

static int forget(void **state)
{
	struct made *m = *state;

	free(m->ca_key);
	free(m->ca);
	free(m->key);
	free(m->crt);
	return 0;
}

/* The SubjectPublicKeyInfo of a private key. */
static struct span public_of(const char *key, gnutls_datum_t *ret)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)key, (unsigned)strlen(key) };
	gnutls_privkey_t private;
	gnutls_pubkey_t public;

	gnutls_privkey_init(&private);
	gnutls_pubkey_init(&public);
	assert_int_equal(gnutls_privkey_import_x509_raw(private, &d, GNUTLS_X509_FMT_PEM, NULL, 0), 0);
	assert_int_equal(gnutls_pubkey_import_privkey(public, private, 0, 0), 0);
	assert_int_equal(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, ret), 0);
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(private);
	return (struct span){ (char *)ret->data, ret->size };
}

/* What GnuTLS's own verification thinks of it at that time. */
static unsigned verify(const char *ca, const char *pem, const char *host, const char *purpose, int64_t at)
{
	gnutls_x509_trust_list_t list;
	gnutls_x509_crt_t crt, authority;
	gnutls_datum_t d = { (unsigned char *)pem, (unsigned)strlen(pem) }, c = { (unsigned char *)ca, (unsigned)strlen(ca) };
	gnutls_typed_vdata_st data[] = { { GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)host, 0 },
	                                 { GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)purpose, 0 } };
	unsigned status = 0;

	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_init(&authority);
	assert_int_equal(gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_PEM), 0);
	assert_int_equal(gnutls_x509_crt_import(authority, &c, GNUTLS_X509_FMT_PEM), 0);
	assert_true(gnutls_x509_crt_get_activation_time(crt) <= at / 1000);
	gnutls_x509_trust_list_init(&list, 0);
	gnutls_x509_trust_list_add_cas(list, &authority, 1, 0);
	gnutls_x509_trust_list_verify_crt2(list, &crt, 1, host ? data : data + 1, host ? 2 : 1,
	                                   GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status, NULL);
	gnutls_x509_trust_list_deinit(list, 1);
	gnutls_x509_crt_deinit(crt);
	return status;
}

static void assert_unit(const char *pem, const char *unit)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem) };
	gnutls_x509_crt_t crt;
	char got[64] = "";
	size_t n = sizeof(got);

	gnutls_x509_crt_init(&crt);
	assert_int_equal(gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_PEM), 0);
	assert_int_equal(gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, 0, 0, got, &n), 0);
	assert_string_equal(got, unit);
	gnutls_x509_crt_deinit(crt);
}

static void a_server_is_believed_under_its_names_only(void **state)
{
	struct made *m = *state;

	assert_unit(m->crt, "server");
	assert_int_equal(verify(m->ca, m->crt, "spoor.example", GNUTLS_KP_TLS_WWW_SERVER, now), 0);
	assert_int_equal(verify(m->ca, m->crt, "localhost", GNUTLS_KP_TLS_WWW_SERVER, now), 0);
	assert_int_not_equal(verify(m->ca, m->crt, "other.example", GNUTLS_KP_TLS_WWW_SERVER, now), 0);
	assert_int_not_equal(verify(m->ca, m->crt, NULL, GNUTLS_KP_TLS_WWW_CLIENT, now), 0);
}

static void an_agent_is_a_client_with_its_own_key(void **state)
{
	struct made *m = *state;
	AUTO_FREE char *key = NULL;
	gnutls_datum_t der;
	struct span public;
	AUTO_FREE char *crt = NULL;
	AUTO_FREE char *other = NULL;
	char id[CERTIFICATE_KEY_ID], again[CERTIFICATE_KEY_ID], *error = NULL;

	assert_int_equal(certificate_key_new(0, &key), 0);
	public = public_of(key, &der);
	assert_int_equal(certificate_agent_new(m->ca, m->ca_key, public, "web-03", now, 365, &crt, &error), 0);
	assert_int_equal(certificate_agent_new(m->ca, m->ca_key, public, "web-04", now, 365, &other, &error), 0);
	assert_unit(crt, "agent");
	assert_int_equal(verify(m->ca, crt, NULL, GNUTLS_KP_TLS_WWW_CLIENT, now), 0);
	assert_int_not_equal(verify(m->ca, crt, NULL, GNUTLS_KP_TLS_WWW_SERVER, now), 0);
	assert_int_equal(certificate_key_id(crt, id), 0);
	assert_int_equal(certificate_key_id(other, again), 0);
	assert_string_equal(id, again); /* the key is who it is, whatever its name */
	assert_int_equal(certificate_key_id(m->crt, again), 0);
	assert_string_not_equal(id, again);
	gnutls_free(der.data);
}

static void refuse(struct made *m, struct span public, int error)
{
	AUTO_FREE char *crt = NULL;
	AUTO_FREE char *why = NULL;

	assert_int_equal(certificate_agent_new(m->ca, m->ca_key, public, "x", now, 365, &crt, &why), error);
	assert_null(crt);
	assert_non_null(why);
}

static void bad_keys_are_refused(void **state)
{
	struct made *m = *state;
	AUTO_FREE char *key = NULL;
	AUTO_FREE char *crt = NULL;
	gnutls_datum_t der;
	struct span public;
	char id[CERTIFICATE_KEY_ID], other[CERTIFICATE_KEY_ID], big[2000] = { 0x30 }, *why = NULL;
	unsigned taken = 0;

	refuse(m, SPAN(""), -EINVAL);
	refuse(m, SPAN("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), -EINVAL);
	refuse(m, span_of(m->crt), -EINVAL);
	refuse(m, (struct span){ big, sizeof(big) }, -EINVAL);
	assert_int_equal(certificate_key_new(0, &key), 0);
	public = public_of(key, &der);
	assert_int_equal(certificate_agent_key_check(public, &why), 0);
	assert_int_equal(certificate_agent_new(m->ca, m->ca_key, public, "x", now, 365, &crt, &why), 0);
	assert_int_equal(certificate_key_id(crt, id), 0);
	for (size_t at = 0; at < public.n; at++) { /* whatever is changed in it is no key, or another one */
		AUTO_FREE char *forged = NULL;
		AUTO_FREE char *fault = NULL;

		der.data[at] ^= 1;
		if (certificate_agent_new(m->ca, m->ca_key, public, "x", now, 365, &forged, &fault) == 0) {
			assert_int_equal(certificate_key_id(forged, other), 0);
			taken += strcmp(other, id) == 0;
		}
		der.data[at] ^= 1;
	}
	assert_true(taken < 3); /* what is changed in the words around it does no harm */
	gnutls_free(der.data);
}

static void pairs_are_checked(void **state)
{
	struct made *m = *state;
	AUTO_FREE char *other = NULL;
	gnutls_datum_t der;
	struct span public;
	AUTO_FREE char *agent = NULL;
	char *why = NULL;

	assert_int_equal(certificate_check_pair(m->crt, m->key, now, &why), 0);
	assert_int_equal(certificate_check_pair(m->crt, m->ca_key, now, &why), -EINVAL);
	assert_string_equal(why, "certificate: it is not that key's");
	free(why);
	assert_int_equal(certificate_check_pair(m->crt, m->key, now + 825 * MS_PER_DAY, &why), -EINVAL);
	assert_string_equal(why, "certificate: expired");
	free(why);
	assert_int_equal(certificate_check_pair("nonsense", m->key, now, &why), -EINVAL);
	free(why);
	assert_int_equal(certificate_key_new(0, &other), 0);
	public = public_of(other, &der);
	assert_int_equal(certificate_agent_new(m->ca, m->ca_key, public, "a", now, 2, &agent, &why), 0);
	assert_int_equal(certificate_check_pair(agent, other, now, &why), -EINVAL);
	assert_string_equal(why, "certificate: not for a server");
	free(why);
	gnutls_free(der.data);
}

static void rsa_by_wish(void **state)
{
	AUTO_FREE char *key = NULL;
	char *none = NULL;

	assert_int_equal(certificate_key_new(1024, &none), -EINVAL);
	assert_int_equal(certificate_key_new(100000, &none), -EINVAL);
	assert_int_equal(certificate_key_new(2048, &key), 0);
	assert_non_null(strstr(key, "PRIVATE KEY"));
}

static void names_are_names(void **state)
{
	static const char *const good[] = { "a", "web-03", "spoor.example", "*.example", "x1.2y", "_dmarc.example", "1a" };
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a", "a-", "*", "*.", "a.*", "10.0.0.1", "::1", "a b",
	                                   "a/b", "a\n", "1", "grün" };
	char label[70];

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(certificate_is_name(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(certificate_is_name(bad[i]));
	memset(label, 'a', sizeof(label));
	label[64] = '\0';
	assert_false(certificate_is_name(label));
	label[63] = '\0';
	assert_true(certificate_is_name(label));
}

static void an_address_is_no_name(void **state)
{
	struct made *m = *state;
	const char *names[] = { "spoor.example", "192.0.2.1" };
	AUTO_FREE char *why = NULL;
	char *crt = NULL;

	assert_int_equal(certificate_server_new(m->ca, m->ca_key, m->key, names, 2, now, 1, &crt, &why), -EINVAL);
	assert_non_null(strstr(why, "192.0.2.1"));
	assert_null(crt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_believed_under_its_names_only),
		cmocka_unit_test(an_agent_is_a_client_with_its_own_key),
		cmocka_unit_test(bad_keys_are_refused),
		cmocka_unit_test(pairs_are_checked),
		cmocka_unit_test(rsa_by_wish),
		cmocka_unit_test(names_are_names),
		cmocka_unit_test(an_address_is_no_name),
	};

	return cmocka_run_group_tests(tests, make, forget);
}
