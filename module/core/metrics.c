// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a path from earlier connections (RFC 9040). It is a hint: a new
 * connection begins with it and believes its own measurements from the first on.
 *
 * Only a connection that is open tells anything, so that nobody can be the source of
 * what is kept about an address at which he does not receive: an active one has seen
 * its own number acknowledged, a passive one its cookie.
 */
#include <xtcp/metrics.h>
#include "core.h"

/* Another processor may have read the clock later, and been here earlier: that is no age. */
static u64 since(u64 at, u64 now)
{
	return now > at ? now - at : 0;
}

/**
 * xtcp_metrics_age - how long ago a path was last heard of
 * @m: what is known of it
 * @now: time
 *
 * Return: ns.
 */
u64 xtcp_metrics_age(const struct xtcp_metrics *m, u64 now)
{
	return since(m->at, now);
}

/**
 * xtcp_metrics_fresh - is anything known, and not too old?
 * @m: what is known
 * @now: time
 * @life: ns for which it is believed (net.xtcp.path_cache_life)
 *
 * Return: true if so.
 */
bool xtcp_metrics_fresh(const struct xtcp_metrics *m, u64 now, u64 life)
{
	return m->at && since(m->at, now) < life;
}

/*
 * A connection whose last transmissions are not answered knows that the path is not what
 * it was, and not what it is.
 */
static bool knows(const struct xtcp_tcb *tcb)
{
	return tcb->rtt.srtt && !tcb->backoff;
}

/* D10: segments go that are shorter than the route takes, or were found not to need to be. */
static bool knows_mtu(const struct xtcp_tcb *tcb)
{
	return tcb->path_mss < tcb->pmtu.route || tcb->pmtu.passed;
}

/* The threshold of a connection that has found one and lives by it; 0: it has not. */
static u32 ssthresh_of(const struct xtcp_tcb *tcb)
{
	const struct xtcp_cc *cc = &tcb->cc;

	if (cc->ops->paces || tcb->recovery || cc->ssthresh >= XTCP_CC_INFINITE)
		return 0;
	/* one that has sent less has not filled the path since */
	if (tcb->stat.bytes_acked < 4ULL * cc->ssthresh)
		return 0;
	return max(cc->ssthresh, min(cc->cwnd, XTCP_CC_INFINITE) / 2);
}

/**
 * xtcp_metrics_news - has a connection anything to tell?
 * @m: what is known of its path, perhaps nothing
 * @tcb: connection
 * @now: time
 *
 * Many connections that end at once need not all be heard, unless the path is worse than
 * it is believed to be.
 *
 * Return: true if xtcp_metrics_learn() is worth the trouble.
 */
bool xtcp_metrics_news(const struct xtcp_metrics *m, const struct xtcp_tcb *tcb, u64 now)
{
	if (!knows(tcb))
		return false;
	if (!m->at || since(m->at, now) >= XTCP_METRICS_GAP)
		return true;
	return tcb->rtt.srtt > m->srtt || (knows_mtu(tcb) && tcb->path_mss != m->path_mss);
}

/* Longer is believed at once: a timer must not be too short; shorter by and by. */
static u64 smoothed(u64 old, u64 new)
{
	return new >= old ? new : old - (old - new) / 4;
}

static void learn_mtu(struct xtcp_metrics *m, const struct xtcp_tcb *tcb, u64 now)
{
	const struct xtcp_pmtu *pmtu = &tcb->pmtu;

	if (!knows_mtu(tcb))
		return;
	/* What was only taken over is not younger for that. */
	if (tcb->path_mss != m->path_mss || pmtu->next_at != m->probe_at)
		m->mtu_at = now;
	m->path_mss = tcb->path_mss;
	m->route_mss = pmtu->route;
	m->failed = pmtu->failed;
	m->probe_at = pmtu->next_at;
}

/**
 * xtcp_metrics_learn - a connection tells what it has measured
 * @m: what is known of its path, perhaps nothing
 * @tcb: connection
 * @now: time
 * @life: ns; what is older is forgotten
 */
void xtcp_metrics_learn(struct xtcp_metrics *m, const struct xtcp_tcb *tcb, u64 now, u64 life)
{
	u32 ssthresh = ssthresh_of(tcb);

	if (!knows(tcb))
		return;
	if (!xtcp_metrics_fresh(m, now, life))
		memset(m, 0, sizeof(*m));
	m->at = max(m->at, now);
	m->srtt = smoothed(m->srtt, tcb->rtt.srtt);
	m->var = smoothed(m->var, tcb->rtt.var);
	/* it costs more to stop too early than too late */
	if (ssthresh)
		m->ssthresh = smoothed(m->ssthresh, ssthresh);
	learn_mtu(m, tcb, now);
	if (m->path_mss && since(m->mtu_at, now) >= life)
		m->path_mss = 0;
}

/* D10: the search goes on where it was. */
static void recall_mtu(const struct xtcp_metrics *m, struct xtcp_tcb *tcb, u64 now, u64 life)
{
	bool narrow = m->path_mss < m->route_mss && tcb->tune.mtu_probing == XTCP_PROBING_LATER;

	if (!m->path_mss || since(m->mtu_at, now) >= life || m->path_mss > tcb->pmtu.route)
		return;
	if (!narrow && tcb->tune.mtu_probing != XTCP_PROBING_ALWAYS)
		return;
	xtcp_set_path_mss(tcb, m->path_mss);
	tcb->pmtu.failed = m->failed <= tcb->pmtu.route ? m->failed : 0;
	/* another route than at that time is searched at once */
	tcb->pmtu.next_at = m->route_mss == tcb->pmtu.route ? m->probe_at : now;
}

/**
 * xtcp_metrics_recall - a connection begins with what is known of its path
 * @m: what is known
 * @tcb: connection, CLOSED: after xtcp_init() and xtcp_set_route_mss(), before
 *	xtcp_connect() or xtcp_child()
 * @now: time
 * @life: ns; what is older is not believed
 * @what: how much of it is to be used
 *
 * Its first timeout is that of a first sample as long as the known round trip (RFC 6298
 * 2.2), if the variance is not known to be larger; T-SYN has a floor of its own (O1).
 */
void xtcp_metrics_recall(const struct xtcp_metrics *m, struct xtcp_tcb *tcb, u64 now, u64 life,
			 enum xtcp_recall what)
{
	if (what == XTCP_RECALL_NOTHING || !xtcp_metrics_fresh(m, now, life))
		return;
	if (m->srtt)
		tcb->rtt.rto = min_t(u64, xtcp_rto_of(m->srtt, max(m->var, m->srtt / 2)),
				     XTCP_RTO_KNOWN_MAX);
	if (what == XTCP_RECALL_ALL && !tcb->cc.ops->paces)
		tcb->known_ssthresh = m->ssthresh;
	recall_mtu(m, tcb, now, life);
}

/**
 * xtcp_begin_cc - the first window of an open connection
 * @tcb: connection; its MSS is agreed on
 *
 * What xtcp_metrics_recall() knew ends its slow start, but not below that window.
 */
void xtcp_begin_cc(struct xtcp_tcb *tcb)
{
	xtcp_cc_start(&tcb->cc);
	if (tcb->known_ssthresh)
		tcb->cc.ssthresh = max(tcb->known_ssthresh, tcb->cc.cwnd);
}
