/* SPDX-License-Identifier: GPL-2.0 */
/* Times at which packets came and went, for programs that ask (SO_TIMESTAMP*). */
#ifndef _XTCP_SOCKET_STAMP_H
#define _XTCP_SOCKET_STAMP_H

#include <linux/ktime.h>
#include <linux/skbuff.h>
#include <net/sock.h>

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

void xtcp_tell_arrived(struct sock *sk, struct msghdr *msg, const struct xtcp_arrived *at);

#endif /* _XTCP_SOCKET_STAMP_H */
