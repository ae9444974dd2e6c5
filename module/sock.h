/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct xtcp_sock, and the rules of locks and lifetimes.
 *
 * Lock order: listener's sk lock, child's sk lock (nested), acceptq.lock, port
 * bucket, hash bucket, TIME-WAIT or request lock; then sk_callback_lock and
 * sk_receive_queue.lock. Softirq never takes a listener's sk lock. Never two
 * unrelated sk locks: who hands bytes to a peer on this host takes only the lock
 * of its lane.
 *
 *  1. The TCB, its nodes and the send queue belong to the sk lock. Memory is
 *     allocated before it matters and never under a bucket lock. User data is
 *     copied under lock_sock, into buffers the core has not heard of.
 *  2. Look-up: rcu_read_lock, refcount_inc_not_zero; every sock is
 *     SOCK_RCU_FREE. TCP_CLOSE seen under the lock means not found: unlock and
 *     look again, once. Readers search live sockets first and TIME-WAITs
 *     second; writers insert the TIME-WAIT first and remove the socket second.
 *  3. Two indexes of live connections: exact (4-tuple and tag), and 4-tuple
 *     for SYN, RST and ICMP. TIME-WAITs are never hashed by 4-tuple alone:
 *     ports are free at once, which makes thousands of equal keys. They are
 *     capped per 4-tuple and in all.
 *  4. References: the file or the accept queue holds one, the table one, each
 *     armed timer one, the list of net/drain.c one; the backlog none;
 *     transmitted skbs hold sk_wmem_alloc. Who cancels a timer puts its
 *     reference; nobody waits for a timer under the sk lock; a handler that
 *     finds TCP_CLOSE only puts. The end: CLOSE, unhash, stop the timers, purge
 *     the queues, free the nodes, put; inet_sock_destruct() comes last.
 *  5. Backlog: the softirq function runs again. Its limit is rcvbuf + sndbuf +
 *     64 KiB; what does not fit is counted and dropped.
 *  6. A child is cloned (returned locked), reset, filled by xtcp_child() and
 *     inserted; then, under acceptq.lock, LISTEN and room are checked again and
 *     it is linked. Refused: unhash, put both. A closing listener sets CLOSE
 *     and splices the queue under acceptq.lock, then takes each child's lock
 *     (nested), aborts and puts it.
 *  7. TIME-WAITs, half-open entries and tombstones live in own slabs, hold no
 *     reference to a socket or a namespace, expire by one timer per table,
 *     and are freed by call_rcu(): not kfree_rcu(), for which the destruction
 *     of a cache waits on 6.12 and does not on 6.1.
 *  8. Namespaces: user sockets, children and orphans hold theirs (sk_net_refcnt),
 *     so that its exit sees none. Those made by the kernel (sock_create_kern())
 *     do not: who made them closes them when the namespace goes, and what is
 *     left of their connections is aborted. Exit: abort these, shut the timers
 *     down, purge the tables, destroy them, then the control sockets.
 *  9. Unload: family, netlink, protocols, offload, namespaces, rcu_barrier(),
 *     caches, proto. Orphans keep the module busy, by design; TIME-WAITs do not.
 * 10. Poll and dumps do not read the TCB without the socket lock, but for rcv.buf,
 *     a word: poll reads the sk_* mirrors, dumps take lock_sock_fast().
 * 11. The shortcut (net/local.c): a lane is written by the peer under the lane's
 *     lock alone, which is taken inside any sk lock and with nothing inside it.
 *     Who gives holds a reference to who takes; two that give to each other hold
 *     each other. Each is put when the giver's own connection is over, which a
 *     reference does not put off.
 */
#ifndef _XTCP_SOCK_H
#define _XTCP_SOCK_H

#include <linux/hrtimer.h>
#include <linux/ipv6.h>
#include <linux/rhashtable-types.h>
#include <linux/timer.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/sock.h>

#include <xtcp/tcb.h>

#include "net/ehash.h"

struct xtcp_port;

/* An ICMP error, as xtcp_icmp() wants it told. */
struct xtcp_icmp_note {
	int err;		/* positive errno */
	u32 tag;		/* of the segment that is quoted */
	u32 info;		/* what else the message says: the MTU of XTCP_ICMP_TOO_BIG */
	u8 kind;		/* enum xtcp_icmp_kind */
};

/* Bits of xtcp_sock.deferred. */
#define XTCP_DEFER_TIMER	BIT(0)	/* holds the timer's reference */
#define XTCP_DEFER_ICMP		BIT(1)
#define XTCP_DEFER_TOO_BIG	BIT(2)
#define XTCP_DEFER_OUTPUT	BIT(3)	/* the peer's lane has room again (net/local.c) */
#define XTCP_DEFER_DRAINED	BIT(4)	/* net/drain.c */

/* Children that wait for accept(), oldest first. */
struct xtcp_acceptq {
	spinlock_t lock;	/* protects len and head; see the lock order */
	u32 len;		/* read without the lock by poll and as a hint */
	struct list_head head;	/* children, and in each of them its own place there */
};

/*
 * What a peer on this host has handed over to a socket and the socket has not
 * taken yet (net/local.c). Under queue.lock, but for what is said.
 */
struct xtcp_lane {
	struct sk_buff_head queue;
	atomic64_t edge;	/* right edge; written by the taker, under its sk lock */
	u32 bytes;	/* payload in queue; poll reads it without any lock */
	u32 mem;	/* truesize in queue */
	u32 pages;	/* charged for it to net.xtcp.mem */
	u32 lives;	/* of the socket: connections that are over */
	bool on;	/* the peer hands over and sends no data segments */
	bool held;	/* it waits for room, and wants to be told of it */
	bool used;	/* edge is valid */
	bool closed;	/* takes nothing any more */
};

struct xtcp_local {
	struct xtcp_lane in;	/* rule 11 */
	struct sock *peer;	/* whose lane we give to, with a reference; or NULL */
	struct sock *waits;	/* a peer to be told of room, with a reference; or NULL */
	u32 peeks;		/* unread bytes for which a reader waits (MSG_PEEK), or 0 */
	u32 life;		/* of the peer's lane, when it was found */
	bool giving;		/* what we write goes there */
	bool alone;		/* looked for the peer: it is not on this host */
	bool off;		/* XTCP_SHORTCUT 0 */
};

struct xtcp_sock {
	struct inet_sock inet;	/* first: the IP layer casts to it */
	struct xtcp_tcb tcb;	/* rule 1 */
	struct xtcp_net *xn;	/* of its namespace */

	/* net/ehash.c: rule 3 */
	struct xtcp_key key;	/* valid while hashed */
	u8 hashed;		/* in the tables, which then hold a reference */

	/* net/ports.c: the bucket of the local port, while bound */
	u8 port_bound;		/* counted in port->bound */
	struct xtcp_port *port;

	struct rhash_head exact_node;	/* net/ehash.c */
	struct rhlist_head tuple_node;

	/* net/path.c */
	u32 dst_cookie;		/* IPv6 */
	u32 mtu;		/* of the path, as the TCB was last told */

	/* net/timer.c: one deadline, two clocks: sk_timer and this */
	struct hrtimer hrtimer;
	u64 armed;		/* ns: what the armed one is set to; XTCP_NEVER: none */

	/* net/output.c, net/act.c */
	struct sk_buff *unsent;	/* first buffer on sk_write_queue with bytes never sent */
	u8 deferred;		/* XTCP_DEFER_*: came while the socket was owned, for release_cb */
	bool near_fires;	/* net/timer.c: this is the hrtimer's callback */
	struct list_head drained;	/* net/drain.c: its place in the list, with a reference */
	struct xtcp_icmp_note icmp;	/* with XTCP_DEFER_ICMP */
	struct xtcp_icmp_note too_big;	/* with XTCP_DEFER_TOO_BIG */

	struct xtcp_local local;	/* net/local.c */

	/* socket/listen.c */
	struct xtcp_acceptq acceptq;	/* listeners; of a child that waits, only head */

	/* socket/mem.c: mirrors of sk_receive_queue, which poll reads (rule 10) */
	u32 readable;		/* payload bytes */
	u32 rcvq_mem;		/* truesize */
	u32 rcvq_packed;	/* the least of it since it was packed; 0: it was not */
	u8 urgent;		/* XTCP_URGENT_HERE, XTCP_URGENT_NEXT (socket/urgent.h) */

	/* socket/life.c, socket/sockopt.c */
	u8 orphaned;		/* counted in xtcp_orphans */
	u8 tell_inq;		/* XTCP_INQ */
	s32 linger2;		/* XTCP_LINGER2, s: 0 = net.xtcp.fin_timeout, < 0 = none */
	u32 window_clamp;	/* XTCP_WINDOW_CLAMP, payload bytes; 0: not set */
	u32 notsent_lowat;	/* XTCP_NOTSENT_LOWAT, bytes; 0: not set */
	u32 notsent;		/* while that is set: bytes written, not sent (rule 10) */
	u32 defer_accept;	/* XTCP_DEFER_ACCEPT, s */
	u64 stamp_base;		/* SOF_TIMESTAMPING_OPT_ID: the byte that is number 0 */

	/* inet.pinet6 of IPv6 sockets, which alone have it; last: inet6_create() on 6.1 */
	struct ipv6_pinfo np;
};

static inline struct xtcp_sock *xtcp_sk(const struct sock *sk)
{
	return (struct xtcp_sock *)sk;
}

static inline struct xtcp_net *xtcp_sock_net(const struct sock *sk)
{
	return xtcp_sk(sk)->xn;
}

/*
 * Control block of every buffer on sk_write_queue, sk_receive_queue and in a
 * run. The IP layer's block comes first: trap 2 of skb->cb.
 */
struct xtcp_skb_cb {
	union {
		struct inet_skb_parm h4;
		struct inet6_skb_parm h6;
	} header;
	u64 seq;		/* of the first payload byte */
	u32 len;		/* send: payload bytes; receive: bytes wanted */
	u32 skip;		/* receive: bytes in front that are not wanted (any more) */
	u8 sent;		/* send: some byte of it has been sent; immutable */
	u8 eor;			/* send: ends with MSG_EOR: no segment goes on in the next one */
	u8 stamp_ack;		/* send: tell when its last byte is acknowledged */
};

#define XTCP_SKB_CB(skb) ((struct xtcp_skb_cb *)&((skb)->cb[0]))

extern struct proto xtcp_prot, xtcp_prot6;
extern int xtcp_ip_protocol;	/* IP protocol number, module parameter */

/* main.c: the loader calls these, all else is the translation unit's own (build.c) */
__visible int init_module(void);
__visible void cleanup_module(void);

#endif /* _XTCP_SOCK_H */
