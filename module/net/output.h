/* SPDX-License-Identifier: GPL-2.0 */
/* From the write queue to the network. */
#ifndef _XTCP_NET_OUTPUT_H
#define _XTCP_NET_OUTPUT_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include <xtcp/tcb.h>

/* output.c */
u32 xtcp_output(struct sock *sk);
void xtcp_output_reset(struct sock *sk);

/* build.c */
struct sk_buff *xtcp_buffer_of(struct sock *sk, u64 seq);
struct sk_buff *xtcp_build_skb(struct sock *sk, struct xtcp_tx *tx, struct sk_buff *buf, u64 now);

#endif /* _XTCP_NET_OUTPUT_H */
