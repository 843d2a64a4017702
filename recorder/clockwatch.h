/* clockwatch: notices that the clock was set and that the machine slept, by comparing three clocks. (clock_gettime(2):
 * CLOCK_BOOTTIME counts on during suspend, CLOCK_MONOTONIC does not; timerfd_create(2): TFD_TIMER_CANCEL_ON_SET.)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clockwatch_times {
	int64_t real, boot, monotonic; /* ms */
};

struct clockwatch {
	int timer; /* -1: none; steps are then noticed from half a second on */
	struct clockwatch_times last;
};

struct clockwatch_change {
	int64_t step_ms;   /* how far the clock was set, negative: back; 0: not */
	int64_t asleep_ms; /* how long the machine slept; 0: not */
	int64_t expected;  /* what the clock would show now had it not been set */
};

/* From now on. Never fails: without a timer it still works. */
void clockwatch_start(struct clockwatch *w);
void clockwatch_end(struct clockwatch *w);
/* What changed since the last look. true: something did. */
bool clockwatch_look(struct clockwatch *w, struct clockwatch_change *ret);

/* ---- for tests: the arithmetic. `told`: the kernel says that the clock was set. */
bool clockwatch_compare(const struct clockwatch_times *before, const struct clockwatch_times *now, bool told,
                        struct clockwatch_change *ret);
