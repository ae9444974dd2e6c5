/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the tests of the shortcut (net.xtcp.shortcut): data between two sockets of one
 * host that goes round the wire. It is on in a test's namespace.
 */
#ifndef _SELFTESTS_NET_SHORTCUT_H
#define _SELFTESTS_NET_SHORTCUT_H

#include "transport.h"

int set_shortcut(int value);
int tap(void);
int attach(int fd);
int ping_pong(const int fd[2], int rounds);
int settled_pair(const struct transport *t, int fd[2]);
long packets(const int fd[2]);

#endif /* _SELFTESTS_NET_SHORTCUT_H */
