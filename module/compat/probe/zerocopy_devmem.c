// SPDX-License-Identifier: GPL-2.0
/* Zero-copy sending also knows of memory of devices. */
#include <linux/skbuff.h>
#include <net/sock.h>

void probe_zerocopy_devmem(struct sock *sk, struct sk_buff *skb, struct msghdr *msg);

void probe_zerocopy_devmem(struct sock *sk, struct sk_buff *skb, struct msghdr *msg)
{
	struct ubuf_info *uarg = msg_zerocopy_realloc(sk, 1, NULL, false);

	skb_zerocopy_iter_stream(sk, skb, msg, 1, uarg, NULL);
}
