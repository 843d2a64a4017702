#include "tests/unit/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "recorder/users.h"

static char folder[] = "/tmp/spoor-users-XXXXXX";
static char passwd[64], other[64];

/* As useradd does it: a new file in the place of the old. */
static void write_passwd(const char *text)
{
	FILE *f = fopen(other, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(rename(other, passwd), 0);
}

static struct users *make(void)
{
	struct users *u = users_new(passwd);

	assert_non_null(u);
	return u;
}

static void check(struct users *u, int64_t uid, const char *want)
{
	struct span got = users_name(u, uid);

	if (want ? !span_eq(got, span_of(want)) : got.p != NULL)
		fail_msg("%d: \"%.*s\", not \"%s\"", (int)uid, SPAN_FMT(got), want ? want : "(absent)");
}

static void passwd_and_its_changes(void **state)
{
	struct users *u;
	struct span kept;

	write_passwd("root:x:0:0::/root:/bin/sh\nann:x:1000:1000:::\nann2:x:1000:1000:::\n:x:5:5:::\nx\ny:x:-1:\n"
	             "z:x:99999999999:\n");
	u = make();
	check(u, 0, "root");
	check(u, 1000, "ann");
	check(u, 1001, NULL);
	check(u, 5, NULL);
	check(u, -1, NULL);
	kept = users_name(u, 1000);
	write_passwd("root:x:0:0::/root:/bin/sh\nanna:x:1000:1000:::\nben:x:1002:1002:::\n");
	check(u, 1002, "ben"); /* not known: passwd is looked at, at once */
	check(u, 1000, "anna");
	assert_true(span_eq(kept, SPAN("ann"))); /* what was handed out is still there */
	write_passwd("root:x:0:0::/root:/bin/sh\nben2:x:1002:1002:::\n");
	check(u, 1002, "ben");
	users_look(u);
	check(u, 1002, "ben2");
	check(u, 1000, "anna"); /* deleted */
	assert_int_equal(unlink(passwd), 0);
	users_look(u);
	check(u, 0, "root");
	users_free(u);
}

/* ---- asking ---- */

static atomic_int asked;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static int answer(int64_t uid, char ret_name[USERS_NAME], void *data)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	atomic_fetch_add(&asked, 1);
	if (uid == 61002)
		return -EAGAIN;
	if (uid != 61000)
		return -ENOENT;
	snprintf(ret_name, USERS_NAME, "%s", (const char *)data);
	return 0;
}

static void asked_once_each(void **state)
{
	struct users *u;
	int64_t end_by = clock_monotonic() + 10000;

	write_passwd("root:x:0:0:::\n");
	u = make();
	users_ask(u, answer, (char *)"dyn");
	pthread_mutex_lock(&gate);
	check(u, 61000, NULL); /* nobody is waited for */
	pthread_mutex_unlock(&gate);
	while (!users_name(u, 61000).p && clock_monotonic() < end_by)
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	check(u, 61000, "dyn");
	users_wait(u, 10000);
	for (int i = 0; i < 3; i++) {
		check(u, 61001, NULL);
		check(u, 61002, NULL);
		check(u, 61000, "dyn");
	}
	assert_int_equal(atomic_load(&asked), 3);
	write_passwd("root:x:0:0:::\nnew:x:61001:1:::\nown:x:61000:1:::\n");
	users_look(u);
	check(u, 61001, "new");
	check(u, 61000, "own");
	users_free(u);
}

static int nobody(int64_t uid, char ret_name[USERS_NAME], void *data)
{
	atomic_fetch_add(&asked, 1);
	return -EOPNOTSUPP;
}

static void nobody_to_ask(void **state)
{
	struct users *u = make();

	atomic_store(&asked, 0);
	users_ask(u, nobody, NULL);
	users_wait(u, 10000);
	for (int64_t uid = 70000; uid < 70010; uid++)
		check(u, uid, NULL);
	assert_int_equal(atomic_load(&asked), 1);
	users_free(u);
}

static void more_than_can_wait(void **state)
{
	struct users *u = make();

	users_ask(u, answer, (char *)"dyn");
	for (int64_t uid = 100000; uid < 170000; uid++)
		check(u, uid, NULL);
	check(u, 0, "root");
	users_free(u);
}

static int begin(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(passwd, sizeof(passwd), "%s/passwd", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	return 0;
}

static int end(void **state)
{
	unlink(passwd);
	unlink(other);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwd_and_its_changes), cmocka_unit_test(asked_once_each), cmocka_unit_test(nobody_to_ask),
		cmocka_unit_test(more_than_can_wait),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
