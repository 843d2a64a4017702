#include "tests/unit/test.h"

#include <string.h>

#include "gui/complete-place.h"

static void check(const char *text, int is, const char *field, const char *part)
{
	const char *bar = strchr(text, '|');
	g_autofree char *whole = g_strdup_printf("%.*s%s", (int)(bar - text), text, bar + 1);
	struct complete_place p = complete_place_of(whole, (gsize)(bar - text));

	if ((int)p.is != is || g_strcmp0(p.field ? p.field->name : NULL, field) != 0 || g_strcmp0(p.part, part) != 0)
		fail_msg("%s: %d %s \"%s\"", text, p.is, p.field ? p.field->name : "-", p.part ? p.part : "-");
	assert_true(p.from <= p.to && p.to == (gsize)(bar - text));
	complete_place_clear(&p);
}

static void words_stand_where_no_value_is_due(void **state)
{
	check("|", COMPLETE_WORD, NULL, "");
	check("proc|", COMPLETE_WORD, NULL, "proc");
	check("process.name == \"a\" and not exec|", COMPLETE_WORD, NULL, "exec");
	check("process.name con|", COMPLETE_WORD, NULL, "con");
	check("(user.i|", COMPLETE_WORD, NULL, "user.i");
	check("process.name in|", COMPLETE_WORD, NULL, "in");
}

static void values_stand_behind_a_field_and_an_operator(void **state)
{
	check("process.name == |", COMPLETE_VALUE, "process.name", "");
	check("process.name == cu|", COMPLETE_VALUE, "process.name", "cu");
	check("process.name == \"cu|", COMPLETE_VALUE, "process.name", "cu");
	check("process.name == \"cu| and", COMPLETE_VALUE, "process.name", "cu");
	check("file.path startswith '/etc/p|", COMPLETE_VALUE, "file.path", "/etc/p");
	check("user.id > 0 or process.name == cased \"X|", COMPLETE_VALUE, "process.name", "X");
	check("destination.port in (|", COMPLETE_VALUE, "destination.port", "");
	check("destination.port in (80, 4|", COMPLETE_VALUE, "destination.port", "4");
	check("not (process.title != ba|", COMPLETE_VALUE, "process.name", "ba");
	check("event.action in (Write, Re|", COMPLETE_VALUE, "event.action", "Re");
}

static void nothing_stands_elsewhere(void **state)
{
	check("process.name == \"curl\"|", COMPLETE_NOTHING, "process.name", NULL);
	check("process.name matches a|", COMPLETE_NOTHING, NULL, "a");
	check("= |", COMPLETE_NOTHING, NULL, NULL);
	check("\"text|", COMPLETE_NOTHING, NULL, NULL);
	check("nonsense == v|", COMPLETE_WORD, NULL, "v");
}

static void values_are_written_as_the_place_takes_them(void **state)
{
	struct complete_place text = { COMPLETE_VALUE, field_find(SPAN("file.path")), NULL, 0, 0, TRUE }, raw = text;
	struct complete_place number = { COMPLETE_VALUE, field_find(SPAN("user.id")), NULL, 0, 0, TRUE };
	g_autofree char *a = complete_place_written(&text, SPAN("/a \"b\"\n")), *b = complete_place_written(&number, SPAN("7"));
	g_autofree char *c = NULL;

	raw.quotes = FALSE;
	c = complete_place_written(&raw, SPAN("/a b"));
	assert_string_equal(a, "\"/a \\\"b\\\"\\n\"");
	assert_string_equal(b, "7");
	assert_string_equal(c, "/a b");
	assert_null(complete_place_written(&raw, SPAN("a,b")));
	assert_null(complete_place_written(&raw, SPAN("\xff")));
	assert_null(complete_place_written(&number, SPAN("seven")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_where_no_value_is_due),
		cmocka_unit_test(values_stand_behind_a_field_and_an_operator),
		cmocka_unit_test(nothing_stands_elsewhere),
		cmocka_unit_test(values_are_written_as_the_place_takes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
