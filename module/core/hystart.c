// SPDX-License-Identifier: GPL-2.0
/*
 * Slow start (RFC 5681, counted in bytes as in RFC 3465) with HyStart++ (RFC
 * 9406): when round trips become longer the queue is filling, and the window
 * then grows at a quarter of the pace for five more round trips before
 * congestion avoidance begins, so that the first loss is small or none at all.
 *
 * Beside the round trips it watches the train of acknowledgments, as HyStart did at
 * first (Ha and Rhee, Taming the elephants, 2011) and Linux's TCP does. Those of one
 * window come without a pause and as fast as the narrow part of the path lets the data
 * through: that rate, for a round trip, is what the path holds, and slow start is over
 * when the window is that. Of the queue that slow start makes in every round the round
 * trip knows a half by then, so that the window is a quarter larger than without one. A
 * sixteenth comes on top: the first loss, which may be one of chance, would leave less than
 * the path holds otherwise, and CUBIC takes seconds to make up for that. A short queue
 * overflows before the shortest round trip of a round tells of it, and into a long one slow
 * start would double once too often. HyStart and TCP end it when a train is
 * as long as half a round trip: then the window may be three quarters of what the path
 * holds, and only creeps from there, or so much more that a short queue overflows. A train
 * begins anew with every round, and a short one says little: what the receiver may
 * hold back (D5) is no part of it.
 *
 * RFC 9406's limit L on what one acknowledgment may add is infinity here: a
 * receiver acknowledges whole batches (D5).
 */
#include <xtcp/cc.h>

/* RFC 9406 section 4.3 */
#define MIN_RTT_THRESH		(4 * XTCP_MS)
#define MAX_RTT_THRESH		(16 * XTCP_MS)
#define MIN_RTT_DIVISOR		8
#define N_RTT_SAMPLE		8
#define CSS_GROWTH_DIVISOR	4
#define CSS_ROUNDS		5

/* HyStart: acknowledgments farther apart are not of one train; Linux's TCP */
#define ACK_DELTA		(2 * XTCP_MS)
#define LOW_WINDOW		16	/* segments: below, none is a train */
#define ACK_HELD		(1 * XTCP_MS)	/* D5; TCP allows for as much */
#define TRAIN_DIVISOR		4	/* of a round trip: shorter trains say too little */
#define MARGIN_DIVISOR		16	/* of the window, beyond what the train says */
#define TRAIN_SHIFT		10	/* times are compared in units of 1024 ns */

/**
 * xtcp_hystart_init - nothing is known about the path
 * @hs: result
 */
void xtcp_hystart_init(struct xtcp_hystart *hs)
{
	memset(hs, 0, sizeof(*hs));
	hs->last_min = XTCP_NEVER;
	hs->current_min = XTCP_NEVER;
}

/* Return: true if the window is as large as the path, by the rate of a train. */
static bool path_filled(struct xtcp_hystart *hs, const struct xtcp_cc *cc,
			const struct xtcp_cc_sample *sample)
{
	u64 took;

	if (sample->round || sample->now - hs->last_ack > ACK_DELTA) {
		hs->train_from = sample->now;
		hs->train_bytes = 0;
	} else {
		hs->train_bytes += sample->acked;
	}
	hs->last_ack = sample->now;
	took = sample->now - hs->train_from;
	if (cc->cwnd < LOW_WINDOW * cc->mss || !sample->srtt ||
	    took < sample->srtt / TRAIN_DIVISOR + ACK_HELD)
		return false;
	/* cwnd / srtt >= train_bytes / took, and the margin */
	return cc->cwnd * (took >> TRAIN_SHIFT) >=
	       (hs->train_bytes + hs->train_bytes / MARGIN_DIVISOR) *
	       (sample->srtt >> TRAIN_SHIFT);
}

/* Return: true if slow start is over. */
static bool next_round(struct xtcp_hystart *hs)
{
	hs->last_min = hs->current_min;
	hs->current_min = XTCP_NEVER;
	hs->samples = 0;
	return hs->css && ++hs->rounds >= CSS_ROUNDS;
}

static void take_sample(struct xtcp_hystart *hs, u64 rtt)
{
	u64 thresh;

	hs->current_min = min(hs->current_min, rtt);
	if (hs->samples < N_RTT_SAMPLE)
		hs->samples++;
	if (hs->samples < N_RTT_SAMPLE)
		return;
	if (hs->css) {
		/* It was no queue after all: back to slow start. */
		if (hs->current_min < hs->baseline)
			hs->css = false;
		return;
	}
	if (hs->last_min == XTCP_NEVER)
		return;
	thresh = clamp_t(u64, hs->last_min / MIN_RTT_DIVISOR, MIN_RTT_THRESH, MAX_RTT_THRESH);
	if (hs->current_min >= hs->last_min + thresh) {
		hs->baseline = hs->current_min;
		hs->rounds = 0;
		hs->css = true;
	}
}

/**
 * xtcp_slow_start - grow the window while it is below ssthresh
 * @cc: state
 * @sample: acknowledgment of data that filled the window; not in recovery
 *
 * HyStart++ watches the first slow start only: later ones end at an ssthresh
 * that a loss has measured (RFC 9406 section 4.3).
 *
 * Return: bytes of @sample->acked that are left for congestion avoidance.
 */
u32 xtcp_slow_start(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_hystart *hs = &cc->hystart;
	u32 grow;

	if (cc->cwnd >= cc->ssthresh)
		return sample->acked;
	if (cc->ssthresh == XTCP_CC_INFINITE) {
		if (sample->round && next_round(hs)) {
			cc->ssthresh = cc->cwnd;
			return sample->acked;
		}
		if (sample->rtt)
			take_sample(hs, sample->rtt);
		if (path_filled(hs, cc, sample)) {
			cc->ssthresh = cc->cwnd;
			return sample->acked;
		}
		if (hs->css) {
			cc->cwnd += min(sample->acked / CSS_GROWTH_DIVISOR,
					XTCP_CC_INFINITE - cc->cwnd);
			return 0;
		}
	}
	/* Slow start ends at ssthresh, however much one ACK covers. */
	grow = min(sample->acked, cc->ssthresh - cc->cwnd);
	cc->cwnd += grow;
	return sample->acked - grow;
}
