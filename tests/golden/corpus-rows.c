/* What events become: programs, who began whom, connections, security. */
#include "tests/golden/corpus.h"

#include "agent/base/cleanup.h"
#include "recorder/sockaddr.h"
#include "recorder/syscall-record.h"
#include "recorder/syscalls.h"

/* ---- programs ---- */

static void long_argument_comes_from_several_records(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;
	struct span arg;

	corpus_replay(LAUREL "record-execve-long.txt", &r);
	image = &corpus_item(&r, ITEM_IMAGE, 0)->image;
	assert_int_equal(image->argc, 2);
	arg = corpus_argument(image, 1);
	assert_int_equal(arg.n, 8192);
	assert_memory_equal(arg.p, "baaaaaaa", 8);
}

static void reverse_shell_is_told_whole(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;
	const struct process_start *process;
	struct span arg;

	corpus_replay(LAUREL "record-perl-reverse-shell.txt", &r);
	image = &corpus_item(&r, ITEM_IMAGE, 0)->image;
	process = corpus_process(&r, image->process);
	assert_int_equal(process->pid, 724395);
	assert_int_equal(process->parent_pid, 722076);
	assert_int_equal(image->argc, 3);
	corpus_assert_text(corpus_argument(image, 0), "perl");
	corpus_assert_text(corpus_argument(image, 1), "-e");
	arg = corpus_argument(image, 2);
	assert_true(arg.n > 128);
	assert_true(span_starts(arg, SPAN("use Socket;$i=\"10.0.0.1\";$p=1234;")));
	assert_memory_equal(arg.p + arg.n - 21, "exec(\"/bin/sh -i\");};", 21);
}

static void many_arguments_fit_one_record(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct item *first, *second;

	corpus_replay(LINUX "test4.log", &r);
	first = corpus_item(&r, ITEM_IMAGE, 0);
	second = corpus_item(&r, ITEM_IMAGE, 1);
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal(first->image.argc, 48);
	assert_int_equal(second->image.argc, 216);
}

static void enriched_log_is_decoded(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;

	corpus_replay("log2timeline__plaso/test_data/audit_enriched.log", &r);
	image = corpus_exec(&r, 487);
	corpus_assert_text(image->command_line, "/bin/sh -c grep -c . /etc/hostname");
	corpus_assert_text(corpus_argument(image, 2), "grep -c . /etc/hostname");
	corpus_assert_text(image->who.user, "root");
	image = corpus_exec(&r, 735);
	assert_int_equal(image->argc, 2);
	corpus_assert_text(corpus_argument(image, 1), "/tmp/my report.txt");
}

/* ---- identity ---- */

static void assert_parent(const struct replay *r, const struct process_start *child, int64_t pid)
{
	assert_int_equal(child->parent_pid, pid);
	assert_true(child->parent_image > 0);
	assert_int_equal(corpus_process(r, corpus_image(r, child->parent_image)->process)->pid, pid);
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

	corpus_replay(name, &r);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct image_start *image = corpus_exec(&r, want[i].serial);
		const struct process_start *process = corpus_process(&r, image->process);

		assert_int_equal(process->pid, want[i].pid);
		corpus_assert_text(image->command_line, want[i].command_line);
		assert_parent(&r, process, want[i].parent);
	}
	for (; (item = corpus_item(&r, ITEM_PROCESS, n)); n++)
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

	corpus_replay(LAUREL "shell-proc-trace-confusion.txt", &r);
	id = corpus_exec(&r, 2638035);
	corpus_assert_text(id->executable, "/usr/bin/id");
	parent = corpus_image(&r, corpus_process(&r, id->process)->parent_image);
	corpus_assert_text(parent->comm, "csh");
	corpus_assert_text(parent->executable, "/bin/tcsh");
	process = corpus_process(&r, parent->process);
	assert_int_equal(process->pid, 2655);
	assert_int_equal(process->parent_pid, 2542);
	assert_true(process->id != corpus_process(&r, corpus_exec(&r, 2588684)->process)->id);
	assert_int_equal(corpus_exec(&r, 2638036)->process, process->id);
}

static void orphan_keeps_the_ppid_of_its_record(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct image_start *image;
	const struct process_start *process;

	corpus_replay(LAUREL "fork-sleep-exec.txt", &r);
	image = corpus_exec(&r, 6104008);
	corpus_assert_text(image->executable, "/usr/bin/true");
	assert_int_equal(image->argc, 1);
	assert_int_equal(corpus_argument(image, 0).n, 0);
	process = corpus_process(&r, image->process);
	assert_int_equal(process->pid, 1578540);
	assert_parent(&r, process, 1578539); /* its own clone tells who made it */
}

/* ---- network ---- */

static void attempt_is_no_failure(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct event *e;

	corpus_replay(LAUREL "record-connect.txt", &r);
	e = corpus_event(&r, 2482681, ACTION_NETWORK_CONNECT);
	corpus_assert_text(e->object, "127.0.0.1");
	assert_int_equal(e->port, 11211);
	e = corpus_event(&r, 2482682, ACTION_NETWORK_CONNECT_ATTEMPT);
	corpus_assert_text(e->object, "::1");
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

	corpus_load(name, &text);
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
	corpus_assert_text(address.address, "0.0.0.0");
	assert_int_equal(address.port, 55555);
	address = address_in(LAUREL "record-nscd.txt", &arena);
	assert_int_equal(address.family, SOCKADDR_UNIX);
	corpus_assert_text(address.address, "/var/run/nscd/socket");
	arena_free(&arena);
}

static void keys_are_joined_by_one(void **state)
{
	AUTO_BUF text = BUF_INIT;
	struct arena arena = ARENA_INIT;
	struct span rest, line;
	int found = 0;

	corpus_load("microsoft__OMS-Auditd-Plugin/raw_test_events.derived.log", &text);
	rest = buf_span(&text);
	while (span_next(&rest, '\n', &line)) {
		struct record r;
		struct record_field f;

		if (record_parse_line(line, &r) || !record_find(r.body, SPAN("key"), &f) || f.quote ||
		    f.value.n != 24)
			continue;
		corpus_assert_text(record_string(&f, &arena), "auoms\001execve");
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

	corpus_load(ELASTIC "auparse/testdata/audit-ubuntu16.log", &text);
	first_record(buf_span(&text), SPAN("USER_LOGIN"), &r);
	assert_true(record_find(r.body, SPAN("msg"), &f));
	assert_int_equal(f.quote, '\'');
	r.body = f.value;
	assert_true(record_find(r.body, SPAN("acct"), &f));
	corpus_assert_text(record_string(&f, &arena), "(invalid user)");
	assert_true(record_find(r.body, SPAN("addr"), &f));
	corpus_assert_text(f.value, "179.38.151.221");
	assert_true(record_find(r.body, SPAN("res"), &f));
	corpus_assert_text(f.value, "failed");
	arena_free(&arena);
}

/* The row of the first such event of a log. The texts live as long as the replay. */
static const struct event *first_row(const struct replay *r, enum event_action action)
{
	const struct item *item;

	for (size_t i = 0; (item = corpus_item(r, ITEM_EVENT, i)); i++)
		if (item->event.action == action)
			return &item->event;
	fail_msg("no row of action %d", (int)action);
	return NULL;
}

static void assert_row(const char *log, enum event_action action, const char *object, const char *object2, int32_t result)
{
	const struct event *row;
	struct replay r;

	corpus_replay(log, &r);
	row = first_row(&r, action);
	corpus_assert_text(row->object, object);
	corpus_assert_text(row->object2, object2);
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
	corpus_replay(ELASTIC "auparse/testdata/audit-rhel7.log", &r); /* finit_module by kmod, whose kernel did not say which */
	corpus_assert_text(corpus_image(&r, first_row(&r, ACTION_DRIVER_LOAD)->image)->executable, "/usr/bin/kmod");
	replay_free(&r);
}

const struct CMUnitTest corpus_rows[] = {
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
};
const size_t n_corpus_rows = ARRAY_LEN(corpus_rows);
