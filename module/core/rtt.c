// SPDX-License-Identifier: GPL-2.0
/* Round-trip time: samples, their smoothing, and the timeout made of them. */
#include "core.h"

/*
 * Unit of TS values: 1024 ns. The peer only echoes them, so the unit is ours
 * alone; a shift costs less than a division and 32 bits last for 73 minutes.
 */
#define TS_SHIFT	10

/*
 * RFC 8985 6.2 step 1: the shortest round trip "can adapt when migrating to significantly
 * longer paths": it is that of 2.5 to 5 minutes, Linux's tcp_min_rtt_wlen.
 */
#define MIN_HALF	(150 * XTCP_SEC)

/**
 * xtcp_ts_now - the clock as a TS value
 * @now: time
 *
 * Return: value for a TS option.
 */
u32 xtcp_ts_now(u64 now)
{
	return now >> TS_SHIFT;
}

/**
 * xtcp_ts_rtt - round-trip time that an echoed TS tells
 * @pkt: segment with TSECHO
 * @now: time
 *
 * The echo names the transmission it answers, so that it is valid after a
 * retransmission too; the time that the peer held it is taken off.
 *
 * Return: ns, at least 1.
 */
u64 xtcp_ts_rtt(const struct xtcp_pkt *pkt, u64 now)
{
	u64 rtt = (u64)(xtcp_ts_now(now) - pkt->tsecho) << TS_SHIFT;
	u64 held = (u64)pkt->ts_delay * XTCP_DELAY_UNIT;

	return rtt > held ? rtt - held : 1;
}

/**
 * xtcp_ts_before - was a TS sent before a time?
 * @ts: value that the peer echoes
 * @at: time
 *
 * The peer echoes the latest TS that it has received: if that is before a
 * transmission that carried one, it had not seen that transmission.
 *
 * Return: true if so.
 */
bool xtcp_ts_before(u32 ts, u64 at)
{
	return (s32)(ts - xtcp_ts_now(at)) < 0;
}

/**
 * xtcp_rto_of - the timeout that a round trip asks for (D9)
 * @srtt: ns
 * @var: ns
 *
 * RTO = SRTT + max(40 ms, 4 RTTVAR): an ACK is never held for more than 25 ms
 * (D5), so that TCP's floor of 200 ms to 1 s is not needed.
 *
 * Return: ns.
 */
u64 xtcp_rto_of(u64 srtt, u64 var)
{
	return min_t(u64, srtt + max_t(u64, XTCP_RTO_VAR_MIN, 4 * var), XTCP_RTO_MAX);
}

static void note_min(struct xtcp_rtt *rtt, u64 sample, u64 now)
{
	u64 age = now - rtt->min_from;

	if (age >= MIN_HALF) {
		rtt->min = age < 2 * MIN_HALF ? rtt->min_now : XTCP_NEVER;
		rtt->min_now = XTCP_NEVER;
		rtt->min_from = now;
	}
	rtt->min_now = min(rtt->min_now, sample);
	rtt->min = min(rtt->min, sample);
}

/**
 * xtcp_rtt_sample - take a sample (RFC 6298, D9)
 * @rtt: estimator
 * @sample: ns, not 0
 * @now: time
 */
void xtcp_rtt_sample(struct xtcp_rtt *rtt, u64 sample, u64 now)
{
	s64 diff = sample - rtt->srtt;

	if (!rtt->srtt) {
		rtt->srtt = sample;
		rtt->var = sample / 2;
	} else {
		u64 error = diff < 0 ? -diff : diff;

		rtt->var += (s64)(error - rtt->var) >> 2;
		rtt->srtt += diff >> 3;		/* never to 0: no sample is */
	}
	rtt->last = sample;
	note_min(rtt, sample, now);
	rtt->rto = xtcp_rto_of(rtt->srtt, rtt->var);
}

/**
 * xtcp_rtt_hint - take a time that may be more than a round trip (D9)
 * @rtt: estimator without a sample
 * @took: ns, not 0
 *
 * Whoever says something again, because it was lost, does so after a timeout, or a probe
 * not much sooner: what is longer than our timeout tells nothing. The timers begin with the
 * rest as with a sample (RFC 6298 2.2), but the first sample finds nothing to be averaged with.
 */
void xtcp_rtt_hint(struct xtcp_rtt *rtt, u64 took)
{
	if (took > rtt->rto)
		return;
	rtt->last = took;
	rtt->rto = xtcp_rto_of(took, took / 2);
}
