/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TIME-WAIT: what is left of a connection for 2 MSL (C4, F8, F9). It owns the
 * 4-tuple together with our tag, and not the port.
 */
#ifndef _XTCP_TIMEWAIT_H
#define _XTCP_TIMEWAIT_H

#include <xtcp/env.h>

struct xtcp_tcb;

struct xtcp_tw {
	u64 snd_nxt, rcv_nxt;
	u64 expires;		/* ns: end of 2 MSL */
	u64 cookie_born;	/* ns: of the connection's cookie; 0: we opened it */
	u32 tag, peer_tag;
	u32 wnd;
};

void xtcp_tw_init(struct xtcp_tw *tw, const struct xtcp_tcb *tcb, u64 msl, u64 now);

#endif /* _XTCP_TIMEWAIT_H */
