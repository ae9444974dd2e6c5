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
	XTCP_CC_ECN,		/* CE marks were reported; once per window, not in recovery */
};

/* What one acknowledgment told. */
struct xtcp_cc_sample {
	u64 now;
	u64 rtt;		/* ns; 0 = no sample */
	u64 srtt;		/* ns; 0 = no sample yet */
	u32 acked;		/* bytes newly acknowledged or SACKed */
	u32 pipe;		/* bytes in the network before this ACK */
	u32 ce;			/* wire packets newly reported as CE-marked */
	bool recovery;		/* in fast recovery, or at its end: cwnd must not grow */
	bool round;		/* a round trip ends: what was sent as it began is acknowledged */

	/* Delivery rate (core/rate.c), of the segment sent last among those delivered. */
	bool limited;		/* it measures the program, not the path */
	u32 lost;		/* bytes taken for lost since that was sent */
	u32 flight;		/* bytes in the network as it was sent, its own included */
	u64 rate;		/* bytes per second; 0 = no sample */
	u64 delivered;		/* bytes delivered ever */
	u64 prior_delivered;	/* the same as that was sent */
};

struct xtcp_cc_ops {
	char name[16];
	bool needs_ecn;		/* made for networks that mark: it is asked for in any case */
	bool paces;		/* keeps pacing_rate; else data leaves as the window allows */
	void (*on_ack)(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);
	void (*on_event)(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight);
};

/* HyStart++ (RFC 9406): the names are the RFC's. */
struct xtcp_hystart {
	u64 last_min;		/* ns: lastRoundMinRTT; XTCP_NEVER = infinity, as below */
	u64 current_min;	/* ns: currentRoundMinRTT */
	u64 baseline;		/* ns: cssBaselineMinRtt */
	u8 samples;		/* rttSampleCount, no more than is asked for */
	u8 rounds;		/* of conservative slow start */
	bool css;		/* conservative slow start */
};

struct xtcp_reno {
	u32 counted;		/* bytes acknowledged since cwnd last grew */
};

struct xtcp_cubic {		/* RFC 9438 */
	u64 epoch;		/* ns: congestion avoidance began, shifted by idle time */
	u64 last;		/* ns: the last acknowledgment */
	u64 est;		/* W_est, in 1/1024 byte */
	u32 w_max;		/* bytes: where the last congestion was; 0 = not known */
	u32 prior;		/* bytes: cwnd before it */
	u32 origin;		/* bytes: plateau of the running epoch */
	u32 k;			/* time from its beginning to the plateau */
	u32 rest;		/* of the last division */
	bool running;		/* epoch, est, origin and k are valid */
};

struct xtcp_dctcp {		/* RFC 8257 */
	struct xtcp_reno reno;	/* first: Reno's part works on it */
	u32 clear;		/* 1 - DCTCP.Alpha, in 2^-20: Alpha begins with 1 */
	u32 acked;		/* bytes, of the window that runs: DCTCP.BytesAcked */
	u32 marks;		/* packets: DCTCP.BytesMarked */
};

struct xtcp_cc {
	const struct xtcp_cc_ops *ops;
	u32 cwnd, ssthresh;
	u32 mss;		/* kept current by the sender */
	u64 pacing_rate;	/* bytes per second, of an algorithm that paces; 0: at once */
	struct xtcp_hystart hystart;
	union {
		struct xtcp_reno reno;
		struct xtcp_cubic cubic;
		struct xtcp_dctcp dctcp;
	} own;			/* the algorithm's */
};

#define XTCP_CC_INIT_SEGS	10		/* RFC 6928 */
#define XTCP_CC_MIN_SEGS	2		/* RFC 5681 (4): ssthresh is at least 2 SMSS */
#define XTCP_CC_INFINITE	0x7fffffffU	/* ssthresh before the first loss */

extern const struct xtcp_cc_ops xtcp_cc_cubic;
extern const struct xtcp_cc_ops xtcp_cc_reno;
extern const struct xtcp_cc_ops xtcp_cc_dctcp;

/* All of them, the default first; NULL ends the list. core/cc.c */
extern const struct xtcp_cc_ops *const xtcp_cc_all[];

const struct xtcp_cc_ops *xtcp_cc_find(const char *name);
void xtcp_cc_start(struct xtcp_cc *cc);
void xtcp_cc_change(struct xtcp_cc *cc, const struct xtcp_cc_ops *ops);
bool xtcp_cc_used(const struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);

/* core/hystart.c */
void xtcp_hystart_init(struct xtcp_hystart *hs);
u32 xtcp_slow_start(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);

#endif /* _XTCP_CC_H */
