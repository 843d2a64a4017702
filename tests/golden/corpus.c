/* corpus: truths about public logs that lie beside the project: SPOOR_SHARED, or the first argument. Absent: 77. */
#include "tests/unit/test.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "recorder/assemble.h"
#include "recorder/execve.h"
#include "recorder/path.h"
#include "recorder/sockaddr.h"
#include "tests/golden/dump.h"

#define LAUREL "threathunters-io__laurel/src/testdata/"
#define ELASTIC "elastic__go-libaudit/"
#define LINUX "linux-audit__audit-userspace/auparse/test/"
#define SELINUX "SELinuxProject__selinux/python/sepolgen/tests/test_data/"

static const char *root;

static void load(const char *name, struct buf *ret)
{
	AUTO_BUF path = BUF_INIT;

	buf_printf(&path, "%s/%s", root, name);
	if (replay_read(path.p, ret) < 0)
		fail_msg("%s cannot be read", path.p);
}

static void replay(const char *name, struct replay *ret)
{
	AUTO_BUF text = BUF_INIT;

	load(name, &text);
	assert_int_equal(replay_text(buf_span(&text), REPLAY_COPIED, ret), 0);
}

/* ---- what is asked of a replay ---- */

static const struct item *next_item(const struct replay *r, enum item_type type, size_t skip)
{
	for (struct batch *b = r->batches; b; b = b->next)
		for (size_t i = 0; i < b->n; i++)
			if (b->items[i].type == type && skip-- == 0)
				return &b->items[i];
	return NULL;
}

static const struct image_start *image_at(const struct replay *r, int64_t id)
{
	const struct item *item;

	for (size_t i = 0; (item = next_item(r, ITEM_IMAGE, i)); i++)
		if (item->image.id == id)
			return &item->image;
	fail_msg("no image %lld", (long long)id);
	return NULL;
}

static const struct process_start *process_at(const struct replay *r, int64_t id)
{
	const struct item *item;

	for (size_t i = 0; (item = next_item(r, ITEM_PROCESS, i)); i++)
		if (item->process.id == id)
			return &item->process;
	fail_msg("no process %lld", (long long)id);
	return NULL;
}

static const struct event *event_of(const struct replay *r, uint64_t serial, enum event_action action)
{
	const struct item *item;

	for (size_t i = 0; (item = next_item(r, ITEM_EVENT, i)); i++)
		if (item->event.serial == serial && item->event.action == action)
			return &item->event;
	fail_msg("no %s with serial %llu", event_action_name(action), (unsigned long long)serial);
	return NULL;
}

static const struct image_start *exec_of(const struct replay *r, uint64_t serial)
{
	return image_at(r, event_of(r, serial, ACTION_PROCESS_CREATE)->image);
}

static void assert_text(struct span have, const char *want)
{
	if (!span_eq(have, span_of(want)))
		fail_msg("got \"%.*s\", not \"%s\"", SPAN_FMT(have), want);
}

static struct span argument(const struct image_start *image, uint32_t n)
{
	struct span rest = image->command_line, piece = SPAN_NONE;

	assert_true(n < image->argc);
	if (!image->arg_lengths) {
		for (uint32_t i = 0; i <= n; i++)
			assert_true(span_next(&rest, ' ', &piece));
		return piece;
	}
	for (uint32_t i = 0; i < n; i++)
		rest.p += image->arg_lengths[i] >= 0 ? image->arg_lengths[i] + 1 : 0;
	return (struct span){ rest.p, (size_t)image->arg_lengths[n] };
}

/* ---- counts ---- */

static void counts_are_those_of_other_tools(void **state)
{
	static const struct {
		const char *name;
		uint64_t records, events, unparsed;
	} want[] = {
		{ ELASTIC "testdata/rollover.log", 5, 5, 0 },
		{ ELASTIC "testdata/normal.log", 17, 5, 0 },
		{ ELASTIC "testdata/out_of_order.log", 17, 5, 0 },
		{ ELASTIC "testdata/lost_messages.log", 17, 5, 0 },
		{ LINUX "test3.log", 15, 8, 0 },
		{ "log2timeline__plaso/test_data/audit_enriched.log", 29, 12, 0 },
		{ "log2timeline__plaso/test_data/selinux.log", 7, 6, 4 },
		{ SELINUX "audit.log", 5225, 2741, 0 },
		{ SELINUX "httpd.log", 10850, 6470, 0 },
		{ "microsoft__OMS-Auditd-Plugin/raw_test_events.derived.log", 37, 13, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		AUTO_REPLAY r = { 0 };

		replay(want[i].name, &r);
		if (r.stats.records != want[i].records || r.stats.events != want[i].events ||
		    r.stats.unparsed != want[i].unparsed)
			fail_msg("%s: %llu records, %llu events, %llu unparsed", want[i].name,
			         (unsigned long long)r.stats.records, (unsigned long long)r.stats.events,
			         (unsigned long long)r.stats.unparsed);
	}
}

static void comments_are_no_records(void **state)
{
	static const struct {
		const char *name;
		uint64_t records, events;
	} want[] = {
		{ LAUREL "shell-proc-trace.txt", 39, 9 },
		{ LAUREL "shell-proc-trace-reordered.txt", 39, 9 },
		{ LAUREL "shell-proc-trace-confusion.txt", 164, 72 },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		AUTO_REPLAY r = { 0 };

		replay(want[i].name, &r);
		assert_int_equal(r.stats.records, want[i].records);
		assert_int_equal(r.stats.events, want[i].events);
	}
}

/* ---- assembly ---- */

static void permuted_log_gives_the_same_rows(void **state)
{
	AUTO_REPLAY normal = { 0 };
	AUTO_REPLAY permuted = { 0 };

	replay(ELASTIC "testdata/normal.log", &normal);
	replay(ELASTIC "testdata/out_of_order.log", &permuted);
	assert_string_equal(normal.items.p, permuted.items.p);
}

static void lost_serials_are_a_gap(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct item *gap;

	replay(ELASTIC "testdata/lost_messages.log", &r);
	gap = next_item(&r, ITEM_GAP, 0);
	assert_non_null(gap);
	assert_int_equal(gap->gap.cause, GAP_SERIAL_JUMP);
	assert_int_equal(gap->gap.count, 9);
	assert_null(next_item(&r, ITEM_GAP, 1));
}

static void note_serial(struct pending *p, void *data)
{
	struct buf *out = data;

	buf_printf(out, " %llu", (unsigned long long)p->serial);
}

static void ignore_gap(uint32_t node, int64_t from_ms, int64_t to_ms, uint64_t missing, void *data)
{
}

static void ignore_restart(uint32_t node, bool forward, void *data)
{
}

static void serials_go_on_at_zero(void **state)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF serials = BUF_INIT;
	struct type_table types = { 0 };
	struct assembly a = { .types = &types, .event = note_serial, .gap = ignore_gap, .restart = ignore_restart,
			      .data = &serials };
	struct span rest, line;

	load(ELASTIC "testdata/rollover.log", &text);
	rest = buf_span(&text);
	while (span_next(&rest, '\n', &line)) {
		struct record r;

		if (line.n && !record_parse_line(line, &r))
			assert_int_equal(assembly_add(&a, 0, type_by_name(&types, r.type), &r), 0);
	}
	assembly_finish(&a);
	assert_string_equal(serials.p, " 4294967294 4294967295 0 1 2");
	assembly_free(&a);
	type_table_free(&types);
}

/* ---- programs ---- */

static void long_argument_comes_from_several_records(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;
	struct span arg;

	replay(LAUREL "record-execve-long.txt", &r);
	image = &next_item(&r, ITEM_IMAGE, 0)->image;
	assert_int_equal(image->argc, 2);
	arg = argument(image, 1);
	assert_int_equal(arg.n, 8192);
	assert_memory_equal(arg.p, "baaaaaaa", 8);
}

static void reverse_shell_is_told_whole(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;
	const struct process_start *process;
	struct span arg;

	replay(LAUREL "record-perl-reverse-shell.txt", &r);
	image = &next_item(&r, ITEM_IMAGE, 0)->image;
	process = process_at(&r, image->process);
	assert_int_equal(process->pid, 724395);
	assert_int_equal(process->parent_pid, 722076);
	assert_int_equal(image->argc, 3);
	assert_text(argument(image, 0), "perl");
	assert_text(argument(image, 1), "-e");
	arg = argument(image, 2);
	assert_true(arg.n > 128);
	assert_true(span_starts(arg, SPAN("use Socket;$i=\"10.0.0.1\";$p=1234;")));
	assert_memory_equal(arg.p + arg.n - 21, "exec(\"/bin/sh -i\");};", 21);
}

static void many_arguments_fit_one_record(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct item *first, *second;

	replay(LINUX "test4.log", &r);
	first = next_item(&r, ITEM_IMAGE, 0);
	second = next_item(&r, ITEM_IMAGE, 1);
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal(first->image.argc, 48);
	assert_int_equal(second->image.argc, 216);
}

static void enriched_log_is_decoded(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;

	replay("log2timeline__plaso/test_data/audit_enriched.log", &r);
	image = exec_of(&r, 487);
	assert_text(image->command_line, "/bin/sh -c grep -c . /etc/hostname");
	assert_text(argument(image, 2), "grep -c . /etc/hostname");
	assert_text(image->who.user, "root");
	image = exec_of(&r, 735);
	assert_int_equal(image->argc, 2);
	assert_text(argument(image, 1), "/tmp/my report.txt");
}

/* ---- identity ---- */

static void assert_parent(const struct replay *r, const struct process_start *child, int64_t pid)
{
	assert_int_equal(child->parent_pid, pid);
	assert_true(child->parent_image > 0);
	assert_int_equal(process_at(r, image_at(r, child->parent_image)->process)->pid, pid);
}

static void check_tree(const char *name)
{
	static const struct {
		uint64_t serial;
		int64_t pid, parent;
		const char *command_line;
	} want[] = {
		{ 29238, 71505, 71432, "/bin/sh ./src/testdata/double-fork/test-script.sh" },
		{ 29242, 71507, 71505, "grep baz" },
		{ 29244, 71508, 71506, "/bin/echo foo" },
		{ 29245, 71509, 71506, "/bin/sed -e s/foo/bar/" },
	};
	AUTO_REPLAY r = { 0 };
	const struct item *item;
	size_t n = 0;

	replay(name, &r);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct image_start *image = exec_of(&r, want[i].serial);
		const struct process_start *process = process_at(&r, image->process);

		assert_int_equal(process->pid, want[i].pid);
		assert_text(image->command_line, want[i].command_line);
		assert_parent(&r, process, want[i].parent);
	}
	for (; (item = next_item(&r, ITEM_PROCESS, n)); n++)
		if (item->process.pid == 71506)
			assert_parent(&r, &item->process, 71505);
	assert_int_equal(n, 6); /* each pid once */
}

static void both_orders_give_the_tree(void **state)
{
	check_tree(LAUREL "shell-proc-trace.txt");
	check_tree(LAUREL "shell-proc-trace-reordered.txt");
}

static void used_again_pid_is_another_process(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *id, *parent;
	const struct process_start *process;

	replay(LAUREL "shell-proc-trace-confusion.txt", &r);
	id = exec_of(&r, 2638035);
	assert_text(id->executable, "/usr/bin/id");
	parent = image_at(&r, process_at(&r, id->process)->parent_image);
	assert_text(parent->comm, "csh");
	assert_text(parent->executable, "/bin/tcsh");
	process = process_at(&r, parent->process);
	assert_int_equal(process->pid, 2655);
	assert_int_equal(process->parent_pid, 2542);
	assert_true(process->id != process_at(&r, exec_of(&r, 2588684)->process)->id);
	assert_int_equal(exec_of(&r, 2638036)->process, process->id);
}

static void orphan_keeps_the_ppid_of_its_record(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;
	const struct process_start *process;

	replay(LAUREL "fork-sleep-exec.txt", &r);
	image = exec_of(&r, 6104008);
	assert_text(image->executable, "/usr/bin/true");
	assert_int_equal(image->argc, 1);
	assert_int_equal(argument(image, 0).n, 0);
	process = process_at(&r, image->process);
	assert_int_equal(process->pid, 1578540);
	assert_parent(&r, process, 1578539); /* its own clone tells who made it */
}

/* ---- network ---- */

static void attempt_is_no_failure(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct event *e;

	replay(LAUREL "record-connect.txt", &r);
	e = event_of(&r, 2482681, ACTION_NETWORK_CONNECT);
	assert_text(e->object, "127.0.0.1");
	assert_int_equal(e->port, 11211);
	e = event_of(&r, 2482682, ACTION_NETWORK_CONNECT_ATTEMPT);
	assert_text(e->object, "::1");
	assert_int_equal(e->port, 11211);
	assert_int_equal(e->result, 0);
}

/* First record of that type in a file. */
static void first_record(struct span text, struct span type, struct record *ret)
{
	struct span line;

	while (span_next(&text, '\n', &line))
		if (!record_parse_line(line, ret) && span_eq(ret->type, type))
			return;
	fail_msg("no %.*s record", SPAN_FMT(type));
}

static struct sockaddr_text address_in(const char *name, struct arena *arena)
{
	AUTO_BUF text = BUF_INIT;
	struct syscall_record call;
	struct record r;
	struct record_field f;
	struct sockaddr_text address = { 0 };

	load(name, &text);
	first_record(buf_span(&text), SPAN("SYSCALL"), &r);
	syscall_record_parse(r.body, &call);
	first_record(buf_span(&text), SPAN("SOCKADDR"), &r);
	assert_true(record_find(r.body, SPAN("saddr"), &f));
	assert_int_equal(sockaddr_decode(f.value, syscall_arch_little_endian(call.arch), arena, &address), 0);
	return address;
}

static void addresses_of_other_machines(void **state)
{
	struct arena arena = ARENA_INIT;
	struct sockaddr_text address = address_in(LAUREL "record-bind-ipv4-bigendian.txt", &arena);

	assert_int_equal(address.family, SOCKADDR_IPV4);
	assert_text(address.address, "0.0.0.0");
	assert_int_equal(address.port, 55555);
	address = address_in(LAUREL "record-nscd.txt", &arena);
	assert_int_equal(address.family, SOCKADDR_UNIX);
	assert_text(address.address, "/var/run/nscd/socket");
	arena_free(&arena);
}

static void keys_are_joined_by_one(void **state)
{
	AUTO_BUF text = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct span rest, line;
	int found = 0;

	load("microsoft__OMS-Auditd-Plugin/raw_test_events.derived.log", &text);
	rest = buf_span(&text);
	while (span_next(&rest, '\n', &line)) {
		struct record r;
		struct record_field f;

		if (record_parse_line(line, &r) || !record_find(r.body, SPAN("key"), &f) || f.quote ||
		    f.value.n != 24)
			continue;
		assert_text(record_string(&f, &arena), "auoms\001execve");
		found++;
	}
	assert_true(found > 0);
	arena_free(&arena);
}

static void failed_login_names_its_account(void **state)
{
	AUTO_BUF text = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct record r;
	struct record_field f;

	load(ELASTIC "auparse/testdata/audit-ubuntu16.log", &text);
	first_record(buf_span(&text), SPAN("USER_LOGIN"), &r);
	assert_true(record_find(r.body, SPAN("msg"), &f));
	assert_int_equal(f.quote, '\'');
	r.body = f.value;
	assert_true(record_find(r.body, SPAN("acct"), &f));
	assert_text(record_string(&f, &arena), "(invalid user)");
	assert_true(record_find(r.body, SPAN("addr"), &f));
	assert_text(f.value, "179.38.151.221");
	assert_true(record_find(r.body, SPAN("res"), &f));
	assert_text(f.value, "failed");
	arena_free(&arena);
}

/* The row of the first such event of a log. The texts live as long as the replay. */
static const struct event *first_row(const struct replay *r, enum event_action action)
{
	const struct item *item;

	for (size_t i = 0; (item = next_item(r, ITEM_EVENT, i)); i++)
		if (item->event.action == action)
			return &item->event;
	fail_msg("no row of action %d", (int)action);
	return NULL;
}

static void assert_row(const char *log, enum event_action action, const char *object, const char *object2, int32_t result)
{
	const struct event *row;
	struct replay r;

	replay(log, &r);
	row = first_row(&r, action);
	assert_text(row->object, object);
	assert_text(row->object2, object2);
	assert_int_equal(row->result, result);
	replay_free(&r);
}

static void security_events_are_rows(void **state)
{
	enum { DENIED = 13 };
	struct replay r;

	assert_row(ELASTIC "auparse/testdata/audit-ubuntu16.log", ACTION_SECURITY_AUTHENTICATION, "(invalid user)",
	           "179.38.151.221", DENIED);
	assert_row(ELASTIC "auparse/testdata/audit-rhel7.log", ACTION_SECURITY_LOGIN, "andrew_kroh", "96.241.146.97", 0);
	assert_row(ELASTIC "auparse/testdata/audit-rhel6.log", ACTION_SECURITY_PRIVILEGE,
	           "/usr/lib64/nagios/plugins/check_asterisk_sip_peers -p 107", NULL, 0);
	assert_row(LAUREL "record-login.txt", ACTION_SECURITY_LOGIN, "root", NULL, 0);
	assert_row(LAUREL "record-anom-promiscuous.txt", ACTION_SECURITY_PROMISCUOUS, "veth5f40f62", "on", 0);
	assert_row(LAUREL "record-ptrace.txt", ACTION_PROCESS_PTRACE, "sleep", NULL, 0);
	assert_row(SELINUX "audit.log", ACTION_SECURITY_DENIAL, "pipe:[96391]", "SELinux: ioctl fifo_file", DENIED);
	replay(ELASTIC "auparse/testdata/audit-rhel7.log", &r); /* finit_module by kmod, whose kernel did not say which */
	assert_text(image_at(&r, first_row(&r, ACTION_DRIVER_LOAD)->image)->executable, "/usr/bin/kmod");
	replay_free(&r);
}

/* ---- field by field against another decoder ---- */

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
		assert_true(span_eq(argument(&image, i), buf_span(&text)));
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
		load(path.p, &json);
		buf_clear(&path);
		buf_printf(&path, LAUREL "record-%s.txt", names[i]);
		load(path.p, &text);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_those_of_other_tools),
		cmocka_unit_test(comments_are_no_records),
		cmocka_unit_test(permuted_log_gives_the_same_rows),
		cmocka_unit_test(lost_serials_are_a_gap),
		cmocka_unit_test(serials_go_on_at_zero),
		cmocka_unit_test(long_argument_comes_from_several_records),
		cmocka_unit_test(reverse_shell_is_told_whole),
		cmocka_unit_test(many_arguments_fit_one_record),
		cmocka_unit_test(enriched_log_is_decoded),
		cmocka_unit_test(both_orders_give_the_tree),
		cmocka_unit_test(used_again_pid_is_another_process),
		cmocka_unit_test(orphan_keeps_the_ppid_of_its_record),
		cmocka_unit_test(attempt_is_no_failure),
		cmocka_unit_test(addresses_of_other_machines),
		cmocka_unit_test(keys_are_joined_by_one),
		cmocka_unit_test(failed_login_names_its_account),
		cmocka_unit_test(security_events_are_rows),
		cmocka_unit_test(fields_are_decoded_as_by_laurel),
	};
	AUTO_BUF path = BUF_INIT;
	const char *shared = getenv("SPOOR_SHARED");

	buf_printf(&path, "%s/data/audit", shared ? shared : argc > 1 ? argv[1] : "../shared");
	root = path.p;
	if (access(root, R_OK) < 0) {
		printf("skipped: no public logs in %s\n", root);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
