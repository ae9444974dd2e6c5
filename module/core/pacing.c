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
 *
 * The same rates say how much may wait in this host's own queues (D14), paced or not.
 */
#include "core.h"

#define QUANTUM_MAX	65536U	/* draft-ietf-ccwg-bbr 5.6.3: C.send_quantum */
#define QUANTUM_SEGS	2	/* the least: a receiver acknowledges every two (D5) */
#define NEAR_SHIFT	19	/* 2^19 ns: TCP's tcp_tso_rtt_log of 9, in microseconds */
#define QUEUE_MAX	BIT(20)	/* D14: TCP's tcp_limit_output_bytes on 6.1 */

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

/* Bytes per second, whether anybody asks for pacing or not; 0: not known. */
static u64 rate_now(const struct xtcp_tcb *tcb)
{
	u64 rate = tcb->cc.ops->paces ? tcb->cc.pacing_rate : window_rate(tcb);

	if (tcb->pace.limit && (!rate || rate > tcb->pace.limit))
		rate = tcb->pace.limit;
	return rate;
}

/**
 * xtcp_pacing_rate - how fast data may leave
 * @tcb: connection
 *
 * Return: bytes per second; 0: as fast as it can.
 */
u64 xtcp_pacing_rate(const struct xtcp_tcb *tcb)
{
	return paced(tcb) ? rate_now(tcb) : 0;
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
	return max_t(u32, min_t(u64, rate >> XTCP_PACING_SHIFT, QUANTUM_MAX), QUANTUM_SEGS * mss);
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

/*
 * A burst's worth; and the nearer the peer, the longer, as TCP does it: where a round trip
 * takes no time, a long packet takes none either, and costs least.
 */
static u32 burst_at(const struct xtcp_tcb *tcb, u64 rate)
{
	u64 far = tcb->rtt.min >> NEAR_SHIFT;
	u32 near = far < 32 ? tcb->burst >> far : 0;

	return min(tcb->burst, max(near, xtcp_pace_quantum(rate, tcb->mss)));
}

/**
 * xtcp_pace_room - how long a super-packet may be
 * @tcb: connection
 *
 * Return: bytes: what is left of the burst, or a new one; tcb->burst at most.
 */
u32 xtcp_pace_room(const struct xtcp_tcb *tcb)
{
	u64 rate;

	if (tcb->pace.left)
		return min(tcb->burst, tcb->pace.left);
	if (paced(tcb)) {
		rate = rate_now(tcb);
		return rate ? min(tcb->burst, xtcp_pace_quantum(rate, tcb->mss)) : tcb->burst;
	}
	/* the usual case on one host: nothing to reckon */
	if (tcb->rtt.min >> NEAR_SHIFT == 0)
		return tcb->burst;
	rate = rate_now(tcb);
	return rate ? burst_at(tcb, rate) : tcb->burst;
}

/**
 * xtcp_queue_full - does as much wait in this host's queues as may? (D14)
 * @tcb: connection
 *
 * What waits there keeps the device busy until it tells that some of it has left; what is
 * more only makes everybody's packets late. Two transmissions always may. And one with all
 * of it acknowledged is no queue, but a device that is slow to tell.
 *
 * Return: true if data has to wait.
 */
bool xtcp_queue_full(const struct xtcp_tcb *tcb)
{
	u32 most = 2 * QUANTUM_SEGS * tcb->mss;
	u64 rate;

	if (tcb->queued <= most || !xtcp_outstanding(tcb))
		return false;
	rate = rate_now(tcb);
	most = max(most, 2 * burst_at(tcb, rate));
	return tcb->queued > max_t(u64, most, min_t(u64, rate >> tcb->pace.shift, QUEUE_MAX));
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
