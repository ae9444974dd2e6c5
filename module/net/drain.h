/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _XTCP_NET_DRAIN_H
#define _XTCP_NET_DRAIN_H

#include <linux/types.h>

struct sock;

u32 xtcp_drain_queued(const struct sock *sk);
void xtcp_drain_watch(struct sock *sk);
void xtcp_drain_soon(struct sock *sk);
void xtcp_drain_done(struct sock *sk);
void xtcp_drain_exit(void);

#endif /* _XTCP_NET_DRAIN_H */
