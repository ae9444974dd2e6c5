// SPDX-License-Identifier: GPL-2.0
/*
 * What the BPF programs of a control group say of bind() and connect(), and which
 * names they let getsockname() and getpeername() tell. They are the policies of
 * containers and services, written for AF_INET and AF_INET6, and they hold for
 * these sockets likewise, which have one of these families.
 */
#include <linux/bpf-cgroup.h>
#include <net/inet_common.h>
#include <net/ipv6.h>

#include "cgroup.h"

/* A program reads and writes a whole address: it must be there. 0 or -EINVAL. */
static int xtcp_check_len(const struct sock *sk, int len)
{
	int least = sk->sk_family == AF_INET6 ? SIN6_LEN_RFC2133 : sizeof(struct sockaddr_in);

	return len < least ? -EINVAL : 0;
}

/**
 * xtcp_cgroup_bind - may a socket be bound to an address?
 * @sk: socket, not locked by the caller
 * @uaddr: address, which may be changed
 * @len: its length, which may be changed
 * @flags: BIND_NO_CAP_NET_BIND_SERVICE is added if the port needs no privilege
 *
 * Return: 0, -EINVAL if @len is too short, -EPERM.
 */
int xtcp_cgroup_bind(struct sock *sk, struct xtcp_sockaddr *uaddr, int *len, u32 *flags)
{
	int err = xtcp_check_len(sk, *len);

	if (err)
		return err;
	if (sk->sk_family == AF_INET6)
		return xtcp_bpf_bind(sk, uaddr, len, CGROUP_INET6_BIND, flags);
	return xtcp_bpf_bind(sk, uaddr, len, CGROUP_INET4_BIND, flags);
}

/**
 * xtcp_cgroup_bound - may a socket keep the address and port that it has?
 * @sk: socket, locked by the caller
 *
 * Return: 0 or -EPERM.
 */
int xtcp_cgroup_bound(struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		return BPF_CGROUP_RUN_PROG_INET6_POST_BIND(sk);
	return BPF_CGROUP_RUN_PROG_INET4_POST_BIND(sk);
}

/**
 * xtcp_cgroup_connect - may a socket be connected to an address?
 * @sk: socket, locked by the caller
 * @uaddr: address, which may be changed
 * @len: its length, which may be changed
 *
 * Return: 0, -EINVAL if @len is too short, -EPERM.
 */
int xtcp_cgroup_connect(struct sock *sk, struct xtcp_sockaddr *uaddr, int *len)
{
	int err = xtcp_check_len(sk, *len);

	if (err)
		return err;
	if (sk->sk_family == AF_INET6)
		return xtcp_bpf_connect(sk, uaddr, len, CGROUP_INET6_CONNECT);
	return xtcp_bpf_connect(sk, uaddr, len, CGROUP_INET4_CONNECT);
}

/**
 * xtcp_cgroup_name - which name is a program told?
 * @sk: socket, not locked by the caller; locked here if there is a program to ask
 * @uaddr: its name or, if @peer, that of its peer, which may be changed
 * @len: its length, which may be changed
 * @peer: whose
 *
 * A service behind a load balancer hears the address that it asked for in
 * connect(), not the one that it was sent to.
 */
void xtcp_cgroup_name(struct sock *sk, struct sockaddr *uaddr, int *len, bool peer)
{
	struct xtcp_sockaddr *addr = (struct xtcp_sockaddr *)uaddr;

	/* whatever they answer: a name is not denied */
	if (sk->sk_family == AF_INET6 && peer)
		xtcp_bpf_name(sk, addr, len, CGROUP_INET6_GETPEERNAME);
	else if (sk->sk_family == AF_INET6)
		xtcp_bpf_name(sk, addr, len, CGROUP_INET6_GETSOCKNAME);
	else if (peer)
		xtcp_bpf_name(sk, addr, len, CGROUP_INET4_GETPEERNAME);
	else
		xtcp_bpf_name(sk, addr, len, CGROUP_INET4_GETSOCKNAME);
}
