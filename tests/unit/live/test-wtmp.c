#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "recorder/earlier.h"
#include "recorder/logon.h"

enum { NOW = 1790000000 }; /* seconds */
enum { RUN_LEVEL = 1, BOOT = 2, LOGIN = 6, USER = 7, DEAD = 8 };

static char folder[] = "/tmp/spoor-wtmp-XXXXXX";

/* ---- a file, as glibc writes it ---- */

struct record {
	int type, pid;
	const char *line, *user, *host, *address;
	int64_t seconds;
};

static size_t offset(size_t narrow, size_t wide)
{
	return wtmp_record_size() == 384 ? narrow : wide;
}

static void put(unsigned char *out, const struct record *r)
{
	int16_t type = (int16_t)r->type;
	int32_t pid = r->pid, micro = 250000;

	memset(out, 0, wtmp_record_size());
	memcpy(out, &type, 2);
	memcpy(out + 4, &pid, 4);
	memcpy(out + 8, r->line, strnlen(r->line, 32));
	memcpy(out + 44, r->user, strnlen(r->user, 32));
	memcpy(out + 76, r->host, strnlen(r->host, 256));
	memcpy(out + offset(340, 344), &r->seconds, offset(4, 8)); /* little-endian */
	memcpy(out + offset(344, 352), &micro, 4);
	if (r->address)
		assert_int_equal(inet_pton(strchr(r->address, ':') ? AF_INET6 : AF_INET, r->address,
		                           out + offset(348, 360)), 1);
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void write_records(const char *name, const struct record *records, size_t n)
{
	unsigned char *bytes = malloc(n * wtmp_record_size() + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		put(bytes + i * wtmp_record_size(), &records[i]);
	write_bytes(name, bytes, n * wtmp_record_size());
	free(bytes);
}
#define WRITE(name, records) write_records(name, records, sizeof(records) / sizeof(*(records)))

static int clean(void **state)
{
	static const char *const names[] = { "wtmp", "wtmp.1", "btmp", "btmp.1", "m.db", "m.db-wal", "m.db-shm" };
	char path[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
		rmdir(path);
	}
	return 0;
}

static struct wtmp read_all(int64_t from, int64_t to)
{
	struct wtmp w;

	assert_int_equal(wtmp_read(folder, from * 1000, to * 1000, &w), 0);
	return w;
}

static const struct record old[] = { { USER, 70, "pts/7", "dora", "198.51.100.7", "198.51.100.7", NOW - 9000 } };
static const struct record logons[] = {
	{ BOOT, 0, "~", "reboot", "6.1.0", NULL, NOW - 8000 },
	{ USER, 70, "pts/0", "ann", "host.example", "192.0.2.1", NOW - 5000 },
	{ USER, 71, "tty1", "ben", "", NULL, NOW - 4900 },
	{ DEAD, 71, "tty1", "", "", NULL, NOW - 4800 },
	{ DEAD, 99, "tty6", "", "", NULL, NOW - 4700 },
	{ USER, 72, ":0", "cid", ":0", NULL, NOW - 4600 },
	{ USER, 73, "pts/1", "eve", "2001:db8::1", "2001:db8::1", NOW - 4500 },
	{ DEAD, 73, "pts/1", "", "", NULL, NOW - 4400 },
};
static const struct record failed[] = {
	{ LOGIN, 80, "ssh:notty", "root", "203.0.113.9", "203.0.113.9", NOW - 4000 },
	{ DEAD, 80, "ssh:notty", "root", "", NULL, NOW - 3999 },
};

static void check(const struct wtmp_entry *e, int action, int64_t seconds, const char *user, const char *terminal,
                  const char *address, const char *host)
{
	assert_int_equal(e->action, action);
	assert_int_equal(e->time_ms, seconds * 1000 + 250);
	assert_true(span_eq(e->user, span_of(user)));
	assert_true(span_eq(e->terminal, span_of(terminal)));
	assert_true(span_eq(e->address, span_of(address)));
	assert_true(span_eq(e->host, span_of(host)));
}

static void logons_ends_and_failed_ones(void **state)
{
	struct wtmp w;

	WRITE("wtmp.1", old);
	WRITE("wtmp", logons);
	WRITE("btmp", failed);
	w = read_all(0, NOW);
	assert_int_equal(w.n, 8);
	check(&w.entries[0], ACTION_SECURITY_LOGIN, NOW - 9000, "dora", "pts/7", "198.51.100.7", "198.51.100.7");
	check(&w.entries[1], ACTION_SECURITY_LOGIN, NOW - 5000, "ann", "pts/0", "192.0.2.1", "host.example");
	check(&w.entries[2], ACTION_SECURITY_LOGIN, NOW - 4900, "ben", "tty1", NULL, NULL);
	check(&w.entries[3], ACTION_SECURITY_LOGOUT, NOW - 4800, "ben", "tty1", NULL, NULL);
	check(&w.entries[4], ACTION_SECURITY_LOGIN, NOW - 4600, "cid", ":0", NULL, NULL);
	check(&w.entries[5], ACTION_SECURITY_LOGIN, NOW - 4500, "eve", "pts/1", "2001:db8::1", "2001:db8::1");
	check(&w.entries[6], ACTION_SECURITY_LOGOUT, NOW - 4400, "eve", "pts/1", "2001:db8::1", "2001:db8::1");
	check(&w.entries[7], ACTION_SECURITY_AUTHENTICATION, NOW - 4000, "root", "ssh:notty", "203.0.113.9", "203.0.113.9");
	assert_false(w.entries[0].open); /* before the boot */
	assert_true(w.entries[1].open);
	assert_false(w.entries[2].open);
	assert_int_equal(w.entries[1].pid, 70);
	assert_int_equal(wtmp_first_ms(&w), (NOW - 9000) * INT64_C(1000) + 250);
	wtmp_free(&w);
	w = read_all(NOW - 4850, NOW - 4400); /* an end whose logon is before */
	assert_int_equal(w.n, 3);
	check(&w.entries[0], ACTION_SECURITY_LOGOUT, NOW - 4800, "ben", "tty1", NULL, NULL);
	wtmp_free(&w);
	clean(NULL);
}

static void any_bytes(void **state)
{
	unsigned char *bytes = malloc(300 * 400);
	struct wtmp w;
	uint32_t x = 1;
	char path[64];

	assert_non_null(bytes);
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < 300 * 400; i++)
			bytes[i] = (unsigned char)((x = x * 1664525 + 1013904223) >> 24);
		for (size_t i = 0; i + 400 < 300 * 400; i += wtmp_record_size()) {
			bytes[i] = (unsigned char)(round % 2 ? USER : 1 + i % 9);
			bytes[i + 1] = 0;
		}
		write_bytes("wtmp", bytes, 300 * 400 - (size_t)round * 7);
		write_bytes("btmp", bytes, (size_t)round * 13);
		w = read_all(0, 4000000000);
		for (size_t i = 0; i < w.n; i++) {
			assert_in_range(w.entries[i].user.n, 0, 32);
			assert_in_range(w.entries[i].host.n, 0, 256);
			assert_in_range(w.entries[i].time_ms, 0, 4000000000000);
		}
		wtmp_free(&w);
	}
	free(bytes);
	clean(NULL);
	w = read_all(0, NOW); /* nothing there */
	assert_int_equal(w.n, 0);
	assert_int_equal(wtmp_first_ms(&w), INT64_MAX);
	wtmp_free(&w);
	snprintf(path, sizeof(path), "%s/wtmp", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/btmp", folder);
	assert_int_equal(mkfifo(path, 0600), 0); /* does not wait */
	w = read_all(0, NOW);
	assert_int_equal(w.n, 0);
	wtmp_free(&w);
	clean(NULL);
}

static void of_many_the_newest(void **state)
{
	enum { MANY = WTMP_LOOKED_AT_MAX + 500 };
	struct record *many = calloc(MANY, sizeof(*many));
	struct wtmp w;

	assert_non_null(many);
	for (int i = 0; i < MANY; i++)
		many[i] = (struct record){ LOGIN, i + 1, "ssh:notty", "root", "x", NULL, NOW - MANY + i };
	write_records("btmp", many, MANY);
	w = read_all(0, NOW);
	assert_int_equal(w.n, WTMP_ROWS_MAX);
	assert_int_equal(w.entries[w.n - 1].pid, MANY);
	assert_int_equal(w.entries[0].pid, MANY - WTMP_ROWS_MAX + 1);
	wtmp_free(&w);
	many[0].seconds = NOW - (WTMP_DAYS_MAX + 2) * 86400;
	write_records("btmp", many, 2);
	w = read_all(0, NOW);
	assert_int_equal(w.n, 1);
	wtmp_free(&w);
	free(many);
	clean(NULL);
}

/* ---- into a recording ---- */

static struct store *store;
static size_t n_read;

static int sink(struct batch *b, void *data)
{
	for (size_t i = 0; i < b->n; i++)
		n_read += b->items[i].type == ITEM_EVENT && (b->items[i].event.flags & EVENT_FLAG_READ);
	assert_int_equal(store_write(store, b), 0);
	batch_free(b);
	return 0;
}

/* One start of a recorder; how many rows it took from the files. */
static size_t start(int64_t stopped, int64_t now, const struct logon_facts *recorded)
{
	struct recording_config c = { .host = SPAN("h"), .boot_id = SPAN("b"), .sink = sink };
	struct procfs *p = procfs_new();
	struct earlier e = { .first = false };
	struct recording *r;
	char path[64], *error = NULL;

	n_read = 0;
	snprintf(path, sizeof(path), "%s/m.db", folder);
	assert_int_equal(store_open(path, STORE_CREATE, &store, &error), 0);
	assert_int_equal(earlier_load(&e, store, folder, stopped * 1000, now * 1000, 0), 0);
	c.boot = store_find_boot(store, c.host, c.boot_id);
	c.last_boot_id = store_ids(store).boot;
	assert_int_equal(recording_new(&c, &r), 0);
	assert_int_equal(earlier_add(&e, p, r, now * 1000), 0);
	for (; recorded && recorded->time_ms; recorded++) {
		struct item item = { .type = ITEM_EVENT, .event = { .time_ms = recorded->time_ms, .object = recorded->user,
		                     .action = recorded->result ? ACTION_SECURITY_AUTHENTICATION : ACTION_SECURITY_LOGIN,
		                     .result = recorded->result } };

		assert_int_equal(recording_item(r, &item), 0);
	}
	assert_int_equal(recording_finish(r), 0);
	recording_free(r);
	assert_int_equal(store_close(store), 0);
	procfs_free(p);
	return n_read;
}

static void each_once(void **state)
{
	static const struct record more[] = {
		{ USER, 90, "pts/0", "ann", "192.0.2.1", "192.0.2.1", NOW + 100 }, /* recorded, told a little later here */
		{ USER, 91, "pts/1", "ben", "192.0.2.1", "192.0.2.1", NOW + 200 }, /* in its last second, and lost */
		{ USER, 92, "pts/2", "cid", "192.0.2.1", "192.0.2.1", NOW + 300 },
	};
	const struct logon_facts recorded[] = {
		{ .time_ms = (NOW + 99) * INT64_C(1000), .user = SPAN("ann") },
		{ .time_ms = (NOW + 197) * INT64_C(1000), .user = SPAN("root"), .result = 13 },
		{ .time_ms = (NOW + 198) * INT64_C(1000), .user = SPAN("ben"), .result = 13 },
		{ .time_ms = 0 },
	};
	static const struct record more_failed[] = { { LOGIN, 93, "ssh:notty", "root", "x", NULL, NOW + 196 } };

	WRITE("wtmp", logons);
	WRITE("btmp", failed);
	assert_int_equal(start(0, NOW, recorded), 7);
	WRITE("wtmp.1", logons);
	WRITE("wtmp", more);
	WRITE("btmp", more_failed);
	assert_int_equal(start(NOW + 201, NOW + 400, NULL), 2);
	assert_int_equal(start(NOW + 401, NOW + 410, NULL), 0);
	clean(NULL);
}

static void retention_counts_their_age(void **state)
{
	struct earlier e = { .first = false };
	char path[64], *error = NULL;

	WRITE("wtmp", logons);
	snprintf(path, sizeof(path), "%s/m.db", folder);
	assert_int_equal(store_open(path, STORE_CREATE, &store, &error), 0);
	assert_int_equal(earlier_load(&e, store, folder, 0, NOW * INT64_C(1000), 4550 * 1000), 0);
	assert_int_equal(e.wtmp.n, 2);
	earlier_free(&e);
	assert_int_equal(store_close(store), 0);
	clean(NULL);
}

static int make(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(logons_ends_and_failed_ones, clean),
		cmocka_unit_test_teardown(any_bytes, clean),
		cmocka_unit_test_teardown(of_many_the_newest, clean),
		cmocka_unit_test_teardown(each_once, clean),
		cmocka_unit_test_teardown(retention_counts_their_age, clean),
	};

	return cmocka_run_group_tests(tests, make, end);
}
