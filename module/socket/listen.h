/* SPDX-License-Identifier: GPL-2.0 */
/* Listening and the accept queue: rule 6 of sock.h. */
#ifndef _XTCP_SOCKET_LISTEN_H
#define _XTCP_SOCKET_LISTEN_H

#include <net/sock.h>

#include "../compat/compat.h"

int xtcp_listen(struct socket *sock, int backlog);	/* proto_ops.listen */
int xtcp_accept(struct socket *sock, struct socket *newsock, XTCP_ACCEPT_ARGS);
void xtcp_listen_stop(struct sock *sk);	/* caller holds the sk lock */

/* The queue takes one more: a hint, without lock. */
bool xtcp_acceptq_room(const struct sock *listener);

/*
 * Link a child (locked, hashed; the queue takes over the caller's reference)
 * and wake the listener. False: no longer LISTEN or no room; the caller undoes.
 */
bool xtcp_acceptq_add(struct sock *listener, struct sock *child);

#endif /* _XTCP_SOCKET_LISTEN_H */
