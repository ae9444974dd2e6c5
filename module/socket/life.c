// SPDX-License-Identifier: GPL-2.0
/* Birth and death of a socket: rules 4, 6 and 8 of sock.h. */
#include <linux/bpf-cgroup.h>
#include <linux/memcontrol.h>
#include <linux/sched/signal.h>
#include <net/inet_common.h>

#include "data.h"
#include "life.h"
#include "listen.h"
#include "mem.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../net/act.h"
#include "../net/ehash.h"
#include "../net/input.h"
#include "../net/local.h"
#include "../net/ports.h"
#include "../net/timer.h"

/* The last reference is gone: no lock is needed, and nothing may sleep. */
static void xtcp_sock_destruct(struct sock *sk)
{
	xtcp_wmem_purge(sk);
	xtcp_rcvq_purge(sk);
	xtcp_release(&xtcp_sk(sk)->tcb);
	kfree(xtcp_cc_state(&xtcp_sk(sk)->tcb.cc));
	xtcp_reap(sk);
	sk_sockets_allocated_dec(sk);
	inet_sock_destruct(sk);
}

/**
 * xtcp_cc_alloc - memory for what an algorithm keeps outside of the connection
 * @cc: algorithm
 * @gfp: allocation flags
 * @state: out: for xtcp_cc_change(); kfree() ends it
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_cc_alloc(const struct xtcp_cc_ops *cc, gfp_t gfp, void **state)
{
	*state = cc->state ? kmalloc(cc->state, gfp | __GFP_ACCOUNT) : NULL;
	return cc->state && !*state ? -ENOMEM : 0;
}

/* A fresh TCB that keeps what the program has set. */
static void xtcp_fresh_tcb(struct sock *sk, const struct xtcp_cc_ops *cc, void *cc_state,
			   const struct xtcp_tune *tune)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	xtcp_init(&xsk->tcb, cc, cc_state, XTCP_MSS_MIN, xtcp_rcv_space(sk));
	xsk->tcb.tune = *tune;
}

/* Fields that a socket has for itself, whatever it was made from. */
static void xtcp_own_fields(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);

	xsk->hashed = 0;
	xsk->port = NULL;
	xsk->port_bound = 0;
	xsk->dst_cookie = 0;
	xsk->mtu = 0;
	xsk->unsent = NULL;
	xsk->deferred = 0;
	xtcp_local_setup(sk);
	spin_lock_init(&xsk->acceptq.lock);
	INIT_LIST_HEAD(&xsk->acceptq.head);
	xsk->acceptq.len = 0;
	xsk->readable = 0;
	xsk->urgent = 0;
	xsk->rcvq_mem = 0;
	xsk->rcvq_packed = 0;
	xsk->orphaned = 0;
	xtcp_timer_setup(sk);
	INIT_LIST_HEAD(&xsk->drained);
}

/**
 * xtcp_sock_init - fill in a new socket
 * @sk: socket from sk_alloc() and sock_init_data()
 *
 * What the namespace's settings say counts from here on (net.xtcp.*). May sleep.
 *
 * Return: 0, or -ENOMEM: then nothing was done.
 */
int xtcp_sock_init(struct sock *sk)
{
	struct xtcp_net *xn = xtcp_net(sock_net(sk));
	const struct xtcp_settings *set = &xn->set;
	const struct xtcp_cc_ops *cc = READ_ONCE(set->congestion_control);
	u32 user_timeout = READ_ONCE(set->user_timeout);
	struct xtcp_tune tune = {
		.keep_idle = READ_ONCE(set->keepalive_time),
		.keep_intvl = READ_ONCE(set->keepalive_intvl),
		.keep_probes = READ_ONCE(set->keepalive_probes),
		.fin_timeout = READ_ONCE(set->fin_timeout),
		.mtu_probing = READ_ONCE(set->mtu_probing),
		.autocork = READ_ONCE(set->autocorking),
		.idle_restart = READ_ONCE(set->slow_start_after_idle),
	};
	void *cc_state;
	int err;

	err = xtcp_cc_alloc(cc, GFP_KERNEL, &cc_state);
	if (err)
		return err;

	/* only what differs from K2's default is announced to the peer */
	if (user_timeout != XTCP_USER_TIMEOUT_MS)
		tune.user_timeout = user_timeout;

	xtcp_sk(sk)->xn = xn;
	sk->sk_backlog_rcv = xtcp_backlog_rcv;
	sk->sk_destruct = xtcp_sock_destruct;
	sk->sk_write_space = xtcp_write_space;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sock_set_flag(sk, SOCK_RCU_FREE);
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(set->wmem.initial));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(set->rmem.initial));
	xtcp_own_fields(sk);
	xtcp_fresh_tcb(sk, cc, cc_state, &tune);
	sk_sockets_allocated_inc(sk);
	return 0;
}

/**
 * xtcp_sock_renew - make a closed socket ready to connect or to listen again
 * @sk: socket, locked by the caller, for which xtcp_sock_done() was called
 *
 * What the program has set stays.
 */
void xtcp_sock_renew(struct sock *sk)
{
	struct xtcp_cc *cc = &xtcp_sk(sk)->tcb.cc;
	struct xtcp_tune tune = xtcp_sk(sk)->tcb.tune;
	u16 sport = inet_sk(sk)->inet_num;

	xtcp_fresh_tcb(sk, cc->ops, xtcp_cc_state(cc), &tune);
	xtcp_sk(sk)->tcb.sport = sport;
	xtcp_local_renew(sk);
}

/*
 * sk_clone_lock() leaves the memory cgroup to accept(), for which a module has no
 * function; what arrives before that should not be free either. Nothing is charged yet.
 */
static void xtcp_inherit_memcg(struct sock *sk, const struct sock *listener)
{
#ifdef CONFIG_MEMCG
	if (!listener->sk_memcg)
		return;
	css_get(&listener->sk_memcg->css);
	sk->sk_memcg = listener->sk_memcg;
#endif
}

/**
 * xtcp_sock_clone - make a child of a listener (rule 6)
 * @listener: not locked; the caller holds a reference
 * @gfp: allocation flags
 *
 * The child has the listener's options and nothing else of it: no port, route,
 * queue or timer; the caller fills in addresses and TCB. Its one reference is
 * for the accept queue.
 *
 * Return: the child, locked as by bh_lock_sock_nested(), or NULL.
 */
struct sock *xtcp_sock_clone(const struct sock *listener, gfp_t gfp)
{
	/* the program may choose another one right now: then the child has the one before */
	const struct xtcp_cc_ops *cc = data_race(READ_ONCE(xtcp_sk(listener)->tcb.cc.ops));
	struct xtcp_tune tune;
	struct inet_sock *inet;
	struct xtcp_sock *xsk;
	void *cc_state;
	struct sock *sk;

	if (xtcp_cc_alloc(cc, gfp, &cc_state))
		return NULL;
	sk = sk_clone_lock(listener, gfp);
	if (!sk) {
		kfree(cc_state);
		return NULL;
	}
	__sock_put(sk);		/* two were given: one for a table of inet sockets */
	xtcp_inherit_memcg(sk, listener);

	inet = inet_sk(sk);
	RCU_INIT_POINTER(inet->inet_opt, NULL);
	inet->mc_list = NULL;

	xsk = xtcp_sk(sk);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		inet->pinet6 = &xsk->np;
		xsk->np.ipv6_mc_list = NULL;
		xsk->np.ipv6_ac_list = NULL;
		xsk->np.pktoptions = NULL;
		RCU_INIT_POINTER(xsk->np.opt, NULL);
		xsk->np.rxpmtu = NULL;
	}
#endif
	atomic64_set(&sk->sk_cookie, 0);	/* the listener's, if it has one */
	sk->sk_frag.page = NULL;
	sk->sk_frag.offset = 0;
	sk->sk_frag.size = 0;
	sk->sk_state = TCP_CLOSE;
	sk->sk_shutdown = 0;
	sk->sk_ack_backlog = 0;
	sk->sk_max_ack_backlog = 0;

	xsk->defer_accept = 0;	/* as in TCP */
	tune = xsk->tcb.tune;
	xtcp_own_fields(sk);
	xtcp_fresh_tcb(sk, cc, cc_state, &tune);
	return sk;
}

/**
 * xtcp_sock_done - the connection is over
 * @sk: socket, locked by the caller, who holds a reference
 *
 * Rule 4: CLOSE, unhash, stop the timers, purge the queues, free the nodes.
 * What was received stays for a program that may still read it. May be called
 * again.
 */
void xtcp_sock_done(struct sock *sk)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	__be16 sport;

	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	xtcp_local_done(sk);
	xtcp_ehash_remove(sk);
	/* pairs with the reader's load: who sees CLOSE sees the shutdown */
	smp_store_release(&sk->sk_state, TCP_CLOSE);
	xtcp_timer_stop(sk);
	xtcp_wmem_purge(sk);
	xtcp_release(&xsk->tcb);
	xtcp_reap(sk);

	/* a port the program asked for stays its own until it closes the socket */
	if (sock_flag(sk, SOCK_DEAD) || !(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		sport = inet_sk(sk)->inet_sport;
		xtcp_port_release(sk);
		inet_sk(sk)->inet_sport = sport;	/* getsockname() still tells it */
	}
	if (sock_flag(sk, SOCK_DEAD))
		xtcp_rcvq_purge(sk);
	if (xsk->orphaned) {
		xsk->orphaned = 0;
		percpu_counter_dec(&xtcp_orphans);
	}
}

/* The core's xtcp_close() and xtcp_shutdown(), and what follows from them. */
static void xtcp_close_tcb(struct sock *sk, bool unread, bool abort)
{
	u64 now = xtcp_now();

	xtcp_act(sk, xtcp_close(&xtcp_sk(sk)->tcb, unread, abort, now), NULL, now);
}

static void xtcp_shut_write(struct sock *sk)
{
	u64 now = xtcp_now();

	xtcp_act(sk, xtcp_shutdown(&xtcp_sk(sk)->tcb, now), NULL, now);
}

/**
 * xtcp_sock_forget - end a child that nobody will accept
 * @child: locked (bh); the caller's reference, that of the accept queue, goes
 *
 * The peer is told with a RST if it got as far as a connection.
 */
void xtcp_sock_forget(struct sock *child)
	__releases(&child->sk_lock.slock)
{
	sock_orphan(child);
	xtcp_close_tcb(child, false, true);
	xtcp_sock_done(child);
	bh_unlock_sock(child);
	sock_put(child);
}

/**
 * xtcp_sock_abort_all - end all connections of a namespace that goes (rule 8)
 * @net: namespace, which no program is in any more
 *
 * There are none but of sockets that the kernel has made for itself
 * (sock_create_kern()), and theirs are orphans by now: their timers would look
 * for a namespace that is gone. May sleep.
 */
void xtcp_sock_abort_all(struct net *net)
{
	struct sock *sk;
	u64 now;

	while ((sk = xtcp_ehash_any(net))) {
		lock_sock(sk);
		now = xtcp_now();
		xtcp_act(sk, xtcp_abort(&xtcp_sk(sk)->tcb, ECONNABORTED, now), NULL, now);
		xtcp_sock_done(sk);
		release_sock(sk);
		sock_put(sk);
	}
}

/**
 * xtcp_forget_peer - undo what connect() put into the addresses
 * @sk: socket, locked by the caller, TCP_CLOSE
 *
 * What bind() set stays.
 */
void xtcp_forget_peer(struct sock *sk)
{
	bool bound = sk->sk_userlocks & SOCK_BINDADDR_LOCK;
	struct inet_sock *inet = inet_sk(sk);

	__sk_dst_reset(sk);
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	if (!bound) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		memset(&sk->sk_v6_daddr, 0, sizeof(sk->sk_v6_daddr));
		if (!bound) {
			memset(&sk->sk_v6_rcv_saddr, 0, sizeof(sk->sk_v6_rcv_saddr));
			memset(&xtcp_sk(sk)->np.saddr, 0, sizeof(xtcp_sk(sk)->np.saddr));
		}
	}
#endif
	inet->inet_sport = htons(inet->inet_num);
}

/* A program that disconnects here is told ECONNRESET afterwards, by TCP too. */
static bool xtcp_cuts_off(const struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		return false;
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return xtcp_sk(sk)->unsent;
	default:
		return true;
	}
}

/**
 * xtcp_disconnect - connect(AF_UNSPEC), and what shutdown() does to a listener
 * @sk: socket, locked by the caller
 * @flags: O_NONBLOCK or 0; it never waits
 *
 * Afterwards the socket is as it was before connect() or listen(): bound, if it
 * was bound.
 *
 * Return: 0.
 */
int xtcp_disconnect(struct sock *sk, int flags)
{
	bool cut = xtcp_cuts_off(sk);

	if (sk->sk_state == TCP_LISTEN)
		xtcp_listen_stop(sk);
	else if (sk->sk_state != TCP_CLOSE)
		xtcp_close_tcb(sk, false, true);
	xtcp_sock_done(sk);
	xtcp_rcvq_purge(sk);
	xtcp_sock_renew(sk);
	if (cut)
		WRITE_ONCE(sk->sk_err, ECONNRESET);

	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	sk_set_peek_off(sk, -1);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);

	xtcp_forget_peer(sk);
	sk_error_report(sk);
	return 0;
}

/* SO_LINGER: close() waits until the peer has acknowledged all, at most for @timeo jiffies. */
static void xtcp_wait_close(struct sock *sk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	do {
		if (sk_wait_event(sk, &timeo,
				  !((1 << READ_ONCE(sk->sk_state)) &
				    (TCPF_SYN_RECV | TCPF_FIN_WAIT1 | TCPF_CLOSING |
				     TCPF_LAST_ACK)), &wait))
			break;
	} while (!signal_pending(current) && timeo);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * xtcp_sock_release - the last file descriptor is closed
 * @sock: socket
 *
 * C1, C5: a FIN after the queued data; a RST if received data was not read or
 * SO_LINGER says 0. A positive SO_LINGER waits for the peer's acknowledgment,
 * but not in a process that exits. From there on the connection is an orphan.
 *
 * Return: 0.
 */
int xtcp_sock_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct xtcp_sock *xsk;
	long timeo = 0;

	if (!sk)
		return 0;
	xsk = xtcp_sk(sk);
	if (!sk->sk_kern_sock)
		BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(sk);

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		xtcp_listen_stop(sk);
	} else {
		bool reset = sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime;
		bool unread;

		xtcp_local_close(sk);
		unread = xsk->readable;
		xtcp_rcvq_purge(sk);
		if (xsk->linger2 < 0 && sk->sk_state == TCP_FIN_WAIT2)
			reset = true;
		if (sk->sk_state != TCP_CLOSE) {
			if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING))
				timeo = sk->sk_lingertime;
			if (timeo && !unread && !reset) {
				/* while the program waits, C5's 60 s do not run */
				xtcp_shut_read(&xsk->tcb);
				xtcp_shut_write(sk);
				xtcp_wait_close(sk, timeo);
			}
			if (sk->sk_state != TCP_CLOSE)
				xtcp_close_tcb(sk, unread, reset);
		}
	}

	sock_orphan(sk);
	sock->sk = NULL;
	if (sk->sk_state == TCP_CLOSE) {
		xtcp_sock_done(sk);
	} else {
		percpu_counter_inc(&xtcp_orphans);
		xsk->orphaned = 1;
		if (xtcp_orphan_limit(sk)) {
			xtcp_count(xtcp_sock_net(sk), XTCP_MIB_ORPHAN_ABORT);
			xtcp_close_tcb(sk, false, true);
		}
	}
	release_sock(sk);
	sock_put(sk);		/* the file's reference */
	return 0;
}

/**
 * xtcp_sock_shutdown - shutdown() (C1)
 * @sock: socket
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * As TCP: a listener stops listening, a connect() under way is given up, and
 * SHUT_RD alone says nothing to the peer.
 *
 * Return: 0, -EINVAL, -ENOTCONN.
 */
int xtcp_sock_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++;			/* SHUT_RD and SHUT_WR become bits */
	if (!how || (how & ~SHUTDOWN_MASK))
		return -EINVAL;

	lock_sock(sk);
	if (sock->state == SS_CONNECTING) {
		if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE))
			sock->state = SS_DISCONNECTING;
		else
			sock->state = SS_CONNECTED;
	}

	switch (sk->sk_state) {
	case TCP_LISTEN:
		if (!(how & RCV_SHUTDOWN))
			break;
		fallthrough;
	case TCP_SYN_SENT:
		err = xtcp_disconnect(sk, O_NONBLOCK);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		break;
	case TCP_CLOSE:
		err = -ENOTCONN;
		fallthrough;	/* who polls for EPOLLHUP is still woken */
	default:
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		if (how & RCV_SHUTDOWN)
			xtcp_shut_read(&xtcp_sk(sk)->tcb);
		if (how & SEND_SHUTDOWN)
			xtcp_shut_write(sk);
		/* C5: what still comes is answered, and has to be segments for that */
		if (sk->sk_shutdown == SHUTDOWN_MASK && sk->sk_state != TCP_CLOSE)
			xtcp_local_close(sk);
		break;
	}
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}
