// SPDX-License-Identifier: GPL-2.0
/* What the congestion control algorithms have in common. */
#include <xtcp/cc.h>

const struct xtcp_cc_ops *const xtcp_cc_all[] = {
	&xtcp_cc_cubic,
	&xtcp_cc_reno,
	&xtcp_cc_dctcp,
	&xtcp_cc_bbr,
	NULL
};

/**
 * xtcp_cc_find - an algorithm by its name
 * @name: name as users write it
 *
 * Return: the algorithm, or NULL.
 */
const struct xtcp_cc_ops *xtcp_cc_find(const char *name)
{
	unsigned int i;

	for (i = 0; xtcp_cc_all[i]; i++)
		if (!strcmp(xtcp_cc_all[i]->name, name))
			return xtcp_cc_all[i];
	return NULL;
}

/**
 * xtcp_cc_state - what an algorithm keeps outside of the connection
 * @cc: started
 *
 * Return: the memory that xtcp_cc_change() was given, or NULL if it needs none.
 */
void *xtcp_cc_state(const struct xtcp_cc *cc)
{
	return cc->ops->state ? cc->own.state : NULL;
}

/**
 * xtcp_cc_start - a connection begins: first window, nothing known
 * @cc: ops and mss are set, and own.state where ops->state is not 0
 */
void xtcp_cc_start(struct xtcp_cc *cc)
{
	cc->cwnd = XTCP_CC_INIT_SEGS * cc->mss;
	cc->ssthresh = XTCP_CC_INFINITE;
	xtcp_hystart_init(&cc->hystart);
	xtcp_cc_change(cc, cc->ops, xtcp_cc_state(cc));
}

/**
 * xtcp_cc_change - another algorithm takes over
 * @cc: started
 * @ops: algorithm
 * @state: memory of ops->state bytes, or NULL if that is 0; in use until the next change
 *
 * The window stays as it is, and with it what is known about the path. The
 * algorithm begins with its own fields zero. What xtcp_cc_state() said before is the
 * caller's again.
 */
void xtcp_cc_change(struct xtcp_cc *cc, const struct xtcp_cc_ops *ops, void *state)
{
	if (cc->ops->paces && !ops->paces)
		cc->ssthresh = min(cc->ssthresh, cc->cwnd);	/* it had found the path's limit */
	memset(&cc->own, 0, sizeof(cc->own));
	if (ops->state)
		cc->own.state = memset(state, 0, ops->state);
	cc->pacing_rate = 0;
	cc->holds_back = false;
	cc->ops = ops;
}

/**
 * xtcp_cc_used - was the window the limit? (RFC 7661 section 4.1)
 * @cc: state
 * @sample: acknowledgment
 *
 * A window of which less than half was used has not been tested, and must not
 * grow on the strength of that. What was used in this round trip and the one before it
 * counts: of acknowledgments that come in a bunch the last find little in the network,
 * however full it was.
 *
 * Return: true if it may grow.
 */
bool xtcp_cc_used(const struct xtcp_cc *cc, const struct xtcp_cc_sample *sample)
{
	return max(sample->pipe, sample->recent) >= cc->cwnd / 2;
}

/* What a window was must not be lost with it (RFC 2861 3.1). */
static void remember(struct xtcp_cc *cc)
{
	cc->ssthresh = max(cc->ssthresh, cc->cwnd - cc->cwnd / 4);
}

/**
 * xtcp_cc_idle - nothing was sent for a while (RFC 2861 3.1, RFC 5681 4.1)
 * @cc: state
 * @idle: ns
 * @rto: ns, not 0
 *
 * For each RTO the window is halved, but not below the first window.
 */
void xtcp_cc_idle(struct xtcp_cc *cc, u64 idle, u64 rto)
{
	u32 restart = min(cc->cwnd, XTCP_CC_INIT_SEGS * cc->mss);

	remember(cc);
	for (; idle >= rto && cc->cwnd > restart; idle -= rto)
		cc->cwnd /= 2;
	cc->cwnd = max(cc->cwnd, restart);
}

/**
 * xtcp_cc_unused - for an RTO no more than this was in the network (RFC 2861 3.2)
 * @cc: state
 * @used: bytes
 *
 * Half of what was not used goes, but nothing of the first window.
 */
void xtcp_cc_unused(struct xtcp_cc *cc, u32 used)
{
	used = max(used, XTCP_CC_INIT_SEGS * cc->mss);
	if (used >= cc->cwnd)
		return;
	remember(cc);
	cc->cwnd = used + (cc->cwnd - used) / 2;
}
