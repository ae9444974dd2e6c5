// SPDX-License-Identifier: GPL-2.0
/* __skb_tstamp_tx() looks in TCP's control block whether a time of acknowledgment was asked for. */
#include <net/tcp.h>

int probe_tstamp_ack_sk(struct sk_buff *skb);

int probe_tstamp_ack_sk(struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->txstamp_ack & TSTAMP_ACK_SK;
}
