/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Passive half-open connections (SYN-RECEIVED): a bounded cache, without which
 * everything works as well (O2); unless net.xtcp.syncookies is 0.
 */
#ifndef _XTCP_NET_REQUESTS_H
#define _XTCP_NET_REQUESTS_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include <xtcp/door.h>

#include "ehash.h"
#include "wheel.h"

/*
 * Entries of one 4-tuple: that of a client, and those that stale or forged SYNs have
 * left, which must not take its place (M2).
 */
#define XTCP_HALF_PER_TUPLE	4

struct xtcp_request {
	struct rhlist_head node;
	struct xtcp_tuple tuple;
	struct list_head at;		/* xtcp_requests.wheel */
	struct rcu_head rcu;
	struct xtcp_half half;		/* never changed */
	u64 id;				/* what dumps show as cookie */
	int ifindex;			/* the device that the SYN came in by */
};

struct xtcp_requests {
	struct rhltable table;		/* by 4-tuple */
	spinlock_t lock;		/* wheel and every change of the table; BH disabled */
	struct xtcp_wheel wheel;
	struct timer_list timer;	/* runs while the wheel is not empty */
};

int xtcp_requests_cache_init(void);
void xtcp_requests_cache_exit(void);
int xtcp_requests_init(struct xtcp_requests *rq);
void xtcp_requests_destroy(struct xtcp_requests *rq);

const struct xtcp_half *xtcp_request_find(struct xtcp_requests *rq, const struct xtcp_tuple *tuple,
					  const struct xtcp_pkt *pkt, u64 now);
bool xtcp_request_keep(struct xtcp_requests *rq, const struct xtcp_tuple *tuple, int ifindex,
		       const struct xtcp_pkt *pkt, const struct xtcp_reply *reply, u32 max,
		       u64 now);
void xtcp_request_forget(struct xtcp_requests *rq, const struct xtcp_tuple *tuple, u32 peer_tag);
void xtcp_requests_purge_port(struct xtcp_requests *rq, u16 port);

#endif /* _XTCP_NET_REQUESTS_H */
