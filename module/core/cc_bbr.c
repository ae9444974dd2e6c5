// SPDX-License-Identifier: GPL-2.0
/*
 * BBR (draft-ietf-ccwg-bbr, version 3 of the algorithm). It keeps a model of the
 * path: the highest rate at which data was delivered, the shortest round trip,
 * and how much in flight the path took without losing more than 2 %. Data is
 * paced at that rate; the window only bounds what a wrong model costs.
 *
 * Names are the draft's, shortened: bw_lo and inflight_lo are its
 * bw_shortterm and inflight_shortterm, inflight_hi its inflight_longterm.
 *
 *	STARTUP		doubles the rate each round, until that brings no more, or loss
 *	DRAIN		takes off the queue that this has made
 *	DOWN		sends less than arrives, until the queue is empty
 *	CRUISE		sends what arrives
 *	REFILL		fills the pipe for a round trip, so that
 *	UP		finds out whether the path takes more; then DOWN again
 *	PROBE_RTT	half a window for 200 ms, every 5 s, to see the path's length
 *
 * Where the draft leaves the choice: random times come from the clock, as the
 * core has nothing else; a restart from idle is seen at its first ACK; a CE mark
 * (RFC 3168: to be treated as a loss) ends STARTUP and UP. And where it goes another way:
 * losses while there is no queue mean nothing, unless they are many (too_high()).
 */
#include <xtcp/cc.h>

/* In percent: draft section 2.4 and the table of section 5.6.1 */
#define STARTUP_PACING_GAIN	277
#define DRAIN_PACING_GAIN	35
#define DOWN_PACING_GAIN	90
#define CRUISE_PACING_GAIN	100
#define UP_PACING_GAIN		125
#define CWND_GAIN		200
#define UP_CWND_GAIN		225
#define PROBE_RTT_CWND_GAIN	50
#define PACING_MARGIN		1	/* BBR.PacingMarginPercent */
#define LOSS_THRESH		2	/* BBR.LossThresh */
#define LOSS_UNQUEUED		15	/* the same where there is no queue: too_high() */
#define QUEUE_DIVISOR		4	/* of the shortest round trip: what UP adds to it */
#define BBR_BETA		70	/* BBR.Beta: what CUBIC keeps */
#define HEADROOM		15	/* BBR.Headroom */

#define BBR_MIN_SEGS		4	/* BBR.MinPipeCwnd */
#define OFFLOAD_QUANTA		3	/* 5.5.8.1 */
#define FULL_BW_ROUNDS		3	/* 5.3.1.2: without growth by a quarter */
#define FULL_LOSSES		6	/* BBR.StartupFullLossCnt */
#define RENO_ROUNDS		63	/* 5.3.3.5.3: T_reno_bound */
#define UP_ROUNDS_MAX		30
#define EXTRA_ROUNDS		5	/* half of BBR.ExtraAckedFilterLen */

#define MIN_RTT_LEN		(10 * XTCP_SEC)	/* BBR.MinRTTFilterLen */
#define PROBE_RTT_INTERVAL	(5 * XTCP_SEC)
#define PROBE_RTT_DURATION	(200 * XTCP_MS)
#define PROBE_WAIT_MIN_MS	2000U		/* 5.3.3.5.3: 2 s and up to one more */

#define BBR_INFINITE		XTCP_CC_INFINITE	/* as inflight_hi, inflight_lo */

/* What the ACKs at hand tell of: draft's ACKS_... */
enum ack_phase { ACKS_INIT, ACKS_REFILLING, ACKS_STARTING, ACKS_FEEDBACK, ACKS_STOPPING };

static const struct {
	u16 pacing, cwnd;
} gain[] = {
	[XTCP_BBR_STARTUP]	= { STARTUP_PACING_GAIN, CWND_GAIN },
	[XTCP_BBR_DRAIN]		= { DRAIN_PACING_GAIN, CWND_GAIN },
	[XTCP_BBR_DOWN]		= { DOWN_PACING_GAIN, CWND_GAIN },
	[XTCP_BBR_CRUISE]	= { CRUISE_PACING_GAIN, CWND_GAIN },
	[XTCP_BBR_REFILL]	= { CRUISE_PACING_GAIN, CWND_GAIN },
	[XTCP_BBR_UP]		= { UP_PACING_GAIN, UP_CWND_GAIN },
	[XTCP_BBR_PROBE_RTT]	= { CRUISE_PACING_GAIN, PROBE_RTT_CWND_GAIN },
};

static u32 percent(u32 value, u32 of)
{
	return xtcp_div((u64)value * of, 100);
}

static u64 max_bw(const struct xtcp_bbr *bbr)
{
	return max(bbr->max_bw[0], bbr->max_bw[1]);
}

static bool probing(const struct xtcp_bbr *bbr)
{
	return bbr->state == XTCP_BBR_STARTUP || bbr->state == XTCP_BBR_REFILL ||
	       bbr->state == XTCP_BBR_UP;
}

static bool in_probe_bw(const struct xtcp_bbr *bbr)
{
	return bbr->state >= XTCP_BBR_DOWN && bbr->state <= XTCP_BBR_UP;
}

/* BBRBDPMultiple() */
static u32 bdp(const struct xtcp_cc *cc, u64 bw, u32 times)
{
	const struct xtcp_bbr *bbr = cc->own.bbr;
	u64 bytes;

	if (bbr->min_rtt == XTCP_NEVER)
		return XTCP_CC_INIT_SEGS * cc->mss;
	bytes = min_t(u64, xtcp_rate_bytes(bw, bbr->min_rtt), BBR_INFINITE / 4);
	return percent(bytes, times);
}

static u32 least(const struct xtcp_cc *cc)
{
	return BBR_MIN_SEGS * cc->mss;
}

/* BBRQuantizationBudget(): what bursts and delayed ACKs keep out of the path. */
static u32 with_quanta(const struct xtcp_cc *cc, u32 inflight)
{
	u32 quanta = OFFLOAD_QUANTA * xtcp_pace_quantum(cc->pacing_rate, cc->mss);

	inflight = max(max(inflight, quanta), least(cc));
	return cc->own.bbr->state == XTCP_BBR_UP ? inflight + 2 * cc->mss : inflight;
}

/* BBRTargetInflight() */
static u32 target_inflight(const struct xtcp_cc *cc)
{
	return min(bdp(cc, cc->own.bbr->bw, 100), cc->cwnd);
}

/* BBRInflightWithHeadroom() */
static u32 with_headroom(const struct xtcp_cc *cc)
{
	u32 hi = cc->own.bbr->inflight_hi, room;

	if (hi == BBR_INFINITE)
		return BBR_INFINITE;
	room = max(cc->mss, percent(hi, HEADROOM));
	return max(hi > room ? hi - room : 0, least(cc));
}

static u32 probe_rtt_cwnd(const struct xtcp_cc *cc)
{
	return max(bdp(cc, cc->own.bbr->bw, PROBE_RTT_CWND_GAIN), least(cc));
}

/*
 * The shortest round trip of each round, whose rounds are those that losses are counted in,
 * and the longest of all since min_rtt was last renewed.
 */
static void note_round_trip(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	if (bbr->loss_round_start) {
		bbr->rtt_last = bbr->rtt_now;
		bbr->rtt_now = XTCP_NEVER;
	}
	if (!sample->rtt)
		return;
	bbr->rtt_now = min(bbr->rtt_now, sample->rtt);
	bbr->max_rtt = max(bbr->max_rtt, sample->rtt);
}

/*
 * Can a queue have been full? Every packet of this round and the one before has met one
 * then, worth the name, and half as long at least as it has been: a link that sends
 * in bunches has always one.
 */
static bool queued(const struct xtcp_bbr *bbr)
{
	u64 rtt = min(bbr->rtt_now, bbr->rtt_last);

	if (bbr->min_rtt == XTCP_NEVER || rtt == XTCP_NEVER)
		return true;
	return rtt > bbr->min_rtt + max(bbr->min_rtt / QUEUE_DIVISOR,
					(max(bbr->max_rtt, bbr->min_rtt) - bbr->min_rtt) / 2);
}

static u32 loss_thresh(const struct xtcp_bbr *bbr)
{
	return queued(bbr) ? LOSS_THRESH : LOSS_UNQUEUED;
}

/*
 * IsInflightTooHigh(). Where there is no queue it was not full, and to send less would
 * save nothing: a path that loses 3 % of whatever it is given is not full at a third of
 * its rate, which is what the draft's threshold alone makes of it. A policer has no
 * queue either, but takes a fifth of what UP sends, and here and there: one run of losses
 * is not his.
 */
static bool too_high(const struct xtcp_bbr *bbr, u32 lost, u32 flight)
{
	return lost > percent(flight, loss_thresh(bbr)) &&
	       (bbr->losses >= FULL_LOSSES || queued(bbr));
}

static void reset_congestion_signals(struct xtcp_bbr *bbr)
{
	bbr->loss_in_round = false;
	bbr->bw_latest = 0;
	bbr->inflight_latest = 0;
}

static void reset_short_term(struct xtcp_bbr *bbr)
{
	bbr->bw_lo = XTCP_NEVER;
	bbr->inflight_lo = BBR_INFINITE;
}

static void reset_full_bw(struct xtcp_bbr *bbr, u64 bw)
{
	bbr->full_bw = bw;
	bbr->full_count = 0;
	bbr->full_now = false;
}

static void start_round(struct xtcp_bbr *bbr)
{
	bbr->next_round = bbr->delivered;
}

/* BBROnInit(), when the first thing happens: there is no call for it. */
static struct xtcp_bbr *begun(struct xtcp_cc *cc, u64 now, u64 srtt)
{
	struct xtcp_bbr *bbr = cc->own.bbr;
	u64 bw;

	if (bbr->begun)
		return bbr;
	bbr->begun = true;
	bbr->state = XTCP_BBR_STARTUP;
	bbr->min_rtt = XTCP_NEVER;
	bbr->min_rtt_at = now;
	bbr->probe_rtt = XTCP_NEVER;
	bbr->probe_rtt_at = now;
	bbr->rtt_now = XTCP_NEVER;
	bbr->rtt_last = XTCP_NEVER;
	bbr->extra_from = now;
	bbr->inflight_hi = BBR_INFINITE;
	reset_short_term(bbr);
	/* BBRInitPacingRate() */
	bw = xtcp_rate_of(cc->cwnd, srtt ?: XTCP_MS);
	cc->pacing_rate = xtcp_div(bw * STARTUP_PACING_GAIN, 100);
	return bbr;
}

static void save_cwnd(struct xtcp_cc *cc)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (bbr->recovering || bbr->state == XTCP_BBR_PROBE_RTT)
		bbr->prior_cwnd = max(bbr->prior_cwnd, cc->cwnd);
	else
		bbr->prior_cwnd = cc->cwnd;
}

static void restore_cwnd(struct xtcp_cc *cc)
{
	cc->cwnd = max(cc->cwnd, cc->own.bbr->prior_cwnd);
}

/*
 * BBRPickProbeWait(). Flows that share a path must not do this at the same time;
 * the nanosecond at which they do is random enough.
 */
static void pick_probe_wait(struct xtcp_bbr *bbr, u64 now)
{
	u32 mixed = ((u32)now ^ (u32)(now >> 32)) * 0x9e3779b1U;

	bbr->rounds_since_probe = mixed >> 31;
	bbr->probe_wait = (PROBE_WAIT_MIN_MS + (mixed >> 20) % 1000) * XTCP_MS;
}

static void start_down(struct xtcp_bbr *bbr, u64 now)
{
	reset_congestion_signals(bbr);
	bbr->up_count = U32_MAX;
	pick_probe_wait(bbr, now);
	bbr->cycle_at = now;
	bbr->ack_phase = ACKS_STOPPING;
	start_round(bbr);
	bbr->state = XTCP_BBR_DOWN;
}

static void start_refill(struct xtcp_bbr *bbr)
{
	reset_short_term(bbr);
	bbr->up_rounds = 0;
	bbr->up_acks = 0;
	bbr->ack_phase = ACKS_REFILLING;
	start_round(bbr);
	bbr->state = XTCP_BBR_REFILL;
}

/* BBRRaiseInflightLongtermSlope(): by 1, 2, 4 ... segments in a round trip. */
static void raise_slope(struct xtcp_cc *cc)
{
	struct xtcp_bbr *bbr = cc->own.bbr;
	u64 growth = (u64)cc->mss << bbr->up_rounds;

	bbr->up_rounds = min(bbr->up_rounds + 1, UP_ROUNDS_MAX);
	bbr->up_count = growth < cc->cwnd ? cc->cwnd / (u32)growth : 1;
}

static void start_up(struct xtcp_cc *cc, u64 rate)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	bbr->probe_samples = true;
	bbr->ack_phase = ACKS_STARTING;
	start_round(bbr);
	reset_full_bw(bbr, rate);
	bbr->state = XTCP_BBR_UP;
	raise_slope(cc);
}

/* BBRHandleInflightTooHigh() */
static void handle_too_high(struct xtcp_cc *cc, u32 flight, bool limited, u64 now)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	bbr->probe_samples = false;	/* once per probe */
	if (!limited)
		bbr->inflight_hi = max(flight, percent(target_inflight(cc), BBR_BETA));
	if (bbr->state == XTCP_BBR_UP)
		start_down(bbr, now);
}

/*
 * Has a round trip passed since @mark? A sample without a rate took less than one: the
 * ACK of an original that is taken for that of its copy.
 */
static bool round_passed(const struct xtcp_cc_sample *sample, u64 mark)
{
	return sample->rate && sample->prior_delivered >= mark;
}

/* BBRUpdateRound() */
static void update_round(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	bbr->round_start = round_passed(sample, bbr->next_round);
	if (!bbr->round_start)
		return;
	start_round(bbr);
	bbr->rounds++;
	if (bbr->rounds_since_probe < U8_MAX)
		bbr->rounds_since_probe++;
}

/* BBRUpdateLatestDeliverySignals() */
static void update_latest(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	u32 delivered = sample->delivered - sample->prior_delivered;

	bbr->bw_latest = max(bbr->bw_latest, sample->rate);
	if (sample->rate)
		bbr->inflight_latest = max(bbr->inflight_latest, delivered);
	bbr->loss_round_start = round_passed(sample, bbr->loss_round);
	if (bbr->loss_round_start)
		bbr->loss_round = sample->delivered;
}

static void advance_latest(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	if (!bbr->loss_round_start)
		return;
	bbr->bw_latest = sample->rate;
	bbr->inflight_latest = sample->delivered - sample->prior_delivered;
}

/* BBRUpdateMaxBw(): the highest of this cycle and the one before. */
static void update_max_bw(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	if (sample->rate && (sample->rate >= max_bw(bbr) || !sample->limited))
		bbr->max_bw[1] = max(bbr->max_bw[1], sample->rate);
}

static void advance_max_bw(struct xtcp_bbr *bbr)
{
	if (!bbr->max_bw[1])
		return;		/* nothing measured: what was known stays */
	bbr->max_bw[0] = bbr->max_bw[1];
	bbr->max_bw[1] = 0;
}

/* BBRAdaptLowerBoundsFromCongestion() */
static void adapt_lower_bounds(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (probing(bbr) || !bbr->loss_in_round)
		return;
	if (!queued(bbr) && !too_high(bbr, sample->lost, sample->flight))
		return;
	if (bbr->bw_lo == XTCP_NEVER)
		bbr->bw_lo = max_bw(bbr);
	if (bbr->inflight_lo == BBR_INFINITE)
		bbr->inflight_lo = cc->cwnd;
	bbr->bw_lo = max(bbr->bw_latest, xtcp_div(bbr->bw_lo * BBR_BETA, 100));
	bbr->inflight_lo = max(bbr->inflight_latest, percent(bbr->inflight_lo, BBR_BETA));
}

static void update_congestion_signals(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	update_max_bw(bbr, sample);
	if (!bbr->loss_round_start)
		return;
	adapt_lower_bounds(cc, sample);
	bbr->loss_in_round = false;
}

/* A windowed maximum of two halves: BBR.extra_acked_filter */
static void note_extra(struct xtcp_bbr *bbr, u32 extra)
{
	u32 length = bbr->full_reached ? EXTRA_ROUNDS : 1;

	if (bbr->rounds - bbr->extra_round >= length) {
		bbr->extra_round = bbr->rounds;
		bbr->extra[0] = bbr->full_reached ? bbr->extra[1] : 0;
		bbr->extra[1] = 0;
	}
	bbr->extra[1] = max(bbr->extra[1], extra);
}

/* BBRUpdateACKAggregation(): how much more is acknowledged at once than the rate explains. */
static void update_aggregation(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;
	u64 expected;

	if (sample->idle) {
		bbr->extra_delivered = 0;
		bbr->extra_from = sample->now - min(sample->srtt, sample->now);
	}
	expected = xtcp_rate_bytes(min_t(u64, bbr->bw, XTCP_RATE_MAX),
				   sample->now - bbr->extra_from);
	if (bbr->extra_delivered <= expected && !sample->idle) {
		bbr->extra_delivered = 0;
		bbr->extra_from = sample->now;
		expected = 0;
	}
	bbr->extra_delivered += sample->acked;
	if (bbr->extra_delivered > expected)
		note_extra(bbr, min_t(u64, bbr->extra_delivered - expected, cc->cwnd));
}

/*
 * BBRCheckFullBWReached(): three rounds in which no ACK told of a quarter more. The one
 * that begins a round may be that of a copy, and too low.
 */
static void check_full_bw(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	if (bbr->full_now || sample->limited || !sample->rate)
		return;
	if (sample->rate >= bbr->full_bw + bbr->full_bw / 4) {
		reset_full_bw(bbr, sample->rate);
		return;
	}
	if (!bbr->round_start || ++bbr->full_count < FULL_BW_ROUNDS)
		return;
	bbr->full_now = true;
	bbr->full_reached = true;
}

/* BBRCheckStartupHighLoss() */
static void check_startup_loss(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (!bbr->full_reached && bbr->loss_round_start && bbr->recovering &&
	    bbr->losses >= FULL_LOSSES && too_high(bbr, sample->lost, sample->flight)) {
		bbr->full_reached = true;
		bbr->inflight_hi = max(bdp(cc, bbr->bw, 100), bbr->inflight_latest);
	}
	if (bbr->loss_round_start)
		bbr->losses = 0;
}

/* BBRIsTimeToProbeBW(): as often as Reno would, on short paths; else every 2 to 3 s */
static bool time_to_probe(struct xtcp_cc *cc, u64 now)
{
	struct xtcp_bbr *bbr = cc->own.bbr;
	u32 rounds = min_t(u32, target_inflight(cc) / cc->mss, RENO_ROUNDS);

	if (now <= bbr->cycle_at + bbr->probe_wait && bbr->rounds_since_probe < rounds)
		return false;
	start_refill(bbr);
	return true;
}

static bool cwnd_limited(const struct xtcp_bbr *bbr)
{
	return bbr->window_full || bbr->window_was_full;
}

/* BBRIsTimeToGoDown() */
static bool time_to_go_down(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (cwnd_limited(bbr) && cc->cwnd >= bbr->inflight_hi) {
		reset_full_bw(bbr, sample->rate);	/* the bound was the limit, not the path */
		return false;
	}
	return bbr->full_now;
}

/* BBRProbeInflightLongtermUpward() */
static void probe_upward(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;
	u32 steps;

	if (!cwnd_limited(bbr) || cc->cwnd < bbr->inflight_hi)
		return;
	bbr->up_acks += sample->acked;
	if (bbr->up_acks >= bbr->up_count) {
		steps = bbr->up_acks / bbr->up_count;
		bbr->up_acks -= steps * bbr->up_count;
		bbr->inflight_hi = min_t(u64, (u64)bbr->inflight_hi + steps, BBR_INFINITE - 1);
	}
	if (bbr->round_start)
		raise_slope(cc);
}

/* BBRAdaptLongTermModel() */
static void adapt_long_term(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (bbr->ack_phase == ACKS_STARTING && bbr->round_start)
		bbr->ack_phase = ACKS_FEEDBACK;
	if (bbr->ack_phase == ACKS_STOPPING && bbr->round_start) {
		bbr->ack_phase = ACKS_INIT;
		bbr->probe_samples = false;
		if (in_probe_bw(bbr) && !sample->limited)
			advance_max_bw(bbr);
	}
	if (bbr->inflight_hi == BBR_INFINITE || too_high(bbr, sample->lost, sample->flight))
		return;
	bbr->inflight_hi = max(bbr->inflight_hi, sample->flight);
	if (bbr->state == XTCP_BBR_UP)
		probe_upward(cc, sample);
}

/* C.is_cwnd_limited: was the window full at any time in this round or the one before? */
static void note_cwnd_limited(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (bbr->round_start) {
		bbr->window_was_full = bbr->window_full;
		bbr->window_full = false;
	}
	bbr->window_full |= sample->pipe + cc->mss > cc->cwnd;
}

/* BBRUpdateProbeBWCyclePhase() */
static void update_cycle(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample, u32 inflight)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	note_cwnd_limited(cc, sample);
	if (!bbr->full_reached)
		return;
	adapt_long_term(cc, sample);
	switch (bbr->state) {
	case XTCP_BBR_DOWN:
		if (time_to_probe(cc, sample->now))
			return;
		if (inflight <= with_headroom(cc) &&
		    inflight <= with_quanta(cc, bdp(cc, max_bw(bbr), 100)))
			bbr->state = XTCP_BBR_CRUISE;
		break;
	case XTCP_BBR_CRUISE:
		time_to_probe(cc, sample->now);
		break;
	case XTCP_BBR_REFILL:
		if (bbr->round_start)
			start_up(cc, sample->rate);
		break;
	case XTCP_BBR_UP:
		if (time_to_go_down(cc, sample))
			start_down(bbr, sample->now);
		break;
	}
}

/* BBRUpdateMinRTT() */
static void update_min_rtt(struct xtcp_bbr *bbr, const struct xtcp_cc_sample *sample)
{
	bbr->rtt_expired = sample->now > bbr->probe_rtt_at + PROBE_RTT_INTERVAL;
	if (sample->rtt && (sample->rtt < bbr->probe_rtt || bbr->rtt_expired)) {
		bbr->probe_rtt = sample->rtt;
		bbr->probe_rtt_at = sample->now;
	}
	if (bbr->probe_rtt < bbr->min_rtt || sample->now > bbr->min_rtt_at + MIN_RTT_LEN) {
		bbr->min_rtt = bbr->probe_rtt;
		bbr->min_rtt_at = bbr->probe_rtt_at;
		bbr->max_rtt = 0;
	}
}

/* BBRExitProbeRTT() */
static void exit_probe_rtt(struct xtcp_cc *cc, u64 now)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	bbr->probe_rtt_at = now;
	restore_cwnd(cc);
	reset_short_term(bbr);
	if (bbr->full_reached) {
		start_down(bbr, now);
		bbr->state = XTCP_BBR_CRUISE;
	} else {
		bbr->state = XTCP_BBR_STARTUP;
	}
}

/* BBRHandleProbeRTT() */
static void handle_probe_rtt(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample, u32 inflight)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (!bbr->done_at) {
		if (inflight > probe_rtt_cwnd(cc))
			return;
		bbr->done_at = sample->now + PROBE_RTT_DURATION;
		bbr->round_done = false;
		start_round(bbr);
		return;
	}
	bbr->round_done |= bbr->round_start;
	if (bbr->round_done && sample->now > bbr->done_at)
		exit_probe_rtt(cc, sample->now);
}

/* BBRCheckProbeRTT() */
static void check_probe_rtt(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample, u32 inflight)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (bbr->state != XTCP_BBR_PROBE_RTT && bbr->rtt_expired && !sample->idle) {
		save_cwnd(cc);
		bbr->state = XTCP_BBR_PROBE_RTT;
		bbr->done_at = 0;
		bbr->ack_phase = ACKS_STOPPING;
		start_round(bbr);
	}
	if (bbr->state == XTCP_BBR_PROBE_RTT)
		handle_probe_rtt(cc, sample, inflight);
	cc->holds_back = bbr->state == XTCP_BBR_PROBE_RTT;
}

/* BBRSetPacingRate() */
static void set_pacing_rate(struct xtcp_cc *cc)
{
	const struct xtcp_bbr *bbr = cc->own.bbr;
	u64 rate = xtcp_div(bbr->bw * gain[bbr->state].pacing * (100 - PACING_MARGIN), 100 * 100);

	if (rate && (bbr->full_reached || rate > cc->pacing_rate))
		cc->pacing_rate = min_t(u64, rate, XTCP_RATE_MAX);
}

/* BBRBoundCwndForModel() */
static u32 cwnd_cap(const struct xtcp_cc *cc)
{
	const struct xtcp_bbr *bbr = cc->own.bbr;
	u32 cap = BBR_INFINITE;

	if (bbr->state == XTCP_BBR_PROBE_RTT || bbr->state == XTCP_BBR_CRUISE)
		cap = with_headroom(cc);
	else if (in_probe_bw(bbr))
		cap = bbr->inflight_hi;
	cap = max(min(cap, bbr->inflight_lo), least(cc));
	return bbr->state == XTCP_BBR_PROBE_RTT ? min(cap, probe_rtt_cwnd(cc)) : cap;
}

/* BBRSetCwnd() */
static void set_cwnd(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	const struct xtcp_bbr *bbr = cc->own.bbr;
	u64 most = (u64)bdp(cc, bbr->bw, gain[bbr->state].cwnd) + max(bbr->extra[0], bbr->extra[1]);
	u32 grown = min_t(u64, (u64)cc->cwnd + sample->acked, BBR_INFINITE);

	most = with_quanta(cc, min_t(u64, most, BBR_INFINITE / 2));
	if (bbr->full_reached)
		cc->cwnd = min_t(u64, grown, most);
	else if (cc->cwnd < most || sample->delivered < XTCP_CC_INIT_SEGS * cc->mss)
		cc->cwnd = grown;
	cc->cwnd = min(max(cc->cwnd, least(cc)), cwnd_cap(cc));
}

static void bbr_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_bbr *bbr = begun(cc, sample->now, sample->srtt);
	u32 inflight = sample->pipe > sample->acked ? sample->pipe - sample->acked : 0;

	bbr->delivered = sample->delivered;
	bbr->now = sample->now;
	update_latest(bbr, sample);
	update_round(bbr, sample);
	update_congestion_signals(cc, sample);
	note_round_trip(bbr, sample);
	update_aggregation(cc, sample);
	check_full_bw(bbr, sample);
	check_startup_loss(cc, sample);
	if (bbr->state == XTCP_BBR_STARTUP && bbr->full_reached)
		bbr->state = XTCP_BBR_DRAIN;
	if (bbr->state == XTCP_BBR_DRAIN && inflight <= with_quanta(cc, bdp(cc, bbr->bw, 100)))
		start_down(bbr, sample->now);
	update_cycle(cc, sample, inflight);
	update_min_rtt(bbr, sample);
	check_probe_rtt(cc, sample, inflight);
	advance_latest(bbr, sample);
	bbr->bw = min(max_bw(bbr), bbr->bw_lo);
	set_pacing_rate(cc);
	set_cwnd(cc, sample);
}

/* BBRNoteLoss() */
static void note_loss(struct xtcp_bbr *bbr)
{
	if (!bbr->loss_in_round)
		bbr->loss_round = bbr->delivered;
	bbr->loss_in_round = true;
}

/* BBRSaveStateUponLoss(), when the first bytes of a recovery are lost */
static void save_model(struct xtcp_bbr *bbr)
{
	if (bbr->undo_saved)
		return;
	bbr->undo_saved = true;
	bbr->undo_state = bbr->state;
	bbr->undo_bw_lo = bbr->bw_lo;
	bbr->undo_inflight_lo = bbr->inflight_lo;
	bbr->undo_inflight_hi = bbr->inflight_hi;
}

/*
 * BBRHandleSpuriousLossDetection(). The draft leaves STARTUP's end standing, which would
 * end it again with the next ACK.
 */
static void restore_model(struct xtcp_cc *cc)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	bbr->loss_in_round = false;
	reset_full_bw(bbr, 0);
	bbr->bw_lo = max(bbr->bw_lo, bbr->undo_bw_lo);
	bbr->inflight_lo = max(bbr->inflight_lo, bbr->undo_inflight_lo);
	bbr->inflight_hi = max(bbr->inflight_hi, bbr->undo_inflight_hi);
	if (bbr->state == XTCP_BBR_PROBE_RTT || bbr->state == bbr->undo_state)
		return;
	if (bbr->undo_state == XTCP_BBR_STARTUP) {
		bbr->full_reached = false;
		bbr->state = XTCP_BBR_STARTUP;
	} else if (bbr->undo_state == XTCP_BBR_UP) {
		start_up(cc, 0);
	}
}

/* BBRInflightAtLoss(): what was in flight when so much of it was lost */
static u32 inflight_at_loss(const struct xtcp_bbr *bbr, const struct xtcp_cc_loss *loss)
{
	u32 thresh = loss_thresh(bbr);
	u32 before = loss->flight > loss->size ? loss->flight - loss->size : 0;
	u32 lost = loss->lost > loss->size ? loss->lost - loss->size : 0;
	u32 allowed = percent(before, thresh);

	if (allowed <= lost)
		return before;
	return before + (u32)xtcp_div((allowed - lost) * 100ULL, 100 - thresh);
}

/* BBRHandleLostPacket() */
static void bbr_on_lost(struct xtcp_cc *cc, const struct xtcp_cc_loss *loss)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (!bbr->begun)
		return;		/* nothing was ever acknowledged */
	save_model(bbr);
	note_loss(bbr);
	if (loss->apart && bbr->losses < U8_MAX)
		bbr->losses++;
	if (bbr->probe_samples && too_high(bbr, loss->lost, loss->flight))
		handle_too_high(cc, inflight_at_loss(bbr, loss), loss->limited, bbr->now);
}

/* RFC 3168 5: as to a loss; whoever marks does so because of a queue. */
static void on_ecn(struct xtcp_cc *cc, u32 flight)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	if (!bbr->begun)
		return;
	note_loss(bbr);
	if (!bbr->full_reached) {
		bbr->full_reached = true;
		bbr->inflight_hi = max(bdp(cc, bbr->bw, 100), bbr->inflight_latest);
	} else if (bbr->probe_samples) {
		handle_too_high(cc, flight, false, bbr->now);
	}
}

static void start_recovery(struct xtcp_cc *cc)
{
	save_cwnd(cc);
	save_model(cc->own.bbr);	/* of a probe alone (D10) on_lost() does not hear */
	cc->own.bbr->recovering = true;
}

static void bbr_on_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
	struct xtcp_bbr *bbr = cc->own.bbr;

	switch (event) {
	case XTCP_CC_LOSS:
		start_recovery(cc);
		break;
	case XTCP_CC_RTO:
	case XTCP_CC_RTO_AGAIN:
		start_recovery(cc);
		cc->cwnd = cc->mss;	/* nothing is in flight */
		break;
	case XTCP_CC_UNDO:
		if (bbr->begun)
			restore_model(cc);
		fallthrough;
	case XTCP_CC_RECOVERED:
		bbr->recovering = false;
		bbr->undo_saved = false;
		restore_cwnd(cc);
		break;
	case XTCP_CC_ECN:
		on_ecn(cc, flight);
		break;
	case XTCP_CC_IDLE:
		break;
	}
}

const struct xtcp_cc_ops xtcp_cc_bbr = {
	.name		= "bbr",
	.paces		= true,
	.state		= sizeof(struct xtcp_bbr),
	.on_ack		= bbr_on_ack,
	.on_lost	= bbr_on_lost,
	.on_event	= bbr_on_event,
};
