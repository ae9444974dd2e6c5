/* SPDX-License-Identifier: GPL-2.0 */
/* What routers say about our segments (D10). */
#ifndef _XTCP_NET_ICMP_H
#define _XTCP_NET_ICMP_H

#include <linux/skbuff.h>
#include <net/ipv6.h>
#include <net/sock.h>

struct xtcp_icmp_note;

int xtcp_icmp_err4(struct sk_buff *skb, u32 info);
int xtcp_icmp_err6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
		   int offset, __be32 info);
void xtcp_icmp_tell(struct sock *sk, const struct xtcp_icmp_note *note);

#endif /* _XTCP_NET_ICMP_H */
