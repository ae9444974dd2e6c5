/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: the interface between the sender and an algorithm. Plain
 * C on plain data: an algorithm sees samples and events, never the connection.
 * Everything is in bytes; there are no packet counts.
 */
#ifndef _XTCP_CC_H
#define _XTCP_CC_H

#include <xtcp/env.h>

struct xtcp_cc;

enum xtcp_cc_event {
	XTCP_CC_LOSS,		/* entering fast recovery; once per window */
	XTCP_CC_RTO,		/* retransmission timeout */
	XTCP_CC_RTO_AGAIN,	/* another one, and nothing was acknowledged in between */
	XTCP_CC_RECOVERED,	/* everything sent before the loss is acknowledged */
};

/* What one acknowledgment told. */
struct xtcp_cc_sample {
	u64 now;
	u64 rtt;		/* ns; 0 = no sample */
	u32 acked;		/* bytes newly acknowledged or SACKed */
	u32 pipe;		/* bytes in the network before this ACK */
	bool recovery;		/* in loss recovery: cwnd must not grow */
};

struct xtcp_cc_ops {
	char name[16];
	void (*init)(struct xtcp_cc *cc);
	void (*on_ack)(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);
	void (*on_event)(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 pipe);
};

struct xtcp_cc {
	const struct xtcp_cc_ops *ops;
	u32 cwnd, ssthresh;
	u32 mss;		/* kept current by the sender */
	u32 counted;		/* Reno: bytes acknowledged since cwnd last grew */
};

#define XTCP_CC_INIT_SEGS	10		/* RFC 6928 */
#define XTCP_CC_INFINITE	0x7fffffffU	/* ssthresh before the first loss */

extern const struct xtcp_cc_ops xtcp_cc_reno;

#endif /* _XTCP_CC_H */
