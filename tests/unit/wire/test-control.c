/* Run with the path of wire.h, which must tell of every message what it holds. */
#include "tests/unit/test.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/wire/wire.h"
#include "tests/unit/wire/samples.h"

static const struct message_limits limits = { WIRE_CONTROL_BYTES, WIRE_CONTROL_VALUES };
static const char *manual;

static int get(struct span text, enum control_side from, struct arena *arena, struct control *ret)
{
	struct message m;
	int r = message_parse(text, &limits, &m);

	if (r < 0)
		return r;
	r = control_get(&m, from, arena, ret);
	message_free(&m);
	return r;
}

static void put(struct buf *out, const struct control *c)
{
	int r = control_put(out, c);

	if (r < 0)
		fail_msg("%s: %d", control_name(c->type), r);
}

static void every_message_comes_back(void **state)
{
	for (enum control_type type = 0; type < CONTROL_TYPES; type++) {
		AUTO_BUF first = BUF_INIT, second = BUF_INIT;
		struct arena arena = ARENA_INIT;
		struct control c = samples_control(type, &arena), back;

		put(&first, &c);
		if (get(buf_span(&first), samples_side(type), &arena, &back) < 0)
			fail_msg("%s", first.p);
		assert_int_equal(back.type, type);
		assert_int_equal(back.id, 7);
		put(&second, &back);
		assert_string_equal(first.p, second.p);
		arena_free(&arena);
	}
}

/* The message with the member changed is refused. */
static void is_refused(cJSON *json, enum control_side from, const char *name, cJSON *instead)
{
	cJSON *changed = cJSON_Duplicate(json, true);
	struct arena arena = ARENA_INIT;
	struct control back;
	char *text;

	cJSON_DeleteItemFromObjectCaseSensitive(changed, name);
	if (instead)
		cJSON_AddItemToObject(changed, name, instead);
	text = cJSON_PrintUnformatted(changed);
	if (get(span_of(text), from, &arena, &back) != -EPROTO)
		fail_msg("%s: %.200s", name, text);
	cJSON_free(text);
	cJSON_Delete(changed);
	arena_free(&arena);
}

static void what_is_missing_or_outside_its_limits_is_refused(void **state)
{
	char *much = malloc(20001);

	memset(much, 'a', 20000);
	much[20000] = 0;
	for (enum control_type type = 0; type < CONTROL_TYPES; type++) {
		AUTO_BUF text = BUF_INIT;
		struct arena arena = ARENA_INIT;
		struct control c = samples_control(type, &arena);
		enum control_side from = samples_side(type);
		cJSON *json;

		put(&text, &c);
		json = cJSON_Parse(text.p);
		for (const cJSON *item = json->child; item; item = item->next) {
			if (strcmp(item->string, "v") == 0 || strcmp(item->string, "id") == 0 ||
			    strcmp(item->string, "type") == 0)
				continue;
			is_refused(json, from, item->string, NULL);
			is_refused(json, from, item->string, cJSON_CreateObject());
			is_refused(json, from, item->string, cJSON_CreateString(much));
			is_refused(json, from, item->string, cJSON_CreateNumber(-1e15));
			is_refused(json, from, item->string, cJSON_CreateNumber(0.5));
		}
		cJSON_Delete(json);
		arena_free(&arena);
	}
	free(much);
}

static void nothing_outside_its_limits_is_written(void **state)
{
	char host[257];
	AUTO_BUF out = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct control c;

	memset(host, 'h', sizeof(host));
	c = samples_control(CONTROL_HELLO, &arena);
	c.hello.host = (struct span){ host, 255 };
	assert_int_equal(control_put(&out, &c), 0);
	buf_clear(&out);
	c.hello.host.n = 256;
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c.hello.host = SPAN("\xff");
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c.hello.host = SPAN("a\0b");
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c.hello.host = SPAN_NONE;
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c = samples_control(CONTROL_ENDPOINT_LIST, &arena);
	c.list.match = SPAN_NONE;
	assert_int_equal(control_put(&out, &c), 0);
	buf_clear(&out);
	c.list.n = 0;
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c = samples_control(CONTROL_AGENT_LOG, &arena);
	c.log.level = 4;
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c.type = CONTROL_TYPES;
	assert_int_equal(control_put(&out, &c), -EINVAL);
	assert_int_equal(out.n, 0);
	arena_free(&arena);
}

static void a_list_has_an_end(void **state)
{
	enum { MANY = WIRE_MAX_ROWS + 1 };
	AUTO_BUF out = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct control c = samples_control(CONTROL_ENDPOINTS, &arena), back;
	struct control_endpoint *rows = arena_alloc(&arena, MANY * sizeof(*rows));

	for (size_t i = 0; i < MANY; i++)
		rows[i] = *(struct control_endpoint *)c.rows.rows.rows;
	c.rows.rows = (struct control_rows){ rows, MANY };
	assert_int_equal(control_put(&out, &c), -EINVAL);
	c.rows.rows.n--;
	assert_int_equal(control_put(&out, &c), 0);
	assert_true(out.n < WIRE_CONTROL_BYTES);
	assert_int_equal(get(buf_span(&out), CONTROL_SERVER, &arena, &back), 0);
	assert_int_equal(back.rows.rows.n, WIRE_MAX_ROWS);
	rows[5].host = SPAN_NONE;
	buf_clear(&out);
	assert_int_equal(control_put(&out, &c), -EINVAL);
	arena_free(&arena);
}

static void nobody_speaks_for_another(void **state)
{
	for (enum control_type type = 0; type < CONTROL_TYPES; type++) {
		AUTO_BUF text = BUF_INIT;
		struct arena arena = ARENA_INIT;
		struct control c = samples_control(type, &arena), back;
		bool by_all = type == CONTROL_DONE || type == CONTROL_ERROR || type == CONTROL_BULK_OFFER ||
			      type == CONTROL_BULK_ACCEPT;

		put(&text, &c);
		for (unsigned from = CONTROL_APP; from <= CONTROL_AGENT; from <<= 1) {
			bool may = from == samples_side(type) || by_all || (type == CONTROL_HELLO && from == CONTROL_APP);

			assert_int_equal(get(buf_span(&text), from, &arena, &back), may ? 0 : -ENOSYS);
		}
		arena_free(&arena);
	}
}

static void unknown_types_and_members_are_borne(void **state)
{
	struct arena arena = ARENA_INIT;
	struct control back;

	assert_int_equal(get(SPAN("{\"v\":1,\"id\":1,\"type\":\"app.dance\"}"), CONTROL_APP, &arena, &back), -ENOSYS);
	assert_int_equal(get(SPAN("{\"v\":1,\"id\":1,\"type\":\"app.logout\",\"why\":[1]}"), CONTROL_APP, &arena, &back), 0);
	arena_free(&arena);
}

static void versions_agree_or_say_who_is_too_old(void **state)
{
	static const struct { unsigned min, max, our_min, our_max, agreed; const char *text; } pairs[] = {
		{ 1, 1, 1, 1, 1, "" }, { 1, 5, 2, 3, 3, "" }, { 2, 2, 1, 9, 2, "" }, { 3, 9, 1, 3, 3, "" },
		{ 1, 1, 2, 3, 0, "spoor-agent speaks protocol 1 to 1, the server 2 to 3: update spoor-agent" },
		{ 4, 5, 2, 3, 0, "spoor-agent speaks protocol 4 to 5, the server 2 to 3: update the server" },
		{ 5, 1, 1, 9, 0, "spoor-agent speaks protocol 5 to 1, the server 1 to 9: update the server" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct control hello = { .type = CONTROL_HELLO };
		char text[200] = "";

		hello.hello.protocol_min = pairs[i].min;
		hello.hello.protocol_max = pairs[i].max;
		hello.hello.program = SPAN("spoor-agent");
		assert_int_equal(control_agree(&hello, pairs[i].our_min, pairs[i].our_max, text, sizeof(text)),
				 pairs[i].agreed);
		assert_string_equal(text, pairs[i].text);
	}
}

/* ---- the manual ---- */

/* Only quoted names, commas and space. */
static bool is_names(const char *line, const char *end)
{
	bool quoted = false;

	for (; line < end; line++) {
		if (*line == '"')
			quoted = !quoted;
		else if (!quoted && !strchr(" *,", *line))
			return false;
	}
	return true;
}

/* What wire.h says of that type: from its name at the beginning of a line to the next line that begins with one. */
static struct span entry(const struct buf *text, const char *name)
{
	AUTO_BUF quoted = BUF_INIT;

	buf_printf(&quoted, "\"%s\"", name);
	for (const char *at = text->p; (at = strstr(at, quoted.p)); at++) {
		const char *line = at, *end;

		while (line > text->p && line[-1] != '\n')
			line--;
		if (strncmp(line, " *   \"", 6) != 0 || !is_names(line, at))
			continue;
		end = strstr(at, "\n *   \"");
		return (struct span){ at, end ? (size_t)(end - at) : strlen(at) };
	}
	fail_msg("wire.h does not tell of \"%s\"", name);
	return SPAN_NONE;
}

static void the_manual_tells_every_member(void **state)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_FCLOSE FILE *f = fopen(manual, "r");
	char piece[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&text, piece, n);
	for (enum control_type type = 0; type < CONTROL_TYPES; type++) {
		AUTO_BUF message = BUF_INIT;
		struct arena arena = ARENA_INIT;
		struct control c = samples_control(type, &arena);
		struct span told = entry(&text, control_name(type));
		cJSON *json;

		put(&message, &c);
		json = cJSON_Parse(message.p);
		for (const cJSON *item = json->child; item; item = item->next)
			if (strcmp(item->string, "v") != 0 && strcmp(item->string, "id") != 0 &&
			    strcmp(item->string, "type") != 0 &&
			    !memmem(told.p, told.n, item->string, strlen(item->string)))
				fail_msg("wire.h does not tell \"%s\" of \"%s\"", item->string, control_name(type));
		cJSON_Delete(json);
		arena_free(&arena);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_comes_back),
		cmocka_unit_test(what_is_missing_or_outside_its_limits_is_refused),
		cmocka_unit_test(nothing_outside_its_limits_is_written),
		cmocka_unit_test(a_list_has_an_end),
		cmocka_unit_test(nobody_speaks_for_another),
		cmocka_unit_test(unknown_types_and_members_are_borne),
		cmocka_unit_test(versions_agree_or_say_who_is_too_old),
		cmocka_unit_test(the_manual_tells_every_member),
	};

	manual = argc > 1 ? argv[1] : "agent/wire/wire.h";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
