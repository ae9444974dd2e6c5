// SPDX-License-Identifier: GPL-2.0
/*
 * Live connections. The exact table answers for all segments but SYN; the
 * other one, in which connections of one 4-tuple share a chain, for SYN (M2),
 * for a RST that mirrors our own segment's tag (R1) and for ICMP (D10).
 */
#include "ehash.h"
#include "hash.h"
#include "listeners.h"
#include "ports.h"
#include "../sock.h"
#include "../admin/netns.h"

static const struct rhashtable_params exact_params = {
	.key_offset = offsetof(struct xtcp_sock, key),
	.key_len = sizeof(struct xtcp_key),
	.hashfn = xtcp_hash_key,
	.obj_cmpfn = xtcp_other_key,
	.head_offset = offsetof(struct xtcp_sock, exact_node),
	.min_size = XTCP_TABLE_MIN,
	.automatic_shrinking = true,
};

static const struct rhashtable_params tuple_params = {
	.key_offset = offsetof(struct xtcp_sock, key.tuple),
	.key_len = sizeof(struct xtcp_tuple),
	.hashfn = xtcp_hash_tuple,
	.obj_cmpfn = xtcp_other_tuple,
	.head_offset = offsetof(struct xtcp_sock, tuple_node),
	.min_size = XTCP_TABLE_MIN,
	.automatic_shrinking = true,
};

/**
 * xtcp_ehash_init - make a namespace's tables
 * @eh: tables
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_ehash_init(struct xtcp_ehash *eh)
{
	int err;

	/* keys are hashed as bytes */
	BUILD_BUG_ON(sizeof(struct xtcp_tuple) != 40);
	BUILD_BUG_ON(sizeof(struct xtcp_key) != 44);

	err = rhashtable_init(&eh->exact, &exact_params);
	if (err)
		return err;
	err = rhltable_init(&eh->tuple, &tuple_params);
	if (err)
		rhashtable_destroy(&eh->exact);
	return err;
}

/**
 * xtcp_ehash_destroy - free a namespace's tables
 * @eh: tables, empty (rule 8)
 *
 * May sleep.
 */
void xtcp_ehash_destroy(struct xtcp_ehash *eh)
{
	rhltable_destroy(&eh->tuple);
	rhashtable_destroy(&eh->exact);
}

/**
 * xtcp_tuple_of_sock - the 4-tuple of a connection as table key
 * @sk: socket with both addresses and ports
 * @tuple: result; every byte is written
 */
void xtcp_tuple_of_sock(const struct sock *sk, struct xtcp_tuple *tuple)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct in6_addr *local = (struct in6_addr *)tuple->addrs.local;
	struct in6_addr *remote = (struct in6_addr *)tuple->addrs.remote;

	tuple->lport = inet->inet_num;
	tuple->rport = ntohs(inet->inet_dport);
	tuple->bound_if = 0;
	if (sk->sk_family == AF_INET) {
		ipv6_addr_set_v4mapped(inet->inet_rcv_saddr, local);
		ipv6_addr_set_v4mapped(inet->inet_daddr, remote);
		return;
	}
	*local = sk->sk_v6_rcv_saddr;
	*remote = sk->sk_v6_daddr;
	if (ipv6_addr_type(remote) & IPV6_ADDR_LINKLOCAL)
		tuple->bound_if = sk->sk_bound_dev_if;
}

/**
 * xtcp_ehash_insert - make a connection known to the network
 * @sk: connection, locked by the caller; addresses, ports and tcb.tag are set
 *
 * Look-up and insertion are one atomic step (O3). The tables take one
 * reference together.
 *
 * Return: 0, -EADDRNOTAVAIL if (4-tuple, tag) is taken, else -ENOMEM: whatever
 * a table that should grow and cannot says (-EBUSY, -E2BIG), a program gets the
 * errno that TCP has for a table without room.
 */
int xtcp_ehash_insert(struct sock *sk)
{
	struct xtcp_ehash *eh = &xtcp_sock_net(sk)->ehash;
	struct xtcp_sock *xsk = xtcp_sk(sk);
	int err;

	xtcp_tuple_of_sock(sk, &xsk->key.tuple);
	xsk->key.tag = xsk->tcb.tag;

	sock_hold(sk);		/* the tables' reference */
	err = rhashtable_lookup_insert_fast(&eh->exact, &xsk->exact_node, exact_params);
	if (err)
		goto err_put;
	err = rhltable_insert(&eh->tuple, &xsk->tuple_node, tuple_params);
	if (err)
		goto err_exact;
	xsk->hashed = 1;
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return 0;

err_exact:
	rhashtable_remove_fast(&eh->exact, &xsk->exact_node, exact_params);
err_put:
	__sock_put(sk);		/* the caller holds another */
	return err == -EEXIST ? -EADDRNOTAVAIL : -ENOMEM;
}

/**
 * xtcp_ehash_remove - the network knows a connection no longer
 * @sk: socket, locked by the caller, who holds a reference; need not be hashed
 */
void xtcp_ehash_remove(struct sock *sk)
{
	struct xtcp_ehash *eh = &xtcp_sock_net(sk)->ehash;
	struct xtcp_sock *xsk = xtcp_sk(sk);

	if (!xsk->hashed)
		return;
	xsk->hashed = 0;
	rhltable_remove(&eh->tuple, &xsk->tuple_node, tuple_params);
	rhashtable_remove_fast(&eh->exact, &xsk->exact_node, exact_params);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	__sock_put(sk);		/* the tables' reference; the caller's remains */
}

/**
 * xtcp_ehash_any - some live connection
 * @net: namespace
 *
 * May sleep.
 *
 * Return: a socket with a reference, or NULL if there is none.
 */
struct sock *xtcp_ehash_any(struct net *net)
{
	struct rhashtable_iter iter;
	struct sock *found = NULL;
	struct xtcp_sock *xsk;

	rhashtable_walk_enter(&xtcp_net(net)->ehash.exact, &iter);
	rhashtable_walk_start(&iter);
	while (!found && (xsk = rhashtable_walk_next(&iter))) {
		struct sock *sk = (struct sock *)xsk;

		/* an error says that the table is being resized: the walk starts again */
		if (!IS_ERR(xsk) && refcount_inc_not_zero(&sk->sk_refcnt))
			found = sk;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return found;
}

/* Connections of one 4-tuple can be on different devices, or in different VRFs. */
static bool may_have(const struct xtcp_sock *xsk, int dif, int sdif)
{
	return xtcp_device_fits(READ_ONCE(xsk->inet.sk.sk_bound_dev_if), dif, sdif);
}

/**
 * xtcp_ehash_taken - is there a live connection of this 4-tuple where a socket is?
 * @sk: socket, locked by the caller
 * @tuple: 4-tuple
 *
 * Return: true if there is one.
 */
bool xtcp_ehash_taken(const struct sock *sk, const struct xtcp_tuple *tuple)
{
	struct rhlist_head *list, *at;
	struct xtcp_sock *xsk;
	bool taken = false;

	rcu_read_lock();
	list = rhltable_lookup(&xtcp_sock_net(sk)->ehash.tuple, tuple, tuple_params);
	rhl_for_each_entry_rcu(xsk, at, list, tuple_node)
		taken |= !xtcp_ports_apart(sk, (struct sock *)xsk);
	rcu_read_unlock();
	return taken;
}

/**
 * xtcp_ehash_crowded - are there too many live connections of this 4-tuple?
 * @eh: tables of the namespace
 * @tuple: 4-tuple
 * @dif: device by which another one comes
 * @sdif: the slave behind an L3 master device, or 0
 *
 * A peer that asks for many cookies before it echoes the first can open as many
 * connections between the same two ports, and a SYN or RST for these ports
 * looks at all of them. Processors that open connections at the same time may
 * exceed XTCP_LIVE_PER_TUPLE by their number.
 *
 * Return: true if there should be no more of them.
 */
bool xtcp_ehash_crowded(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, int dif, int sdif)
{
	struct rhlist_head *list, *at;
	struct xtcp_sock *xsk;
	unsigned int n = 0;

	rcu_read_lock();
	list = rhltable_lookup(&eh->tuple, tuple, tuple_params);
	rhl_for_each_entry_rcu(xsk, at, list, tuple_node)
		n += may_have(xsk, dif, sdif);
	rcu_read_unlock();
	return n >= XTCP_LIVE_PER_TUPLE;
}

/**
 * xtcp_ehash_exact - connection that a segment belongs to (M3)
 * @eh: tables of the namespace
 * @key: 4-tuple and the segment's tag
 *
 * Caller is in an RCU read section.
 *
 * Return: the socket with a reference, or NULL.
 */
struct sock *xtcp_ehash_exact(struct xtcp_ehash *eh, const struct xtcp_key *key)
{
	struct xtcp_sock *xsk;
	struct sock *sk;

	xsk = rhashtable_lookup(&eh->exact, key, exact_params);
	if (!xsk)
		return NULL;
	sk = (struct sock *)xsk;
	return refcount_inc_not_zero(&sk->sk_refcnt) ? sk : NULL;
}

/* How much a connection has to say to a SYN of its 4-tuple (M2, struct xtcp_found). */
static unsigned int syn_rank(u8 state, bool same_tag)
{
	if (state == XTCP_SYN_SENT || state == XTCP_SYN_RECEIVED)
		return 4;
	if (state && same_tag && state != XTCP_CLOSED)
		return 3;
	switch (state) {
	case XTCP_ESTABLISHED:
	case XTCP_FIN_WAIT_1:
	case XTCP_FIN_WAIT_2:
	case XTCP_CLOSE_WAIT:
		return 2;
	case XTCP_CLOSING:
	case XTCP_LAST_ACK:
		return 1;
	default:
		return 0;
	}
}

/**
 * xtcp_ehash_syn - live connection that a SYN meets (M2)
 * @eh: tables of the namespace
 * @tuple: 4-tuple
 * @dif: device it came in by
 * @sdif: the slave behind an L3 master device, or 0
 * @peer_tag: the SYN's tag
 * @state: out: its state as just seen
 *
 * Of several that it may be for, the one with most to say. The state is the mirror in sk_state:
 * what it decides is decided again under the lock. Caller is in an RCU read
 * section.
 *
 * Return: the socket with a reference, or NULL.
 */
struct sock *xtcp_ehash_syn(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, int dif,
			    int sdif, u32 peer_tag, u8 *state)
{
	struct rhlist_head *list, *at;
	struct sock *best = NULL;
	struct xtcp_sock *xsk;
	unsigned int most = 0;

	*state = 0;
	list = rhltable_lookup(&eh->tuple, tuple, tuple_params);
	rhl_for_each_entry_rcu(xsk, at, list, tuple_node) {
		struct sock *sk = (struct sock *)xsk;
		u8 seen = READ_ONCE(sk->sk_state);
		/* only chooses between connections, each of which checks it again */
		bool same_tag = data_race(xsk->tcb.peer_tag) == peer_tag;
		unsigned int rank = may_have(xsk, dif, sdif) ? syn_rank(seen, same_tag) : 0;

		if (rank > most) {
			most = rank;
			*state = seen;
			best = sk;
		}
	}
	if (best && !refcount_inc_not_zero(&best->sk_refcnt)) {
		*state = 0;
		return NULL;
	}
	return best;
}

/**
 * xtcp_ehash_mirror - connection that a RST with the peer's tag may be for (R1, O6)
 * @eh: tables of the namespace
 * @tuple: 4-tuple
 * @dif: device it came in by
 * @sdif: the slave behind an L3 master device, or 0
 * @tag: of the RST; with our own it would have been found by xtcp_ehash_exact()
 *
 * The peer's tag is read without the lock: a hint that the core checks again under it.
 * Caller is in an RCU read section.
 *
 * Return: the socket with a reference, or NULL.
 */
struct sock *xtcp_ehash_mirror(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, int dif,
			       int sdif, u32 tag)
{
	struct rhlist_head *list, *at;
	struct xtcp_sock *xsk;

	list = rhltable_lookup(&eh->tuple, tuple, tuple_params);
	rhl_for_each_entry_rcu(xsk, at, list, tuple_node) {
		struct sock *sk = (struct sock *)xsk;
		/* a hint: checked again under the lock */
		u32 peer_tag = data_race(xsk->tcb.peer_tag);

		if (may_have(xsk, dif, sdif) && READ_ONCE(sk->sk_state) != XTCP_SYN_SENT &&
		    peer_tag == tag && refcount_inc_not_zero(&sk->sk_refcnt))
			return sk;
	}
	return NULL;
}

/**
 * xtcp_ehash_quoted - connection of which ICMP quotes a segment (D10)
 * @eh: tables of the namespace
 * @tuple: 4-tuple
 * @tag: of the segment
 *
 * As xtcp_sends(), which is asked again under the lock. The tag is the proof, and not the
 * device: of a bound socket's packet this host itself may tell, through loopback. Caller
 * is in an RCU read section.
 *
 * Return: the socket with a reference, or NULL.
 */
struct sock *xtcp_ehash_quoted(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, u32 tag)
{
	struct rhlist_head *list, *at;
	struct xtcp_sock *xsk;

	list = rhltable_lookup(&eh->tuple, tuple, tuple_params);
	rhl_for_each_entry_rcu(xsk, at, list, tuple_node) {
		struct sock *sk = (struct sock *)xsk;
		u8 state = READ_ONCE(sk->sk_state);
		bool opening = state == XTCP_SYN_SENT || state == XTCP_SYN_RECEIVED;
		/* a hint: checked again under the lock */
		u32 sent = opening ? xsk->key.tag : data_race(xsk->tcb.peer_tag);

		if (sent == tag && refcount_inc_not_zero(&sk->sk_refcnt))
			return sk;
	}
	return NULL;
}
