/* SPDX-License-Identifier: GPL-2.0 */
/* Birth and death of a socket: rules 4, 6 and 8 of sock.h. */
#ifndef _XTCP_SOCKET_LIFE_H
#define _XTCP_SOCKET_LIFE_H

#include <net/sock.h>

#include <xtcp/cc.h>

int xtcp_cc_alloc(const struct xtcp_cc_ops *cc, gfp_t gfp, void **state);

/* Fields of a new socket, and of one that is to be used again. */
int xtcp_sock_init(struct sock *sk);
void xtcp_sock_renew(struct sock *sk);
void xtcp_forget_peer(struct sock *sk);

/*
 * Clone a listener for a child: returned bh-locked, reset, without route, not
 * hashed, with one reference; NULL: no memory.
 */
struct sock *xtcp_sock_clone(const struct sock *listener, gfp_t gfp);

/* A child that nobody will accept: caller holds its bh lock and the queue's reference; gone. */
void xtcp_sock_forget(struct sock *child) __releases(&child->sk_lock.slock);

/*
 * The connection is over (XTCP_DEAD): CLOSE, unhash, timers, queues, nodes.
 * Caller holds the sk lock and a reference.
 */
void xtcp_sock_done(struct sock *sk);

/* A namespace goes, and with it connections of the kernel's own sockets (rule 8). */
void xtcp_sock_abort_all(struct net *net);

int xtcp_disconnect(struct sock *sk, int flags);	/* proto.disconnect; sk lock held */
int xtcp_sock_release(struct socket *sock);		/* proto_ops.release */
int xtcp_sock_shutdown(struct socket *sock, int how);	/* proto_ops.shutdown */

#endif /* _XTCP_SOCKET_LIFE_H */
