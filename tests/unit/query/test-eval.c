#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "recorder/query/eval.h"
#include "tests/unit/query/story.h"

static struct eval_subject subject_of(const struct story *s, size_t i)
{
	struct eval_subject u = { .event = &s->events[i].e };

	if (u.event->image) {
		u.image = &s->images[u.event->image - 1];
		u.process = &s->processes[u.image->process - 1];
		u.boot = &s->boots[u.process->boot - 1];
		if (u.process->parent_image) {
			u.parent_image = &s->images[u.process->parent_image - 1];
			u.parent = &s->processes[u.parent_image->process - 1];
		}
	}
	return u;
}

/* Agrees with the oracle that the compiler to SQL agrees with (test-reader-db.c). */
static void test_agrees(void **state)
{
	unsigned asked = 0, matched = 0;

	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct story *s = story_new(seed * 31);

		for (unsigned k = 0; k < 150; k++) {
			AUTO_EXPR *e = random_tree(&s->random, k % 4);
			struct expr_error error;
			struct eval *v = NULL;

			if (eval_new(e, &v, &error) < 0)
				continue;
			asked++;
			for (size_t i = 0; i < STORY_EVENTS; i++) {
				struct eval_subject u = subject_of(s, i);
				int got = eval_event(v, &u);

				if (got != story_matches(s, e, i)) {
					AUTO_BUF text = BUF_INIT;

					expr_print(e, &text);
					fail_msg("event %zu: %d: %.*s", i, got, (int)text.n, text.p);
				}
				matched += got == 1;
			}
			eval_free(v);
		}
		story_free(s);
	}
	assert_true(asked > 100);
	assert_true(matched > 1000);
}

static void test_refuses_what_is_not_known(void **state)
{
	static const char *const texts[] = {
		"event.count > 3", "event.id == 7", "process.exit_code != 0", "process.end exists", "process.hash.md5 exists",
		"process.entity_id == 1", "file.path exists and not (process.parent.entity_id == 2)", "@timestamp > -1h",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_EXPR *e = NULL;
		struct expr_error error = { 0 };
		struct eval *v = NULL;

		assert_int_equal(expr_parse(span_of(texts[i]), &e, &error), 0);
		assert_int_equal(eval_new(e, &v, &error), -EINVAL);
		assert_true(strstr(error.message, "filter") != NULL);
	}
}

static void test_without_an_image(void **state)
{
	struct event event = { .action = ACTION_FILE_WRITE, .object = SPAN("/tmp/a") };
	struct eval_subject u = { .event = &event };
	struct expr_error error;
	struct eval *v = NULL;
	AUTO_EXPR *e = NULL;

	assert_int_equal(expr_parse(SPAN("process.name != \"sh\" and not user.id exists"), &e, &error), 0);
	assert_int_equal(eval_new(e, &v, &error), 0);
	assert_int_equal(eval_event(v, &u), 1);
	eval_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees),
		cmocka_unit_test(test_refuses_what_is_not_known),
		cmocka_unit_test(test_without_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
