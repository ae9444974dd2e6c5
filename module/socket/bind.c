// SPDX-License-Identifier: GPL-2.0
/* bind(), getsockname() and getpeername(). */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/transp_v6.h>

#include "addr.h"
#include "cgroup.h"
#include "../sock.h"
#include "../net/ports.h"

/* A namespace that never had an IPv4 address: the kernel takes any for a broadcast one there. */
static bool xtcp_no_addresses(struct net *net, u32 table)
{
	return inet_addr_type_table(net, htonl(INADDR_LOOPBACK), table) == RTN_BROADCAST;
}

/* An IPv4 address that a program may bind to. 0 or -EADDRNOTAVAIL. */
static int xtcp_check_v4(struct sock *sk, __be32 addr)
{
	struct net *net = sock_net(sk);
	u32 table = l3mdev_fib_table_by_index(net, sk->sk_bound_dev_if) ? : RT_TABLE_LOCAL;

	switch (inet_addr_type_table(net, addr, table)) {
	case RTN_LOCAL:
		return 0;
	case RTN_BROADCAST:
		/* 0.0.0.0 counts as broadcast; of the others nothing can come (M1) */
		if (addr == htonl(INADDR_ANY))
			return 0;
		if (!ipv4_is_zeronet(addr) && !ipv4_is_lbcast(addr) &&
		    xtcp_no_addresses(net, table))
			return 0;
		fallthrough;
	case RTN_MULTICAST:
		return -EADDRNOTAVAIL;
	default:
		if (addr == htonl(INADDR_ANY) || inet_can_nonlocal_bind(net, inet_sk(sk)))
			return 0;
		return -EADDRNOTAVAIL;
	}
}

/* An IPv6 address, not any and not v4-mapped. 0, -EINVAL, -ENODEV, -EADDRNOTAVAIL. */
static int xtcp_check_v6(struct sock *sk, const struct sockaddr_in6 *addr, int len)
{
	int type = ipv6_addr_type(&addr->sin6_addr);
	struct net *net = sock_net(sk);
	struct net_device *dev = NULL;
	int err = 0;

	if (__ipv6_addr_needs_scope_id(type)) {
		if (len >= sizeof(*addr) && addr->sin6_scope_id)
			sk->sk_bound_dev_if = addr->sin6_scope_id;
		if (!sk->sk_bound_dev_if)
			return -EINVAL;
	}
	rcu_read_lock();
	if (sk->sk_bound_dev_if) {
		dev = dev_get_by_index_rcu(net, sk->sk_bound_dev_if);
		if (!dev)
			err = -ENODEV;
	}
	if (!err && !ipv6_can_nonlocal_bind(net, inet_sk(sk)) &&
	    !ipv6_chk_addr(net, &addr->sin6_addr, dev, 0))
		err = -EADDRNOTAVAIL;
	rcu_read_unlock();
	return err;
}

/* Take the port, if one is wanted now. The addresses are set. */
static int xtcp_take_port(struct sock *sk, u16 port)
{
	int err = 0;

	if (port || !xtcp_inet_test(BIND_ADDRESS_NO_PORT, bind_address_no_port, sk))
		err = xtcp_port_bind(sk, port, GFP_KERNEL);
	if (!err && inet_sk(sk)->inet_num) {
		err = xtcp_cgroup_bound(sk);
		if (err)
			xtcp_port_release(sk);
	}
	if (err)
		return err;
	if (port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	inet_sk(sk)->inet_daddr = 0;
	inet_sk(sk)->inet_dport = 0;
	sk_dst_reset(sk);
	return 0;
}

static int xtcp_may_bind(const struct sock *sk, u16 port, u32 flags)
{
	struct net *net = sock_net(sk);

	if (!(flags & BIND_NO_CAP_NET_BIND_SERVICE) &&
	    port && inet_port_requires_bind_service(net, port) &&
	    !ns_capable(net->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	return 0;
}

/* Only a fresh socket can be bound. */
static int xtcp_bindable(const struct sock *sk)
{
	return sk->sk_state != TCP_CLOSE || inet_sk(sk)->inet_num ? -EINVAL : 0;
}

static int xtcp_bind_v4(struct sock *sk, const struct sockaddr_in *addr, u32 flags)
{
	struct inet_sock *inet = inet_sk(sk);
	__be32 local = addr->sin_addr.s_addr;
	int err;

	/* AF_UNSPEC with 0.0.0.0 is what old programs use */
	if (addr->sin_family != AF_INET &&
	    (addr->sin_family != AF_UNSPEC || local != htonl(INADDR_ANY)))
		return -EAFNOSUPPORT;
	err = xtcp_check_v4(sk, local) ? : xtcp_may_bind(sk, ntohs(addr->sin_port), flags) ? :
	      xtcp_bindable(sk);
	if (err)
		return err;

	inet->inet_rcv_saddr = local;
	inet->inet_saddr = local;
	err = xtcp_take_port(sk, ntohs(addr->sin_port));
	if (err) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
		return err;
	}
	if (local)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
static int xtcp_bind_v6(struct sock *sk, const struct sockaddr_in6 *addr, int len, u32 flags)
{
	int type = ipv6_addr_type(&addr->sin6_addr), err;
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	bool ipv6only = sk->sk_ipv6only;
	__be32 v4 = LOOPBACK4_IPV6;	/* "no IPv4 address" */

	if (addr->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (type & IPV6_ADDR_MULTICAST)
		return -EINVAL;
	err = xtcp_may_bind(sk, ntohs(addr->sin6_port), flags) ? : xtcp_bindable(sk);
	if (err)
		return err;

	if (type == IPV6_ADDR_MAPPED) {
		v4 = addr->sin6_addr.s6_addr32[3];
		err = ipv6only ? -EINVAL : xtcp_check_v4(sk, v4);
	} else if (type == IPV6_ADDR_ANY) {
		v4 = 0;
	} else {
		err = xtcp_check_v6(sk, addr, len);
	}
	if (err)
		return err;

	inet->inet_rcv_saddr = v4;
	inet->inet_saddr = v4;
	sk->sk_v6_rcv_saddr = addr->sin6_addr;
	np->saddr = addr->sin6_addr;
	if (type != IPV6_ADDR_ANY && type != IPV6_ADDR_MAPPED)
		sk->sk_ipv6only = 1;
	err = xtcp_take_port(sk, ntohs(addr->sin6_port));
	if (err) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
		memset(&sk->sk_v6_rcv_saddr, 0, sizeof(sk->sk_v6_rcv_saddr));
		memset(&np->saddr, 0, sizeof(np->saddr));
		sk->sk_ipv6only = ipv6only;
		return err;
	}
	if (type != IPV6_ADDR_ANY)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	return 0;
}
#else
static int xtcp_bind_v6(struct sock *sk, const struct sockaddr_in6 *addr, int len, u32 flags)
{
	return -EAFNOSUPPORT;
}
#endif

/**
 * xtcp_bind - proto_ops.bind
 * @sock: socket
 * @uaddr: struct sockaddr_in or sockaddr_in6, as the socket is
 * @len: its length
 *
 * Return: 0, -EINVAL if bound already or @len is too short, -EAFNOSUPPORT,
 * -EADDRNOTAVAIL if the address is not local (unless IP_FREEBIND),
 * -EACCES, -EADDRINUSE, -ENODEV, -ENOMEM, -EPERM from a control group's program.
 */
int xtcp_bind(struct socket *sock, struct xtcp_sockaddr *uaddr, int len)
{
	struct sock *sk = sock->sk;
	u32 flags = 0;
	int err;

	err = xtcp_cgroup_bind(sk, uaddr, &len, &flags);
	if (err)
		return err;
	lock_sock(sk);
	if (sk->sk_family == AF_INET6)
		err = xtcp_bind_v6(sk, (struct sockaddr_in6 *)uaddr, len, flags);
	else
		err = xtcp_bind_v4(sk, (struct sockaddr_in *)uaddr, flags);
	release_sock(sk);
	return err;
}

/* getpeername() fails before there is a peer; 2 asks who it is to be, for security hooks. */
static bool xtcp_has_peer(const struct sock *sk, int peer)
{
	int state = READ_ONCE(sk->sk_state);

	return inet_sk(sk)->inet_dport &&
	       (peer == 2 || !((1 << state) & (TCPF_CLOSE | TCPF_SYN_SENT)));
}

/**
 * xtcp_getname - proto_ops.getname
 * @sock: socket
 * @uaddr: result: struct sockaddr_in or sockaddr_in6
 * @peer: 0: our name, else the peer's
 *
 * Does not take the socket lock, unless a control group's program wants to see
 * the name: security modules call it from the hooks of send and receive. A name
 * that changes meanwhile is torn at worst.
 *
 * Return: length of the name, or -ENOTCONN.
 */
int xtcp_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sock *sk = sock->sk;
	const struct inet_sock *inet = inet_sk(sk);
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)uaddr;
	int len = sk->sk_family == AF_INET6 ? sizeof(*sin6) : sizeof(*sin);

	if (peer && !xtcp_has_peer(sk, peer))
		return -ENOTCONN;

	if (sk->sk_family == AF_INET) {
		memset(sin, 0, sizeof(*sin));
		sin->sin_family = AF_INET;
		sin->sin_port = peer ? inet->inet_dport : inet->inet_sport;
		sin->sin_addr.s_addr = peer ? inet->inet_daddr :
				       inet->inet_rcv_saddr ? : inet->inet_saddr;
		xtcp_cgroup_name(sk, uaddr, &len, peer);
		return len;
	}

	memset(sin6, 0, sizeof(*sin6));
#if IS_ENABLED(CONFIG_IPV6)
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = peer ? inet->inet_dport : inet->inet_sport;
	if (peer)
		sin6->sin6_addr = sk->sk_v6_daddr;
	else if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		sin6->sin6_addr = xtcp_sk(sk)->np.saddr;
	else
		sin6->sin6_addr = sk->sk_v6_rcv_saddr;
	xtcp_cgroup_name(sk, uaddr, &len, peer);
	sin6->sin6_scope_id = ipv6_iface_scope_id(&sin6->sin6_addr,
						  READ_ONCE(sk->sk_bound_dev_if));
#endif
	return len;
}
