/* corpus: what the tests over public logs ask for. They fail the running test where it is not there. */
#pragma once

#include "tests/golden/dump.h"
#include "tests/unit/test.h"

#define LAUREL "threathunters-io__laurel/src/testdata/"
#define ELASTIC "elastic__go-libaudit/"
#define LINUX "linux-audit__audit-userspace/auparse/test/"
#define SELINUX "SELinuxProject__selinux/python/sepolgen/tests/test_data/"

/* A file below the folder of public logs; what it becomes. */
void corpus_load(const char *name, struct buf *ret);
void corpus_replay(const char *name, struct replay *ret);

/* The item of that type after `skip` others; NULL past the last. */
const struct item *corpus_item(const struct replay *r, enum item_type type, size_t skip);
const struct image_start *corpus_image(const struct replay *r, int64_t id);
const struct process_start *corpus_process(const struct replay *r, int64_t id);
const struct event *corpus_event(const struct replay *r, uint64_t serial, enum event_action action);
/* The image that the exec with that serial began. */
const struct image_start *corpus_exec(const struct replay *r, uint64_t serial);
struct span corpus_argument(const struct image_start *image, uint32_t n);
void corpus_assert_text(struct span have, const char *want);

extern const struct CMUnitTest corpus_events[], corpus_rows[], corpus_laurel[];
extern const size_t n_corpus_events, n_corpus_rows, n_corpus_laurel;
