/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stays behind of connections: TIME-WAITs (C4) and tombstones (C6), in
 * one table by 4-tuple and our tag. They own no port.
 */
#ifndef _XTCP_NET_TIMEWAITS_H
#define _XTCP_NET_TIMEWAITS_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <net/sock.h>

#include <xtcp/door.h>

#include "ehash.h"
#include "wheel.h"

#define XTCP_TW_PER_TUPLE	64	/* C4 */

struct xtcp_remnant {
	struct rhash_head node;		/* xtcp_timewaits.exact */
	struct rhlist_head tuple_node;	/* xtcp_timewaits.tuple; TIME-WAITs only */
	struct xtcp_key key;
	bool tomb;			/* a tombstone: of tw only expires and cookie_born count */
	bool dead;			/* out of the table */
	struct list_head at;		/* xtcp_timewaits.tw_wheel or tomb_wheel */
	struct xtcp_tw tw;
	int ifindex;			/* SO_BINDTODEVICE */
	kuid_t uid;
	u16 family;
	u64 id;				/* what dumps show as cookie */
	struct rcu_head rcu;
};

struct xtcp_timewaits {
	struct rhashtable exact;
	struct rhltable tuple;		/* chains of at most XTCP_TW_PER_TUPLE */
	spinlock_t lock;		/* all but look-ups, and xtcp_remnant.tw; BH disabled */
	struct xtcp_wheel tw_wheel;
	struct xtcp_wheel tomb_wheel;
	u64 refuse_born;		/* C6: xtcp_tomb_drop() */
	struct timer_list timer;	/* runs while a wheel is not empty */
	struct net *net;
};

int xtcp_timewaits_cache_init(void);
void xtcp_timewaits_cache_exit(void);
int xtcp_timewaits_init(struct xtcp_timewaits *tws, struct net *net);
void xtcp_timewaits_destroy(struct xtcp_timewaits *tws);

void xtcp_timewait_add(struct sock *sk, u64 now);
void xtcp_tomb_add(struct sock *sk, u64 now);

struct xtcp_remnant *xtcp_remnant_find(struct xtcp_timewaits *tws, const struct xtcp_key *key);
void xtcp_timewait_restart(struct xtcp_timewaits *tws, struct xtcp_remnant *rem, u64 now);

#endif /* _XTCP_NET_TIMEWAITS_H */
