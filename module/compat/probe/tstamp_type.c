// SPDX-License-Identifier: GPL-2.0
/* skb_set_delivery_time() takes the clock that a time is of. */
#include <linux/skbuff.h>

void probe_tstamp_type(struct sk_buff *skb);

void probe_tstamp_type(struct sk_buff *skb)
{
	skb_set_delivery_time(skb, 0, SKB_CLOCK_MONOTONIC);
}
