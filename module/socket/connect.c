// SPDX-License-Identifier: GPL-2.0
/* connect(): O1, and what programs may ask of it. */
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <net/ipv6.h>

#include "addr.h"
#include "cgroup.h"
#include "life.h"
#include "mem.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../net/act.h"
#include "../net/metrics.h"
#include "../net/numbers.h"
#include "../net/path.h"
#include "../net/ports.h"

/* Take the peer's address. 0, -EAFNOSUPPORT. */
static int xtcp_peer_v4(struct sock *sk, const struct sockaddr_in *addr)
{
	struct inet_sock *inet = inet_sk(sk);

	if (addr->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	inet->inet_dport = addr->sin_port;
	inet->inet_daddr = addr->sin_addr.s_addr;
	if (!inet->inet_daddr)		/* BSD: this host */
		inet->inet_daddr = inet->inet_saddr ? : htonl(INADDR_LOOPBACK);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
/* The same for IPv6. 0, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH. */
static int xtcp_peer_v6(struct sock *sk, const struct sockaddr_in6 *addr, int len)
{
	bool bound_v4 = ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr);
	struct inet_sock *inet = inet_sk(sk);
	struct in6_addr *peer = &sk->sk_v6_daddr;
	int type;

	if (addr->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;

	*peer = addr->sin6_addr;
	if (ipv6_addr_any(peer)) {	/* BSD: this host */
		if (bound_v4)
			ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), peer);
		else
			*peer = in6addr_loopback;
	}
	type = ipv6_addr_type(peer);
	if (type & IPV6_ADDR_MULTICAST)
		return -ENETUNREACH;
	if (type & IPV6_ADDR_LINKLOCAL) {
		int scope = len >= sizeof(*addr) ? addr->sin6_scope_id : 0;

		/* of a socket bound to a VRF, any of its devices */
		if (scope && !sk_dev_equal_l3scope(sk, scope))
			return -EINVAL;
		if (scope)
			sk->sk_bound_dev_if = scope;
		if (!sk->sk_bound_dev_if)
			return -EINVAL;
	}

	inet->inet_dport = addr->sin6_port;
	inet->inet_daddr = 0;
	/* that one bound to an IPv4 address cannot reach others is the routing table's to say */
	if (type == IPV6_ADDR_MAPPED) {
		if (ipv6_only_sock(sk))
			return -ENETUNREACH;
		inet->inet_daddr = peer->s6_addr32[3];
	}
	return 0;
}
#else
static int xtcp_peer_v6(struct sock *sk, const struct sockaddr_in6 *addr, int len)
{
	return -EAFNOSUPPORT;
}
#endif

/* O1: choose addresses, port, numbers and tag, and send the SYN. */
static int xtcp_open(struct sock *sk, struct xtcp_sockaddr *uaddr, int len)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u64 now;
	int err;

	err = xtcp_cgroup_connect(sk, uaddr, &len);
	if (err)
		goto forget;
	if (sk->sk_family == AF_INET6)
		err = xtcp_peer_v6(sk, (struct sockaddr_in6 *)uaddr, len);
	else
		err = xtcp_peer_v4(sk, (struct sockaddr_in *)uaddr);
	if (err)
		goto forget;

	/* the TCB is as xtcp_sock_renew() leaves it, but for what options have changed */
	WRITE_ONCE(xsk->tcb.rcv.buf, xtcp_rcv_space(sk));
	xsk->tcb.offer = xtcp_ecn_offer(READ_ONCE(xtcp_sock_net(sk)->set.ecn),
					xsk->tcb.cc.ops, false);
	err = xtcp_path_open(sk, xtcp_now());
	if (err)
		goto forget;

	WRITE_ONCE(sk->sk_err, 0);	/* of the connection before, that nobody asked for */
	sk_set_txhash(sk);
	xsk->tcb.tag = xtcp_new_tag();
	xsk->tcb.ts_epoch = get_random_u32();
	err = xtcp_port_connect(sk, xtcp_now());
	if (err)
		goto forget;
	now = xtcp_now();		/* that may have slept */
	xtcp_path_recall(sk, now);
	xtcp_act(sk, xtcp_connect(&xsk->tcb, xtcp_new_iss(sk, now), xsk->tcb.tag, now), NULL, now);
	return 0;

forget:
	xtcp_forget_peer(sk);
	return err;
}

/* Wait while the connection opens; what is left of @timeo. */
static long xtcp_wait_open(struct sock *sk, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	while ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
		if (signal_pending(current) || !timeo)
			break;
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return timeo;
}

/* Connection attempts end here: connected, still under way, or why not. */
static int xtcp_finish(struct socket *sock, int flags, int err)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int disconnects = sk->sk_disconnects;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		if (!timeo)
			return err;
		timeo = xtcp_wait_open(sk, timeo);
		if (!timeo)
			return err;
		if (signal_pending(current))
			return sock_intr_errno(timeo);
		if (disconnects != sk->sk_disconnects)
			return -EPIPE;	/* by another thread */
	}

	if (sk->sk_state != TCP_CLOSE) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	err = sock_error(sk) ? : -ECONNABORTED;
	sk->sk_disconnects++;
	xtcp_disconnect(sk, flags);
	sock->state = SS_UNCONNECTED;
	return err;
}

/**
 * xtcp_sock_connect - proto_ops.connect
 * @sock: socket
 * @uaddr: struct sockaddr_in or sockaddr_in6, as the socket is; AF_UNSPEC
 *	disconnects
 * @len: its length
 * @flags: O_NONBLOCK
 *
 * Blocks until the connection is open, SO_SNDTIMEO passes (-EINPROGRESS) or a
 * signal comes; called again, it goes on waiting or says -EALREADY.
 *
 * Return: 0; -EINPROGRESS, -EALREADY, -EISCONN, -EINTR, -ERESTARTSYS;
 * -ECONNREFUSED, -ETIMEDOUT, -ENETUNREACH, -EHOSTUNREACH, -EADDRNOTAVAIL;
 * -EINVAL, -EAFNOSUPPORT; -EPERM from a control group's program.
 */
int xtcp_sock_connect(struct socket *sock, struct xtcp_sockaddr *uaddr, int len, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;

	lock_sock(sk);
	if (uaddr->sa_family == AF_UNSPEC) {
		sk->sk_disconnects++;
		err = xtcp_disconnect(sk, flags);
		sock->state = SS_UNCONNECTED;
		goto out;
	}

	switch (sock->state) {
	case SS_CONNECTED:
		err = -EISCONN;
		goto out;
	case SS_CONNECTING:
		err = -EALREADY;
		break;
	case SS_UNCONNECTED:
		err = -EISCONN;
		if (sk->sk_state != TCP_CLOSE)
			goto out;
		err = xtcp_open(sk, uaddr, len);
		if (err)
			goto out;
		sock->state = SS_CONNECTING;
		err = -EINPROGRESS;
		break;
	default:
		err = -EINVAL;
		goto out;
	}
	err = xtcp_finish(sock, flags, err);
out:
	release_sock(sk);
	return err;
}
