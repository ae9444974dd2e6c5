// SPDX-License-Identifier: GPL-2.0
/*
 * Which connection is a segment for (M2, M3)? Here are the look-ups and the
 * carrying out of verdicts; what to make of a segment without a connection is
 * decided by the core.
 */
#include <linux/random.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/transp_v6.h>

#include "act.h"
#include "input.h"
#include "listeners.h"
#include "metrics.h"
#include "numbers.h"
#include "path.h"
#include "ports.h"
#include "reply.h"
#include "requests.h"
#include "timewaits.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../socket/life.h"
#include "../socket/listen.h"
#include "../socket/mem.h"

/* A connection bound to a device takes nothing from another. */
static bool wrong_device(const struct sock *sk, const struct xtcp_arrival *in)
{
	return !xtcp_device_fits(READ_ONCE(sk->sk_bound_dev_if), in->dif, in->sdif);
}

/* For sk, whose reference goes; false: its connection is over, look again. */
static bool to_tcb(struct sock *sk, struct xtcp_arrival *in)
{
	enum xtcp_drop drop = wrong_device(sk, in) ? XTCP_DROP_NOCONN : xtcp_admit(sk, in);
	bool done = true;

	if (drop)
		xtcp_drop(in->net, in->skb, drop);
	else
		done = xtcp_deliver(sk, in);
	sock_put(sk);
	return done;
}

/* What IP_PKTOPTIONS tells of the packet that opened the connection, where TCP keeps it. */
static void note_packet(struct sock *sk, const struct xtcp_arrival *in)
{
	bool v4 = in->skb->protocol == htons(ETH_P_IP);
	struct inet_sock *inet = inet_sk(sk);
	struct ipv6_pinfo *np;

	if (v4) {
		inet->mc_index = in->dif;
		inet->mc_ttl = ip_hdr(in->skb)->ttl;
		inet->rcv_tos = ip_hdr(in->skb)->tos;
	}
	if (sk->sk_family != AF_INET6)
		return;		/* there is no np */
	np = &xtcp_sk(sk)->np;
	np->mcast_oif = in->dif;
	np->mcast_hops = v4 ? inet->mc_ttl : ipv6_hdr(in->skb)->hop_limit;
	np->rcv_flowinfo = v4 ? 0 : ip6_flowinfo(ipv6_hdr(in->skb));
}

/* Addresses and ports of a child are its first packet's. */
static void address_child(struct sock *sk, const struct xtcp_arrival *in)
{
	const struct in6_addr *local = (const struct in6_addr *)in->key.tuple.addrs.local;
	const struct in6_addr *remote = (const struct in6_addr *)in->key.tuple.addrs.remote;
	struct inet_sock *inet = inet_sk(sk);

	note_packet(sk, in);
	atomic_set(&inet->inet_id, get_random_u16());
	sk_set_txhash(sk);
	inet->inet_num = in->pkt.dport;
	inet->inet_sport = htons(in->pkt.dport);
	inet->inet_dport = htons(in->pkt.sport);
	if (sk->sk_family == AF_INET6) {
		sk->sk_v6_rcv_saddr = *local;
		sk->sk_v6_daddr = *remote;
		inet->pinet6->saddr = *local;
	}
	if (ipv6_addr_v4mapped(remote)) {
		inet->inet_saddr = local->s6_addr32[3];
		inet->inet_rcv_saddr = inet->inet_saddr;
		inet->inet_daddr = remote->s6_addr32[3];
	} else if (in->key.tuple.bound_if) {
		sk->sk_bound_dev_if = in->key.tuple.bound_if;
	}
}

/* Another CPU may have opened and ended this very connection since we looked (O3). */
static bool came_too_late(const struct xtcp_arrival *in)
{
	return xtcp_remnant_find(&in->xn->timewaits, &in->key);
}

/*
 * O3, rule 6: a cookie opens a connection. Nobody sees a child that is not
 * complete: it is inserted and queued under its own lock. in is consumed.
 */
static void open_child(struct sock *listener, const struct xtcp_keys *keys,
		       struct xtcp_arrival *in, u64 now)
{
	enum xtcp_drop drop = XTCP_DROP_MEMORY;
	struct xtcp_tcb *tcb;
	struct sock *sk;
	u32 todo;
	int err;

	if (xtcp_ehash_crowded(&in->xn->ehash, &in->key.tuple, in->dif, in->sdif)) {
		xtcp_drop(in->net, in->skb, XTCP_DROP_NOROOM);
		return;
	}
	sk = xtcp_sock_clone(listener, GFP_ATOMIC);
	if (!sk) {
		xtcp_drop(in->net, in->skb, drop);
		return;
	}
	__acquire(&sk->sk_lock.slock);	/* in sk_clone_lock(), which sparse cannot see */
	sock_hold(sk);		/* ours; the first one is for the accept queue */
	tcb = &xtcp_sk(sk)->tcb;

	address_child(sk, in);
	if (xtcp_path_open(sk, now)) {
		drop = XTCP_DROP_NOCONN;
		goto refuse;
	}
	xtcp_path_recall(sk, now);
	tcb->ts_epoch = get_random_u32();
	todo = xtcp_child(tcb, keys, &in->pkt, now);
	if (xtcp_port_inherit(sk, listener))
		goto refuse;
	err = xtcp_ehash_insert(sk);
	if (err == -EADDRNOTAVAIL || came_too_late(in))
		drop = XTCP_DROP_RACE;
	if (err || drop == XTCP_DROP_RACE)
		goto refuse;
	xtcp_act(sk, todo & XTCP_STATE, NULL, now);
	if (!xtcp_acceptq_add(listener, sk)) {
		drop = XTCP_DROP_NOROOM;
		goto refuse;
	}
	xtcp_request_forget(&in->xn->requests, &in->key.tuple, tcb->peer_tag);
	xtcp_segment(sk, in->skb, &in->pkt, todo & ~XTCP_STATE);
	bh_unlock_sock(sk);
	sock_put(sk);
	return;

refuse:
	/* as if it had never been: no RST, no tombstone, so that T-ECHO can try again */
	sock_orphan(sk);
	xtcp_sock_done(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
	sock_put(sk);		/* the accept queue's */
	xtcp_drop(in->net, in->skb, drop);
}

/* By net.xtcp.syncookies. */
static const u8 half_use[] = { XTCP_HALF_NEEDED, XTCP_HALF_CACHE, XTCP_HALF_NEVER };

/* What a listener offers, to begin with its keys. */
static void make_door(const struct sock *listener, const struct xtcp_arrival *in, u64 now,
		      struct xtcp_keys *keys, struct xtcp_door *door)
{
	bool v4 = in->skb->protocol == htons(ETH_P_IP);
	u32 mtu = READ_ONCE(in->skb->dev->mtu);
	u32 headers = XTCP_HDR_LEN + (v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	u32 limit = READ_ONCE(xtcp_sk(listener)->tcb.tune.maxseg);
	const struct xtcp_cc_ops *cc;

	xtcp_netns_keys(in->xn, now, keys);
	door->keys = keys;
	door->mss = mtu > headers + XTCP_MSS_MIN ? mtu - headers : XTCP_MSS_MIN;
	if (limit)
		door->mss = min(door->mss, max_t(u32, limit, XTCP_MSS_MIN));
	door->wnd = xtcp_rcv_space(listener);
	/* a hint for the peer: any value that was ever set will do */
	door->user_timeout = data_race(xtcp_sk(listener)->tcb.tune.user_timeout);
	/* the same holds for the algorithm */
	cc = data_race(xtcp_sk(listener)->tcb.cc.ops);
	door->features = xtcp_ecn_offer(READ_ONCE(in->xn->set.ecn), cc, true);
	door->defer = READ_ONCE(xtcp_sk(listener)->defer_accept) * XTCP_SEC;
	door->room = xtcp_acceptq_room(listener);
	door->half = half_use[READ_ONCE(in->xn->set.syncookies)];
}

/*
 * Where a packet's addresses are unique (O3): ordinary ones in a VRF, or outside of all,
 * whichever of its devices the packet comes by, for routes may differ and change between
 * SYN and cookie; link-local ones on their link alone.
 */
static u32 domain_of(const struct xtcp_arrival *in)
{
	if (in->key.tuple.bound_if)
		return in->sdif ?: in->dif;
	return in->sdif ? in->dif : 0;
}

/* Look up what the core wants to know; live and listener come with references. */
static void find(struct xtcp_arrival *in, struct xtcp_found *found, struct sock **live,
		 struct sock **listener, u64 now)
{
	const struct xtcp_tuple *tuple = &in->key.tuple;
	const struct xtcp_pkt *pkt = &in->pkt;

	found->addrs = &tuple->addrs;
	found->domain = domain_of(in);
	if (xtcp_is_syn(pkt)) {
		*live = xtcp_ehash_syn(&in->xn->ehash, tuple, in->dif, in->sdif, pkt->tag,
				       &found->live);
		found->iss = xtcp_tuple_iss(tuple, now);
		found->tag = xtcp_new_tag();
	} else if (pkt->flags & XTCP_RST) {
		*live = xtcp_ehash_mirror(&in->xn->ehash, tuple, in->dif, in->sdif, pkt->tag);
		found->live = *live ? READ_ONCE((*live)->sk_state) : 0;
	}
	found->half = xtcp_request_find(&in->xn->requests, tuple, pkt, now);
	found->refuse_born = READ_ONCE(in->xn->timewaits.refuse_born);
	*listener = xtcp_listener_find(&in->xn->listeners, tuple, in->dif, in->sdif, in->skb,
				       pkt->hdr * 8);
}

/* Ask the core, with the lock of what is left of the connection, if anything is. */
static enum xtcp_verdict judge(struct xtcp_arrival *in, struct xtcp_found *found, u64 now,
			       struct xtcp_reply *reply)
{
	struct xtcp_timewaits *tws = &in->xn->timewaits;
	struct xtcp_remnant *rem = NULL;
	enum xtcp_verdict verdict;

	if (!xtcp_is_syn(&in->pkt))
		rem = xtcp_remnant_find(tws, &in->key);
	if (!rem)
		return xtcp_demux(&in->pkt, found, now, reply);

	spin_lock_bh(&tws->lock);
	if (!rem->dead && rem->tomb)
		found->tomb = rem->tw.expires >= now;
	else if (!rem->dead)
		found->tw = &rem->tw;
	verdict = xtcp_demux(&in->pkt, found, now, reply);
	if (verdict == XTCP_VERDICT_RESTART)
		xtcp_timewait_restart(tws, rem, now);
	spin_unlock_bh(&tws->lock);
	return verdict;
}

static void send_reply(struct xtcp_arrival *in, struct sock *listener,
		       const struct xtcp_reply *reply)
{
	if (xtcp_reply_send(in->net, listener, in->skb, &in->pkt, reply) &&
	    reply->flags & XTCP_SYN)
		xtcp_count(in->xn, XTCP_MIB_SYNACKS);
}

/* O2: remember a half-open connection; false: there is no room (counted). */
static bool keep(struct xtcp_arrival *in, const struct xtcp_reply *reply, u64 now)
{
	if (xtcp_request_keep(&in->xn->requests, &in->key.tuple, in->dif, &in->pkt, reply,
			      READ_ONCE(in->xn->set.max_syn_backlog), now))
		return true;
	xtcp_count(in->xn, XTCP_MIB_HALF_FULL);
	return false;
}

/*
 * With syncookies 0 a cookie whose entry is gone is refused; but another CPU may
 * just have opened the connection with it.
 */
static bool opened_meanwhile(const struct xtcp_arrival *in)
{
	struct sock *sk = xtcp_is_syn(&in->pkt) ? NULL : xtcp_ehash_exact(&in->xn->ehash, &in->key);

	if (sk)
		sock_put(sk);
	return sk;
}

/*
 * A segment that belongs to no connection by its exact tag. Consumed, unless
 * the verdict names a connection that is over by now: false.
 */
static bool without_tcb(struct xtcp_arrival *in)
{
	struct sock *live = NULL, *listener = NULL;
	struct xtcp_found found = {};
	enum xtcp_verdict verdict;
	struct xtcp_reply reply;
	u64 now = xtcp_now();
	struct xtcp_door door;
	struct xtcp_keys keys;
	enum xtcp_drop drop;
	bool done = true;

	find(in, &found, &live, &listener, now);
	drop = xtcp_admit(listener, in);
	if (drop) {
		xtcp_drop(in->net, in->skb, drop);
		goto put;
	}
	if (listener) {
		make_door(listener, in, now, &keys, &door);
		found.door = &door;
	}

	verdict = judge(in, &found, now, &reply);
	switch (verdict) {
	case XTCP_VERDICT_TO_TCB:
		done = to_tcb(live, in);
		live = NULL;
		goto put;
	case XTCP_VERDICT_CHILD:
		open_child(listener, &keys, in, now);
		goto put;
	case XTCP_VERDICT_KEEP_OR_DROP:
		if (!keep(in, &reply, now)) {
			verdict = XTCP_VERDICT_DROP;
			break;
		}
		send_reply(in, listener, &reply);
		break;
	case XTCP_VERDICT_KEEP:
		keep(in, &reply, now);
		fallthrough;
	case XTCP_VERDICT_ANSWER:
	case XTCP_VERDICT_RESTART:
		send_reply(in, listener, &reply);
		break;
	case XTCP_VERDICT_RESET:
		if (opened_meanwhile(in)) {
			done = false;
			goto put;
		}
		xtcp_reply_reset(in->net, listener, in->skb, &in->key.tuple, &in->pkt, &reply);
		break;
	case XTCP_VERDICT_FORGET:
		xtcp_request_forget(&in->xn->requests, &in->key.tuple, found.half->peer_tag);
		break;
	case XTCP_VERDICT_DROP:
		break;
	}
	if (verdict == XTCP_VERDICT_DROP || verdict == XTCP_VERDICT_RESET)
		xtcp_count_drop(in->xn, in->pkt.drop);
	consume_skb(in->skb);
put:
	if (live)
		sock_put(live);
	if (listener)
		sock_put(listener);
	return done;
}

/*
 * A SYN with an unknown critical option is refused, so that its sender may try without;
 * but not before whoever would have got it otherwise (M2) lets it in. Consumed.
 */
static void refuse_syn(struct xtcp_arrival *in, enum xtcp_drop wrong)
{
	struct sock *live = NULL, *listener = NULL, *whose;
	struct xtcp_found found = {};	/* without a door: what M2 gives to no TCB is refused */
	enum xtcp_verdict verdict;
	struct xtcp_reply reply;
	u64 now = xtcp_now();
	enum xtcp_drop drop;

	find(in, &found, &live, &listener, now);
	found.half = NULL;
	verdict = xtcp_demux(&in->pkt, &found, now, &reply);
	whose = verdict == XTCP_VERDICT_TO_TCB ? live : listener;
	drop = xtcp_admit(whose, in);
	/* a filter that has cut it may have left the option */
	if ((!drop || drop == wrong) && xtcp_refuse(&in->pkt, &reply))
		xtcp_reply_reset(in->net, whose, in->skb, &in->key.tuple, &in->pkt, &reply);
	xtcp_drop(in->net, in->skb, drop ?: wrong);
	if (live)
		sock_put(live);
	if (listener)
		sock_put(listener);
}

/**
 * xtcp_arrive - bring a packet to where it belongs
 * @in: packet, its header checked. Consumed
 * @wrong: XTCP_DROP_CRITICAL for a SYN that must be refused, else 0
 *
 * Softirq, in an RCU read section.
 */
void xtcp_arrive(struct xtcp_arrival *in, enum xtcp_drop wrong)
{
	int tries = 2;		/* rule 2: TCP_CLOSE seen under the lock: look again, once */

	if (wrong) {
		refuse_syn(in, wrong);
		return;
	}

	while (tries--) {
		struct sock *sk = NULL;

		if (!xtcp_is_syn(&in->pkt))
			sk = xtcp_ehash_exact(&in->xn->ehash, &in->key);
		if (sk ? to_tcb(sk, in) : without_tcb(in))
			return;
	}
	xtcp_drop(in->net, in->skb, XTCP_DROP_CLOSED);
}
