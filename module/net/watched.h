/* SPDX-License-Identifier: GPL-2.0 */
/* Who looks at the packets between two sockets of one host. */
#ifndef _XTCP_NET_WATCHED_H
#define _XTCP_NET_WATCHED_H

#include <net/sock.h>

bool xtcp_watched(struct sock *sk, struct sock *peer);

#endif /* _XTCP_NET_WATCHED_H */
