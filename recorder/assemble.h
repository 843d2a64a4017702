/* assemble: records → audit events. Records of one event share (node, time, serial); events interleave and reorder.
 *
 * An event is complete with its EOE or PROCTITLE, provided that what its SYSCALL record announces has come (records
 * may be permuted), with a record that always stands alone, 2 s after its first record, or at the end of input. In a
 * log, where time is what the records say, 32 other records must have come as well since its last one.
 * Complete events are handed on in the order of their serials, which is the order in which the kernel wrote them: one
 * waits for older ones that are still open, and up to 2 s, or 256 further events, for serials that were skipped.
 * Serials wrap after 4294967295.
 */
#pragma once

#include "agent/base/map.h"
#include "recorder/syscalls.h"
#include "recorder/syscall-record.h"
#include "recorder/type.h"

struct pending_record {
	uint16_t type; /* index in the type table */
	uint8_t kind;  /* enum type_kind */
	bool used;     /* an interpretation looked at it */
	struct span body;
};

struct pending_text;
struct pending {
	struct pending *prev, *next; /* by serial, within its node */
	uint64_t key, serial, last_record; /* assembly's count when its last record came */
	int64_t time_ms, opened_ms;
	uint32_t node;
	struct pending_record *records;
	size_t n, cap;
	struct pending_text *text; /* copies of the records' text */
	size_t text_bytes;
	struct syscall_record syscall;
	struct syscall call;
	bool has_syscall, has_cwd, has_sockaddr, terminated, complete, partial;
	bool special; /* has a record that says something without a SYSCALL */
	uint32_t n_path, argc, n_args;
};

struct assembly_node {
	struct pending *oldest, *newest;
	size_t n;
	uint64_t last;     /* serial handed on last */
	bool has_last;
	int64_t last_ms;   /* its time */
	int64_t newest_ms; /* greatest time of a record, or of a tick */
	int64_t greatest_ms; /* greatest time of an event with a serial of the kernel's */
};

/* The event is the callee's to read until it returns. */
typedef void assembly_event_fn(struct pending *p, void *data);
/* Serials between `last` and the event at `to_ms` never came. */
typedef void assembly_gap_fn(uint32_t node, int64_t from_ms, int64_t to_ms, uint64_t missing, void *data);
/* Serials began anew: the machine was started again, if `forward`; else an older log follows. */
typedef void assembly_restart_fn(uint32_t node, bool forward, void *data);

struct assembly {
	struct type_table *types;
	assembly_event_fn *event;
	assembly_gap_fn *gap;
	assembly_restart_fn *restart;
	void *data;
	bool stable; /* bodies outlive the events */
	struct assembly_node *nodes;
	size_t n_nodes;
	struct map keys; /* → address of an open event, or 1: handed on lately */
	uint64_t *done;  /* ring of keys handed on */
	size_t n_done, at_done;
	size_t open, open_records; /* events of all nodes, and their records */
	struct pending *last, *spare;
	struct pending_text *spare_text;
	size_t text_bytes;
	uint64_t events, records;
	bool failed; /* memory was out for remembering what was handed on: what comes late would be taken for new */
};

void assembly_free(struct assembly *a);
/* 0, ASSEMBLY_LATE: its event was handed on already without it, -ENOMEM. `node` is small and dense. */
enum { ASSEMBLY_LATE = 1 };
int assembly_add(struct assembly *a, uint32_t node, int type, const struct record *r);
/* Ends what came ≥ 2 s before now_ms. */
void assembly_tick(struct assembly *a, int64_t now_ms);
void assembly_finish(struct assembly *a);
