// SPDX-License-Identifier: GPL-2.0
/* Reno in bytes: slow start and congestion avoidance of RFC 5681, counted as in RFC 3465. */
#include <xtcp/cc.h>

#define MIN_SEGS	2	/* RFC 5681 (4): ssthresh is at least 2 SMSS */

static void reno_init(struct xtcp_cc *cc)
{
	cc->cwnd = XTCP_CC_INIT_SEGS * cc->mss;
	cc->ssthresh = XTCP_CC_INFINITE;
	cc->counted = 0;
}

static void reno_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	u32 acked = sample->acked;

	/* RFC 7661: a window that was not used has not been tested. */
	if (sample->recovery || sample->pipe < cc->cwnd / 2)
		return;

	/* Slow start ends at ssthresh, however much one ACK covers. */
	if (cc->cwnd < cc->ssthresh) {
		u32 grow = min(acked, cc->ssthresh - cc->cwnd);

		cc->cwnd += grow;
		acked -= grow;
	}

	cc->counted += acked;
	while (cc->counted >= cc->cwnd && cc->cwnd < XTCP_CC_INFINITE - cc->mss) {
		cc->counted -= cc->cwnd;
		cc->cwnd += cc->mss;
	}
	cc->counted = min(cc->counted, cc->cwnd);
}

static void reno_on_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 pipe)
{
	switch (event) {
	case XTCP_CC_LOSS:
		cc->ssthresh = max(pipe / 2, MIN_SEGS * cc->mss);
		cc->cwnd = cc->ssthresh;
		cc->counted = 0;
		break;
	case XTCP_CC_RTO:
		cc->ssthresh = max(pipe / 2, MIN_SEGS * cc->mss);
		fallthrough;
	case XTCP_CC_RTO_AGAIN:
		cc->cwnd = cc->mss;
		cc->counted = 0;
		break;
	case XTCP_CC_RECOVERED:
		break;
	}
}

const struct xtcp_cc_ops xtcp_cc_reno = {
	.name		= "reno",
	.init		= reno_init,
	.on_ack		= reno_on_ack,
	.on_event	= reno_on_event,
};
