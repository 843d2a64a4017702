#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agent/base/cleanup.h"
#include "gui/search-model.h"
#include "tests/unit/query/random-expr.h"

static struct expr *parse(const char *text)
{
	struct expr_error fault;
	struct expr *e = NULL;

	assert_int_equal(expr_parse(span_of(text), &e, &fault), 0);
	return e;
}

static void assert_text(struct search_model *m, const char *expected)
{
	g_autofree char *text = search_model_text(m);

	assert_string_equal(text, expected);
}

static const struct search_node *kid(const struct search_node *n, guint i)
{
	return g_ptr_array_index(n->kids, i);
}

static const struct search_node *root_kid(struct search_model *m, guint i)
{
	return kid(search_model_root(m), i);
}

static void test_text_comes_back(void **state)
{
	static const char *const texts[] = {
		"", "process.pid == 1", "not process.pid == 1", "process.pid == 1 and user.id == 0",
		"process.pid == 1 or user.id == 0", "process.pid == 1 and (user.id == 0 or user.id == 1)",
		"(process.pid == 1 and user.id == 0) or user.id in (3, 4)",
		"not (process.pid == 1 or user.id == 0) and file.path exists",
		"process.pid == 1 and (user.id == 0 and user.id == 1)",
		"process.name == cased \"a\\\"b\\\\\" and not (not file.path exists or process.pid == 1)",
		"process.pid == 1 and ()", "not ()",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		AUTO_SEARCH_MODEL *m = search_model_new();
		g_autofree char *text = NULL;
		struct expr *a, *b;

		assert_true(search_model_set_text(m, texts[i]));
		text = search_model_text(m);
		a = parse(texts[i]);
		b = parse(text);
		if (!expr_equal(a, b))
			fail_msg("%s became %s", texts[i], text);
		expr_free(a);
		expr_free(b);
	}
}

static struct expr *without_double_not(struct expr *e)
{
	while (e->op == EXPR_NOT && e->kids[0]->op == EXPR_NOT) {
		struct expr *inner = e->kids[0]->kids[0];

		e->kids[0]->n_kids = 0;
		expr_free(e);
		e = inner;
	}
	for (size_t i = 0; i < e->n_kids; i++)
		e->kids[i] = without_double_not(e->kids[i]);
	return e;
}

static void test_any_expression_comes_back(void **state)
{
	static const char *const words[] = { "curl", "/tmp/x", "a \"b\"", "10.0.0.1", "" };
	struct random_expr r = { .state = 7, .texts = words, .n_texts = G_N_ELEMENTS(words), .numbers = 50,
		                 .times_from = 1000, .times_to = 100000 };

	for (int i = 0; i < 2000; i++) {
		AUTO_SEARCH_MODEL *m = search_model_new();
		struct expr *e = random_tree(&r, 7), *back;
		AUTO_BUF text = BUF_INIT;
		g_autofree char *made = NULL;

		expr_print(e, &text);
		assert_true(search_model_set_text(m, buf_span(&text).p));
		made = search_model_text(m);
		back = parse(made);
		e = without_double_not(e);
		back = without_double_not(back);
		if (!expr_equal(e, back))
			fail_msg("%s became %s", text.p, made);
		expr_free(e);
		expr_free(back);
	}
}

static void test_wrong_text_changes_nothing(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();

	search_model_set_text(m, "process.pid == 1");
	assert_false(search_model_set_text(m, "process.pid =="));
	assert_text(m, "process.pid == 1");
}

static void test_adding(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();

	search_model_add(m, parse("process.pid == 1"), SEARCH_AND);
	search_model_add(m, parse("process.pid == 2"), SEARCH_OR);
	search_model_add(m, parse("process.pid == 3"), SEARCH_OR);
	assert_text(m, "process.pid == 1 or process.pid == 2 or process.pid == 3");
	search_model_add(m, parse("user.id == 0"), SEARCH_AND);
	assert_text(m, "(process.pid == 1 or process.pid == 2 or process.pid == 3) and user.id == 0");
	search_model_add(m, parse("source.port == 1 or destination.port == 1"), SEARCH_AND);
	assert_text(m, "(process.pid == 1 or process.pid == 2 or process.pid == 3) and user.id == 0 and "
	            "(source.port == 1 or destination.port == 1)");
}

static void test_changing_a_chip(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();
	guint on;

	search_model_set_text(m, "process.pid == 1 and user.id == 0");
	search_model_update(m, root_kid(m, 0), parse("not process.pid == 7"));
	assert_text(m, "not process.pid == 7 and user.id == 0");
	search_model_negate(m, root_kid(m, 0));
	search_model_negate(m, root_kid(m, 1));
	assert_text(m, "process.pid == 7 and not user.id == 0");
	search_model_switch(m, root_kid(m, 0));
	assert_text(m, "not user.id == 0");
	assert_int_equal(search_model_n_chips(m, &on), 2);
	assert_int_equal(on, 1);
	search_model_remove(m, root_kid(m, 1));
	assert_text(m, "");
	search_model_switch(m, root_kid(m, 0));
	assert_text(m, "process.pid == 7");
}

static void test_switched_off_stays_when_text_changes(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();

	search_model_set_text(m, "process.pid == 1 and user.id == 0");
	search_model_switch(m, root_kid(m, 0));
	search_model_set_text(m, "user.id == 5");
	assert_text(m, "user.id == 5");
	assert_int_equal(search_model_root(m)->kids->len, 2);
	search_model_switch(m, root_kid(m, 1));
	assert_text(m, "user.id == 5 and process.pid == 1");
}

static void test_moving_between_groups(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();

	search_model_set_text(m, "process.pid == 1 and (user.id == 0 or user.id == 1) and file.path exists");
	search_model_move(m, root_kid(m, 0), root_kid(m, 1));
	assert_text(m, "(user.id == 0 or user.id == 1 or process.pid == 1) and file.path exists");
	search_model_move(m, kid(root_kid(m, 0), 0), search_model_root(m));
	assert_text(m, "(user.id == 1 or process.pid == 1) and file.path exists and user.id == 0");
	search_model_move(m, kid(root_kid(m, 0), 0), search_model_root(m));
	assert_text(m, "process.pid == 1 and file.path exists and user.id == 0 and user.id == 1");
	search_model_pair(m, root_kid(m, 3), root_kid(m, 2));
	assert_text(m, "process.pid == 1 and file.path exists and (user.id == 0 or user.id == 1)");
	search_model_move(m, search_model_root(m), root_kid(m, 2)); /* no group goes into itself */
	search_model_pair(m, root_kid(m, 2), kid(root_kid(m, 2), 0));
	assert_text(m, "process.pid == 1 and file.path exists and (user.id == 0 or user.id == 1)");
	search_model_turn(m, root_kid(m, 2));
	assert_text(m, "process.pid == 1 and file.path exists and (user.id == 0 and user.id == 1)");
}

static void test_negated_groups_keep_their_meaning(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();

	search_model_set_text(m, "not (user.id == 0 or user.id == 1) and process.pid == 1");
	search_model_remove(m, kid(root_kid(m, 0), 0));
	assert_text(m, "not user.id == 1 and process.pid == 1");
}

static void test_undo_and_redo(void **state)
{
	AUTO_SEARCH_MODEL *m = search_model_new();

	assert_false(search_model_undo(m));
	search_model_add(m, parse("process.pid == 1"), SEARCH_AND);
	search_model_set_text(m, "user.id == 0");
	search_model_set_text(m, "user.id  ==  0"); /* the same: no step of its own */
	search_model_switch(m, root_kid(m, 0));
	search_model_clear(m);
	assert_true(search_model_undo(m));
	assert_int_equal(search_model_root(m)->kids->len, 1);
	assert_true(search_model_undo(m));
	assert_text(m, "user.id == 0");
	assert_true(search_model_undo(m));
	assert_text(m, "process.pid == 1");
	assert_true(search_model_redo(m));
	assert_text(m, "user.id == 0");
	search_model_negate(m, root_kid(m, 0));
	assert_false(search_model_can_redo(m));
	for (int i = 0; i < 3 * SEARCH_UNDO; i++)
		search_model_negate(m, root_kid(m, 0));
	for (int i = 0; i < SEARCH_UNDO; i++)
		assert_true(search_model_undo(m));
	assert_false(search_model_undo(m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_comes_back),
		cmocka_unit_test(test_any_expression_comes_back),
		cmocka_unit_test(test_wrong_text_changes_nothing),
		cmocka_unit_test(test_adding),
		cmocka_unit_test(test_changing_a_chip),
		cmocka_unit_test(test_switched_off_stays_when_text_changes),
		cmocka_unit_test(test_moving_between_groups),
		cmocka_unit_test(test_negated_groups_keep_their_meaning),
		cmocka_unit_test(test_undo_and_redo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
