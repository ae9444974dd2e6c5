// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion window validation (RFC 2861): a window that is not used says less and
 * less about the path, and goes down again. That it does not grow then is the
 * algorithms' business (xtcp_cc_used()).
 *
 * net.xtcp.slow_start_after_idle switches it off, as it does for TCP: then a
 * window lasts until a loss or a mark, as RFC 7661 would have it for minutes.
 */
#include "core.h"

/* An algorithm with a model of the path has its own idea of what idle time does to it. */
static bool decays(const struct xtcp_tcb *tcb)
{
	return tcb->tune.idle_restart && !tcb->cc.ops->paces;
}

/**
 * xtcp_cwv_resume - new bytes are about to go out (RFC 5681 4.1)
 * @tcb: connection
 * @now: time
 *
 * After an idle time in which everything was acknowledged the window has been
 * halved for each RTO, down to the first window. Asked again, it does no more.
 */
void xtcp_cwv_resume(struct xtcp_tcb *tcb, u64 now)
{
	u64 idle = now - tcb->snd.data_at;

	if (!tcb->snd.data_at) {
		tcb->snd.used_at = now;
		return;
	}
	if (xtcp_outstanding(tcb) || idle < tcb->rtt.rto)
		return;
	tcb->cc.ops->on_event(&tcb->cc, XTCP_CC_IDLE, 0);
	if (decays(tcb))
		xtcp_cc_idle(&tcb->cc, idle, tcb->rtt.rto);
	tcb->snd.data_at = now;
	tcb->snd.used = 0;
	tcb->snd.used_at = now;
}

/**
 * xtcp_cwv_acked - was the window used? (RFC 2861 3.2)
 * @tcb: connection
 * @sample: acknowledgment, of which the algorithm is about to be told
 *
 * Less than half of it, and that for an RTO: half of what was not used goes.
 */
void xtcp_cwv_acked(struct xtcp_tcb *tcb, const struct xtcp_cc_sample *sample)
{
	if (tcb->recovery || xtcp_cc_used(&tcb->cc, sample)) {
		tcb->snd.used = 0;
		tcb->snd.used_at = sample->now;
		return;
	}
	tcb->snd.used = max(tcb->snd.used, sample->pipe);
	if (sample->now - tcb->snd.used_at < tcb->rtt.rto)
		return;
	if (decays(tcb))
		xtcp_cc_unused(&tcb->cc, tcb->snd.used);
	tcb->snd.used = 0;
	tcb->snd.used_at = sample->now;
}
