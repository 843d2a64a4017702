/* Field by field against another decoder. */
#include "tests/golden/corpus.h"

#include <cjson/cJSON.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/execve.h"
#include "recorder/path.h"
#include "recorder/syscall-record.h"

static void unpercent(struct buf *out, const char *z)
{
	for (; *z; z++) {
		char c;

		if (*z == '%' && strlen(z) >= 3 && span_unhex((struct span){ z + 1, 2 }, &c) == 0) {
			buf_add_char(out, c);
			z += 2;
		} else {
			buf_add_char(out, *z);
		}
	}
}

static void compare_text(const cJSON *object, const char *key, struct span have)
{
	const cJSON *want = cJSON_GetObjectItemCaseSensitive(object, key);
	AUTO_BUF text = BUF_INIT;

	if (!cJSON_IsString(want) || strcmp(want->valuestring, "(none)") == 0)
		return;
	unpercent(&text, want->valuestring);
	if (!span_eq(buf_span(&text), have))
		fail_msg("%s: got \"%.*s\", not \"%s\"", key, SPAN_FMT(have), want->valuestring);
}

static void compare_number(const cJSON *object, const char *key, int64_t have)
{
	const cJSON *want = cJSON_GetObjectItemCaseSensitive(object, key);

	if (!cJSON_IsNumber(want))
		return;
	if (have == -1 && want->valuedouble >= UINT32_MAX)
		return;
	if ((int64_t)want->valuedouble != have)
		fail_msg("%s: got %lld, not %.0f", key, (long long)have, want->valuedouble);
}

static void compare_call(const cJSON *want, struct span body, struct arena *arena)
{
	struct syscall_record r;
	AUTO_BUF arch = BUF_INIT;

	if (!want)
		return;
	syscall_record_parse(body, &r);
	buf_printf(&arch, "0x%08x", r.arch);
	compare_text(want, "arch", buf_span(&arch));
	compare_number(want, "syscall", r.number);
	compare_text(want, "success", r.success == 1 ? SPAN("yes") : SPAN("no"));
	compare_number(want, "exit", r.exit);
	compare_number(want, "items", r.items);
	compare_number(want, "ppid", r.ppid);
	compare_number(want, "pid", r.pid);
	compare_number(want, "auid", r.auid);
	compare_number(want, "uid", r.uid);
	compare_number(want, "gid", r.gid);
	compare_number(want, "euid", r.euid);
	compare_number(want, "egid", r.egid);
	compare_number(want, "ses", r.session);
	compare_text(want, "tty", record_string(&r.tty, arena));
	compare_text(want, "comm", record_string(&r.comm, arena));
	compare_text(want, "exe", record_string(&r.exe, arena));
}

static void compare_arguments(const cJSON *want, const struct span *bodies, size_t n, struct arena *arena)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(want, "ARGV"), *arg;
	struct image_start image = { 0 };
	struct execve_args args;
	uint32_t i = 0;

	if (!list)
		return;
	assert_int_equal(execve_join(bodies, n, arena, &args), 0);
	assert_int_equal(args.argc, cJSON_GetArraySize(list));
	image.command_line = args.command_line;
	image.arg_lengths = args.lengths;
	image.argc = args.argc;
	cJSON_ArrayForEach(arg, list) {
		AUTO_BUF text = BUF_INIT;

		unpercent(&text, arg->valuestring);
		assert_true(span_eq(corpus_argument(&image, i), buf_span(&text)));
		i++;
	}
}

static void compare_path(const cJSON *list, struct span body, struct arena *arena)
{
	static const char *const names[] = { "UNKNOWN", "NORMAL", "PARENT", "DELETE", "CREATE" };
	struct path_item item;
	const cJSON *want;

	path_item_parse(body, &item);
	want = cJSON_GetArrayItem(list, (int)item.item);
	assert_non_null(want);
	compare_number(want, "item", item.item);
	if (item.name.key.p)
		compare_text(want, "name", record_string(&item.name, arena));
	compare_text(want, "nametype", span_of(names[item.nametype]));
}

static void compare_event(const cJSON *want, struct span text)
{
	struct arena arena = ARENA_INIT;
	AUTO_BUF stamp = BUF_INIT;
	struct span line, execve[16];
	size_t n = 0;

	buf_printf(&stamp, "%s", cJSON_GetObjectItemCaseSensitive(want, "ID")->valuestring);
	while (span_next(&text, '\n', &line)) {
		struct record_field f;
		struct record r;
		AUTO_BUF own = BUF_INIT;

		if (record_parse_line(line, &r))
			continue;
		buf_printf(&own, "%lld.%03d:%llu", (long long)r.time_ms / 1000, (int)(r.time_ms % 1000),
		           (unsigned long long)r.serial);
		if (!span_eq(buf_span(&own), buf_span(&stamp)))
			continue;
		if (span_eq(r.type, SPAN("SYSCALL")))
			compare_call(cJSON_GetObjectItemCaseSensitive(want, "SYSCALL"), r.body, &arena);
		else if (span_eq(r.type, SPAN("EXECVE")) && n < ARRAY_LEN(execve))
			execve[n++] = r.body;
		else if (span_eq(r.type, SPAN("PATH")))
			compare_path(cJSON_GetObjectItemCaseSensitive(want, "PATH"), r.body, &arena);
		else if (span_eq(r.type, SPAN("CWD")) && record_find(r.body, SPAN("cwd"), &f))
			compare_text(cJSON_GetObjectItemCaseSensitive(want, "CWD"), "cwd", record_string(&f, &arena));
	}
	compare_arguments(cJSON_GetObjectItemCaseSensitive(want, "EXECVE"), execve, n, &arena);
	arena_free(&arena);
}

static void fields_are_decoded_as_by_laurel(void **state)
{
	static const char *const names[] = {
		"adjntpval", "anom-promiscuous", "avc-apparmor", "bind-ipv4-bigendian", "execve-long", "execve",
		"login", "nscd", "perl-reverse-shell", "ptrace", "syscall-key", "syscall-nullkey", "uringop", "weblogic",
	};
	size_t events = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_BUF path = BUF_INIT;
		AUTO_BUF json = BUF_INIT;
		AUTO_BUF text = BUF_INIT;
		struct span rest, line;

		buf_printf(&path, LAUREL "record-%s.json", names[i]);
		corpus_load(path.p, &json);
		buf_clear(&path);
		buf_printf(&path, LAUREL "record-%s.txt", names[i]);
		corpus_load(path.p, &text);
		rest = buf_span(&json);
		while (span_next(&rest, '\n', &line)) {
			cJSON *want = cJSON_ParseWithLength(line.p, line.n);

			if (!want)
				continue;
			compare_event(want, buf_span(&text));
			cJSON_Delete(want);
			events++;
		}
	}
	assert_int_equal(events, 18);
}

const struct CMUnitTest corpus_laurel[] = {
	cmocka_unit_test(fields_are_decoded_as_by_laurel),
};
const size_t n_corpus_laurel = ARRAY_LEN(corpus_laurel);
