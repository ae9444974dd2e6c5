// SPDX-License-Identifier: GPL-2.0
/*
 * DCTCP (RFC 8257), for networks whose switches mark at a short queue: Reno that
 * answers marks in proportion to how many there are. The peer's exact count of
 * marked packets (D6) takes the place of the RFC's delayed-ACK state machine.
 *
 * SYNs are not sent ECN-capable (RFC 8257 3.6 says SHOULD): nothing is known of
 * the peer yet.
 */
#include <xtcp/cc.h>

#define ALPHA_SHIFT		20	/* a scale so fine that Alpha can all but vanish */
#define ALPHA_ONE		BIT(ALPHA_SHIFT)
#define G_SHIFT			4	/* RFC 8257 3.3: g = 1/16 */

/* RFC 8257 3.3 step 7, for the window that ends: Alpha = Alpha * (1 - g) + g * M. */
static void end_window(struct xtcp_cc *cc)
{
	struct xtcp_dctcp *dctcp = &cc->own.dctcp;
	s32 unmarked = xtcp_div((u64)(dctcp->acked - dctcp->marked) * ALPHA_ONE, dctcp->acked);

	dctcp->clear += (unmarked - (s32)dctcp->clear) >> G_SHIFT;
	dctcp->acked = 0;
	dctcp->marked = 0;
}

static void dctcp_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	struct xtcp_dctcp *dctcp = &cc->own.dctcp;
	u32 marked = min_t(u64, sample->acked, (u64)sample->ce * cc->mss);

	/* segments may be small: no more than what is acknowledged with the mark */
	dctcp->acked = min_t(u64, (u64)dctcp->acked + sample->acked, XTCP_CC_INFINITE);
	dctcp->marked = min_t(u64, (u64)dctcp->marked + marked, dctcp->acked);
	if (sample->round && dctcp->acked)
		end_window(cc);
	xtcp_cc_reno.on_ack(cc, sample);
}

static void dctcp_on_event(struct xtcp_cc *cc, enum xtcp_cc_event event, u32 flight)
{
	u32 half, left;

	/* RFC 8257 3.5: a loss is answered as ever */
	if (event != XTCP_CC_ECN) {
		xtcp_cc_reno.on_event(cc, event, flight);
		return;
	}
	/* RFC 8257 3.3 step 9: cwnd = cwnd * (1 - Alpha / 2) */
	half = (ALPHA_ONE - cc->own.dctcp.clear) / 2;
	left = (u64)cc->cwnd * (ALPHA_ONE - half) >> ALPHA_SHIFT;
	cc->cwnd = max(left, XTCP_CC_MIN_SEGS * cc->mss);
	cc->ssthresh = cc->cwnd;
	cc->own.dctcp.reno.counted = 0;
}

const struct xtcp_cc_ops xtcp_cc_dctcp = {
	.name		= "dctcp",
	.needs_ecn	= true,
	.restricted	= true,
	.on_ack		= dctcp_on_ack,
	.on_event	= dctcp_on_event,
};
