/* corpus: truths about public logs that lie beside the project: SPOOR_SHARED, or the first argument. Absent: 77. */
#include "tests/golden/corpus.h"

#include <stdio.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

static const char *root;

void corpus_load(const char *name, struct buf *ret)
{
	AUTO_BUF path = BUF_INIT;

	buf_printf(&path, "%s/%s", root, name);
	if (replay_read(path.p, ret) < 0)
		fail_msg("%s cannot be read", path.p);
}

void corpus_replay(const char *name, struct replay *ret)
{
	AUTO_BUF text = BUF_INIT;

	corpus_load(name, &text);
	assert_int_equal(replay_text(buf_span(&text), REPLAY_COPIED, ret), 0);
}

const struct item *corpus_item(const struct replay *r, enum item_type type, size_t skip)
{
	for (struct batch *b = r->batches; b; b = b->next)
		for (size_t i = 0; i < b->n; i++)
			if (b->items[i].type == type && skip-- == 0)
				return &b->items[i];
	return NULL;
}

const struct image_start *corpus_image(const struct replay *r, int64_t id)
{
	const struct item *item;

	for (size_t i = 0; (item = corpus_item(r, ITEM_IMAGE, i)); i++)
		if (item->image.id == id)
			return &item->image;
	fail_msg("no image %lld", (long long)id);
	return NULL;
}

const struct process_start *corpus_process(const struct replay *r, int64_t id)
{
	const struct item *item;

	for (size_t i = 0; (item = corpus_item(r, ITEM_PROCESS, i)); i++)
		if (item->process.id == id)
			return &item->process;
	fail_msg("no process %lld", (long long)id);
	return NULL;
}

const struct event *corpus_event(const struct replay *r, uint64_t serial, enum event_action action)
{
	const struct item *item;

	for (size_t i = 0; (item = corpus_item(r, ITEM_EVENT, i)); i++)
		if (item->event.serial == serial && item->event.action == action)
			return &item->event;
	fail_msg("no %s with serial %llu", event_action_name(action), (unsigned long long)serial);
	return NULL;
}

const struct image_start *corpus_exec(const struct replay *r, uint64_t serial)
{
	return corpus_image(r, corpus_event(r, serial, ACTION_PROCESS_CREATE)->image);
}

void corpus_assert_text(struct span have, const char *want)
{
	if (!span_eq(have, span_of(want)))
		fail_msg("got \"%.*s\", not \"%s\"", SPAN_FMT(have), want);
}

struct span corpus_argument(const struct image_start *image, uint32_t n)
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

int main(int argc, char **argv)
{
	AUTO_BUF path = BUF_INIT;
	const char *shared = getenv("SPOOR_SHARED");

	buf_printf(&path, "%s/data/audit", shared ? shared : argc > 1 ? argv[1] : "../shared");
	root = path.p;
	if (access(root, R_OK) < 0) {
		printf("skipped: no public logs in %s\n", root);
		return 77;
	}
	return _cmocka_run_group_tests("events", corpus_events, n_corpus_events, NULL, NULL) +
	       _cmocka_run_group_tests("rows", corpus_rows, n_corpus_rows, NULL, NULL) +
	       _cmocka_run_group_tests("laurel", corpus_laurel, n_corpus_laurel, NULL, NULL);
}
