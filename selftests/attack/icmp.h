/* SPDX-License-Identifier: GPL-2.0 */
/* Every kind of ICMP error, about a segment of the host's. */
#ifndef _XTCP_SELFTESTS_ICMP_H
#define _XTCP_SELFTESTS_ICMP_H

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "attack.h"

#define ICMP_QUOTED	8	/* bytes of our header that an error quotes at least */

struct icmp_kind {
	u8 type, code;
	u32 info;	/* an MTU */
};

static const struct icmp_kind icmp_kinds4[] = {
	{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0 }, { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0 },
	{ ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0 }, { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0 },
	{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 68 }, { ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0 },
	{ ICMP_TIME_EXCEEDED, 0, 0 }, { ICMP_PARAMETERPROB, 0, 0 }, { ICMP_SOURCE_QUENCH, 0, 0 },
	{ ICMP_REDIRECT, ICMP_REDIR_HOST, 0x0a000001 },
}, icmp_kinds6[] = {
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, 0 },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, 0 },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN, 0 },
	{ ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, 0 },
	{ ICMP6_PACKET_TOO_BIG, 0, 68 }, { ICMP6_TIME_EXCEEDED, 0, 0 },
	{ ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, 0 },
};

/* The kinds of the peer's family, one after the other; NULL after the last. */
static inline const struct icmp_kind *icmp_kind(const struct peer *peer, unsigned int i)
{
	bool v4 = peer->family == AF_INET;

	if (i >= (v4 ? sizeof(icmp_kinds4) : sizeof(icmp_kinds6)) / sizeof(struct icmp_kind))
		return NULL;
	return v4 ? &icmp_kinds4[i] : &icmp_kinds6[i];
}

static inline bool icmp_too_big(const struct peer *peer, const struct icmp_kind *kind)
{
	return peer->family == AF_INET ?
	       kind->type == ICMP_DEST_UNREACH && kind->code == ICMP_FRAG_NEEDED :
	       kind->type == ICMP6_PACKET_TOO_BIG;
}

/* An error about a segment that carries this tag; 0 or -1. */
static inline int icmp_send(struct peer *peer, const struct icmp_kind *kind, u16 host_port,
			    u16 port, u32 tag)
{
	u8 quoted[ICMP_QUOTED];

	xtcp_put16(quoted, host_port);
	xtcp_put16(quoted + 2, port);
	xtcp_put32(quoted + 4, tag);
	return peer_icmp(peer, NULL, kind->type, kind->code, kind->info, quoted, sizeof(quoted));
}

#endif /* _XTCP_SELFTESTS_ICMP_H */
