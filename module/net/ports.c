// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports. The rules for sharing one are TCP's: owners conflict if their
 * devices and addresses overlap, unless all set SO_REUSEADDR and none listens,
 * or all set SO_REUSEPORT and belong to one user.
 *
 * A socket whose port was chosen by connect() needs no port of its own, only a
 * 4-tuple that is not in use: such ports are shared, but not with sockets that
 * were bound.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/l3mdev.h>

#include "ehash.h"
#include "path.h"
#include "ports.h"
#include "../sock.h"
#include "../admin/netns.h"

/**
 * xtcp_ports_init - make a namespace's table of ports
 * @ports: table
 *
 * It needs no destruction: every owner holds its namespace.
 */
void xtcp_ports_init(struct xtcp_ports *ports)
{
	unsigned int i;

	for (i = 0; i < XTCP_PORT_HASH; i++) {
		spin_lock_init(&ports->slot[i].lock);
		INIT_HLIST_HEAD(&ports->slot[i].ports);
	}
}

static struct xtcp_port_slot *slot_of(const struct sock *sk, u16 port)
{
	return &xtcp_sock_net(sk)->ports.slot[port % XTCP_PORT_HASH];
}

static struct xtcp_port *find_port(const struct xtcp_port_slot *slot, u16 port)
{
	struct xtcp_port *p;

	hlist_for_each_entry(p, &slot->ports, node)
		if (p->port == port)
			return p;
	return NULL;
}

/* The caller holds the slot's lock; fresh, if not NULL, is used up when needed. */
static void own(struct sock *sk, struct xtcp_port_slot *slot, struct xtcp_port *p,
		struct xtcp_port **fresh, u16 port, bool bound)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	if (!p) {
		p = *fresh;
		*fresh = NULL;
		p->port = port;
		hlist_add_head(&p->node, &slot->ports);
	}
	p->bound += bound;
	xsk->port = p;
	xsk->port_bound = bound;
	sk_add_bind_node(sk, &p->owners);
	inet_sk(sk)->inet_num = port;
	inet_sk(sk)->inet_sport = htons(port);
	xsk->tcb.sport = port;
}

/* The local address as IPv6 sees it. */
static void local_of(const struct sock *sk, struct in6_addr *addr)
{
	if (sk->sk_family == AF_INET6)
		*addr = sk->sk_v6_rcv_saddr;
	else
		ipv6_addr_set_v4mapped(sk->sk_rcv_saddr, addr);
}

static bool is_any(const struct in6_addr *addr)
{
	return ipv6_addr_any(addr) ||
	       (ipv6_addr_v4mapped(addr) && !addr->s6_addr32[3]);
}

static bool takes_v4(const struct sock *sk, const struct in6_addr *addr)
{
	return sk->sk_family == AF_INET || ipv6_addr_v4mapped(addr) ||
	       (ipv6_addr_any(addr) && !ipv6_only_sock(sk));
}

static bool takes_v6(const struct sock *sk, const struct in6_addr *addr)
{
	return sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(addr);
}

static bool addresses_overlap(const struct sock *a, const struct sock *b)
{
	struct in6_addr la, lb;

	local_of(a, &la);
	local_of(b, &lb);
	if (!(takes_v4(a, &la) && takes_v4(b, &lb)) && !(takes_v6(a, &la) && takes_v6(b, &lb)))
		return false;
	return is_any(&la) || is_any(&lb) || ipv6_addr_equal(&la, &lb);
}

/* A VRF has ports of its own. */
static int vrf_of(const struct sock *sk, int bound)
{
	return bound ? l3mdev_master_ifindex_by_index(sock_net(sk), bound) : 0;
}

/**
 * xtcp_ports_apart - do two sockets not meet, whatever their addresses and ports?
 * @sk: socket, locked by the caller
 * @other: another of its namespace
 *
 * Return: true if they are bound to different devices, or in different VRFs.
 */
bool xtcp_ports_apart(const struct sock *sk, const struct sock *other)
{
	int mine = sk->sk_bound_dev_if, its = READ_ONCE(other->sk_bound_dev_if);

	return mine != its && ((mine && its) || vrf_of(sk, mine) != vrf_of(other, its));
}

/* May sk not share the port with owner? choosing: sk takes whatever port is free. */
static bool conflict(const struct sock *sk, const struct sock *owner, bool choosing)
{
	if (xtcp_ports_apart(sk, owner))
		return false;
	if (sk->sk_reuse && owner->sk_reuse && !choosing &&
	    READ_ONCE(owner->sk_state) != TCP_LISTEN)
		return false;
	if (sk->sk_reuseport && owner->sk_reuseport && !choosing &&
	    uid_eq(sk->sk_uid, owner->sk_uid))
		return false;
	return addresses_overlap(sk, owner);
}

static bool any_conflict(struct sock *sk, const struct xtcp_port *p, bool choosing)
{
	struct sock *owner;

	sk_for_each_bound(owner, &p->owners)
		if (owner != sk && conflict(sk, owner, choosing))
			return true;
	return false;
}

/* Bind to exactly this port. 0 or -EADDRINUSE. */
static int try_bind(struct sock *sk, u16 port, bool choosing, struct xtcp_port **fresh)
{
	struct xtcp_port_slot *slot = slot_of(sk, port);
	struct xtcp_port *p;
	int err = 0;

	spin_lock_bh(&slot->lock);
	p = find_port(slot, port);
	if (p && any_conflict(sk, p, choosing))
		err = -EADDRINUSE;
	else
		own(sk, slot, p, fresh, port, true);
	spin_unlock_bh(&slot->lock);
	return err;
}

/*
 * For connect(): take this port and enter the tables, if no live connection
 * has the 4-tuple. The slot's lock keeps others from choosing the same one
 * meanwhile. 0, -EADDRNOTAVAIL, -ENOMEM.
 */
static int try_connect(struct sock *sk, u16 port, struct xtcp_port **fresh)
{
	struct xtcp_port_slot *slot = slot_of(sk, port);
	bool chosen = !xtcp_sk(sk)->port;
	int err = -EADDRNOTAVAIL;
	struct xtcp_tuple tuple;
	struct xtcp_port *p;

	xtcp_tuple_of_sock(sk, &tuple);
	tuple.lport = port;

	spin_lock_bh(&slot->lock);
	p = find_port(slot, port);
	if (chosen && p && p->bound)
		goto unlock;
	if (xtcp_ehash_taken(sk, &tuple))
		goto unlock;
	if (chosen)
		own(sk, slot, p, fresh, port, false);
	err = xtcp_ehash_insert(sk);
unlock:
	spin_unlock_bh(&slot->lock);
	if (err && chosen)
		xtcp_port_release(sk);
	return err;
}

static struct xtcp_port *new_port(gfp_t gfp)
{
	return kzalloc(sizeof(struct xtcp_port), gfp);
}

/* Walk the ephemeral ports from a random start; each at most once. */
static int for_any_port(struct sock *sk, bool connect, struct xtcp_port **fresh)
{
	u32 i, count, offset;
	int low, high, err;

	inet_sk_get_local_port_range(sk, &low, &high);
	count = high - low + 1;
	offset = get_random_u32() % count;
	for (i = 0; i < count; i++) {
		u16 port = low + (offset + i) % count;

		if (inet_is_local_reserved_port(sock_net(sk), port))
			continue;
		if (!*fresh)	/* used up by a port that had to be given back */
			*fresh = new_port(GFP_KERNEL);
		if (!*fresh)
			return -ENOMEM;
		err = connect ? try_connect(sk, port, fresh) : try_bind(sk, port, true, fresh);
		if (err != -EADDRNOTAVAIL && err != -EADDRINUSE)
			return err;
		cond_resched();
	}
	return connect ? -EADDRNOTAVAIL : -EADDRINUSE;
}

/**
 * xtcp_port_bind - bind a socket to a port
 * @sk: socket, locked by the caller; its local address is set, it has no port
 * @port: host order; 0 = any of ip_local_port_range
 * @gfp: may it sleep? Only with GFP_KERNEL @port may be 0
 *
 * Sets inet_num and inet_sport.
 *
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int xtcp_port_bind(struct sock *sk, u16 port, gfp_t gfp)
{
	struct xtcp_port *fresh = new_port(gfp);
	int err;

	if (!fresh)
		return -ENOMEM;
	err = port ? try_bind(sk, port, false, &fresh) : for_any_port(sk, false, &fresh);
	kfree(fresh);
	return err;
}

/**
 * xtcp_port_connect - find a free 4-tuple and enter the tables
 * @sk: socket, locked by the caller; routed by xtcp_path_open(), tcb.tag is set
 * @now: time
 *
 * Chooses a local port if none is bound, such that the 4-tuple is not in use by
 * a live connection, and inserts the socket in the same step. A port bound
 * before is kept also on failure. May sleep.
 *
 * Return: 0, -EADDRNOTAVAIL, -ENOMEM, or why there is no route from that port.
 */
int xtcp_port_connect(struct sock *sk, u64 now)
{
	struct xtcp_port *fresh;
	int err;

	xtcp_sk(sk)->tcb.dport = ntohs(inet_sk(sk)->inet_dport);
	if (xtcp_sk(sk)->port)
		return try_connect(sk, inet_sk(sk)->inet_num, NULL);

	fresh = new_port(GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	err = for_any_port(sk, true, &fresh);
	kfree(fresh);
	if (err)
		return err;

	/* policy routing, IPsec and multipath may want to see the port */
	err = xtcp_path_open(sk, now);
	if (err) {
		xtcp_ehash_remove(sk);
		xtcp_port_release(sk);
	}
	return err;
}

/**
 * xtcp_port_inherit - a child shares its listener's port
 * @child: locked by the caller (softirq)
 * @listener: its listener
 *
 * Return: 0, or -ENOMEM if the listener gave its port back meanwhile and there
 * is no memory for a new bucket.
 */
int xtcp_port_inherit(struct sock *child, struct sock *listener)
{
	struct xtcp_port *fresh = NULL, *p;
	struct xtcp_port_slot *slot;
	u16 port = inet_sk(child)->inet_num;

	slot = slot_of(listener, port);
	spin_lock_bh(&slot->lock);
	p = find_port(slot, port);
	if (!p)
		fresh = new_port(GFP_ATOMIC);
	if (p || fresh)
		own(child, slot, p, &fresh, port, true);
	spin_unlock_bh(&slot->lock);
	return xtcp_sk(child)->port ? 0 : -ENOMEM;
}

/**
 * xtcp_port_listen - may a bound socket listen?
 * @sk: socket, locked by the caller; sk_state is TCP_LISTEN already, so that of
 *	two that share a port only one can succeed
 *
 * Others may share the port by SO_REUSEADDR, but not two listeners.
 *
 * Return: 0 or -EADDRINUSE.
 */
int xtcp_port_listen(struct sock *sk)
{
	struct xtcp_port_slot *slot = slot_of(sk, inet_sk(sk)->inet_num);
	bool bad;

	spin_lock_bh(&slot->lock);
	bad = any_conflict(sk, xtcp_sk(sk)->port, false);
	spin_unlock_bh(&slot->lock);
	return bad ? -EADDRINUSE : 0;
}

/**
 * xtcp_port_release - give the port back
 * @sk: socket, locked by the caller or without other references; need not have one
 */
void xtcp_port_release(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	struct xtcp_port *p = xsk->port;
	struct xtcp_port_slot *slot;

	if (!p)
		return;
	slot = slot_of(sk, p->port);
	spin_lock_bh(&slot->lock);
	__sk_del_bind_node(sk);
	p->bound -= xsk->port_bound;
	if (hlist_empty(&p->owners))
		hlist_del(&p->node);
	else
		p = NULL;
	spin_unlock_bh(&slot->lock);

	kfree(p);
	xsk->port = NULL;
	inet_sk(sk)->inet_num = 0;
	inet_sk(sk)->inet_sport = 0;
}
