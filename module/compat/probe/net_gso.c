// SPDX-License-Identifier: GPL-2.0
/* What helps to segment a packet has a header of its own. */
#if !__has_include("net/gso.h")
#error
#else
#include <net/gso.h>

void probe_net_gso(struct sk_buff *skb);

void probe_net_gso(struct sk_buff *skb)
{
	gso_make_checksum(skb, 0);
}
#endif
