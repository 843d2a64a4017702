#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "server/checker.h"
#include "server/password.h"

struct asked {
	struct fdm *fdm;
	int results[CHECKER_QUEUE + 8];
	size_t n, wanted;
};

static void done(int result, void *data)
{
	struct asked *a = data;

	a->results[a->n++] = result;
	if (a->n == a->wanted)
		fdm_quit(a->fdm);
}

static void answers_come_in_order(void **state)
{
	struct asked a = { .fdm = fdm_new(), .wanted = 3 };
	struct checker *c = NULL;
	AUTO_FREE char *hash = NULL;

	assert_int_equal(password_hash("correct horse battery", &hash), 0);
	assert_int_equal(checker_new(a.fdm, &c), 0);
	assert_int_equal(checker_ask(c, "correct horse battery", hash, done, &a), 0);
	assert_int_equal(checker_ask(c, "wrong horse battery", hash, done, &a), 0);
	assert_int_equal(checker_ask(c, "correct horse battery", NULL, done, &a), 0);
	assert_int_equal(a.n, 0); /* never from the call */
	assert_int_equal(fdm_run(a.fdm), 0);
	assert_int_equal(a.results[0], 0);
	assert_int_equal(a.results[1], -EACCES);
	assert_int_equal(a.results[2], -EACCES);
	checker_free(c);
	fdm_free(a.fdm);
}

/* One may be under way already when the queue is full. */
static void the_queue_is_bounded_and_can_be_left(void **state)
{
	struct asked gone = { .wanted = 1000 }, stays = { .fdm = fdm_new(), .wanted = 1 };
	struct checker *c = NULL;
	int taken = 0, r = 0;

	assert_int_equal(checker_new(stays.fdm, &c), 0);
	assert_int_equal(checker_ask(c, "x", NULL, done, &gone), 0);
	assert_int_equal(checker_ask(c, "x", NULL, done, &stays), 0);
	while (r == 0 && taken < 1000) {
		r = checker_ask(c, "x", NULL, done, &gone);
		taken += r == 0;
	}
	assert_int_equal(r, -EBUSY);
	assert_in_range(taken, CHECKER_QUEUE - 2, CHECKER_QUEUE + 4);
	checker_forget(c, &gone);
	assert_int_equal(fdm_run(stays.fdm), 0);
	assert_int_equal(gone.n, 0);
	checker_free(c); /* with all that waits */
	fdm_free(stays.fdm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_in_order),
		cmocka_unit_test(the_queue_is_bounded_and_can_be_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
