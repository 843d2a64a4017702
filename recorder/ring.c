#include "recorder/ring.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* In front of each message; everything is 8-byte aligned. type -1: the rest up to the end of the ring is unused. */
struct header {
	uint32_t n;
	int32_t type;
};

enum { WRAP = -1 };

struct ring {
	char *bytes;
	size_t size;
	int wake;
	_Alignas(64) _Atomic size_t head; /* written up to here, ever; modulo size: the place */
	_Atomic size_t begun; /* what is before this was read: the ring was empty, and begun anew at its first byte */
	atomic_bool ended;
	_Atomic uint64_t lost;
	_Alignas(64) _Atomic size_t tail; /* read up to here */
	atomic_bool sleeping;
	size_t taken; /* the reader's: where tail goes with the next take */
};

struct ring *ring_new(size_t size)
{
	struct ring *r = size >= 4096 && (size & (size - 1)) == 0 ? aligned_alloc(64, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->size = size;
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->bytes == MAP_FAILED)
		r->bytes = NULL;
	if (r->wake < 0 || !r->bytes) {
		ring_free(r);
		return NULL;
	}
	return r;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	if (r->bytes)
		munmap(r->bytes, r->size);
	if (r->wake >= 0)
		close(r->wake);
	free(r);
}

static struct header *header_at(const struct ring *r, size_t at)
{
	return (struct header *)(void *)(r->bytes + (at & (r->size - 1)));
}

static size_t space_of(size_t n)
{
	return sizeof(struct header) + ((n + 7) & ~(size_t)7);
}

/* Where to write, and up to where all was read. Memory that is never needed at once is never touched. */
static size_t begin_anew(struct ring *r, size_t *ret_tail)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	size_t begun = atomic_load_explicit(&r->begun, memory_order_relaxed);

	if (head == tail && (head & (r->size - 1))) {
		begun = head = (head | (r->size - 1)) + 1;
		/* The reader sees it with the head that ring_put stores. */
		atomic_store_explicit(&r->begun, begun, memory_order_relaxed);
	}
	*ret_tail = tail < begun ? begun : tail;
	return head;
}

bool ring_put(struct ring *r, int type, struct span payload)
{
	size_t tail, head = begin_anew(r, &tail);
	size_t need = space_of(payload.n), to_end = r->size - (head & (r->size - 1));
	size_t skip = to_end < need ? to_end : 0;

	if (payload.n > r->size / 4 || r->size - (head - tail) < need + skip) {
		atomic_fetch_add_explicit(&r->lost, 1, memory_order_relaxed);
		return false;
	}
	if (skip) {
		*header_at(r, head) = (struct header){ 0, WRAP };
		head += skip;
	}
	*header_at(r, head) = (struct header){ (uint32_t)payload.n, type };
	if (payload.n)
		memcpy(header_at(r, head) + 1, payload.p, payload.n);
	atomic_store_explicit(&r->head, head + need, memory_order_release);
	return true;
}

static void signal_reader(struct ring *r)
{
	uint64_t one = 1;

	if (write(r->wake, &one, sizeof(one)) < 0)
		return; /* the counter is full: the reader is awake */
}

void ring_wake(struct ring *r)
{
	/* Sequentially consistent with ring_wait: either the reader sees the new head, or we see that it sleeps. */
	atomic_fetch_add(&r->head, 0);
	if (atomic_load(&r->sleeping))
		signal_reader(r);
}

void ring_end(struct ring *r)
{
	atomic_store(&r->ended, true);
	signal_reader(r);
}

bool ring_take(struct ring *r, int *ret_type, struct span *ret_payload)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_acquire), begun;
	const struct header *h;

	atomic_store_explicit(&r->tail, r->taken, memory_order_release);
	if (r->taken == head)
		return false;
	begun = atomic_load_explicit(&r->begun, memory_order_relaxed);
	if (r->taken < begun)
		r->taken = begun;
	h = header_at(r, r->taken);
	if (h->type == WRAP) {
		r->taken += r->size - (r->taken & (r->size - 1));
		h = header_at(r, r->taken);
	}
	r->taken += space_of(h->n);
	*ret_type = h->type;
	*ret_payload = (struct span){ (const char *)(h + 1), h->n };
	return true;
}

bool ring_wait(struct ring *r, int timeout_ms)
{
	struct pollfd p = { .fd = r->wake, .events = POLLIN };
	uint64_t count;
	bool ended;

	atomic_store(&r->sleeping, true);
	ended = atomic_load(&r->ended);
	if (atomic_load(&r->head) == r->taken && !ended)
		poll(&p, 1, timeout_ms);
	atomic_store(&r->sleeping, false);
	if (read(r->wake, &count, sizeof(count)) < 0)
		count = 0; /* it timed out */
	ended = atomic_load(&r->ended);
	return !ended || atomic_load(&r->head) != r->taken;
}

uint64_t ring_lost(const struct ring *r)
{
	return atomic_load_explicit(&r->lost, memory_order_relaxed);
}
