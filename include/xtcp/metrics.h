/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What connections leave behind for later ones to the same host (RFC 9040). What
 * is kept of them and what a new one makes of it is decided here (core/metrics.c);
 * the shell stores it by address.
 */
#ifndef _XTCP_METRICS_H
#define _XTCP_METRICS_H

#include <xtcp/env.h>

struct xtcp_tcb;

/* net.xtcp.path_cache: what of it is used. */
enum xtcp_recall {
	XTCP_RECALL_NOTHING,
	XTCP_RECALL_PATH,	/* round trip and MTU */
	XTCP_RECALL_ALL,	/* ssthresh, too */
};

/* All zero: nothing is known. */
struct xtcp_metrics {
	u64 at;			/* ns: last measured */
	u64 srtt, var;		/* ns; srtt 0: not known */
	u64 mtu_at;		/* ns: the MTU was found */
	u64 probe_at;		/* ns: no probe of the MTU before (RFC 8899's PMTU_RAISE_TIMER) */
	u32 path_mss, route_mss;	/* bytes, as pmtu has them; path_mss 0: not known */
	u32 failed;		/* the least that did not pass; 0: not known */
	u32 ssthresh;		/* bytes; 0: not known */
};

#define XTCP_METRICS_GAP	XTCP_SEC	/* what is no worse is not news sooner */

u64 xtcp_metrics_age(const struct xtcp_metrics *m, u64 now);
bool xtcp_metrics_fresh(const struct xtcp_metrics *m, u64 now, u64 life);
bool xtcp_metrics_news(const struct xtcp_metrics *m, const struct xtcp_tcb *tcb, u64 now);
void xtcp_metrics_learn(struct xtcp_metrics *m, const struct xtcp_tcb *tcb, u64 now, u64 life);
void xtcp_metrics_recall(const struct xtcp_metrics *m, struct xtcp_tcb *tcb, u64 now, u64 life,
			 enum xtcp_recall what);

#endif /* _XTCP_METRICS_H */
