// SPDX-License-Identifier: GPL-2.0
/*
 * The two doors through which a program gets a socket; behind them there is no
 * difference.
 *
 * The family AF_XTCP. socket(AF_XTCP, SOCK_STREAM, XTCP_IPV4 or XTCP_IPV6): the
 * third argument chooses the network layer, whose family sk_family is. So
 * cgroup firewalls, security modules and SO_REUSEPORT treat such a socket as
 * the inet socket it is in all but the family's number.
 *
 * The protocol of inet sockets. socket(AF_INET or AF_INET6, SOCK_STREAM,
 * IPPROTO_XTCP): filters and profiles that allow only these families let it
 * through.
 */
#include <linux/bpf-cgroup.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/random.h>
#include <linux/xtcp.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/protocol.h>

#include "addr.h"
#include "af.h"
#include "data.h"
#include "life.h"
#include "listen.h"
#include "mem.h"
#include "sockopt.h"
#include "zerocopy.h"
#include "../sock.h"
#include "../compat/compat.h"
#include "../net/ports.h"
#include "../net/timer.h"

/* What the IP layer wants to find in every socket. */
static void xtcp_inet_init(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	inet->pmtudisc = IP_PMTUDISC_WANT;	/* DF is set, whatever ip_no_pmtu_disc says */
	inet->uc_ttl = -1;			/* the namespace's */
	inet->mc_ttl = 1;
	sk->sk_txrehash = READ_ONCE(sock_net(sk)->core.sysctl_txrehash);
	atomic_set(&inet->inet_id, get_random_u16());
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		struct ipv6_pinfo *np = &xtcp_sk(sk)->np;

		inet->pinet6 = np;
		np->hop_limit = -1;
		np->mcast_hops = IPV6_DEFAULT_MCASTHOPS;
		np->pmtudisc = IPV6_PMTUDISC_WANT;
		sk->sk_ipv6only = READ_ONCE(sock_net(sk)->ipv6.sysctl.bindv6only);
	}
#endif
}

/* proto.init: the rest of a socket from sk_alloc() and sock_init_data(). */
static int xtcp_init_sock(struct sock *sk)
{
	int err;

	xtcp_inet_init(sk);
	err = xtcp_sock_init(sk);
	if (err)
		return err;
	xtcp_zerocopy_allow(sk->sk_socket);
	return 0;
}

/* proto.unhash, for a socket that a control group's program has refused: it is in no table. */
static void xtcp_unhash(struct sock *sk)
{
}

/*
 * proto.get_port: a control group's program gives the socket that connects a name
 * (bpf_bind()), in an RCU read section. It does not ask for any port there is.
 */
static int xtcp_get_port(struct sock *sk, unsigned short port)
{
	return port ? xtcp_port_bind(sk, port, GFP_ATOMIC) : -EADDRINUSE;
}

/* Alike but for the name, the size, and what only IPv6 has. */
#define XTCP_PROTO								\
	.owner			= THIS_MODULE,					\
	.init			= xtcp_init_sock,				\
	.unhash			= xtcp_unhash,					\
	.get_port		= xtcp_get_port,				\
	.disconnect		= xtcp_disconnect,				\
	.keepalive		= xtcp_keepalive,				\
	.release_cb		= xtcp_release_cb,				\
	.enter_memory_pressure	= xtcp_enter_memory_pressure,			\
	.leave_memory_pressure	= xtcp_leave_memory_pressure,			\
	.stream_memory_free	= xtcp_memory_free,				\
	.memory_allocated	= &xtcp_memory_allocated,			\
	.per_cpu_fw_alloc	= &xtcp_memory_fw_alloc,			\
	.memory_pressure	= &xtcp_memory_pressure,			\
	.sockets_allocated	= &xtcp_sockets_allocated,			\
	.sysctl_mem		= xtcp_sysctl_mem,				\
	.sysctl_rmem		= &xtcp_mem_least,				\
	.sysctl_wmem		= &xtcp_mem_least,				\
	.max_header		= MAX_HEADER + sizeof(struct ipv6hdr) + XTCP_HDR_MAX,\
	.no_autobind		= true

struct proto xtcp_prot = {
	.name			= "XTCP",
	.obj_size		= offsetof(struct xtcp_sock, np),
	XTCP_PROTO
};

struct proto xtcp_prot6 = {
	.name			= "XTCPv6",
	.obj_size		= sizeof(struct xtcp_sock),
	XTCP_IPV6_PINFO(struct xtcp_sock, np)
	XTCP_PROTO
};

/* Alike but for the family. */
#define XTCP_OPS(pf) {						\
	.family		= pf,					\
	.owner		= THIS_MODULE,				\
	.release	= xtcp_sock_release,			\
	.bind		= xtcp_bind,				\
	.connect	= xtcp_sock_connect,			\
	.socketpair	= sock_no_socketpair,			\
	.accept		= xtcp_accept,				\
	.getname	= xtcp_getname,				\
	.poll		= xtcp_poll,				\
	.ioctl		= xtcp_ioctl,				\
	.gettstamp	= sock_gettstamp,			\
	.listen		= xtcp_listen,				\
	.shutdown	= xtcp_sock_shutdown,			\
	.setsockopt	= xtcp_setsockopt,			\
	.getsockopt	= xtcp_getsockopt,			\
	.sendmsg	= xtcp_sendmsg,				\
	.recvmsg	= xtcp_recvmsg,				\
	.splice_read	= xtcp_splice_read,			\
	XTCP_SPLICE_EOF(xtcp_splice_eof)			\
	.mmap		= sock_no_mmap,				\
	.set_rcvlowat	= xtcp_set_rcvlowat,			\
	.set_peek_off	= sk_set_peek_off,			\
}

static const struct proto_ops xtcp_ops = XTCP_OPS(PF_XTCP);
static const struct proto_ops xtcp_inet_ops = XTCP_OPS(PF_INET);
#if IS_ENABLED(CONFIG_IPV6)
static const struct proto_ops xtcp_inet6_ops = XTCP_OPS(PF_INET6);
#endif

/**
 * xtcp_create - net_proto_family.create
 * @net: namespace
 * @sock: to be filled
 * @protocol: XTCP_IPV4 or XTCP_IPV6
 * @kern: made by the kernel
 *
 * Return: 0, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EAFNOSUPPORT if the host has
 * no IPv6, -ENOMEM, -EPERM from a control group's program.
 */
static int xtcp_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	struct sock *sk;
	int err;

	if (sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != XTCP_IPV4 && protocol != XTCP_IPV6)
		return -EPROTONOSUPPORT;
	if (protocol == XTCP_IPV6 && !ipv6_mod_enabled())
		return -EAFNOSUPPORT;

	if (protocol == XTCP_IPV6)
		sk = sk_alloc(net, AF_INET6, GFP_KERNEL, &xtcp_prot6, kern);
	else
		sk = sk_alloc(net, AF_INET, GFP_KERNEL, &xtcp_prot, kern);
	if (!sk)
		return -ENOMEM;
	sock->state = SS_UNCONNECTED;
	sock->ops = &xtcp_ops;
	sock_init_data(sock, sk);
	sk->sk_protocol = xtcp_ip_protocol;
	err = xtcp_init_sock(sk);
	if (!err && !kern)
		err = BPF_CGROUP_RUN_PROG_INET_SOCK(sk);
	if (err) {
		sock_orphan(sk);
		sock->sk = NULL;
		sock_put(sk);
	}
	return err;
}

static const struct net_proto_family xtcp_family = {
	.family	= PF_XTCP,
	.create	= xtcp_create,
	.owner	= THIS_MODULE,
};

/* The second door; the number is xtcp_ip_protocol. */
static struct inet_protosw xtcp_protosw = {
	.type	= SOCK_STREAM,
	.prot	= &xtcp_prot,
	.ops	= &xtcp_inet_ops,
};

#if IS_ENABLED(CONFIG_IPV6)
static struct inet_protosw xtcp_protosw6 = {
	.type	= SOCK_STREAM,
	.prot	= &xtcp_prot6,
	.ops	= &xtcp_inet6_ops,
};
#endif

/*
 * Cannot fail: only what comes with the kernel itself may not be replaced here,
 * and whoever has such a number also has its packets, so that xtcp_net_init() did
 * not succeed.
 */
static void xtcp_protosw_init(void)
{
	xtcp_protosw.protocol = xtcp_ip_protocol;
	inet_register_protosw(&xtcp_protosw);
#if IS_ENABLED(CONFIG_IPV6)
	xtcp_protosw6.protocol = xtcp_ip_protocol;
	if (ipv6_mod_enabled())
		inet6_register_protosw(&xtcp_protosw6);
#endif
}

static void xtcp_protosw_exit(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (ipv6_mod_enabled())
		inet6_unregister_protosw(&xtcp_protosw6);
#endif
	inet_unregister_protosw(&xtcp_protosw);
}

/**
 * xtcp_proto_init - register xtcp_prot and xtcp_prot6
 *
 * Return: 0, or -ENOBUFS if there is no memory.
 */
int xtcp_proto_init(void)
{
	int err;

	/* skb->cb holds ours, and the core links buffers by their first word */
	BUILD_BUG_ON(sizeof(struct xtcp_skb_cb) > sizeof_field(struct sk_buff, cb));
	BUILD_BUG_ON(offsetof(struct sk_buff, next) != 0);
	BUILD_BUG_ON(offsetof(struct xtcp_sock, inet) != 0);
	/* where 6.1 looks for it */
	BUILD_BUG_ON(offsetof(struct xtcp_sock, np) + sizeof(struct ipv6_pinfo) !=
		     sizeof(struct xtcp_sock));

	err = proto_register(&xtcp_prot, 1);
	if (err)
		return err;
	err = proto_register(&xtcp_prot6, 1);
	if (err)
		proto_unregister(&xtcp_prot);
	return err;
}

/**
 * xtcp_proto_exit - undo xtcp_proto_init(), when no socket is left
 */
void xtcp_proto_exit(void)
{
	proto_unregister(&xtcp_prot6);
	proto_unregister(&xtcp_prot);
}

/**
 * xtcp_af_init - open both doors: programs can come from here on
 *
 * Return: 0, or -EBUSY if another module has the number. Not sock_register()'s
 * -EEXIST: to modprobe that says that this module is loaded already.
 */
int xtcp_af_init(void)
{
	if (sock_register(&xtcp_family))
		return -EBUSY;
	xtcp_protosw_init();
	return 0;
}

/**
 * xtcp_af_exit - no new sockets from here on
 */
void xtcp_af_exit(void)
{
	xtcp_protosw_exit();
	sock_unregister(PF_XTCP);
}
