/* words: numbers and times as people read them. All append. */
#pragma once

#include "agent/base/buf.h"

/* 12,345,678 */
void words_count(struct buf *out, uint64_t n);
/* That as a text, for the %s of a sentence in whatever language. Returns text. WORDS_NUMBER() has the room for it, until
 * the end of the block. */
enum { WORDS_NUMBER_MOST = 28 };
const char *words_number(uint64_t n, char text[WORDS_NUMBER_MOST]);
#define WORDS_NUMBER(n) words_number((n), (char[WORDS_NUMBER_MOST]){ 0 })
/* "1 event", "212 events" */
void words_events(struct buf *out, uint64_t n);
/* "250 ms", "1.204 s", "4 min 10 s", "3 h 5 min", "12 d 4 h", "3 years 40 d" */
void words_duration(struct buf *out, int64_t ms);
/* "2026-11-20 08:55:01.204" */
void words_time(struct buf *out, int64_t ms);
/* "2026-11-20 08:55:01.204 – 08:55:02.000": the date once where it is the same; one time when both are. */
void words_range(struct buf *out, int64_t from_ms, int64_t to_ms);
/* words_range(); "first seen …" where it may have begun earlier. end_ms 0: not known. */
void words_life(struct buf *out, int64_t start_ms, int64_t end_ms, bool start_known);
/* How a process ended: "exit 0", "exit 1", "killed by SIGKILL (9)", "still running"; exit_code -1 unknown. */
void words_end(struct buf *out, int64_t end_ms, int32_t exit_code, int32_t signal);
