/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of a socket: bind(), connect(), and what their names are. */
#ifndef _XTCP_SOCKET_ADDR_H
#define _XTCP_SOCKET_ADDR_H

#include <net/sock.h>

#include "../compat/compat.h"

int xtcp_bind(struct socket *sock, struct xtcp_sockaddr *uaddr, int len);
int xtcp_sock_connect(struct socket *sock, struct xtcp_sockaddr *uaddr, int len, int flags);
int xtcp_getname(struct socket *sock, struct sockaddr *uaddr, int peer);

#endif /* _XTCP_SOCKET_ADDR_H */
