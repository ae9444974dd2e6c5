// SPDX-License-Identifier: GPL-2.0
/* Reno in bytes: congestion avoidance of RFC 5681, counted as in RFC 3465. */
#include <xtcp/cc.h>

static void reno_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_reno *reno = &cc->own.reno;

	if (sample->recovery || !xtcp_cc_used(cc, sample))
		return;
	reno->counted += xtcp_slow_start(cc, sample);
	while (reno->counted >= cc->cwnd && cc->cwnd < XTCP_CC_INFINITE - cc->mss) {
		reno->counted -= cc->cwnd;
		cc->cwnd += cc->mss;
	}
	reno->counted = min(reno->counted, cc->cwnd);
}

/* RFC 8511: in congestion avoidance only; slow start overshoots as far as ever. */
static u32 beta_ecn(const struct xtcp_cc *cc)
{
	return cc->cwnd < cc->ssthresh ? 512 : XTCP_CC_BETA_ECN;
}

static void reno_on_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
	switch (event) {
	case XTCP_CC_LOSS:
		cc->ssthresh = max(flight / 2, XTCP_CC_MIN_SEGS * cc->mss);
		cc->cwnd = cc->ssthresh;
		cc->own.reno.counted = 0;
		break;
	case XTCP_CC_ECN:
		cc->ssthresh = max_t(u32, ((u64)flight * beta_ecn(cc) >> 10),
				     XTCP_CC_MIN_SEGS * cc->mss);
		cc->cwnd = cc->ssthresh;
		cc->own.reno.counted = 0;
		break;
	case XTCP_CC_RTO:
		cc->ssthresh = max(flight / 2, XTCP_CC_MIN_SEGS * cc->mss);
		fallthrough;
	case XTCP_CC_RTO_AGAIN:
		cc->cwnd = cc->mss;
		cc->own.reno.counted = 0;
		break;
	case XTCP_CC_RECOVERED:
	case XTCP_CC_UNDO:
	case XTCP_CC_IDLE:
		break;
	}
}

const struct xtcp_cc_ops xtcp_cc_reno = {
	.name		= "reno",
	.on_ack		= reno_on_ack,
	.on_event	= reno_on_event,
};
