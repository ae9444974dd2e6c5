/* SPDX-License-Identifier: GPL-2.0 */
/* From the write queue to the network. */
#ifndef _XTCP_NET_OUTPUT_H
#define _XTCP_NET_OUTPUT_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include <xtcp/tcb.h>

/* Header of what carries data, at most: 32, COOKIE, ACKINFO of 4, TS, TSECHO, URG. */
#define XTCP_DATA_HEADER	(XTCP_HDR_LEN + XTCP_COOKIE_LEN +		\
				 XTCP_ACKINFO_LEN(XTCP_RANGES_WITH_DATA) +	\
				 XTCP_TS_LEN + XTCP_TSECHO_LEN + XTCP_URG_LEN)

/*
 * Room for it in a buffer of the write queue. Not for COOKIE, which data carries at
 * first only: there is none in the heads of which the kernel has many at hand
 * (SKB_SMALL_HEAD_CACHE_SIZE).
 */
#define XTCP_DATA_ROOM		(XTCP_DATA_HEADER - XTCP_COOKIE_LEN)

/* output.c */
u32 xtcp_output(struct sock *sk, u64 now);
void xtcp_output_reset(struct sock *sk, u64 now);
u32 xtcp_buffer_size(const struct sock *sk);

/* build.c */
struct sk_buff *xtcp_buffer_of(struct sock *sk, u64 seq);
struct sk_buff *xtcp_build_skb(struct sock *sk, struct xtcp_tx *tx, struct sk_buff *buf, u64 now);

#endif /* _XTCP_NET_OUTPUT_H */
