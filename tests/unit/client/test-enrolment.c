/* enrolment. Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/client/enrolment.h"
#include "tests/unit/net/pems.h"

static char folder[] = "/tmp/spoor-enrolment-XXXXXX", path[64];

struct pems {
	struct buf key, certificate, authority;
};

static void load(struct pems *p, const char *key)
{
	*p = (struct pems){ BUF_INIT, BUF_INIT, BUF_INIT };
	pems_load(&p->key, key, "key");
	pems_load(&p->certificate, "agent", "pem");
	pems_load(&p->authority, "ca", "pem");
}

static void pems_done(struct pems *p)
{
	buf_wipe(&p->key);
	buf_free(&p->certificate);
	buf_free(&p->authority);
}

static int save(struct pems *p, const struct client_conf_server *server, bool foreign)
{
	return enrolment_save(path, server, foreign, buf_span(&p->key), buf_span(&p->certificate), buf_span(&p->authority));
}

static void what_was_saved_comes_back(void **state)
{
	static const struct client_conf_server servers[] = { { "spoor.example", "", 17444 }, { "spoor", "2001:db8::1", 1 } };
	struct tls_identity *same = pems_identity("agent");
	struct enrolment e;
	struct pems p;
	struct stat st;

	load(&p, "agent");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(save(&p, &servers[i], i), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(enrolment_load(path, &e), 0);
		assert_string_equal(e.server.name, servers[i].name);
		assert_string_equal(e.server.address, servers[i].address);
		assert_int_equal(e.server.port, servers[i].port);
		assert_int_equal(e.foreign, i);
		assert_memory_equal(tls_identity_key(e.identity), tls_identity_key(same), TLS_KEY);
		assert_ptr_equal(enrolment_policy(&e).authority, e.authority);
		assert_true(i ? !enrolment_policy(&e).unit : strcmp(enrolment_policy(&e).unit, "server") == 0);
		enrolment_free(&e);
	}
	pems_done(&p);
	tls_identity_free(same);
}

static void another_key_changes_nothing(void **state)
{
	static const struct client_conf_server server = { "other.example", "", 5 };
	struct enrolment e;
	struct pems p;

	load(&p, "server");
	assert_int_equal(save(&p, &server, false), -EKEYREJECTED);
	buf_clear(&p.authority);
	pems_done(&p);
	assert_int_equal(enrolment_load(path, &e), 0);
	assert_string_equal(e.server.name, "spoor");
	enrolment_free(&e);
}

static void nonsense_is_no_enrolment(void **state)
{
	static const char *const wrong[] = { "", "server a", "server a 0\nforeign no\n", "server a 5 \nforeign no\n",
		"server a 5 \nforeign no\n-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n" };
	struct enrolment e;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(wrong[i], f);
		fclose(f);
		assert_int_equal(enrolment_load(path, &e), -EINVAL);
	}
	unlink(path);
	assert_int_equal(enrolment_load(path, &e), -ENOENT);
	assert_int_equal(enrolment_load(folder, &e), -EINVAL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_saved_comes_back),
		cmocka_unit_test(another_key_changes_nothing),
		cmocka_unit_test(nonsense_is_no_enrolment),
	};
	int r;

	pems_folder = argc > 1 ? argv[1] : ".";
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/client.pem", folder);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return r;
}
