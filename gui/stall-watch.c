#include "gui/stall-watch.h"

#include <execinfo.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/span.h"

enum { LOOKS_A_STALL = 4, MAX_STACK = 48 };

static int64_t limit_ms;
static pthread_t main_thread;
static atomic_llong busy_since_us; /* 0: the loop waits for something to do */
static int64_t busy_processor_us;

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* In the main thread, in the middle of whatever it does. */
static void on_signal(int number)
{
	static const char head[] = "stall: still busy here:\n";
	void *stack[MAX_STACK];
	int n = backtrace(stack, MAX_STACK);

	if (write(STDERR_FILENO, head, sizeof(head) - 1) > 0)
		backtrace_symbols_fd(stack, n, STDERR_FILENO);
}

/* Looks often enough to meet a stall while it lasts. */
static gpointer look(gpointer unused)
{
	int64_t told = 0;

	for (;;) {
		int64_t since;

		g_usleep((gulong)(limit_ms * 1000 / LOOKS_A_STALL));
		since = atomic_load(&busy_since_us);
		if (!since || since == told || clock_us(CLOCK_MONOTONIC) - since < limit_ms * 1000)
			continue;
		told = since;
		if (atomic_load(&busy_since_us) == since)
			pthread_kill(main_thread, SIGPROF);
	}
	return NULL;
}

/* What runs between two waits is what keeps the loop. */
static gint poll_and_note(GPollFD *fds, guint n, gint timeout)
{
	int64_t since = atomic_exchange(&busy_since_us, 0);
	int64_t took = since ? clock_us(CLOCK_MONOTONIC) - since : 0;
	gint r;

	if (took >= limit_ms * 1000)
		g_printerr("stall: %.0f ms, %.0f ms of them on the processor\n", (double)took / 1e3,
		           (double)(clock_us(CLOCK_THREAD_CPUTIME_ID) - busy_processor_us) / 1e3);
	r = g_poll(fds, n, timeout);
	busy_processor_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
	atomic_store(&busy_since_us, clock_us(CLOCK_MONOTONIC));
	return r;
}

void stall_watch_start(void)
{
	const char *text = g_getenv("SPOOR_STALL_MS");
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	void *stack[1];

	if (!text || span_to_i64(span_of(text), &limit_ms) < 0 || limit_ms < 1 || limit_ms > 60000)
		return;
	backtrace(stack, 1); /* loads what it needs now, not in the handler */
	main_thread = pthread_self();
	sigaction(SIGPROF, &action, NULL);
	g_main_context_set_poll_func(NULL, poll_and_note);
	g_thread_unref(g_thread_new("stall-watch", look, NULL));
}
