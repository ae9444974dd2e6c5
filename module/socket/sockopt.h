/* SPDX-License-Identifier: GPL-2.0 */
/* Options of a socket that are not the socket layer's. */
#ifndef _XTCP_SOCKET_SOCKOPT_H
#define _XTCP_SOCKET_SOCKOPT_H

#include <linux/sockptr.h>
#include <net/sock.h>

int xtcp_setsockopt(struct socket *sock, int level, int name, sockptr_t val, unsigned int len);
int xtcp_getsockopt(struct socket *sock, int level, int name, char __user *val, int __user *len);
void xtcp_keepalive(struct sock *sk, int on);	/* proto.keepalive: SO_KEEPALIVE */

#endif /* _XTCP_SOCKET_SOCKOPT_H */
