// SPDX-License-Identifier: GPL-2.0
/* GRO remembers where each network header is, apart from the packet's own note. */
#include <net/gro.h>

int probe_gro_network_offsets(struct sk_buff *skb);

int probe_gro_network_offsets(struct sk_buff *skb)
{
	return NAPI_GRO_CB(skb)->network_offsets[skb->encapsulation];
}
