/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between the kernels that are supported, and the only place
 * that knows of one. The macros XTCP_HAVE_... come from the files in probe/, and
 * have.h from Kbuild.include.
 */
#ifndef _XTCP_COMPAT_H
#define _XTCP_COMPAT_H

#include <linux/bpf-cgroup.h>
#include <linux/errqueue.h>
#include <linux/hrtimer.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/sysctl.h>
#include <linux/timer.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "have.h"

#ifdef XTCP_HAVE_LINUX_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* Receive flow steering: once in <net/sock.h>. */
#ifdef XTCP_HAVE_NET_RPS
#include <net/rps.h>
#endif

/* Segmentation: once in <linux/skbuff.h>. */
#ifdef XTCP_HAVE_NET_GSO
#include <net/gso.h>
#endif

/* Address argument of proto_ops.bind and .connect: struct xtcp_sockaddr. */
#ifdef XTCP_HAVE_SOCKADDR_UNSIZED
#define xtcp_sockaddr	sockaddr_unsized
#else
#define xtcp_sockaddr	sockaddr
#endif

/* What follows the sockets in proto_ops.accept. */
#ifdef XTCP_HAVE_ACCEPT_ARG
#define XTCP_ACCEPT_ARGS	struct proto_accept_arg *arg
#define XTCP_ACCEPT_FLAGS	(arg->flags)
#else
#define XTCP_ACCEPT_ARGS	int flags, bool kern
#define XTCP_ACCEPT_FLAGS	(flags)
#endif

#ifndef XTCP_HAVE_TIMER_CONTAINER_OF
#define timer_container_of(var, timer, field)	from_timer(var, timer, field)
#endif

#ifndef XTCP_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#ifndef XTCP_HAVE_NET_SYSCTL_SZ
#define register_net_sysctl_sz(net, path, table, size)	register_net_sysctl(net, path, table)
#endif

/* Programs of a control group once saw the address of a call, now also its length. */
#ifdef XTCP_HAVE_BPF_ADDR_LEN
#define xtcp_bpf_connect(sk, addr, len, type)	BPF_CGROUP_RUN_SA_PROG(sk, addr, len, type)
#define xtcp_bpf_bind(sk, addr, len, type, flags)			\
	BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, addr, len, type, flags)
#define xtcp_bpf_name(sk, addr, len, type)			\
	BPF_CGROUP_RUN_SA_PROG_LOCK(sk, addr, len, type, NULL)
#else
#define xtcp_bpf_connect(sk, addr, len, type)	BPF_CGROUP_RUN_SA_PROG(sk, addr, type)
#define xtcp_bpf_bind(sk, addr, len, type, flags)			\
	BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, addr, type, flags)
#define xtcp_bpf_name(sk, addr, len, type)			\
	BPF_CGROUP_RUN_SA_PROG_LOCK(sk, addr, type, NULL)
#endif

/* Where inet6_create() looks for struct ipv6_pinfo; once always at the socket's end. */
#ifdef XTCP_HAVE_IPV6_PINFO_OFFSET
#define XTCP_IPV6_PINFO(type, member)	.ipv6_pinfo_offset = offsetof(type, member),
#else
#define XTCP_IPV6_PINFO(type, member)
#endif

/* First argument of ctl_table.proc_handler. */
#ifdef XTCP_HAVE_CONST_CTL_TABLE
#define xtcp_ctl_table	const struct ctl_table
#else
#define xtcp_ctl_table	struct ctl_table
#endif

/* Flags of struct inet_sock: bit fields once, bits of inet_flags now. */
#ifdef XTCP_HAVE_INET_TEST_BIT
#define xtcp_recverr6(sk)	inet6_test_bit(RECVERR6, sk)
#define xtcp_inet_test(NAME, name, sk)	inet_test_bit(NAME, sk)
#define xtcp_inet_assign(NAME, name, sk, value)	inet_assign_bit(NAME, sk, value)
#else
#define xtcp_recverr6(sk)	(inet6_sk(sk)->recverr)
#define xtcp_inet_test(NAME, name, sk)	(inet_sk(sk)->name)
#define xtcp_inet_assign(NAME, name, sk, value)	(inet_sk(sk)->name = !!(value))
#endif

/* IP_RECVERR or IPV6_RECVERR, whichever is of the socket's family. */
static inline bool xtcp_recverr(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return xtcp_recverr6(sk);
#endif
	return xtcp_inet_test(RECVERR, recverr, sk);
}

/* MSG_ERRQUEUE, in the form of the socket's family: who sets the length of msg_name? */
static inline int xtcp_recv_error(struct sock *sk, struct msghdr *msg, int len)
{
#ifdef XTCP_HAVE_RECV_ERROR_NAMES
	return inet_recv_error(sk, msg, len);
#else
	int namelen = 0, err = inet_recv_error(sk, msg, len, &namelen);

	if (err >= 0)
		msg->msg_namelen = namelen;
	return err;
#endif
}

/* Where the kernel does not know it, ip_setsockopt() says so. */
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

/* Zero-copy sending: the memory may once only be the program's, now also a device's. */
#ifdef XTCP_HAVE_ZEROCOPY_DEVMEM
#define xtcp_zerocopy_realloc(sk, len, uarg)	msg_zerocopy_realloc(sk, len, uarg, false)
#define xtcp_zerocopy_iter(sk, skb, msg, len, uarg)			\
	skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, NULL)
#else
#define xtcp_zerocopy_realloc(sk, len, uarg)	msg_zerocopy_realloc(sk, len, uarg)
#define xtcp_zerocopy_iter(sk, skb, msg, len, uarg)			\
	skb_zerocopy_iter_stream(sk, skb, msg, len, uarg)
#endif

/* Pages that a pipe or a file gives away; 0: the kernel copies them beforehand. */
#ifndef XTCP_HAVE_SPLICE_FROM_ITER
#define XTCP_SPLICE_PAGES	0
#define xtcp_splice_pages(skb, from, len, gfp)	(-EOPNOTSUPP)
#else
#define XTCP_SPLICE_PAGES	MSG_SPLICE_PAGES
#ifdef XTCP_HAVE_SPLICE_FROM_ITER_GFP
#define xtcp_splice_pages(skb, from, len, gfp)	skb_splice_from_iter(skb, from, len, gfp)
#else
#define xtcp_splice_pages(skb, from, len, gfp)	skb_splice_from_iter(skb, from, len)
#endif
#endif

/* Who splices tells when there is less than was promised. */
#ifdef XTCP_HAVE_SPLICE_EOF
#define XTCP_SPLICE_EOF(function)	.splice_eof = function,
#else
#define XTCP_SPLICE_EOF(function)
#endif

/* Ask to see SOL_SOCKET's options; without it they pass by us, and XTCP_ZEROCOPY has to do. */
static inline void xtcp_see_sockopt(struct socket *sock)
{
#ifdef XTCP_HAVE_CUSTOM_SOCKOPT
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

/* A time in struct scm_timestamping_internal. */
#ifdef XTCP_HAVE_SCM_KTIME
#define xtcp_scm_time(at)	(at)
#else
#define xtcp_scm_time(at)	ktime_to_timespec64(at)
#endif

/* The flag of old has become one for programs and one for BPF. */
#ifdef SKBTX_HW_TSTAMP
#define XTCP_TX_HARDWARE	SKBTX_HW_TSTAMP_NOBPF
#else
#define XTCP_TX_HARDWARE	SKBTX_HW_TSTAMP
#endif

/* Tell when a buffer was acknowledged: its control block is of no more use afterwards. */
static inline void xtcp_tstamp_acked(struct sk_buff *skb, struct sock *sk)
{
#ifdef XTCP_HAVE_TSTAMP_ACK_SK
	TCP_SKB_CB(skb)->txstamp_ack = TSTAMP_ACK_SK;
#endif
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
}

/* Where the kernel does not know it, SO_TIMESTAMPING refuses it. */
#define XTCP_STAMP_RX_FILTER	BIT(17)	/* SOF_TIMESTAMPING_OPT_RX_FILTER */

/* When a packet should leave: a flag once said which clock that is, now its type does. */
static inline void xtcp_set_departure(struct sk_buff *skb, u64 at)
{
#ifdef XTCP_HAVE_TSTAMP_TYPE
	skb_set_delivery_time(skb, ns_to_ktime(at), SKB_CLOCK_MONOTONIC);
#else
	skb_set_delivery_time(skb, ns_to_ktime(at), true);
#endif
}

/* Does tc look at a device's packets beside its queues? */
static inline bool xtcp_dev_has_tc(const struct net_device *dev)
{
#ifdef XTCP_HAVE_DEV_TCX
	return rcu_access_pointer(dev->tcx_ingress) || rcu_access_pointer(dev->tcx_egress);
#elif defined(CONFIG_NET_CLS_ACT)
	return rcu_access_pointer(dev->miniq_ingress) || rcu_access_pointer(dev->miniq_egress);
#else
	return false;
#endif
}

#endif /* _XTCP_COMPAT_H */
