// SPDX-License-Identifier: GPL-2.0
/*
 * Listening sockets. Of several that match, the most specific one gets the
 * segment: a bound device counts more than an address, an address more than the
 * family. Equals (SO_REUSEPORT) are a group of the kernel's: a program attached to
 * it chooses, or else the remote end decides, so that all segments of a handshake
 * meet the same one.
 */
#include <linux/jhash.h>
#include <linux/once.h>
#include <linux/rculist.h>	/* for rculist_nulls.h of 6.1 */
#include <linux/rculist_nulls.h>
#include <net/sock_reuseport.h>

#include "listeners.h"
#include "requests.h"
#include "../sock.h"
#include "../admin/netns.h"

static u32 group_seed __read_mostly;

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
		INIT_HLIST_NULLS_HEAD(&table->by_port[i], i);
}

static struct hlist_nulls_head *chain_of(struct xtcp_listeners *table, u16 port)
{
	return &table->by_port[port % XTCP_LISTENER_HASH];
}

static bool any_address(const struct sock *sk)
{
	return sk->sk_family == AF_INET ? !sk->sk_rcv_saddr : ipv6_addr_any(&sk->sk_v6_rcv_saddr);
}

static bool same_address(const struct sock *a, const struct sock *b)
{
	return a->sk_family == AF_INET ? a->sk_rcv_saddr == b->sk_rcv_saddr :
	       ipv6_addr_equal(&a->sk_v6_rcv_saddr, &b->sk_v6_rcv_saddr);
}

/* Bound alike, and by the same user. */
static bool same_group(const struct sock *a, const struct sock *b)
{
	return b->sk_reuseport && a->sk_family == b->sk_family &&
	       inet_sk(a)->inet_num == inet_sk(b)->inet_num &&
	       a->sk_bound_dev_if == READ_ONCE(b->sk_bound_dev_if) &&
	       ipv6_only_sock(a) == ipv6_only_sock(b) && same_address(a, b) &&
	       uid_eq(a->sk_uid, b->sk_uid);
}

/* The caller holds the table's lock. 0 or -errno. */
static int join_group(struct hlist_nulls_head *chain, struct sock *sk)
{
	struct hlist_nulls_node *node;
	struct sock *other;

	sk_nulls_for_each(other, node, chain)
		if (same_group(sk, other))
			return reuseport_add_sock(sk, other, any_address(sk));
	return reuseport_alloc(sk, any_address(sk));
}

/**
 * xtcp_listeners_add - a socket listens from now on
 * @sk: socket, locked by the caller, TCP_LISTEN, bound
 *
 * The table takes a reference.
 *
 * Return: 0, or -ENOMEM if there is no room in its SO_REUSEPORT group.
 */
int xtcp_listeners_add(struct sock *sk)
{
	struct xtcp_listeners *table = &xtcp_sock_net(sk)->listeners;
	struct hlist_nulls_head *chain = chain_of(table, inet_sk(sk)->inet_num);
	int err = 0;

	spin_lock_bh(&table->lock);
	if (sk->sk_reuseport)
		err = join_group(chain, sk);
	if (!err) {
		sock_hold(sk);		/* the table's reference */
		__sk_nulls_add_node_rcu(sk, chain);
	}
	spin_unlock_bh(&table->lock);
	if (!err)
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return err;
}

/* The caller holds the table's lock. */
static bool anybody_at(struct xtcp_listeners *table, u16 port)
{
	struct hlist_nulls_node *node;
	struct sock *sk;

	sk_nulls_for_each(sk, node, chain_of(table, port))
		if (inet_sk(sk)->inet_num == port)
			return true;
	return false;
}

/**
 * xtcp_listeners_del - a socket does not listen any more
 * @sk: socket, locked by the caller, who holds a reference; still has its port
 *
 * What is half open at its port goes with the last listener there: until then an
 * entry may be another's. Drops the table's reference.
 */
void xtcp_listeners_del(struct sock *sk)
{
	struct xtcp_net *xn = xtcp_sock_net(sk);
	u16 port = inet_sk(sk)->inet_num;
	bool last;

	spin_lock_bh(&xn->listeners.lock);
	__sk_nulls_del_node_init_rcu(sk);
	last = !anybody_at(&xn->listeners, port);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	spin_unlock_bh(&xn->listeners.lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	if (last)
		xtcp_requests_purge_port(&xn->requests, port);
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

	if (!xtcp_device_fits(bound, dif, sdif))
		return 0;
	return bound ? points + 4 : points;
}

/* Who of @sk's group gets a packet; @sk itself if it has none. */
static struct sock *choose_member(struct sock *sk, const struct xtcp_tuple *tuple,
				  struct sk_buff *skb, u32 hdr)
{
	struct sock *chosen;

	if (!sk->sk_reuseport)
		return sk;
	get_random_once(&group_seed, sizeof(group_seed));
	chosen = reuseport_select_sock(sk, jhash2((const u32 *)tuple, sizeof(*tuple) / 4,
						  group_seed), skb, hdr);
	return IS_ERR_OR_NULL(chosen) ? sk : chosen;
}

/**
 * xtcp_listener_find - who listens for a segment
 * @table: of the namespace
 * @tuple: its 4-tuple, in our view
 * @dif: device it came in by
 * @sdif: the slave behind an L3 master device, or 0
 * @skb: the segment, at its XTCP header, for a program that chooses
 * @hdr: bytes of that header, behind which the program begins to look
 *
 * Caller is in an RCU read section.
 *
 * Return: the socket with a reference, or NULL.
 */
struct sock *xtcp_listener_find(struct xtcp_listeners *table, const struct xtcp_tuple *tuple,
				int dif, int sdif, struct sk_buff *skb, u32 hdr)
{
	struct hlist_nulls_node *node;
	struct sock *sk, *best = NULL;
	unsigned int most = 0;

	do {
		sk_nulls_for_each_rcu(sk, node, chain_of(table, tuple->lport)) {
			unsigned int points = score(sk, tuple, dif, sdif);

			if (points > most) {
				most = points;
				best = sk;
			}
		}
		/* a socket that listens elsewhere by now has led us to another chain's end */
	} while (get_nulls_value(node) != tuple->lport % XTCP_LISTENER_HASH);
	if (!best)
		return NULL;
	best = choose_member(best, tuple, skb, hdr);
	return refcount_inc_not_zero(&best->sk_refcnt) ? best : NULL;
}
