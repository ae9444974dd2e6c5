/* SPDX-License-Identifier: GPL-2.0 */
/* A network namespace of one's own, and connections within it. */
#ifndef _SELFTESTS_ADMIN_NAMESPACE_H
#define _SELFTESTS_ADMIN_NAMESPACE_H

#include <stdint.h>
#include <sys/socket.h>

#include <linux/xtcp.h>

int namespace_new(int flags);	/* flags of unshare(), CLONE_NEWNET among them; lo is up */
int open_socket(int layer, uint16_t port);	/* bound to loopback; port 0: any */
int open_listener(int layer, uint16_t port, int backlog);
int open_pair(int layer, int listener, int fd[2]);	/* [0] has called connect() */
uint16_t port_of(int fd);

#endif /* _SELFTESTS_ADMIN_NAMESPACE_H */
