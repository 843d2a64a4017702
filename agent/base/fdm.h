/* fdm: one epoll loop. Callbacks on descriptors, timers and signals; a thing may be removed from any callback. */
#pragma once

#include <stdint.h>
#include <sys/epoll.h>

struct fdm;
/* events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as epoll reports them. A negative return ends fdm_run with it. */
typedef int fdm_fd_fn(struct fdm *fdm, int fd, uint32_t events, void *data);
typedef int fdm_timer_fn(struct fdm *fdm, void *data);
typedef int fdm_signal_fn(struct fdm *fdm, int signo, void *data);

/* NULL when descriptors or memory are out. */
struct fdm *fdm_new(void);
/* Closes what fdm opened itself (epoll, timers, signals), never a descriptor that was added. NULL is fine. */
void fdm_free(struct fdm *fdm);

/* 0 or negative errno. The descriptor stays the caller's. */
int fdm_add(struct fdm *fdm, int fd, uint32_t events, fdm_fd_fn *fn, void *data);
int fdm_modify(struct fdm *fdm, int fd, uint32_t events);
void fdm_remove(struct fdm *fdm, int fd);
/* Every interval_ms, first after interval_ms. Returns an id ≥ 0 for fdm_timer_remove, or negative errno. */
int fdm_timer_add(struct fdm *fdm, int64_t interval_ms, fdm_timer_fn *fn, void *data);
void fdm_timer_remove(struct fdm *fdm, int id);
/* Blocks the signal for the thread and delivers it here. 0 or negative errno. */
int fdm_signal_add(struct fdm *fdm, int signo, fdm_signal_fn *fn, void *data);

/* Until fdm_quit (returns 0) or a callback fails (returns its error). */
int fdm_run(struct fdm *fdm);
void fdm_quit(struct fdm *fdm);

/* For a loop of somebody else's: the descriptor is readable (poll(2)) when there is something to do, and fdm_step does it,
 * a bounded amount, without waiting. 0 or the error of a callback. */
int fdm_descriptor(const struct fdm *fdm);
int fdm_step(struct fdm *fdm);
