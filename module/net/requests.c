// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open connections. An entry is never changed once it is in the table, so
 * that readers need RCU only; it holds no reference to anything and expires
 * with its cookie (rule 7 of sock.h).
 */
#include <linux/slab.h>

#include "act.h"
#include "hash.h"
#include "requests.h"

static struct kmem_cache *request_cache;
static atomic64_t last_request = ATOMIC64_INIT(0);

static const struct rhashtable_params request_params = {
	.key_offset = offsetof(struct xtcp_request, tuple),
	.key_len = sizeof(struct xtcp_tuple),
	.hashfn = xtcp_hash_tuple,
	.obj_cmpfn = xtcp_other_tuple,
	.head_offset = offsetof(struct xtcp_request, node),
	.min_size = XTCP_TABLE_MIN,
	.automatic_shrinking = true,
};

/**
 * xtcp_requests_cache_init - make the slab of all namespaces
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_requests_cache_init(void)
{
	request_cache = kmem_cache_create("xtcp_request", sizeof(struct xtcp_request), 0,
					  0, NULL);
	return request_cache ? 0 : -ENOMEM;
}

/**
 * xtcp_requests_cache_exit - free the slab, after rcu_barrier()
 */
void xtcp_requests_cache_exit(void)
{
	kmem_cache_destroy(request_cache);
}

static void request_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(request_cache, container_of(head, struct xtcp_request, rcu));
}

/* The caller holds rq->lock. */
static void drop_request(struct xtcp_requests *rq, struct xtcp_request *req)
{
	rhltable_remove(&rq->table, &req->node, request_params);
	xtcp_wheel_del(&rq->wheel, &req->at);
	call_rcu(&req->rcu, request_free_rcu);
}

static void expire_requests(struct timer_list *timer)
{
	struct xtcp_requests *rq = container_of(timer, struct xtcp_requests, timer);
	struct xtcp_request *req, *next;
	struct list_head *slot;
	u64 now = xtcp_now();

	spin_lock(&rq->lock);
	while ((slot = xtcp_wheel_turn(&rq->wheel, now)))
		list_for_each_entry_safe(req, next, slot, at)
			if (req->half.expires <= now)
				drop_request(rq, req);
	if (rq->wheel.len)
		mod_timer(&rq->timer, jiffies + HZ);
	spin_unlock(&rq->lock);
}

/**
 * xtcp_requests_init - make a namespace's table
 * @rq: table
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_requests_init(struct xtcp_requests *rq)
{
	spin_lock_init(&rq->lock);
	xtcp_wheel_init(&rq->wheel, xtcp_now());
	timer_setup(&rq->timer, expire_requests, 0);
	return rhltable_init(&rq->table, &request_params);
}

static void free_request(void *ptr, void *arg)
{
	struct xtcp_request *req = ptr;

	call_rcu(&req->rcu, request_free_rcu);
}

/**
 * xtcp_requests_destroy - free a namespace's table, when no packet comes any more
 * @rq: table
 *
 * May sleep.
 */
void xtcp_requests_destroy(struct xtcp_requests *rq)
{
	timer_shutdown_sync(&rq->timer);
	rhltable_free_and_destroy(&rq->table, free_request, NULL);
}

/**
 * xtcp_request_find - half-open entry that a segment meets
 * @rq: table
 * @tuple: the segment's 4-tuple
 * @pkt: segment
 * @now: ns
 *
 * A SYN carries the client's tag, a RST may carry either, everything else ours.
 * Caller is in an RCU read section.
 *
 * Return: the entry or NULL.
 */
const struct xtcp_half *xtcp_request_find(struct xtcp_requests *rq, const struct xtcp_tuple *tuple,
					  const struct xtcp_pkt *pkt, u64 now)
{
	bool syn = xtcp_is_syn(pkt);
	const struct xtcp_request *req;
	struct rhlist_head *list, *at;

	list = rhltable_lookup(&rq->table, tuple, request_params);
	rhl_for_each_entry_rcu(req, at, list, node) {
		if (req->half.expires <= now)
			continue;
		if (pkt->tag == req->half.tag && !syn)
			return &req->half;
		if (pkt->tag == req->half.peer_tag && (syn || pkt->flags & XTCP_RST))
			return &req->half;
	}
	return NULL;
}

/* One more of this 4-tuple: the oldest makes room. The caller holds rq->lock. */
static void limit_requests(struct xtcp_requests *rq, const struct xtcp_tuple *tuple)
{
	struct xtcp_request *req, *oldest = NULL;
	struct rhlist_head *list, *at;
	unsigned int n = 0;

	rcu_read_lock();
	list = rhltable_lookup(&rq->table, tuple, request_params);
	rhl_for_each_entry_rcu(req, at, list, node) {
		n++;
		if (!oldest || req->id < oldest->id)
			oldest = req;
	}
	rcu_read_unlock();	/* rq->lock keeps oldest */
	if (n >= XTCP_HALF_PER_TUPLE)
		drop_request(rq, oldest);
}

/**
 * xtcp_request_keep - remember a half-open connection
 * @rq: table
 * @tuple: 4-tuple; of too many entries the oldest is replaced (M2)
 * @ifindex: device that the SYN came in by
 * @pkt: the SYN
 * @reply: the SYN|ACK
 * @max: entries at most (net.xtcp.max_syn_backlog)
 * @now: ns
 *
 * Softirq.
 *
 * Return: false if there is no room: the connection opens by its cookie alone.
 */
bool xtcp_request_keep(struct xtcp_requests *rq, const struct xtcp_tuple *tuple, int ifindex,
		       const struct xtcp_pkt *pkt, const struct xtcp_reply *reply, u32 max,
		       u64 now)
{
	struct xtcp_request *req;

	if (!max)
		return false;
	req = kmem_cache_alloc(request_cache, GFP_ATOMIC);
	if (!req)
		return false;
	req->tuple = *tuple;
	req->ifindex = ifindex;
	req->id = atomic64_inc_return(&last_request) | BIT_ULL(63);	/* no socket's cookie */
	xtcp_keep(&req->half, pkt, reply, now);

	spin_lock_bh(&rq->lock);
	limit_requests(rq, tuple);
	if (rq->wheel.len >= max || rhltable_insert(&rq->table, &req->node, request_params)) {
		spin_unlock_bh(&rq->lock);
		kmem_cache_free(request_cache, req);
		return false;
	}
	xtcp_wheel_add(&rq->wheel, &req->at, req->half.expires);
	if (!timer_pending(&rq->timer))
		mod_timer(&rq->timer, jiffies + HZ);
	spin_unlock_bh(&rq->lock);
	return true;
}

/**
 * xtcp_request_forget - a half-open connection was opened (O3) or reset (O8)
 * @rq: table
 * @tuple: 4-tuple
 * @peer_tag: the client's tag, of which every entry goes
 */
void xtcp_request_forget(struct xtcp_requests *rq, const struct xtcp_tuple *tuple, u32 peer_tag)
{
	struct rhlist_head *list, *at;
	struct xtcp_request *req;

	spin_lock_bh(&rq->lock);
	rcu_read_lock();
	list = rhltable_lookup(&rq->table, tuple, request_params);
	rhl_for_each_entry_rcu(req, at, list, node)
		if (req->half.peer_tag == peer_tag)
			drop_request(rq, req);	/* freed after this section */
	rcu_read_unlock();
	spin_unlock_bh(&rq->lock);
}

/**
 * xtcp_requests_purge_port - forget what is half open at a port
 * @rq: table
 * @port: local port, host order
 */
void xtcp_requests_purge_port(struct xtcp_requests *rq, u16 port)
{
	struct xtcp_request *req, *next;
	unsigned int i;

	spin_lock_bh(&rq->lock);
	for (i = 0; i < XTCP_WHEEL_SLOTS; i++)
		list_for_each_entry_safe(req, next, &rq->wheel.slot[i], at)
			if (req->tuple.lport == port)
				drop_request(rq, req);
	spin_unlock_bh(&rq->lock);
}
