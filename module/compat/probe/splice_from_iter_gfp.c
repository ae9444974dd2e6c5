// SPDX-License-Identifier: GPL-2.0
/* skb_splice_from_iter() wants to know how memory may be allocated. */
#include <linux/skbuff.h>

void probe_splice_from_iter_gfp(struct sk_buff *skb, struct iov_iter *from);

void probe_splice_from_iter_gfp(struct sk_buff *skb, struct iov_iter *from)
{
	skb_splice_from_iter(skb, from, 1, GFP_KERNEL);
}
