// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and connections over netlink (sock_diag). A dump walks four tables,
 * slot by slot: half-open entries, owners of ports (bound and listening
 * sockets), live connections, TIME-WAITs. Whatever moves from one to another
 * while the dump runs moves forward in this order, and is in the new table
 * before it leaves the old one, so that it is seen at least once. Within a slot
 * the order is that of the cookies: where the last message ended, the next one
 * goes on, whatever has come or gone meanwhile. Only a hash table that is
 * resized loses its place; the dump is then marked as interrupted, and the
 * reader repeats it.
 */
#include <linux/module.h>
#include <linux/sock_diag.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include <net/tcp_states.h>

#include <xtcp/info.h>

#include <uapi/linux/xtcp_diag.h>

#include "diag.h"
#include "netns.h"
#include "../net/act.h"
#include "../net/local.h"
#include "../sock.h"

#define BATCH	16	/* sockets held at once, without any lock */

/* A request, and where its answer goes. */
struct query {
	const struct xtcp_diag_req *req;
	u64 cookie;			/* the only one wanted; 0: all */
	struct net *net;
	struct user_namespace *user_ns;	/* the reader's */
	bool admin;			/* may see tags */
	struct sk_buff *skb;		/* answer */
	u32 portid, seq;
	struct netlink_callback *cb;	/* dumps only */
};

/* How far a walk has come. */
struct walk {
	u64 last;		/* cookie: up to this one the slot is done */
	const void *table;	/* generation of the hash table walked: its buckets ... */
	u32 seed;		/* ... and their seed, as memory is used again */
	u32 slot;
	u32 stage;
	u32 changes;		/* tables that were resized */
};

static_assert(sizeof(struct walk) <= sizeof_field(struct netlink_callback, ctx));

/* Sockets of one slot, in the order of their cookies. */
struct batch {
	unsigned int n;
	u64 cookie[BATCH];
	struct sock *sk[BATCH];
};

static u64 cookie_of(struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);
	return (u64)cookie[1] << 32 | cookie[0];
}

static bool selected(const struct query *q, const struct walk *w, u64 cookie)
{
	return q->cookie ? cookie == q->cookie && cookie > w->last : cookie > w->last;
}

/* What holds for a request as a whole and for one socket: host order. */
static bool matches(const struct query *q, u16 family, u16 sport, u16 dport)
{
	const struct xtcp_diag_req *req = q->req;

	if (q->cookie)
		return true;
	return (!req->family || req->family == family) &&
	       (!req->id.sport || ntohs(req->id.sport) == sport) &&
	       (!req->id.dport || ntohs(req->id.dport) == dport);
}

static void batch_add(struct batch *b, const struct query *q, const struct walk *w, struct sock *sk)
{
	unsigned int i;
	u64 cookie;

	if (!matches(q, sk->sk_family, inet_sk(sk)->inet_num, ntohs(inet_sk(sk)->inet_dport)))
		return;
	cookie = cookie_of(sk);
	if (!selected(q, w, cookie) || (b->n == BATCH && cookie > b->cookie[BATCH - 1]))
		return;
	if (b->n < BATCH)
		b->n++;
	for (i = b->n - 1; i && b->cookie[i - 1] > cookie; i--) {
		b->cookie[i] = b->cookie[i - 1];
		b->sk[i] = b->sk[i - 1];
	}
	b->cookie[i] = cookie;
	b->sk[i] = sk;
}

/* The caller is in an RCU read section or holds the slot's lock. */
static void batch_hold(struct batch *b)
{
	unsigned int i;

	for (i = 0; i < b->n; i++)
		if (!refcount_inc_not_zero(&b->sk[i]->sk_refcnt))
			b->sk[i] = NULL;	/* about to be freed */
}

static void set_timer(struct xtcp_diag_msg *msg, u8 timer, u8 retrans, u64 at, u64 now)
{
	msg->timer = timer;
	msg->retrans = retrans;
	if (at > now)
		msg->expires = min_t(u64, div_u64(at - now, NSEC_PER_MSEC), U32_MAX);
}

/* The deadline that says most; the caller holds the sk lock. */
static void fill_timer(struct xtcp_diag_msg *msg, const struct xtcp_tcb *tcb, u64 now)
{
	static const struct {
		u8 id, shown;
	} order[] = {
		{ XTCP_T_SYN,	XTCP_DIAG_TIMER_ON },
		{ XTCP_T_ECHO,	XTCP_DIAG_TIMER_ON },
		{ XTCP_T_RTO,	XTCP_DIAG_TIMER_ON },
		{ XTCP_T_RETRY,	XTCP_DIAG_TIMER_ON },
		{ XTCP_T_PROBE,	XTCP_DIAG_TIMER_PERSIST },
		{ XTCP_T_FW2,	XTCP_DIAG_TIMER_TIMEWAIT },
		{ XTCP_T_KEEP,	XTCP_DIAG_TIMER_KEEPALIVE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		u64 at = tcb->deadline[order[i].id];

		if (at == XTCP_NEVER)
			continue;
		set_timer(msg, order[i].shown, order[i].shown == XTCP_DIAG_TIMER_KEEPALIVE ?
			  min_t(u32, tcb->keep_sent, U8_MAX) : tcb->backoff, at, now);
		return;
	}
}

static void fill_cookie(struct xtcp_diag_msg *msg, u64 cookie)
{
	msg->id.cookie[0] = cookie;
	msg->id.cookie[1] = cookie >> 32;
}

/* Addresses as tables have them: IPv4 as ::ffff:a.b.c.d. */
static void fill_addrs(struct xtcp_diag_msg *msg, const struct xtcp_addrs *addrs)
{
	if (msg->family == AF_INET) {
		memcpy(msg->id.src, addrs->local + 12, 4);
		memcpy(msg->id.dst, addrs->remote + 12, 4);
	} else {
		memcpy(msg->id.src, addrs->local, 16);
		memcpy(msg->id.dst, addrs->remote, 16);
	}
}

/* The caller holds the sk lock. */
static void fill_sock(const struct query *q, struct sock *sk, struct xtcp_diag_msg *msg, u64 now)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xsk->tcb;

	msg->family = sk->sk_family;
	msg->state = sk->sk_state;
	msg->id.sport = htons(inet_sk(sk)->inet_num);
	msg->id.dport = inet_sk(sk)->inet_dport;
	if (sk->sk_family == AF_INET) {
		memcpy(msg->id.src, &sk->sk_rcv_saddr, 4);
		memcpy(msg->id.dst, &sk->sk_daddr, 4);
	} else {
		memcpy(msg->id.src, &sk->sk_v6_rcv_saddr, 16);
		memcpy(msg->id.dst, &sk->sk_v6_daddr, 16);
	}
	msg->id.ifindex = sk->sk_bound_dev_if;
	fill_cookie(msg, cookie_of(sk));
	msg->uid = from_kuid_munged(q->user_ns, READ_ONCE(sk->sk_uid));
	msg->inode = sock_i_ino(sk);

	if (sk->sk_state == TCP_LISTEN) {
		msg->rqueue = READ_ONCE(xsk->acceptq.len);
		msg->wqueue = sk->sk_max_ack_backlog;
	} else if (sk->sk_state != TCP_CLOSE) {
		msg->rqueue = READ_ONCE(xsk->readable);
		if (xtcp_after(tcb->snd.end, tcb->snd.una))
			msg->wqueue = min_t(u64, tcb->snd.end - tcb->snd.una, U32_MAX);
		fill_timer(msg, tcb, now);
	}
}

static bool asked(const struct query *q, int attr)
{
	return q->req->ext & XTCP_DIAG_EXT(attr);
}

/* Begin an answer. NULL: it does not fit. */
static struct nlmsghdr *put_msg(const struct query *q, const struct xtcp_diag_msg *msg)
{
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(q->skb, q->portid, q->seq, SOCK_DIAG_BY_FAMILY, sizeof(*msg),
			q->cb ? NLM_F_MULTI : 0);
	if (!nlh)
		return NULL;
	memcpy(nlmsg_data(nlh), msg, sizeof(*msg));
	if (q->cb)
		nl_dump_check_consistent(q->cb, nlh);
	return nlh;
}

/* The caller holds the sk lock. */
static int put_info(const struct query *q, const struct xtcp_tcb *tcb, u64 now)
{
	struct xtcp_diag_tags tags = { .tag = tcb->tag, .peer_tag = tcb->peer_tag };
	struct xtcp_info info;

	if (asked(q, XTCP_DIAG_INFO)) {
		memset(&info, 0, sizeof(info));
		xtcp_fill_info(tcb, now, &info);
		if (!q->admin) {
			info.xtcpi_tag = 0;
			info.xtcpi_peer_tag = 0;
		}
		if (nla_put(q->skb, XTCP_DIAG_INFO, sizeof(info), &info))
			return -EMSGSIZE;
	}
	if (asked(q, XTCP_DIAG_TAGS) && q->admin &&
	    nla_put(q->skb, XTCP_DIAG_TAGS, sizeof(tags), &tags))
		return -EMSGSIZE;
	return 0;
}

/* The caller holds the sk lock. */
static int put_attrs(const struct query *q, struct sock *sk, u64 now)
{
	int err;

	if (sk->sk_state != TCP_LISTEN && sk->sk_state != TCP_CLOSE) {
		err = put_info(q, &xtcp_sk(sk)->tcb, now);
		if (err)
			return err;
	}
	if (asked(q, XTCP_DIAG_MEMINFO) && sock_diag_put_meminfo(sk, q->skb, XTCP_DIAG_MEMINFO))
		return -EMSGSIZE;
	if (asked(q, XTCP_DIAG_SHUTDOWN) &&
	    nla_put_u8(q->skb, XTCP_DIAG_SHUTDOWN, sk->sk_shutdown & SHUTDOWN_MASK))
		return -EMSGSIZE;
	if (asked(q, XTCP_DIAG_V6ONLY) && sk->sk_family == AF_INET6 &&
	    nla_put_u8(q->skb, XTCP_DIAG_V6ONLY, ipv6_only_sock(sk)))
		return -EMSGSIZE;
	return 0;
}

/* One socket, if it still is in one of these states. 0, or -EMSGSIZE: no room. */
static int put_sock(const struct query *q, struct sock *sk, u32 states)
{
	struct xtcp_diag_msg msg = { };
	struct nlmsghdr *nlh;
	int err = 0;
	bool slow;
	u64 now;

	slow = lock_sock_fast(sk);
	if (!(states & 1U << sk->sk_state))
		goto out;
	xtcp_local_take(sk);
	now = xtcp_now();
	fill_sock(q, sk, &msg, now);
	nlh = put_msg(q, &msg);
	if (!nlh) {
		err = -EMSGSIZE;
		goto out;
	}
	err = put_attrs(q, sk, now);
	if (err)
		nlmsg_cancel(q->skb, nlh);
	else
		nlmsg_end(q->skb, nlh);
out:
	unlock_sock_fast(sk, slow);
	return err;
}

/* An answer without attributes. */
static int put_plain(const struct query *q, const struct xtcp_diag_msg *msg)
{
	struct nlmsghdr *nlh = put_msg(q, msg);

	if (!nlh)
		return -EMSGSIZE;
	nlmsg_end(q->skb, nlh);
	return 0;
}

/* Sockets of a batch. 1: the slot may hold more; 0: it is done; -EMSGSIZE: no room. */
static int put_batch(const struct query *q, struct walk *w, const struct batch *b, u32 states)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < b->n; i++) {
		if (!b->sk[i])
			continue;
		if (!err)
			err = put_sock(q, b->sk[i], states);
		if (!err)
			w->last = b->cookie[i];
		sock_put(b->sk[i]);
	}
	if (err)
		return err;
	if (b->n < BATCH)
		return 0;
	w->last = b->cookie[BATCH - 1];
	return 1;
}

/*
 * The buckets of a table that may be resized; the caller is in an RCU read
 * section. NULL: the last slot is behind us.
 */
static const struct bucket_table *enter_slot(struct walk *w, const struct rhashtable *ht)
{
	const struct bucket_table *tbl = rcu_dereference(ht->tbl);

	if (!w->table) {
		w->table = tbl;
		w->seed = tbl->hash_rnd;
	} else if (w->table != tbl || w->seed != tbl->hash_rnd) {
		w->table = tbl;
		w->seed = tbl->hash_rnd;
		w->changes++;
	}
	return w->slot < tbl->size ? tbl : NULL;
}

/* Did a resize take entries out of the slot while it was read? It is under way, then. */
static void leave_slot(struct walk *w, const struct bucket_table *tbl)
{
	smp_rmb();	/* the chain was read before; pairs with rcu_assign_pointer() there */
	if (rcu_access_pointer(tbl->future_tbl))
		w->changes++;
}

/*
 * The stages: each puts what comes next in the slot. 1: the slot may hold more;
 * 0: it is done; -EMSGSIZE: no room; -ENOENT: there is no such slot.
 */
static int put_requests(const struct query *q, struct walk *w, u32 states)
{
	struct rhashtable *ht = &xtcp_net(q->net)->requests.table.ht;
	const struct xtcp_request *req, *next = NULL;
	const struct bucket_table *tbl;
	struct xtcp_diag_msg msg = { };
	const struct in6_addr *local;
	struct rhlist_head *list;
	struct rhash_head *at;
	u64 id = 0;
	int err;

	rcu_read_lock();
	tbl = enter_slot(w, ht);
	if (!tbl) {
		rcu_read_unlock();
		return -ENOENT;
	}
	rht_for_each_rcu(at, tbl, w->slot) {
		list = container_of(at, struct rhlist_head, rhead);
		rhl_for_each_entry_rcu(req, list, list, node) {
			local = (const struct in6_addr *)req->tuple.addrs.local;
			if (selected(q, w, req->id) && (!next || req->id < id) &&
			    matches(q, ipv6_addr_v4mapped(local) ? AF_INET : AF_INET6,
				    req->tuple.lport, req->tuple.rport)) {
				next = req;
				id = req->id;
			}
		}
	}
	leave_slot(w, tbl);
	if (next) {
		msg.family = ipv6_addr_v4mapped((struct in6_addr *)next->tuple.addrs.local) ?
			     AF_INET : AF_INET6;
		msg.state = TCP_SYN_RECV;
		msg.id.sport = htons(next->tuple.lport);
		msg.id.dport = htons(next->tuple.rport);
		fill_addrs(&msg, &next->tuple.addrs);
		msg.id.ifindex = next->tuple.bound_if;
		fill_cookie(&msg, id);
		set_timer(&msg, XTCP_DIAG_TIMER_HALFOPEN, 0, next->half.expires, xtcp_now());
	}
	rcu_read_unlock();
	if (!next)
		return 0;
	err = put_plain(q, &msg);
	if (err)
		return err;
	w->last = id;
	return 1;
}

static int put_owners(const struct query *q, struct walk *w, u32 states)
{
	struct xtcp_port_slot *slot;
	struct batch b = { };
	struct xtcp_port *port;
	struct sock *sk;

	if (w->slot >= XTCP_PORT_HASH)
		return -ENOENT;
	slot = &xtcp_net(q->net)->ports.slot[w->slot];
	spin_lock_bh(&slot->lock);
	hlist_for_each_entry(port, &slot->ports, node)
		sk_for_each_bound(sk, &port->owners)
			if (states & 1U << READ_ONCE(sk->sk_state))
				batch_add(&b, q, w, sk);
	batch_hold(&b);
	spin_unlock_bh(&slot->lock);
	return put_batch(q, w, &b, states);
}

static int put_live(const struct query *q, struct walk *w, u32 states)
{
	const struct bucket_table *tbl;
	struct rhash_head *at;
	struct batch b = { };
	struct xtcp_sock *xsk;

	rcu_read_lock();
	tbl = enter_slot(w, &xtcp_net(q->net)->ehash.exact);
	if (!tbl) {
		rcu_read_unlock();
		return -ENOENT;
	}
	rht_for_each_entry_rcu(xsk, at, tbl, w->slot, exact_node)
		batch_add(&b, q, w, (struct sock *)xsk);
	leave_slot(w, tbl);
	batch_hold(&b);
	rcu_read_unlock();
	return put_batch(q, w, &b, states);
}

static int put_timewaits(const struct query *q, struct walk *w, u32 states)
{
	struct xtcp_timewaits *tws = &xtcp_net(q->net)->timewaits;
	const struct xtcp_remnant *rem, *next = NULL;
	const struct bucket_table *tbl;
	struct xtcp_diag_msg msg = { };
	struct rhash_head *at;
	u64 id = 0;
	int err;

	rcu_read_lock();
	tbl = enter_slot(w, &tws->exact);
	if (!tbl) {
		rcu_read_unlock();
		return -ENOENT;
	}
	spin_lock_bh(&tws->lock);	/* for tw, and as id ends with the entry's life */
	rht_for_each_entry_rcu(rem, at, tbl, w->slot, node) {
		if (!rem->tomb && selected(q, w, rem->id) && (!next || rem->id < id) &&
		    matches(q, rem->family, rem->key.tuple.lport, rem->key.tuple.rport)) {
			next = rem;
			id = rem->id;
		}
	}
	leave_slot(w, tbl);
	if (next) {
		msg.family = next->family;
		msg.state = TCP_TIME_WAIT;
		msg.id.sport = htons(next->key.tuple.lport);
		msg.id.dport = htons(next->key.tuple.rport);
		fill_addrs(&msg, &next->key.tuple.addrs);
		msg.id.ifindex = next->ifindex;
		fill_cookie(&msg, id);
		msg.uid = from_kuid_munged(q->user_ns, next->uid);
		set_timer(&msg, XTCP_DIAG_TIMER_TIMEWAIT, 0, next->tw.expires, xtcp_now());
	}
	spin_unlock_bh(&tws->lock);
	rcu_read_unlock();
	if (!next)
		return 0;
	err = put_plain(q, &msg);
	if (err)
		return err;
	w->last = id;
	return 1;
}

static const struct {
	int (*put)(const struct query *q, struct walk *w, u32 states);
	u32 states;
} stages[] = {
	{ put_requests,	 TCPF_SYN_RECV },
	{ put_owners,	 TCPF_LISTEN | TCPF_CLOSE },
	{ put_live,	 ~(TCPF_LISTEN | TCPF_CLOSE | TCPF_TIME_WAIT) },
	{ put_timewaits, TCPF_TIME_WAIT },
};

/* Go on until the answer is full or everything has been looked at. */
static void walk(const struct query *q, struct walk *w)
{
	u32 states;
	int more;

	for (; w->stage < ARRAY_SIZE(stages); w->stage++, w->slot = 0, w->table = NULL) {
		states = stages[w->stage].states & (q->cookie ? ~0U : q->req->states);
		if (!states)
			continue;
		for (;; w->slot++, w->last = 0) {
			do {
				more = stages[w->stage].put(q, w, states);
				if (q->cb)
					q->cb->seq = 1 + w->changes;
			} while (more > 0);
			if (more == -ENOENT)
				break;
			if (more < 0 || (q->cookie && q->skb->len))
				return;
			cond_resched();
		}
	}
}

static int dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sk_buff *in = cb->skb;
	struct query q = {
		.req = nlmsg_data(cb->nlh),
		.net = sock_net(in->sk),
		.user_ns = sk_user_ns(NETLINK_CB(in).sk),
		.admin = netlink_net_capable(in, CAP_NET_ADMIN),
		.skb = skb,
		.portid = NETLINK_CB(in).portid,
		.seq = cb->nlh->nlmsg_seq,
		.cb = cb,
	};

	walk(&q, (struct walk *)cb->ctx);
	return skb->len;
}

/* nl_dump_check_consistent() compares only with a number that is not 0. */
static int dump_start(struct netlink_callback *cb)
{
	cb->seq = 1;
	cb->prev_seq = 1;
	return 0;
}

static int get(struct sk_buff *in, const struct nlmsghdr *nlh)
{
	const struct xtcp_diag_req *req = nlmsg_data(nlh);
	struct net *net = sock_net(in->sk);
	struct walk w = { };
	struct query q = {
		.req = req,
		.cookie = (u64)req->id.cookie[1] << 32 | req->id.cookie[0],
		.net = net,
		.user_ns = sk_user_ns(NETLINK_CB(in).sk),
		.admin = netlink_net_capable(in, CAP_NET_ADMIN),
		.portid = NETLINK_CB(in).portid,
		.seq = nlh->nlmsg_seq,
	};

	if (!q.cookie)
		return -EINVAL;
	q.skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!q.skb)
		return -ENOMEM;
	walk(&q, &w);
	if (!q.skb->len) {
		nlmsg_free(q.skb);
		return w.changes ? -EAGAIN : -ENOENT;
	}
	return nlmsg_unicast(net->diag_nlsk, q.skb, q.portid);
}

/* The door: sock_diag has checked no more than that the family is there. */
static int request(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	const struct xtcp_diag_req *req = nlmsg_data(nlh);
	struct netlink_dump_control control = {
		.start = dump_start,
		.dump = dump,
	};

	if (nlmsg_len(nlh) != sizeof(*req))
		return -EINVAL;
	if (req->sdiag_protocol || req->pad)
		return -EINVAL;
	if (req->family && req->family != AF_INET && req->family != AF_INET6)
		return -EINVAL;
	if (nlh->nlmsg_flags & NLM_F_DUMP)
		return netlink_dump_start(sock_net(skb->sk)->diag_nlsk, skb, nlh, &control);
	return get(skb, nlh);
}

static const struct sock_diag_handler diag_handler = {
	.owner = THIS_MODULE,
	.family = AF_XTCP,
	.dump = request,
};

/**
 * xtcp_diag_init - answer netlink requests
 *
 * May sleep. Namespaces are set up.
 *
 * Return: 0 or -EBUSY, if somebody else answers for the family.
 */
int xtcp_diag_init(void)
{
	return sock_diag_register(&diag_handler);
}

/**
 * xtcp_diag_exit - answer no more
 *
 * May sleep.
 */
void xtcp_diag_exit(void)
{
	sock_diag_unregister(&diag_handler);
}

/* The module is loaded when somebody asks: netlink, NETLINK_SOCK_DIAG, AF_XTCP. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_NETLINK, NETLINK_SOCK_DIAG, 18);
