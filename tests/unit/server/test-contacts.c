/* contacts and revoked: what the server has of endpoints beside the depot. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "server/contacts.h"
#include "server/revoked.h"

static char folder[] = "/tmp/test-contacts-XXXXXX";
static char path[64];

static int begin(void **state)
{
	char *error = NULL;

	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/server.db", folder);
	return depot_open(path, true, (struct depot **)state, &error);
}

static int end(void **state)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char name[128];

	depot_close(*state);
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		unlink(name);
	}
	return rmdir(folder);
}

static int64_t add(struct depot *d, char digit)
{
	char key[DEPOT_KEY + 1] = { 0 };
	int64_t id;

	memset(key, digit, DEPOT_KEY);
	assert_int_equal(depot_endpoint_put(d, &(struct depot_endpoint){ .key = key, .name = "a", .enrolled_ms = 1, .address = "",
									 .agent = "" }, &id), 0);
	return id;
}

static int count(const struct depot_endpoint *e, void *data)
{
	*(int *)data += e->contact_ms == 90 && strcmp(e->name, "new") == 0 && strcmp(e->address, "192.0.2.1") == 0;
	return 0;
}

static int written(struct depot *d)
{
	int n = 0;

	assert_int_equal(depot_endpoint_each(d, NULL, count, &n), 0);
	return n;
}

static void contacts_are_written_bit_by_bit(void **state)
{
	struct depot *d = *state;
	struct contacts *c = contacts_new();
	int64_t ids[3] = { add(d, 'a'), add(d, 'b'), add(d, 'c') };

	for (int i = 0; i < 3; i++) {
		assert_int_equal(contacts_put(c, ids[i], 80, "old", "192.0.2.9", "1"), 0);
		assert_int_equal(contacts_put(c, ids[i], 90, "new", "192.0.2.1", "1"), 0);
	}
	assert_int_equal(contacts_last(c, ids[2], 5), 90);
	assert_int_equal(contacts_last(c, ids[2], 95), 95);
	assert_int_equal(contacts_last(c, 77, 5), 5);
	assert_int_equal(contacts_write(c, d, 2), 0);
	assert_int_equal(written(d), 2);
	assert_int_equal(contacts_put(c, 1000, 90, "none", "", ""), 0); /* it was deleted */
	assert_int_equal(contacts_write(c, d, SIZE_MAX), 0);
	assert_int_equal(written(d), 3);
	assert_int_equal(contacts_last(c, ids[2], 5), 5);
	assert_int_equal(contacts_put(c, ids[0], 90, "new", "", ""), 0);
	contacts_free(c);
}

static void revoked_keys_are_found(void **state)
{
	struct depot *d = *state;
	struct revoked *r = NULL;
	unsigned char key[32];

	memset(key, 0xdd, sizeof(key));
	assert_false(revoked_has(NULL, key));
	for (const char *digit = "f1d2e3"; *digit; digit++)
		assert_int_equal(depot_endpoint_put(d, &(struct depot_endpoint){ .id = add(d, *digit), .revoked_ms = *digit > '9' },
						    NULL), 0);
	assert_int_equal(revoked_load(d, &r), 0);
	assert_int_equal(revoked_load(d, &r), 0);
	assert_true(revoked_has(r, key));
	memset(key, 0x22, sizeof(key));
	assert_false(revoked_has(r, key));
	memset(key, 0xff, sizeof(key));
	assert_true(revoked_has(r, key));
	key[31] = 0xfe;
	assert_false(revoked_has(r, key));
	revoked_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contacts_are_written_bit_by_bit),
		cmocka_unit_test(revoked_keys_are_found),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
