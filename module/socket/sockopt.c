// SPDX-License-Identifier: GPL-2.0
/*
 * Options: one table drives setsockopt() and getsockopt(). Those of TCP have
 * TCP's numbers, ranges and errors, at the level SOL_XTCP and, for programs that
 * know only TCP, at IPPROTO_TCP. An option that is not in the table does not
 * exist (-ENOPROTOOPT): programs that can do without are told to. Of the options
 * of IP only those pass that have an effect here.
 */
#include <linux/capability.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <linux/xtcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "data.h"
#include "life.h"
#include "mem.h"
#include "sockopt.h"
#include "tcp_info.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../compat/compat.h"
#include "../net/act.h"
#include "../net/local.h"
#include "../net/path.h"

#define XTCP_CC_NAME	16	/* TCP_CA_NAME_MAX */
#define XTCP_LINGER2_MAX	120	/* s: TCP_FIN_TIMEOUT_MAX */
#define XTCP_MAXSEG_LEAST	88	/* TCP_MIN_MSS; the core uses no less than XTCP_MSS_MIN */

/* Room for any option that is not an int. */
union xtcp_value {
	char name[XTCP_CC_NAME];
	struct xtcp_info info;
	struct tcp_info tcp_info;
};

/*
 * An option. What is there runs under the socket lock; what is not cannot be
 * done with it (-ENOPROTOOPT).
 */
struct xtcp_option {
	int name;
	/* an int: 0 or -errno, and -EINVAL for what is not within the bounds */
	int least, most;
	int (*set)(struct sock *sk, int val);
	int (*get)(const struct sock *sk);
	/* any other: the program's bytes, which are at least one, and may be cut and end in 0 */
	int (*set_name)(struct sock *sk, const char *name);
	/* writes to *value, which is zeroed; its length */
	int (*get_value)(struct sock *sk, union xtcp_value *value);
};

static struct xtcp_tune *xtcp_tune(const struct sock *sk)
{
	return &xtcp_sk(sk)->tcb.tune;
}

static int set_nodelay(struct sock *sk, int val)
{
	xtcp_tune(sk)->nodelay = !!val;
	return 0;
}

static int get_nodelay(const struct sock *sk)
{
	return xtcp_tune(sk)->nodelay;
}

static int set_cork(struct sock *sk, int val)
{
	xtcp_tune(sk)->cork = !!val;
	return 0;
}

static int get_cork(const struct sock *sk)
{
	return xtcp_tune(sk)->cork;
}

static int set_quickack(struct sock *sk, int val)
{
	xtcp_tune(sk)->quickack = !!val;
	return 0;
}

static int get_quickack(const struct sock *sk)
{
	return xtcp_tune(sk)->quickack;
}

static int set_keepidle(struct sock *sk, int val)
{
	xtcp_tune(sk)->keep_idle = val;
	return 0;
}

static int get_keepidle(const struct sock *sk)
{
	return xtcp_tune(sk)->keep_idle;
}

static int set_keepintvl(struct sock *sk, int val)
{
	xtcp_tune(sk)->keep_intvl = val;
	return 0;
}

static int get_keepintvl(const struct sock *sk)
{
	return xtcp_tune(sk)->keep_intvl;
}

static int set_keepcnt(struct sock *sk, int val)
{
	xtcp_tune(sk)->keep_probes = val;
	return 0;
}

static int get_keepcnt(const struct sock *sk)
{
	return xtcp_tune(sk)->keep_probes;
}

static int set_user_timeout(struct sock *sk, int val)
{
	xtcp_tune(sk)->user_timeout = val;
	return 0;
}

static int get_user_timeout(const struct sock *sk)
{
	return xtcp_tune(sk)->user_timeout;
}

static int default_fin_timeout(const struct sock *sk)
{
	return READ_ONCE(xtcp_sock_net(sk)->set.fin_timeout);
}

/* How long an orphan waits in FIN-WAIT-2 (C5); negative: not at all. */
static int set_linger2(struct sock *sk, int val)
{
	val = clamp(val, -1, XTCP_LINGER2_MAX);
	xtcp_sk(sk)->linger2 = val;
	xtcp_tune(sk)->fin_timeout = val > 0 ? val : val < 0 ? 0 : default_fin_timeout(sk);
	return 0;
}

static int get_linger2(const struct sock *sk)
{
	return xtcp_sk(sk)->linger2 ? : default_fin_timeout(sk);
}

/* 0 takes it back. */
static int set_maxseg(struct sock *sk, int val)
{
	if (val && val < XTCP_MAXSEG_LEAST)
		return -EINVAL;
	WRITE_ONCE(xtcp_tune(sk)->maxseg, val);	/* of a listener it is read without the lock */
	return 0;
}

/* What the connection uses; before there is one, what was set. */
static int get_maxseg(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return xsk->tcb.tune.maxseg ? : XTCP_MSS_MIN;
	return xsk->tcb.mss;
}

/* Never longer than O1's 180 s, whatever the number. */
static int set_syncnt(struct sock *sk, int val)
{
	xtcp_tune(sk)->syn_retries = val;
	return 0;
}

static int get_syncnt(const struct sock *sk)
{
	return xtcp_tune(sk)->syn_retries ? : XTCP_SYN_RETRIES;
}

/* Of a listener. Never longer than XTCP_DEFER_MAX, whatever the number. */
static int set_defer_accept(struct sock *sk, int val)
{
	WRITE_ONCE(xtcp_sk(sk)->defer_accept, max(val, 0));
	return 0;
}

static int get_defer_accept(const struct sock *sk)
{
	return xtcp_sk(sk)->defer_accept;
}

/* Most that the window may offer. Taking the limit away is for unconnected sockets, as in TCP. */
static int set_window_clamp(struct sock *sk, int val)
{
	if (!val && sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	xtcp_sk(sk)->window_clamp = val ? max_t(u32, val, SOCK_MIN_RCVBUF / 2) : 0;
	xtcp_follow_rcvbuf(sk);
	return 0;
}

static int get_window_clamp(const struct sock *sk)
{
	return xtcp_sk(sk)->window_clamp;
}

/* Any 32-bit number of bytes, as in TCP; 0: no limit. */
static int set_notsent_lowat(struct sock *sk, int val)
{
	WRITE_ONCE(xtcp_sk(sk)->notsent_lowat, val);
	xtcp_notsent_mirror(sk);
	xtcp_tell_room(sk);		/* more may be enough now */
	return 0;
}

static int get_notsent_lowat(const struct sock *sk)
{
	return xtcp_sk(sk)->notsent_lowat;
}

/* Either end can keep both directions on the wire. Children take their listener's. */
static int set_shortcut(struct sock *sk, int val)
{
	WRITE_ONCE(xtcp_sk(sk)->local.off, !val);
	return 0;
}

static int get_shortcut(const struct sock *sk)
{
	return !xtcp_sk(sk)->local.off;
}

static int set_inq(struct sock *sk, int val)
{
	xtcp_sk(sk)->tell_inq = val;
	return 0;
}

static int get_inq(const struct sock *sk)
{
	return xtcp_sk(sk)->tell_inq;
}

static int set_zerocopy(struct sock *sk, int val)
{
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	return 0;
}

static int get_zerocopy(const struct sock *sk)
{
	return sock_flag(sk, SOCK_ZEROCOPY);
}

/* May the program choose it? The default of all sockets may be anybody's. */
static bool cc_allowed(const struct sock *sk, const struct xtcp_cc_ops *cc)
{
	const struct net *net = sock_net(sk);

	return !cc->restricted || cc == READ_ONCE(xtcp_net(net)->set.congestion_control) ||
	       ns_capable(net->user_ns, CAP_NET_ADMIN);
}

/* Also in the middle of a connection. Children take their listener's. */
static int set_congestion(struct sock *sk, const char *name)
{
	const struct xtcp_cc_ops *ops = xtcp_cc_find(name);
	struct xtcp_cc *cc = &xtcp_sk(sk)->tcb.cc;
	void *state, *before = xtcp_cc_state(cc);
	int err;

	if (!ops)
		return -ENOENT;
	if (ops == cc->ops)
		return 0;
	if (!cc_allowed(sk, ops))
		return -EPERM;
	err = xtcp_cc_alloc(ops, GFP_KERNEL, &state);
	if (err)
		return err;
	xtcp_cc_change(cc, ops, state);
	kfree(before);
	return 0;
}

static int get_congestion(struct sock *sk, union xtcp_value *value)
{
	strscpy(value->name, xtcp_sk(sk)->tcb.cc.ops->name, sizeof(value->name));
	return sizeof(value->name);
}

static int get_info(struct sock *sk, union xtcp_value *value)
{
	xtcp_local_take(sk);
	xtcp_fill_info(&xtcp_sk(sk)->tcb, xtcp_now(), &value->info);
	value->info.xtcpi_state = sk->sk_state;	/* the core knows no listeners */
	return sizeof(value->info);
}

static int get_tcp_info(struct sock *sk, union xtcp_value *value)
{
	xtcp_local_take(sk);
	xtcp_tcp_info(sk, &value->tcp_info);
	return sizeof(value->tcp_info);
}

/* Ranges are those of TCP. */
static const struct xtcp_option xtcp_options[] = {
	{ XTCP_NODELAY, INT_MIN, INT_MAX, set_nodelay, get_nodelay },
	{ XTCP_MAXSEG, 0, 32767, set_maxseg, get_maxseg },
	{ XTCP_CORK, INT_MIN, INT_MAX, set_cork, get_cork },
	{ XTCP_KEEPIDLE, 1, 32767, set_keepidle, get_keepidle },
	{ XTCP_KEEPINTVL, 1, 32767, set_keepintvl, get_keepintvl },
	{ XTCP_KEEPCNT, 1, 127, set_keepcnt, get_keepcnt },
	{ XTCP_SYNCNT, 1, 127, set_syncnt, get_syncnt },
	{ XTCP_LINGER2, INT_MIN, INT_MAX, set_linger2, get_linger2 },
	{ XTCP_DEFER_ACCEPT, INT_MIN, INT_MAX, set_defer_accept, get_defer_accept },
	{ XTCP_WINDOW_CLAMP, 0, INT_MAX, set_window_clamp, get_window_clamp },
	{ TCP_INFO, .get_value = get_tcp_info },
	{ XTCP_QUICKACK, INT_MIN, INT_MAX, set_quickack, get_quickack },
	{ XTCP_CONGESTION, .set_name = set_congestion, .get_value = get_congestion },
	{ XTCP_USER_TIMEOUT, 0, INT_MAX, set_user_timeout, get_user_timeout },
	{ XTCP_NOTSENT_LOWAT, INT_MIN, INT_MAX, set_notsent_lowat, get_notsent_lowat },
	{ XTCP_INQ, 0, 1, set_inq, get_inq },
	{ XTCP_INFO, .get_value = get_info },
	{ XTCP_ZEROCOPY, 0, 1, set_zerocopy, get_zerocopy },
	{ XTCP_SHORTCUT, 0, 1, set_shortcut, get_shortcut },
};

static const struct xtcp_option *xtcp_find_option(int name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xtcp_options); i++)
		if (xtcp_options[i].name == name)
			return &xtcp_options[i];
	return NULL;
}

/* A running connection follows at once. Caller holds the sk lock. */
static void xtcp_follow_tune(struct sock *sk)
{
	u64 now = xtcp_now();

	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		xtcp_act(sk, xtcp_tuned(&xtcp_sk(sk)->tcb, now), NULL, now);
}

/**
 * xtcp_keepalive - SO_KEEPALIVE was set or cleared (K1)
 * @sk: socket, locked by the caller
 * @on: new value
 */
void xtcp_keepalive(struct sock *sk, int on)
{
	xtcp_tune(sk)->keepalive = !!on;
	xtcp_follow_tune(sk);
}

/* The value is looked at before the name, as in TCP. */
static int xtcp_set_name(struct sock *sk, const struct xtcp_option *option, sockptr_t optval,
			 unsigned int len)
{
	char name[XTCP_CC_NAME];
	long n;
	int err;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval, min_t(unsigned int, sizeof(name) - 1, len));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	lock_sock(sk);
	err = option->set_name(sk, name);
	release_sock(sk);
	return err;
}

static int xtcp_set_own(struct sock *sk, int name, sockptr_t optval, unsigned int len)
{
	const struct xtcp_option *option = xtcp_find_option(name);
	int val, err;

	if (option && option->set_name)
		return xtcp_set_name(sk, option, optval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (!option || !option->set)
		return -ENOPROTOOPT;
	if (val < option->least || val > option->most)
		return -EINVAL;

	lock_sock(sk);
	err = option->set(sk, val);
	if (!err)
		xtcp_follow_tune(sk);
	release_sock(sk);
	return err;
}

static bool xtcp_ip_option(int name, bool get)
{
	switch (name) {
	case IP_TOS:
	case IP_TTL:
	case IP_FREEBIND:
	case IP_TRANSPARENT:
	case IP_BIND_ADDRESS_NO_PORT:
	case IP_LOCAL_PORT_RANGE:
	case IP_MTU_DISCOVER:
	case IP_MINTTL:
	case IP_RECVERR:
	case IP_PKTINFO:	/* this and the next two: what IP_PKTOPTIONS tells */
	case IP_RECVTTL:
	case IP_RECVTOS:
		return true;
	case IP_PKTOPTIONS:
	case IP_MTU:
	case IP_OPTIONS:	/* there are none: what sshd makes sure of */
		return get;
	default:
		return false;
	}
}

static bool xtcp_ipv6_option(int name, bool get)
{
	switch (name) {
	case IPV6_V6ONLY:
	case IPV6_UNICAST_HOPS:
	case IPV6_TCLASS:
	case IPV6_ADDR_PREFERENCES:
	case IPV6_AUTOFLOWLABEL:
	case IPV6_FREEBIND:
	case IPV6_TRANSPARENT:
	case IPV6_MTU_DISCOVER:
	case IPV6_MINHOPCOUNT:
	case IPV6_RECVERR:
	case IPV6_RECVPKTINFO:	/* this and the next ones: what IPV6_2292PKTOPTIONS tells */
	case IPV6_2292PKTINFO:
	case IPV6_RECVHOPLIMIT:
	case IPV6_2292HOPLIMIT:
	case IPV6_RECVTCLASS:
	case IPV6_FLOWINFO:
		return true;
	case IPV6_2292PKTOPTIONS:
	case IPV6_MTU:
		return get;
	default:
		return false;
	}
}

/**
 * xtcp_setsockopt - proto_ops.setsockopt
 * @sock: socket
 * @level: SOL_XTCP, IPPROTO_TCP, SOL_IP, SOL_IPV6; SOL_SOCKET where the kernel lets
 *	us see it (xtcp_see_sockopt())
 * @name: option
 * @val: value
 * @len: its length
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT, -ENOENT for an unknown congestion
 * control, -EPERM for one that is the administrator's to choose.
 */
int xtcp_setsockopt(struct socket *sock, int level, int name, sockptr_t val, unsigned int len)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_XTCP:
	case SOL_TCP:
		return xtcp_set_own(sk, name, val, len);
	case SOL_SOCKET:
		/* the kernel would refuse it, for it only knows TCP and UDP */
		return name == SO_ZEROCOPY ? xtcp_set_own(sk, XTCP_ZEROCOPY, val, len) :
		       sock_setsockopt(sock, level, name, val, len);
	case SOL_IP:
		return xtcp_ip_option(name, false) ? ip_setsockopt(sk, level, name, val, len) :
		       -ENOPROTOOPT;
#if IS_ENABLED(CONFIG_IPV6)
	case SOL_IPV6:
		if (sk->sk_family == AF_INET6 && xtcp_ipv6_option(name, false))
			return ipv6_setsockopt(sk, level, name, val, len);
		return -ENOPROTOOPT;
#endif
	default:
		return -ENOPROTOOPT;
	}
}

/* Copies as much of the value as the program has room for. */
static int xtcp_get_own(struct sock *sk, int name, char __user *optval, int __user *len)
{
	const struct xtcp_option *option;
	union xtcp_value value = {};
	const void *answer = &value;
	int room, val, size;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	option = xtcp_find_option(name);
	if (!option)
		return -ENOPROTOOPT;

	lock_sock(sk);
	if (option->get_value) {
		size = option->get_value(sk, &value);
	} else {
		val = option->get(sk);
		answer = &val;
		size = sizeof(val);
	}
	release_sock(sk);
	room = min(room, size);
	if (put_user(room, len) || copy_to_user(optval, answer, room))
		return -EFAULT;
	return 0;
}

/* What IPv4 and IPv6 say of a level that they do not know, to those who ask for a value. */
static int xtcp_no_level(const struct sock *sk)
{
	return sk->sk_family == AF_INET ? -EOPNOTSUPP : -ENOPROTOOPT;
}

/**
 * xtcp_getsockopt - proto_ops.getsockopt
 * @sock: socket
 * @level: SOL_XTCP, IPPROTO_TCP, SOL_IP, SOL_IPV6
 * @name: option
 * @val: room for the value
 * @len: in: its size; out: what was written
 *
 * Return: 0, -ENOPROTOOPT, -EOPNOTSUPP, -EINVAL, -EFAULT.
 */
int xtcp_getsockopt(struct socket *sock, int level, int name, char __user *val, int __user *len)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_XTCP:
	case SOL_TCP:
		return xtcp_get_own(sk, name, val, len);
	case SOL_IP:
		return xtcp_ip_option(name, true) ? ip_getsockopt(sk, level, name, val, len) :
		       -ENOPROTOOPT;
#if IS_ENABLED(CONFIG_IPV6)
	case SOL_IPV6:
		if (sk->sk_family == AF_INET6 && xtcp_ipv6_option(name, true))
			return ipv6_getsockopt(sk, level, name, val, len);
		return xtcp_no_level(sk);
#endif
	default:
		return xtcp_no_level(sk);
	}
}
