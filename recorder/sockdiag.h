/* sockdiag: what the kernel tells about sockets (sock_diag(7), linux/inet_diag.h): those that there are, and each TCP or
 * connected UDP socket that is destroyed (multicast groups SKNLGRP_INET_*_DESTROY).
 *
 * A destroyed socket tells its pair of addresses; its inode is 0, so whose it was must be known from before. It is told
 * when the kernel gives it up, for TCP that is when the other side has confirmed the end. One that was reset by its own
 * process has no remote side left, and no local address. A filter in the kernel (SO_ATTACH_FILTER) leaves out listeners,
 * sockets that never were connected, and blocking connections that failed. Only the own network namespace is seen.
 */
#pragma once

#include "recorder/endpoint.h"

enum { SOCKDIAG_ESTABLISHED = 1 }; /* TCP_ESTABLISHED, include/net/tcp_states.h */

struct sockdiag_socket {
	struct endpoint_pair ends;
	uint8_t protocol;  /* IPPROTO_TCP, IPPROTO_UDP; 0 where an old kernel does not say */
	uint8_t state;     /* TCP_*, of a socket that is there */
	bool established;  /* TCP: it was connected once */
	uint32_t inode;    /* of a socket that is there; 0: of no process */
};

/* A socket that receives the destroyed ones, or negative errno. */
int sockdiag_open(void);
typedef void sockdiag_fn(const struct sockdiag_socket *s, void *data);
/* Hands what waits to fn: how many messages there were, 0 none, -ENOBUFS: the socket overflowed (go on). */
int sockdiag_receive(int fd, sockdiag_fn *fn, void *data);
/* Every socket of the protocol in these states (bits 1 << TCP_*). 0, or negative errno: -ENOENT, -EPROTONOSUPPORT when the
 * kernel has no inet_diag. */
int sockdiag_list(uint8_t protocol, uint32_t states, sockdiag_fn *fn, void *data);

/* For tests and fuzzing: one message of n bytes. 0, -EBADMSG: cut, or about something else. */
int sockdiag_parse(struct span message, struct sockdiag_socket *ret);
