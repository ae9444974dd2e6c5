/* SPDX-License-Identifier: GPL-2.0 */
/* Times at which packets came and went, for programs that ask (SO_TIMESTAMP*). */
#ifndef _XTCP_SOCKET_STAMP_H
#define _XTCP_SOCKET_STAMP_H

#include <linux/ktime.h>
#include <linux/net_tstamp.h>
#include <linux/skbuff.h>
#include <net/sock.h>

/* What may be asked of a send(). */
#define XTCP_STAMP_SEND	(SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_TX_SOFTWARE |	\
			 SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_ACK)

/* Of the packet that brought the last byte of a recv(); 0: not known. */
struct xtcp_arrived {
	ktime_t software, hardware;
};

static inline void xtcp_arrived_with(struct xtcp_arrived *at, struct sk_buff *skb)
{
	at->software = skb_tstamp(skb);
	at->hardware = skb_hwtstamps(skb)->hwtstamp;
}

/* @skb's bytes are now at the end of @to: its time is theirs, as in TCP. */
static inline void xtcp_arrived_as(struct sk_buff *to, struct sk_buff *skb)
{
	if (!skb_tstamp(skb) && !skb_hwtstamps(skb)->hwtstamp)
		return;
	to->tstamp = skb_tstamp(skb);
	*skb_hwtstamps(to) = *skb_hwtstamps(skb);
}

/* @skb's pages are in @to, the last byte among them: their times are @to's. */
static inline void xtcp_stamp_as(struct sk_buff *to, const struct sk_buff *skb)
{
	skb_shinfo(to)->tx_flags |= skb_shinfo(skb)->tx_flags;
	skb_shinfo(to)->tskey = skb_shinfo(skb)->tskey;
}

void xtcp_stamp_begin(struct sock *sk, u32 flags);
void xtcp_stamp_last(struct sock *sk, u32 flags);
void xtcp_tell_acked(struct sock *sk, struct sk_buff *skb);
void xtcp_tell_arrived(struct sock *sk, struct msghdr *msg, const struct xtcp_arrived *at);

#endif /* _XTCP_SOCKET_STAMP_H */
