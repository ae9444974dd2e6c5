// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing: what the window allows does not leave at once but at a rate, in bursts
 * of about a millisecond each. Congestion control names the rate if it has one;
 * else it is the one TCP uses, a little more than the window per round trip, so
 * that the window stays what limits. A program may name a limit
 * (SO_MAX_PACING_RATE).
 *
 * Only data waits, and nothing of it that a timeout wants sent. The first
 * window goes unpaced, as TCP's does: little is known then.
 */
#include "core.h"

#define QUANTUM_SHIFT	10	/* a burst is 1/1024 s worth: TCP's sk_pacing_shift */
#define QUANTUM_MAX	65536U	/* draft-ietf-ccwg-bbr 5.6.3: C.send_quantum */
#define QUANTUM_SEGS	2	/* the least: a receiver acknowledges every two (D5) */

static bool paced(const struct xtcp_tcb *tcb)
{
	return tcb->cc.ops->paces || tcb->pace.limit || tcb->pace.fq;
}

/* As Linux's TCP: tcp_pacing_ss_ratio 200 %, tcp_pacing_ca_ratio 120 %. */
static u64 window_rate(const struct xtcp_tcb *tcb)
{
	u64 rate;

	if (!tcb->rtt.srtt)
		return 0;
	rate = xtcp_rate_of(max(tcb->cc.cwnd, xtcp_pipe(tcb)), tcb->rtt.srtt);
	return tcb->cc.cwnd < tcb->cc.ssthresh / 2 ? 2 * rate : rate + rate / 5;
}

/**
 * xtcp_pacing_rate - how fast data may leave
 * @tcb: connection
 *
 * Return: bytes per second; 0: as fast as it can.
 */
u64 xtcp_pacing_rate(const struct xtcp_tcb *tcb)
{
	u64 rate;

	if (!paced(tcb))
		return 0;
	rate = tcb->cc.ops->paces ? tcb->cc.pacing_rate : window_rate(tcb);
	if (tcb->pace.limit && (!rate || rate > tcb->pace.limit))
		rate = tcb->pace.limit;
	return rate;
}

/**
 * xtcp_pace_quantum - what may leave in one burst
 * @rate: bytes per second
 * @mss: bytes in a segment
 *
 * Return: bytes.
 */
u32 xtcp_pace_quantum(u64 rate, u32 mss)
{
	return max_t(u32, min_t(u64, rate >> QUANTUM_SHIFT, QUANTUM_MAX), QUANTUM_SEGS * mss);
}

/**
 * xtcp_pace_allows - may data leave now?
 * @tcb: connection
 * @now: time
 *
 * Return: true if it may; else T_PACE is set to when the next burst begins.
 */
bool xtcp_pace_allows(struct xtcp_tcb *tcb, u64 now)
{
	if (tcb->pace.left || tcb->pace.next <= now || !paced(tcb))
		return true;
	xtcp_set_timer(tcb, XTCP_T_PACE, tcb->pace.next);
	return false;
}

/**
 * xtcp_pace_room - how long a super-packet may be
 * @tcb: connection
 *
 * Return: bytes: what is left of the burst, or a new one.
 */
u32 xtcp_pace_room(const struct xtcp_tcb *tcb)
{
	u64 rate;

	if (tcb->pace.left)
		return tcb->pace.left;
	rate = xtcp_pacing_rate(tcb);
	return rate ? xtcp_pace_quantum(rate, tcb->mss) : U32_MAX;
}

/**
 * xtcp_pace_departure - when a segment should leave, if a queue below can wait
 * @tcb: connection
 * @now: time
 *
 * The queue of the device spreads the burst evenly where it can (fq).
 *
 * Return: ns, not before @now; 0: at once.
 */
u64 xtcp_pace_departure(const struct xtcp_tcb *tcb, u64 now)
{
	return tcb->pace.fq ? max(tcb->pace.next, now) : 0;
}

/**
 * xtcp_pace_sent - data has left
 * @tcb: connection; stat.bytes_sent counts it
 * @tx: what left
 * @now: time
 */
void xtcp_pace_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now)
{
	struct xtcp_pace *pace = &tcb->pace;
	u64 rate = xtcp_pacing_rate(tcb), half;

	if (!rate || tcb->stat.bytes_sent <= XTCP_CC_INIT_SEGS * tcb->mss) {
		pace->left = 0;
		return;
	}
	if (!pace->left || pace->next <= now) {
		/* Timers are late: half a burst of that is made good, as in TCP. */
		pace->left = xtcp_pace_quantum(rate, tx->mss);
		half = xtcp_rate_time(pace->left / 2, rate);
		pace->next = max(pace->next, now - half);
	}
	pace->left -= min(pace->left, tx->len);
	pace->next += xtcp_rate_time(tx->len, rate);
}
