/* SPDX-License-Identifier: GPL-2.0 */
/* Segments sent without a connection: SYN|ACK, RST, the ACK of a TIME-WAIT. */
#ifndef _XTCP_NET_REPLY_H
#define _XTCP_NET_REPLY_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include <xtcp/door.h>

#include "ehash.h"

#define XTCP_RST_BUCKETS	256	/* R4: destinations share a bucket by hash */

struct xtcp_replies {
	struct sock *ctl4, *ctl6;	/* never bound; ctl6 NULL: no IPv6 on this host */
	atomic64_t due[XTCP_RST_BUCKETS];	/* ns: when the bucket will be full again */
};

int xtcp_replies_init(struct xtcp_replies *rep, struct net *net);
void xtcp_replies_destroy(struct xtcp_replies *rep);

bool xtcp_reply_send(struct net *net, struct sock *from, const struct sk_buff *skb,
		     const struct xtcp_pkt *pkt, const struct xtcp_reply *reply);
void xtcp_reply_reset(struct net *net, struct sock *from, const struct sk_buff *skb,
		      const struct xtcp_tuple *tuple, const struct xtcp_pkt *pkt,
		      const struct xtcp_reply *reply);

#endif /* _XTCP_NET_REPLY_H */
