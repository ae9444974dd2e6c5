/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between kernels in GRO; apart from compat.h, as few files see <net/gro.h>. */
#ifndef _XTCP_COMPAT_GRO_H
#define _XTCP_COMPAT_GRO_H

#include <net/gro.h>

#include "have.h"

/*
 * Does something of the network headers keep a packet from being joined to one
 * that is held? The network layer once said so beforehand.
 */
static inline bool xtcp_gro_network_flush(const void *head, const void *held, struct sk_buff *p)
{
#ifdef XTCP_HAVE_GRO_NETWORK_FLUSH
	return gro_receive_network_flush(head, held, p);
#else
	struct napi_gro_cb *cb = NAPI_GRO_CB(p);

	/* with DF the second packet shows whether IPv4's identification counts or stands still */
	if (cb->is_atomic && cb->count == 1 && cb->flush_id == 1) {
		cb->is_atomic = false;
		return cb->flush;
	}
	return cb->flush | cb->flush_id;
#endif
}

/*
 * The IP header right before the transport's of a packet that GRO has finished: where
 * there are several, and behind a VLAN tag, the packet's own note is of another.
 */
static inline const void *xtcp_gro_network_header(const struct sk_buff *skb)
{
#ifdef XTCP_HAVE_GRO_NETWORK_OFFSETS
	return skb->data + NAPI_GRO_CB(skb)->network_offsets[skb->encapsulation];
#else
	return skb_network_header(skb);
#endif
}

#endif /* _XTCP_COMPAT_GRO_H */
