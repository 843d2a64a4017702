#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "gui/search-parameter.h"

static const char *const samples[] = {
	[FIELD_TEXT] = "a \"b\" \\ c", [FIELD_NUMBER] = "7", [FIELD_TIME] = "2026-11-20", [FIELD_ADDRESS] = "10.0.0.1",
	[FIELD_BOOL] = "true",
};

static const char *sample(const struct field *f, const struct search_operand *o)
{
	if (o->op == EXPR_CIDR)
		return "10.0.0.0/8";
	if (o->op == EXPR_MATCHES)
		return "a+";
	return f->type == FIELD_ENUM ? field_word_at(f, 0) : samples[f->type];
}

static void check_choice(const struct search_parameter *p, const struct search_operand *o)
{
	g_autofree char *why = NULL, *value = NULL;
	AUTO_EXPR *e = search_parameter_condition(p, o, sample(p->field, o), FALSE, &why);
	const struct expr *inner = e;

	if (!e)
		fail_msg("%s %s: %s", p->label, o->words, why);
	if (p->other)
		return;
	if (e->op == EXPR_NOT)
		inner = e->kids[0];
	assert_ptr_equal(search_operand_of(inner, inner != e), o);
	value = search_parameter_value(inner);
	assert_string_equal(value, o->op == EXPR_EXISTS ? "" : sample(p->field, o));
}

/* Everything that can be chosen can be asked, and is found again in what was made. */
static void test_every_choice_makes_a_condition(void **state)
{
	for (int kind = 0; kind < EVENT_CATEGORY_COUNT; kind++) {
		guint usual;
		g_autoptr(GArray) list = search_parameter_list(kind, &usual);
		const struct search_operand *o;

		assert_true(usual > 5 && usual < list->len);
		for (guint i = 0; i < list->len; i++) {
			const struct search_parameter *p = &g_array_index(list, struct search_parameter, i);

			for (guint k = 0; (o = search_operand_at(p->field, k)); k++)
				check_choice(p, o);
		}
	}
}

static struct expr *make(const char *label, const char *words, const char *value, char **why)
{
	guint usual;
	g_autoptr(GArray) list = search_parameter_list(EVENT_NONE, &usual);

	for (guint i = 0; i < list->len; i++) {
		const struct search_parameter *p = &g_array_index(list, struct search_parameter, i);
		const struct search_operand *o;

		for (guint k = 0; strcmp(p->label, label) == 0 && (o = search_operand_at(p->field, k)); k++)
			if (strcmp(o->words, words) == 0)
				return search_parameter_condition(p, o, value, FALSE, why);
	}
	fail_msg("no %s %s", label, words);
	return NULL;
}

static void check(const char *label, const char *words, const char *value, const char *expected)
{
	AUTO_EXPR *e = make(label, words, value, NULL);
	AUTO_BUF text = BUF_INIT;

	assert_non_null(e);
	expr_print(e, &text);
	assert_string_equal(text.p, expected);
}

static void test_what_they_mean(void **state)
{
	check("IP address", "is", "10.0.0.1", "source.ip == 10.0.0.1 or destination.ip == 10.0.0.1");
	check("IP address", "is not", "10.0.0.1", "source.ip != 10.0.0.1 and destination.ip != 10.0.0.1");
	check("IP address", "is none of", "10.0.0.1, ::1",
	      "not source.ip in (10.0.0.1, ::1) and not destination.ip in (10.0.0.1, ::1)");
	check("Process name", "is one of", "curl, a\\,b ,", "process.name in (\"curl\", \"a,b\")");
	check("Process name", "is not known", "", "not process.name exists");
	check("Process path", "does not start with", "/usr/", "not process.executable startswith \"/usr/\"");
}

static void test_wrong_values_say_why(void **state)
{
	g_autofree char *why = NULL;

	assert_null(make("PID", "is", "seven", &why));
	assert_non_null(strstr(why, "number"));
}

static void test_what_an_entry_cannot_show(void **state)
{
	struct expr *e = expr_condition(field_find(SPAN("process.name")), EXPR_EQ, SPAN("a\nb"));

	assert_null(search_parameter_value(e));
	expr_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_choice_makes_a_condition),
		cmocka_unit_test(test_what_they_mean),
		cmocka_unit_test(test_wrong_values_say_why),
		cmocka_unit_test(test_what_an_entry_cannot_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
