/* What libraries say in English, in German: the values stay, wherever the sentence wants them. */
#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "gui/fault-text.h"
#include "gui/i18n.h"

static void expressions_are_faulted_in_german(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "proces.name == 1", "unbekanntes Feld proces.name, meinten Sie process.name?" },
		{ "process.pid contains 1",
		  "process.pid ist eine Zahl: contains passt nicht dazu, wohl aber eines von == != < <= > >= in exists" },
		{ "process.name < a", "process.name ist ein Text: < passt nicht dazu, wohl aber eines von "
				      "== != in contains startswith endswith matches exists" },
		{ "process.pid == cased 1", "„cased“ gilt nur für Text, und process.pid ist keiner" },
		{ "process.name exists cased", "„cased“ gilt für das, womit verglichen wird, nicht für „exists“" },
		{ "process.name == \"abc", "das schließende Anführungszeichen fehlt" },
		{ "process.pid == %s", "process.pid ist eine Zahl, „%s“ ist keine" },
		{ "network.transport == x", "network.transport ist nie „x“, sondern eines von tcp, udp" },
		{ "event.partial == maybe", "event.partial ist true oder false, nicht „maybe“" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct expr_error fault;
		AUTO_EXPR *e = NULL;
		g_autofree char *text = NULL;

		assert_int_equal(expr_parse(span_of(cases[i].text), &e, &fault), -EINVAL);
		text = fault_text_of_expression(&fault);
		assert_string_equal(text, cases[i].says);
	}
}

static void every_fault_has_its_sentence(void **state)
{
	static const char *const texts[] = {
		"zzzzzz == 1", "process.name", "process.name is 1", "\"x\" == 1", "and user.id == 1", "user.id == 1 and",
		"user.id ==",
		"user.id == and", "user.id in 1", "user.id in (1", "user.id in (1 2)", "(user.id == 1", "(user.id == 1 1",
		"user.id == 1)", "user.id == 1 user.id == 2", "user.id == 99999999999999999999", "@timestamp > yesterday",
		"@timestamp contains 1", "source.ip == 1.2.3", "source.ip < 1", "source.ip cidr 1.2.3.4/33",
		"file.path matches \"a(\"",
		"event.category < file", "event.partial < true", "process.name == \"a\\xqb\"", "user.id = 1", "! user.id == 1",
		"user.id == 1 && x", "user.id == 1 || x", "user.id == \x01",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct expr_error fault;
		AUTO_EXPR *e = NULL;
		g_autofree char *text = NULL;

		assert_true(expr_parse(span_of(texts[i]), &e, &fault) < 0);
		assert_non_null(fault.format);
		text = fault_text_of_expression(&fault);
		if (strcmp(text, fault.message) == 0)
			fail_msg("%s: in English: %s", texts[i], text);
	}
}

/* A translation may turn the arguments round, and one that asks for too many shows none. */
static void arguments_have_places(void **state)
{
	struct expr_error fault = { .format = "%2$s before %1$s, 100 % of %9$s.", .arguments = { "one", "two", "three" } };
	g_autofree char *turned = fault_text_of_expression(&fault), *plain = NULL;

	assert_string_equal(turned, "two before one, 100 % of .");
	fault = (struct expr_error){ .message = "as it is" };
	plain = fault_text_of_expression(&fault);
	assert_string_equal(plain, "as it is");
}

static void lines_keep_what_they_are_about(void **state)
{
	static const struct { const char *line, *says; } cases[] = {
		{ "/a: b/x.db: cannot open: it is not a database",
		  "/a: b/x.db: kann nicht geöffnet werden: das ist keine Datenbank" },
		{ "x: cannot open: it is damaged: row 7 missing",
		  "x: kann nicht geöffnet werden: die Datei ist beschädigt: row 7 missing" },
		{ "x: cannot open: it is damaged: its page size makes no sense",
		  "x: kann nicht geöffnet werden: die Datei ist beschädigt: Ihre Seitengröße ergibt keinen Sinn" },
		{ "x: cannot open: ", "x: kann nicht geöffnet werden: " },
		{ "/b: c: cancelled, nothing was written", "/b: c: abgebrochen, nichts wurde geschrieben" },
		{ "x: cannot export: that is the recording itself", "x: Export nicht möglich: Das ist die Aufzeichnung selbst" },
		{ "x: cannot export: No space", "x: Export nicht möglich: No space" },
		{ "x: who knows", "x: who knows" },
		{ "x: ", "x: " },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		g_autofree char *text = fault_text_of_line(cases[i].line);

		assert_string_equal(text, cases[i].says);
	}
}

static void readers_are_understood(void **state)
{
	struct reader r = { .error = "the recording is damaged" };

	assert_string_equal(fault_text_of_reader(&r, -EBADMSG), "die Aufzeichnung ist beschädigt");
	snprintf(r.error, sizeof(r.error), "something else");
	assert_string_equal(fault_text_of_reader(&r, -EIO), "something else");
}

static void fields_are_described_in_german(void **state)
{
	const struct field *f;

	assert_string_equal(_(field_find(SPAN("process.executable"))->about), "Pfad des Programms.");
	for (size_t i = 0; (f = field_at(i)); i++)
		assert_string_not_equal(_(f->about), f->about);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_are_faulted_in_german),
		cmocka_unit_test(every_fault_has_its_sentence),
		cmocka_unit_test(arguments_have_places),
		cmocka_unit_test(lines_keep_what_they_are_about),
		cmocka_unit_test(readers_are_understood),
		cmocka_unit_test(fields_are_described_in_german),
	};

	g_setenv("LANGUAGE", "de", TRUE); /* TEXTDOMAINDIR: from meson */
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	i18n_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
