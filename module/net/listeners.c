// SPDX-License-Identifier: GPL-2.0
/*
 * Listening sockets. Of several that match, the most specific one gets the
 * segment: a bound device counts more than an address, an address more than the
 * family; among equals (SO_REUSEPORT) the remote end decides, so that all
 * segments of a handshake meet the same one.
 */
#include <linux/jhash.h>
#include <linux/rculist.h>

#include "listeners.h"
#include "requests.h"
#include "../sock.h"
#include "../admin/netns.h"

/**
 * xtcp_listeners_init - make a namespace's table of listeners
 * @table: table
 *
 * It needs no destruction: every listener holds its namespace.
 */
void xtcp_listeners_init(struct xtcp_listeners *table)
{
	unsigned int i;

	spin_lock_init(&table->lock);
	for (i = 0; i < XTCP_LISTENER_HASH; i++)
		INIT_HLIST_HEAD(&table->by_port[i]);
}

static struct hlist_head *chain_of(struct xtcp_listeners *table, u16 port)
{
	return &table->by_port[port % XTCP_LISTENER_HASH];
}

/**
 * xtcp_listeners_add - a socket listens from now on
 * @sk: socket, locked by the caller, TCP_LISTEN, bound
 *
 * The table takes a reference.
 */
void xtcp_listeners_add(struct sock *sk)
{
	struct xtcp_listeners *table = &xtcp_net(sock_net(sk))->listeners;

	sock_hold(sk);		/* the table's reference */
	spin_lock_bh(&table->lock);
	hlist_add_head_rcu(&xtcp_sk(sk)->listen_node, chain_of(table, inet_sk(sk)->inet_num));
	spin_unlock_bh(&table->lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
}

/**
 * xtcp_listeners_del - a socket does not listen any more
 * @sk: socket, locked by the caller, who holds a reference; still has its port
 *
 * What is half open at its port goes with it: a cache at worst refilled. Drops
 * the table's reference.
 */
void xtcp_listeners_del(struct sock *sk)
{
	struct xtcp_net *xn = xtcp_net(sock_net(sk));

	spin_lock_bh(&xn->listeners.lock);
	hlist_del_rcu(&xtcp_sk(sk)->listen_node);
	spin_unlock_bh(&xn->listeners.lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	xtcp_requests_purge_port(&xn->requests, inet_sk(sk)->inet_num);
	__sock_put(sk);		/* the table's reference; the caller's remains */
}

/* How well a listener fits; 0: not at all. */
static unsigned int score(const struct sock *sk, const struct xtcp_tuple *tuple, int dif, int sdif)
{
	const struct in6_addr *local = (const struct in6_addr *)tuple->addrs.local;
	bool v4 = ipv6_addr_v4mapped(local);
	int bound = READ_ONCE(sk->sk_bound_dev_if);
	unsigned int points = 1;

	if (READ_ONCE(sk->sk_state) != TCP_LISTEN || inet_sk(sk)->inet_num != tuple->lport)
		return 0;

	if (sk->sk_family == AF_INET) {
		if (!v4)
			return 0;
		points++;	/* rather than one for both families */
		if (sk->sk_rcv_saddr) {
			if (sk->sk_rcv_saddr != local->s6_addr32[3])
				return 0;
			points += 2;
		}
	} else if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr)) {
		if (ipv6_addr_equal(&sk->sk_v6_rcv_saddr, local))
			points += 2;
		else if (!v4 || !ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr) ||
			 sk->sk_v6_rcv_saddr.s6_addr32[3])
			return 0;
	} else if (v4 && ipv6_only_sock(sk)) {
		return 0;
	}

	if (bound) {
		if (bound != dif && bound != sdif)
			return 0;
		points += 4;
	}
	return points;
}

/**
 * xtcp_listener_find - who listens for a segment
 * @net: namespace
 * @tuple: its 4-tuple, in our view
 * @dif: device it came in by
 * @sdif: the slave behind an L3 master device, or 0
 *
 * Caller is in an RCU read section.
 *
 * Return: the socket with a reference, or NULL.
 */
struct sock *xtcp_listener_find(struct net *net, const struct xtcp_tuple *tuple, int dif, int sdif)
{
	struct xtcp_listeners *table = &xtcp_net(net)->listeners;
	unsigned int most = 0, equals = 0;
	struct sock *best = NULL;
	struct xtcp_sock *xsk;
	u32 hash = 0;

	hlist_for_each_entry_rcu(xsk, chain_of(table, tuple->lport), listen_node) {
		struct sock *sk = (struct sock *)xsk;
		unsigned int points = score(sk, tuple, dif, sdif);

		if (points > most) {
			most = points;
			best = sk;
			equals = 1;
			hash = 0;
			if (sk->sk_reuseport)
				hash = jhash2((const u32 *)tuple, sizeof(*tuple) / 4, 0);
		} else if (points && points == most && sk->sk_reuseport) {
			equals++;
			if (!reciprocal_scale(hash, equals))
				best = sk;
			hash = hash * 1664525 + 1013904223;	/* next of a series */
		}
	}
	if (best && !refcount_inc_not_zero(&best->sk_refcnt))
		return NULL;
	return best;
}
