// SPDX-License-Identifier: GPL-2.0
/*
 * Delivery rate (draft-ietf-ccwg-bbr section 4.1, earlier
 * draft-cheng-iccrg-delivery-rate-estimation): the rate at which what was sent
 * arrives, over the longer of the time it took to send and the time it took to
 * be acknowledged, so that neither bursts nor ACKs that come together exceed
 * what the path delivers.
 *
 * A range of the scoreboard is one transmission: its parts share what it noted,
 * whether they were cut off by an ACK or by a SACK.
 */
#include "core.h"

#define SECOND_SHIFT	26	/* xtcp_rate_bytes(): a rate times so long a time fits */

/* a * 10^9 / b; a < 2^34 */
static u64 per_second(u64 a, u64 b)
{
	a *= XTCP_SEC;
	while (b > U32_MAX) {
		a >>= 1;
		b >>= 1;
	}
	return xtcp_div(a, b);
}

/**
 * xtcp_rate_of - so many bytes in such a time
 * @bytes: bytes
 * @ns: not 0
 *
 * Return: bytes per second, XTCP_RATE_MAX at most.
 */
u64 xtcp_rate_of(u32 bytes, u64 ns)
{
	return min_t(u64, per_second(bytes, ns), XTCP_RATE_MAX);
}

/**
 * xtcp_rate_time - how long so many bytes take
 * @bytes: bytes
 * @rate: bytes per second, not 0
 *
 * Return: ns.
 */
u64 xtcp_rate_time(u32 bytes, u64 rate)
{
	return per_second(bytes, rate);
}

/**
 * xtcp_rate_bytes - how many bytes a time is enough for
 * @rate: bytes per second, XTCP_RATE_MAX at most
 * @ns: time
 *
 * Return: bytes.
 */
u64 xtcp_rate_bytes(u64 rate, u64 ns)
{
	u32 second = XTCP_SEC;

	while (ns >> SECOND_SHIFT && second > 1) {
		ns >>= 1;
		second >>= 1;
	}
	return xtcp_div(rate * min_t(u64, ns, BIT(SECOND_SHIFT)), second);
}

/**
 * xtcp_rate_sent - note what a transmission has to know
 * @tcb: connection; snd.nxt and snd.lost do not tell of @seg yet
 * @seg: range that is sent now, for the first time or again
 * @now: time
 */
void xtcp_rate_sent(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 now)
{
	struct xtcp_rate *rate = &tcb->rate;
	u32 pipe = xtcp_pipe(tcb);

	/* Nothing on the way: time in which nothing was to be delivered does not count. */
	if (!pipe) {
		rate->first_sent_at = now;
		rate->delivered_at = now;
		rate->idle = rate->limited;
	}
	seg->first_sent_at = rate->first_sent_at;
	seg->delivered_at = rate->delivered_at;
	seg->delivered = rate->delivered;
	seg->lost = rate->lost;
	seg->flight = pipe + (seg->end - seg->start);
	seg->flags &= ~XTCP_SEG_LIMITED;
	if (rate->limited)
		seg->flags |= XTCP_SEG_LIMITED;
}

/**
 * xtcp_rate_delivered - a range, or the first part of one, has newly arrived
 * @tcb: connection
 * @seg: range, not SACKED before
 * @end: end of what arrived of it
 * @now: time
 */
void xtcp_rate_delivered(struct xtcp_tcb *tcb, const struct xtcp_seg *seg, u64 end, u64 now)
{
	struct xtcp_rate *rate = &tcb->rate;

	rate->delivered += end - seg->start;
	rate->delivered_at = now;
	/* With the copy's notes it would be a round trip of its own, and a slow one. */
	if (xtcp_was_original(tcb, seg, now))
		return;

	/* The sample is the most recent transmission's, the one with the youngest notes. */
	if (rate->prior.at && seg->sent_at <= rate->first_sent_at &&
	    (seg->sent_at < rate->first_sent_at || !xtcp_after(end, rate->last_end)))
		return;
	rate->prior.at = seg->delivered_at;
	rate->prior.sending = seg->sent_at - seg->first_sent_at;
	rate->prior.delivered = seg->delivered;
	rate->prior.lost = seg->lost;
	rate->prior.flight = seg->flight;
	rate->prior.limited = seg->flags & XTCP_SEG_LIMITED;
	rate->first_sent_at = seg->sent_at;
	rate->last_end = end;
}

/**
 * xtcp_rate_lost - a range is taken for lost
 * @tcb: connection
 * @seg: range
 */
void xtcp_rate_lost(struct xtcp_tcb *tcb, const struct xtcp_seg *seg)
{
	struct xtcp_rate *rate = &tcb->rate;
	struct xtcp_cc_loss loss = {
		.size = seg->end - seg->start,
		.flight = seg->flight,
		.limited = seg->flags & XTCP_SEG_LIMITED,
		.apart = seg->start != rate->lost_end,
	};

	rate->lost += loss.size;
	rate->lost_end = seg->end;
	loss.lost = (u32)rate->lost - seg->lost;
	if (tcb->cc.ops->on_lost)
		tcb->cc.ops->on_lost(&tcb->cc, &loss);
}

/**
 * xtcp_rate_sample - what an ACK tells of the delivery rate
 * @tcb: connection; the ACK delivered something
 * @sample: its part about the rate is filled in
 * @now: time
 */
void xtcp_rate_sample(struct xtcp_tcb *tcb, struct xtcp_cc_sample *sample, u64 now)
{
	struct xtcp_rate *rate = &tcb->rate;
	u32 delivered = (u32)rate->delivered - rate->prior.delivered;
	u64 interval;

	/* The last bytes sent while the program had no more have arrived. */
	if (rate->delivered > rate->limited)
		rate->limited = 0;

	sample->delivered = rate->delivered;
	sample->prior_delivered = rate->delivered;
	if (!rate->prior.at)
		return;
	sample->prior_delivered -= delivered;
	sample->lost = (u32)rate->lost - rate->prior.lost;
	sample->flight = rate->prior.flight;
	sample->limited = rate->prior.limited;
	sample->idle = rate->idle;
	rate->idle = false;

	interval = max(rate->prior.sending, now - rate->prior.at);
	rate->prior.at = 0;
	/* Shorter than any round trip: what ACKs that came together make of it. */
	if (!interval || interval < tcb->rtt.min)
		return;
	sample->rate = xtcp_rate_of(delivered, interval);
	if (!sample->limited || sample->rate >= rate->last) {
		rate->last = sample->rate;
		rate->last_limited = sample->limited;
	}
}

/**
 * xtcp_rate_limit - samples do not tell what the path can do from here on
 * @tcb: connection
 *
 * Until what is in the network now, and one byte more, was delivered.
 */
void xtcp_rate_limit(struct xtcp_tcb *tcb)
{
	tcb->rate.limited = max_t(u64, tcb->rate.delivered + xtcp_pipe(tcb), 1);
}

/**
 * xtcp_rate_idle - the output loop has nothing more to send: is it for lack of data?
 * @tcb: synchronized connection
 */
void xtcp_rate_idle(struct xtcp_tcb *tcb)
{
	if (tcb->snd.end - tcb->snd.nxt < tcb->mss && !tcb->snd.lost &&
	    xtcp_pipe(tcb) < tcb->cc.cwnd)
		xtcp_rate_limit(tcb);
}
