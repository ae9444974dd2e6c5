// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAITs and tombstones. A TIME-WAIT that goes while its cookie lives, by
 * age or because there are too many, becomes a tombstone; when there are too
 * many of those, the one of the oldest cookie goes and every cookie as old is
 * refused from then on (C6). A remnant for which there is no memory counts as
 * one that went.
 */
#include <linux/slab.h>

#include "act.h"
#include "hash.h"
#include "timewaits.h"
#include "../sock.h"
#include "../admin/netns.h"

static struct kmem_cache *remnant_cache;
static atomic64_t last_remnant = ATOMIC64_INIT(0);

static const struct rhashtable_params remnant_params = {
	.key_offset = offsetof(struct xtcp_remnant, key),
	.key_len = sizeof(struct xtcp_key),
	.hashfn = xtcp_hash_key,
	.obj_cmpfn = xtcp_other_key,
	.head_offset = offsetof(struct xtcp_remnant, node),
	.min_size = XTCP_TABLE_MIN,
	.automatic_shrinking = true,
};

static const struct rhashtable_params waiting_params = {
	.key_offset = offsetof(struct xtcp_remnant, key.tuple),
	.key_len = sizeof(struct xtcp_tuple),
	.hashfn = xtcp_hash_tuple,
	.obj_cmpfn = xtcp_other_tuple,
	.head_offset = offsetof(struct xtcp_remnant, tuple_node),
	.min_size = XTCP_TABLE_MIN,
	.automatic_shrinking = true,
};

/**
 * xtcp_timewaits_cache_init - make the slab of all namespaces
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_timewaits_cache_init(void)
{
	/* thousands of them are the normal case */
	BUILD_BUG_ON(sizeof(struct xtcp_remnant) > 192);

	remnant_cache = kmem_cache_create("xtcp_remnant", sizeof(struct xtcp_remnant), 0,
					  0, NULL);
	return remnant_cache ? 0 : -ENOMEM;
}

/**
 * xtcp_timewaits_cache_exit - free the slab, after rcu_barrier()
 */
void xtcp_timewaits_cache_exit(void)
{
	kmem_cache_destroy(remnant_cache);
}

static void remnant_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(remnant_cache, container_of(head, struct xtcp_remnant, rcu));
}

static void start_timer(struct xtcp_timewaits *tws)
{
	if (!timer_pending(&tws->timer))
		mod_timer(&tws->timer, jiffies + HZ);
}

/* All below: the caller holds tws->lock. */

static void drop_tomb(struct xtcp_timewaits *tws, struct xtcp_remnant *rem)
{
	xtcp_wheel_del(&tws->tomb_wheel, &rem->at);
	rem->dead = true;
	rhashtable_remove_fast(&tws->exact, &rem->node, remnant_params);
	call_rcu(&rem->rcu, remnant_free_rcu);
}

/* C6: what guarded a cookie until expires goes before its time. */
static void refuse_older(struct xtcp_timewaits *tws, u64 expires)
{
	struct xtcp_tomb tomb = { .expires = expires };

	tws->refuse_born = xtcp_tomb_drop(&tomb, tws->refuse_born);
	xtcp_count(xtcp_net(tws->net), XTCP_MIB_TOMB_EVICTED);
}

/* rem, in the exact table, is a tombstone from now on. */
static void bury(struct xtcp_timewaits *tws, struct xtcp_remnant *rem, u64 expires)
{
	u32 max = READ_ONCE(xtcp_net(tws->net)->set.max_tombstones);

	rem->tomb = true;
	rem->tw.expires = expires;
	xtcp_wheel_add(&tws->tomb_wheel, &rem->at, expires);
	while (tws->tomb_wheel.len > max) {
		struct xtcp_remnant *oldest;

		oldest = list_entry(xtcp_wheel_oldest(&tws->tomb_wheel), struct xtcp_remnant, at);
		refuse_older(tws, oldest->tw.expires);
		drop_tomb(tws, oldest);
	}
}

/* A TIME-WAIT's time has come, or somebody else needs its place. */
static void end_timewait(struct xtcp_timewaits *tws, struct xtcp_remnant *rem, u64 now)
{
	struct xtcp_tomb tomb;

	xtcp_wheel_del(&tws->tw_wheel, &rem->at);
	rhltable_remove(&tws->tuple, &rem->tuple_node, waiting_params);
	if (xtcp_tomb_make(&tomb, rem->tw.cookie_born, now)) {
		bury(tws, rem, tomb.expires);
		return;
	}
	rem->dead = true;
	rhashtable_remove_fast(&tws->exact, &rem->node, remnant_params);
	call_rcu(&rem->rcu, remnant_free_rcu);
}

static void evict(struct xtcp_timewaits *tws, struct xtcp_remnant *rem, u64 now)
{
	end_timewait(tws, rem, now);
	xtcp_count(xtcp_net(tws->net), XTCP_MIB_TW_EVICTED);
}

/* C4: at most XTCP_TW_PER_TUPLE of one 4-tuple: the oldest makes room. */
static void limit_remnants(struct xtcp_timewaits *tws, const struct xtcp_tuple *tuple, u64 now)
{
	struct xtcp_remnant *rem, *oldest = NULL;
	struct rhlist_head *list, *at;
	unsigned int n = 0;

	rcu_read_lock();
	list = rhltable_lookup(&tws->tuple, tuple, waiting_params);
	rhl_for_each_entry_rcu(rem, at, list, tuple_node) {
		n++;
		if (!oldest || rem->tw.expires < oldest->tw.expires)
			oldest = rem;
	}
	rcu_read_unlock();	/* tws->lock keeps oldest */
	if (n >= XTCP_TW_PER_TUPLE)
		evict(tws, oldest, now);
}

static void expire_remnants(struct timer_list *timer)
{
	struct xtcp_timewaits *tws = container_of(timer, struct xtcp_timewaits, timer);
	struct xtcp_remnant *rem, *next;
	struct list_head *slot;
	u64 now = xtcp_now();

	spin_lock(&tws->lock);
	while ((slot = xtcp_wheel_turn(&tws->tw_wheel, now)))
		list_for_each_entry_safe(rem, next, slot, at)
			if (rem->tw.expires <= now)
				end_timewait(tws, rem, now);
	while ((slot = xtcp_wheel_turn(&tws->tomb_wheel, now)))
		list_for_each_entry_safe(rem, next, slot, at)
			if (rem->tw.expires < now)
				drop_tomb(tws, rem);
	if (tws->tw_wheel.len || tws->tomb_wheel.len)
		mod_timer(&tws->timer, jiffies + HZ);
	spin_unlock(&tws->lock);
}

/**
 * xtcp_timewaits_init - make a namespace's tables
 * @tws: tables
 * @net: namespace
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_timewaits_init(struct xtcp_timewaits *tws, struct net *net)
{
	int err;

	spin_lock_init(&tws->lock);
	xtcp_wheel_init(&tws->tw_wheel, xtcp_now());
	xtcp_wheel_init(&tws->tomb_wheel, xtcp_now());
	timer_setup(&tws->timer, expire_remnants, 0);
	tws->refuse_born = 0;
	tws->net = net;
	err = rhashtable_init(&tws->exact, &remnant_params);
	if (err)
		return err;
	err = rhltable_init(&tws->tuple, &waiting_params);
	if (err)
		rhashtable_destroy(&tws->exact);
	return err;
}

static void free_remnant(void *ptr, void *arg)
{
	struct xtcp_remnant *rem = ptr;

	call_rcu(&rem->rcu, remnant_free_rcu);
}

/**
 * xtcp_timewaits_destroy - free a namespace's tables, when no packet comes any more
 * @tws: tables
 *
 * May sleep.
 */
void xtcp_timewaits_destroy(struct xtcp_timewaits *tws)
{
	timer_shutdown_sync(&tws->timer);
	rhltable_destroy(&tws->tuple);	/* whose entries are all in the other one */
	rhashtable_free_and_destroy(&tws->exact, free_remnant, NULL);
}

static struct xtcp_remnant *new_remnant(const struct sock *sk)
{
	struct xtcp_remnant *rem = kmem_cache_alloc(remnant_cache, GFP_ATOMIC | __GFP_NOWARN);

	if (!rem)
		return NULL;
	rem->key = xtcp_sk(sk)->key;
	rem->tomb = false;
	rem->dead = false;
	rem->ifindex = sk->sk_bound_dev_if;
	rem->uid = sk->sk_uid;
	rem->family = sk->sk_family;
	rem->id = atomic64_inc_return(&last_remnant) | BIT_ULL(62);	/* no socket's cookie */
	return rem;
}

/**
 * xtcp_timewait_add - a connection goes into TIME-WAIT (C4)
 * @sk: connection, locked by the caller, still in the tables of live ones: who
 *	looks there first and here second must find one of the two (rule 2)
 * @now: time
 */
void xtcp_timewait_add(struct sock *sk, u64 now)
{
	struct xtcp_net *xn = xtcp_sock_net(sk);
	struct xtcp_timewaits *tws = &xn->timewaits;
	struct xtcp_remnant *rem = new_remnant(sk);
	u32 max = READ_ONCE(xn->set.max_tw_buckets);
	bool in = false;

	if (rem)
		xtcp_tw_init(&rem->tw, &xtcp_sk(sk)->tcb,
			     READ_ONCE(xn->set.msl) * XTCP_SEC, now);

	spin_lock_bh(&tws->lock);
	if (rem && max) {
		limit_remnants(tws, &rem->key.tuple, now);
		while (tws->tw_wheel.len >= max)
			evict(tws, list_entry(xtcp_wheel_oldest(&tws->tw_wheel),
					      struct xtcp_remnant, at), now);
		if (!rhltable_insert(&tws->tuple, &rem->tuple_node, waiting_params)) {
			in = !rhashtable_lookup_insert_fast(&tws->exact, &rem->node,
							    remnant_params);
			if (!in)
				rhltable_remove(&tws->tuple, &rem->tuple_node, waiting_params);
		}
	}
	if (in) {
		xtcp_wheel_add(&tws->tw_wheel, &rem->at, rem->tw.expires);
		start_timer(tws);
	}
	spin_unlock_bh(&tws->lock);

	if (in) {
		xtcp_count(xn, XTCP_MIB_TIMEWAITS);
		return;
	}
	if (rem)	/* readers may have seen it by its 4-tuple */
		call_rcu(&rem->rcu, remnant_free_rcu);
	xtcp_count(xn, XTCP_MIB_TW_EVICTED);
	xtcp_tomb_add(sk, now);
}

/**
 * xtcp_tomb_add - a connection dies without TIME-WAIT (C6)
 * @sk: connection, locked by the caller, still in the tables of live ones
 * @now: time
 *
 * Leaves a tombstone if the connection is younger than its cookie's life.
 */
void xtcp_tomb_add(struct sock *sk, u64 now)
{
	struct xtcp_timewaits *tws = &xtcp_sock_net(sk)->timewaits;
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_remnant *rem;
	struct xtcp_tomb tomb;

	if (!tcb->passive || !xtcp_tomb_make(&tomb, tcb->cookie_born, now))
		return;
	rem = new_remnant(sk);
	if (rem)
		rem->tw.cookie_born = tcb->cookie_born;

	spin_lock_bh(&tws->lock);
	if (rem && !rhashtable_lookup_insert_fast(&tws->exact, &rem->node, remnant_params)) {
		bury(tws, rem, tomb.expires);
		start_timer(tws);
		rem = NULL;
	} else {
		refuse_older(tws, tomb.expires);
	}
	spin_unlock_bh(&tws->lock);
	if (rem)	/* was in no table */
		kmem_cache_free(remnant_cache, rem);
}

/**
 * xtcp_remnant_find - what is left of the connection that a segment belongs to
 * @tws: tables
 * @key: 4-tuple and the segment's tag
 *
 * Caller is in an RCU read section. Its kind and times may only be read under
 * tws->lock, if it is not dead by then.
 *
 * Return: a TIME-WAIT, a tombstone or NULL.
 */
struct xtcp_remnant *xtcp_remnant_find(struct xtcp_timewaits *tws, const struct xtcp_key *key)
{
	return rhashtable_lookup(&tws->exact, key, remnant_params);
}

/**
 * xtcp_timewait_restart - 2 MSL begin again (C4, F8)
 * @tws: tables, locked by the caller
 * @rem: TIME-WAIT, not dead
 * @now: ns
 */
void xtcp_timewait_restart(struct xtcp_timewaits *tws, struct xtcp_remnant *rem, u64 now)
{
	u64 msl = READ_ONCE(xtcp_net(tws->net)->set.msl) * XTCP_SEC;

	xtcp_wheel_del(&tws->tw_wheel, &rem->at);
	rem->tw.expires = now + 2 * msl;
	xtcp_wheel_add(&tws->tw_wheel, &rem->at, rem->tw.expires);
}
