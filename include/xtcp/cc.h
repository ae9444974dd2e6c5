/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: the interface between the sender and an algorithm. Plain
 * C on plain data: an algorithm sees samples and events, never the connection.
 * Everything is in bytes; there are no packet counts.
 */
#ifndef _XTCP_CC_H
#define _XTCP_CC_H

#include <xtcp/env.h>
#include <xtcp/rate.h>

struct xtcp_cc;

enum xtcp_cc_event {
	XTCP_CC_LOSS,		/* entering fast recovery; once per window */
	XTCP_CC_RTO,		/* retransmission timeout */
	XTCP_CC_RTO_AGAIN,	/* another one, and nothing was acknowledged in between */
	XTCP_CC_RECOVERED,	/* everything sent before the loss is acknowledged */
	XTCP_CC_UNDO,		/* nothing was lost: cwnd and ssthresh are what they were */
	XTCP_CC_IDLE,		/* sending begins again after an idle RTO or more */
	XTCP_CC_ECN,		/* CE marks were reported; once per window, not in recovery */
};

/* What one acknowledgment told. */
struct xtcp_cc_sample {
	u64 now;
	u64 rtt;		/* ns; 0 = no sample */
	u64 srtt;		/* ns; 0 = no sample yet */
	u32 acked;		/* bytes newly acknowledged or SACKed */
	u32 pipe;		/* bytes in the network before this ACK */
	u32 recent;		/* most of them in this round trip and the one before it */
	u32 ce;			/* wire packets newly reported as CE-marked */
	bool recovery;		/* in fast recovery, or at its end: cwnd must not grow */
	bool round;		/* another round trip begins: what was sent after the last one */
				/* had begun is acknowledged (RFC 9406 4.2) */
	bool idle;		/* the first ACK since the program had nothing to send */

	/* Delivery rate (core/rate.c), of the segment sent last among those delivered. */
	bool limited;		/* it measures the program, not the path */
	u32 lost;		/* bytes taken for lost since that was sent */
	u32 flight;		/* bytes in the network as it was sent, its own included */
	u64 rate;		/* bytes per second; 0 = no sample */
	u64 delivered;		/* bytes delivered ever */
	u64 prior_delivered;	/* the same as that was sent */
};

/* A range that is taken for lost. */
struct xtcp_cc_loss {
	u32 size;		/* bytes */
	u32 lost;		/* bytes taken for lost since it was sent, its own included */
	u32 flight;		/* bytes in the network as it was sent, its own included */
	bool limited;		/* the program had no more to send then */
	bool apart;		/* the range before it is not lost */
};

struct xtcp_cc_ops {
	char name[16];
	bool needs_ecn;		/* made for networks that mark: it is asked for in any case */
	bool restricted;	/* unfair to others: not for any program to choose */
	bool paces;		/* keeps pacing_rate, and cwnd in fast recovery too */
	u16 state;		/* bytes of its own that do not fit in struct xtcp_cc (shell) */
	void (*on_ack)(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);
	void (*on_lost)(struct xtcp_cc *cc, const struct xtcp_cc_loss *loss);	/* or NULL */
	void (*on_event)(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight);
};

/* HyStart++ (RFC 9406): the names are the RFC's; and HyStart's train (core/hystart.c). */
struct xtcp_hystart {
	u64 last_min;		/* ns: lastRoundMinRTT; XTCP_NEVER = infinity, as below */
	u64 current_min;	/* ns: currentRoundMinRTT */
	u64 baseline;		/* ns: cssBaselineMinRtt */
	u64 last_ack;		/* ns: when it came, */
	u64 train_from;		/* ns: and the first of this round without a pause since */
	u32 train_bytes;	/* acknowledged after that one */
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
	u32 undo_max;		/* bytes: w_max before it */
	u32 prior;		/* bytes: cwnd before it; 0: there was none */
	u32 origin;		/* bytes: plateau of the running epoch */
	u32 k;			/* time from its beginning to the plateau */
	u32 rest;		/* of the last division */
	bool running;		/* epoch, est, origin and k are valid */
};

struct xtcp_dctcp {		/* RFC 8257 */
	struct xtcp_reno reno;	/* first: Reno's part works on it */
	u32 clear;		/* 1 - DCTCP.Alpha, in 2^-20: Alpha begins with 1 */
	u32 acked;		/* bytes, of the window that runs: DCTCP.BytesAcked */
	u32 marked;		/* bytes: DCTCP.BytesMarked, at most */
};

enum xtcp_bbr_state {		/* core/cc_bbr.c tells what each is for */
	XTCP_BBR_STARTUP,
	XTCP_BBR_DRAIN,
	XTCP_BBR_DOWN,
	XTCP_BBR_CRUISE,
	XTCP_BBR_REFILL,
	XTCP_BBR_UP,
	XTCP_BBR_PROBE_RTT,
};

struct xtcp_bbr {		/* draft-ietf-ccwg-bbr; names: core/cc_bbr.c */
	u64 max_bw[2];		/* bytes per second: the highest of the last cycle, of this one */
	u64 bw;			/* the model's: of max_bw and bw_lo the lower */
	u64 bw_lo;		/* after losses; XTCP_NEVER = not known, as below */
	u64 bw_latest;		/* the highest of this round */
	u64 undo_bw_lo;		/* as a recovery began; so all that begins with undo_ */
	u64 full_bw;		/* the rate that has to grow by a quarter */
	u64 min_rtt, min_rtt_at;	/* ns: the shortest of 10 s, and when it was seen */
	u64 probe_rtt, probe_rtt_at;	/* ns: the shortest of 5 s */
	u64 max_rtt;		/* ns: the longest since min_rtt was renewed */
	u64 rtt_now, rtt_last;	/* ns: the shortest of this round, and of that before it */
	u64 done_at;		/* ns: PROBE_RTT may end; 0 = its window is not reached yet */
	u64 cycle_at;		/* ns: DOWN began */
	u64 probe_wait;		/* ns: from there to the next probe at most */
	u64 extra_from;		/* ns: since when extra_delivered counts */
	u64 now;		/* ns: the last ACK */
	u64 delivered;		/* bytes: as of the last ACK */
	u64 next_round;		/* bytes delivered as the round began */
	u64 loss_round;		/* the same for the round of a loss */
	u64 extra_delivered;	/* bytes */
	u32 extra[2];		/* bytes: most of the five rounds before, of these */
	u32 extra_round;	/* the first of these */
	u32 rounds;
	u32 inflight_hi, inflight_lo;	/* bytes; XTCP_CC_INFINITE = not known */
	u32 undo_inflight_hi, undo_inflight_lo;
	u32 inflight_latest;	/* bytes: most delivered in a round trip, this round */
	u32 prior_cwnd;		/* bytes: before recovery or PROBE_RTT */
	u32 up_acks, up_count;	/* bytes: acknowledged; for inflight_hi to grow by one */
	u8 up_rounds;
	u8 rounds_since_probe;
	u8 full_count;		/* rounds without such growth */
	u8 losses;		/* ranges lost in this round */
	u8 state, undo_state;	/* enum xtcp_bbr_state */
	u8 ack_phase;
	bool begun;
	bool round_start, loss_round_start;	/* at this ACK */
	bool loss_in_round;
	bool full_now, full_reached;	/* the pipe is full; was so once */
	bool probe_samples;	/* losses tell of the probe */
	bool window_full, window_was_full;	/* in this round; in that before it */
	bool rtt_expired;	/* probe_rtt is older than that */
	bool round_done;	/* a round at PROBE_RTT's window is over */
	bool recovering;
	bool undo_saved;	/* of the recovery that begins, or goes on */
};

struct xtcp_cc {
	const struct xtcp_cc_ops *ops;
	u32 cwnd, ssthresh;
	u32 mss;		/* kept current by the sender */
	bool holds_back;	/* sends less than it could: samples do not measure the path */
	u64 pacing_rate;	/* bytes per second, of an algorithm that paces; 0: at once */
	struct xtcp_hystart hystart;
	union {
		struct xtcp_reno reno;
		struct xtcp_cubic cubic;
		struct xtcp_dctcp dctcp;
		struct xtcp_bbr *bbr;
		void *state;	/* of ops->state bytes, if that is not 0 */
	} own;			/* the algorithm's */
};

#define XTCP_CC_INIT_SEGS	10		/* RFC 6928 */
#define XTCP_CC_MIN_SEGS	2		/* RFC 5681 (4): ssthresh is at least 2 SMSS */
/*
 * RFC 8511: a queue that marks is a short one. beta_ecn = 0.8, and not CUBIC's 0.85,
 * which takes more than 60 % of a path from one TCP that answers marks as losses.
 */
#define XTCP_CC_BETA_ECN	819U		/* of 1024 */
#define XTCP_CC_INFINITE	0x7fffffffU	/* ssthresh before the first loss */

extern const struct xtcp_cc_ops xtcp_cc_bbr;
extern const struct xtcp_cc_ops xtcp_cc_cubic;
extern const struct xtcp_cc_ops xtcp_cc_reno;
extern const struct xtcp_cc_ops xtcp_cc_dctcp;

/* All of them, the default first; NULL ends the list. core/cc.c */
extern const struct xtcp_cc_ops *const xtcp_cc_all[];

const struct xtcp_cc_ops *xtcp_cc_find(const char *name);
void xtcp_cc_start(struct xtcp_cc *cc);
void xtcp_cc_change(struct xtcp_cc *cc, const struct xtcp_cc_ops *ops, void *state);
void *xtcp_cc_state(const struct xtcp_cc *cc);
void xtcp_cc_idle(struct xtcp_cc *cc, u64 idle, u64 rto);
void xtcp_cc_unused(struct xtcp_cc *cc, u32 used);
bool xtcp_cc_used(const struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);

/* core/hystart.c */
void xtcp_hystart_init(struct xtcp_hystart *hs);
u32 xtcp_slow_start(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample);

#endif /* _XTCP_CC_H */
