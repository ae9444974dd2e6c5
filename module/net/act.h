/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interpreter: carries out what the core answered, in one fixed order, and
 * the only place that does.
 */
#ifndef _XTCP_NET_ACT_H
#define _XTCP_NET_ACT_H

#include <linux/skbuff.h>
#include <linux/timekeeping.h>
#include <net/sock.h>

#include <xtcp/tcb.h>

int xtcp_nodes_init(void);
void xtcp_nodes_exit(void);

bool xtcp_act(struct sock *sk, u32 todo, struct xtcp_pkt *pkt, u64 now);
void xtcp_reap(struct sock *sk);
void xtcp_spares(struct sock *sk, u32 need, gfp_t gfp);

/* The monotonic clock of the core, ns. */
static inline u64 xtcp_now(void)
{
	return ktime_get_ns();
}

#endif /* _XTCP_NET_ACT_H */
