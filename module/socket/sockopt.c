// SPDX-License-Identifier: GPL-2.0
/*
 * Options. Those of TCP have TCP's numbers, ranges and errors, at the level
 * SOL_XTCP and, for programs that know only TCP, at IPPROTO_TCP. Of the
 * options of IP only those pass that have an effect here.
 */
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <linux/xtcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "sockopt.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../net/act.h"
#include "../net/path.h"

#define XTCP_CC_NAME	16	/* TCP_CA_NAME_MAX */
#define XTCP_LINGER2_MAX	120	/* s: TCP_FIN_TIMEOUT_MAX */

/* An option whose value is an int. Both functions run under the socket lock. */
struct xtcp_option {
	int name;
	int least, most;	/* -EINVAL beyond */
	void (*set)(struct sock *sk, int val);
	int (*get)(const struct sock *sk);
};

static struct xtcp_tune *xtcp_tune(const struct sock *sk)
{
	return &xtcp_sk(sk)->tcb.tune;
}

static void set_nodelay(struct sock *sk, int val)
{
	xtcp_tune(sk)->nodelay = !!val;
}

static int get_nodelay(const struct sock *sk)
{
	return xtcp_tune(sk)->nodelay;
}

static void set_cork(struct sock *sk, int val)
{
	xtcp_tune(sk)->cork = !!val;
}

static int get_cork(const struct sock *sk)
{
	return xtcp_tune(sk)->cork;
}

static void set_quickack(struct sock *sk, int val)
{
	xtcp_tune(sk)->quickack = !!val;
}

static int get_quickack(const struct sock *sk)
{
	return xtcp_tune(sk)->quickack;
}

static void set_keepidle(struct sock *sk, int val)
{
	xtcp_tune(sk)->keep_idle = val;
}

static int get_keepidle(const struct sock *sk)
{
	return xtcp_tune(sk)->keep_idle;
}

static void set_keepintvl(struct sock *sk, int val)
{
	xtcp_tune(sk)->keep_intvl = val;
}

static int get_keepintvl(const struct sock *sk)
{
	return xtcp_tune(sk)->keep_intvl;
}

static void set_keepcnt(struct sock *sk, int val)
{
	xtcp_tune(sk)->keep_probes = val;
}

static int get_keepcnt(const struct sock *sk)
{
	return xtcp_tune(sk)->keep_probes;
}

static void set_user_timeout(struct sock *sk, int val)
{
	xtcp_tune(sk)->user_timeout = val;
}

static int get_user_timeout(const struct sock *sk)
{
	return xtcp_tune(sk)->user_timeout;
}

static int default_fin_timeout(const struct sock *sk)
{
	return READ_ONCE(xtcp_net(sock_net(sk))->set.fin_timeout);
}

/* How long an orphan waits in FIN-WAIT-2 (C5); negative: not at all. */
static void set_linger2(struct sock *sk, int val)
{
	val = clamp(val, -1, XTCP_LINGER2_MAX);
	xtcp_sk(sk)->linger2 = val;
	xtcp_tune(sk)->fin_timeout = val > 0 ? val : val < 0 ? 0 : default_fin_timeout(sk);
}

static int get_linger2(const struct sock *sk)
{
	return xtcp_sk(sk)->linger2 ? : default_fin_timeout(sk);
}

static void set_maxseg(struct sock *sk, int val)
{
	xtcp_sk(sk)->user_mss = val;
}

/* What the connection uses; before there is one, what was set. */
static int get_maxseg(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return xsk->user_mss ? : XTCP_MSS_MIN;
	return xsk->tcb.mss;
}

/* Ranges are those of TCP; the smallest MSS is what HELLO can announce. */
static const struct xtcp_option xtcp_options[] = {
	{ XTCP_NODELAY, INT_MIN, INT_MAX, set_nodelay, get_nodelay },
	{ XTCP_MAXSEG, XTCP_MSS_MIN, 32767, set_maxseg, get_maxseg },
	{ XTCP_CORK, INT_MIN, INT_MAX, set_cork, get_cork },
	{ XTCP_KEEPIDLE, 1, 32767, set_keepidle, get_keepidle },
	{ XTCP_KEEPINTVL, 1, 32767, set_keepintvl, get_keepintvl },
	{ XTCP_KEEPCNT, 1, 127, set_keepcnt, get_keepcnt },
	{ XTCP_LINGER2, INT_MIN, INT_MAX, set_linger2, get_linger2 },
	{ XTCP_QUICKACK, INT_MIN, INT_MAX, set_quickack, get_quickack },
	{ XTCP_USER_TIMEOUT, 0, INT_MAX, set_user_timeout, get_user_timeout },
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
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		xtcp_act(sk, xtcp_tuned(&xtcp_sk(sk)->tcb, xtcp_now()), NULL);
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

/* Also in the middle of a connection. Children take their listener's. */
static int xtcp_set_congestion(struct sock *sk, sockptr_t optval, unsigned int len)
{
	const struct xtcp_cc_ops *cc;
	char name[XTCP_CC_NAME];
	long n;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval, min_t(unsigned int, sizeof(name) - 1, len));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	cc = xtcp_cc_find(name);
	if (!cc)
		return -ENOENT;
	lock_sock(sk);
	if (cc != xtcp_sk(sk)->tcb.cc.ops)
		xtcp_cc_change(&xtcp_sk(sk)->tcb.cc, cc);
	release_sock(sk);
	return 0;
}

static int xtcp_set_own(struct sock *sk, int name, sockptr_t optval, unsigned int len)
{
	const struct xtcp_option *option;
	int val;

	if (name == XTCP_CONGESTION)
		return xtcp_set_congestion(sk, optval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	option = xtcp_find_option(name);
	if (!option)
		return -ENOPROTOOPT;
	/* 0 takes XTCP_MAXSEG back */
	if ((val < option->least || val > option->most) && !(name == XTCP_MAXSEG && !val))
		return -EINVAL;

	lock_sock(sk);
	option->set(sk, val);
	xtcp_follow_tune(sk);
	release_sock(sk);
	return 0;
}

static bool xtcp_ip_option(int name, bool get)
{
	switch (name) {
	case IP_TOS:
	case IP_TTL:
	case IP_FREEBIND:
	case IP_BIND_ADDRESS_NO_PORT:
		return true;
	case IP_MTU:
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
		return true;
	case IPV6_MTU:
		return get;
	default:
		return false;
	}
}

/**
 * xtcp_setsockopt - proto_ops.setsockopt
 * @sock: socket
 * @level: SOL_XTCP, IPPROTO_TCP, SOL_IP, SOL_IPV6
 * @name: option
 * @val: value
 * @len: its length
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT, -ENOENT for an unknown congestion
 * control.
 */
int xtcp_setsockopt(struct socket *sock, int level, int name, sockptr_t val, unsigned int len)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_XTCP:
	case SOL_TCP:
		return xtcp_set_own(sk, name, val, len);
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

/* Copy as much of @data as the program has room for. */
static int xtcp_put(char __user *val, int __user *len, int room, const void *data, int size)
{
	room = min(room, size);
	if (put_user(room, len) || copy_to_user(val, data, room))
		return -EFAULT;
	return 0;
}

static int xtcp_get_info(struct sock *sk, char __user *val, int __user *len, int room)
{
	struct xtcp_info info;

	memset(&info, 0, sizeof(info));
	lock_sock(sk);
	xtcp_fill_info(&xtcp_sk(sk)->tcb, xtcp_now(), &info);
	info.xtcpi_state = sk->sk_state;	/* the core knows no listeners */
	release_sock(sk);
	return xtcp_put(val, len, room, &info, sizeof(info));
}

static int xtcp_get_own(struct sock *sk, int level, int name, char __user *val, int __user *len)
{
	const struct xtcp_option *option;
	char cc[XTCP_CC_NAME] = {};
	int room, answer;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (name == XTCP_INFO && level == SOL_XTCP)
		return xtcp_get_info(sk, val, len, room);
	if (name == XTCP_CONGESTION) {
		lock_sock(sk);
		strscpy(cc, xtcp_sk(sk)->tcb.cc.ops->name, sizeof(cc));
		release_sock(sk);
		return xtcp_put(val, len, room, cc, sizeof(cc));
	}

	option = xtcp_find_option(name);
	if (!option)
		return -ENOPROTOOPT;
	lock_sock(sk);
	answer = option->get(sk);
	release_sock(sk);
	return xtcp_put(val, len, room, &answer, sizeof(answer));
}

/**
 * xtcp_getsockopt - proto_ops.getsockopt
 * @sock: socket
 * @level: SOL_XTCP, IPPROTO_TCP, SOL_IP, SOL_IPV6
 * @name: option
 * @val: room for the value
 * @len: in: its size; out: what was written
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT.
 */
int xtcp_getsockopt(struct socket *sock, int level, int name, char __user *val, int __user *len)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_XTCP:
	case SOL_TCP:
		return xtcp_get_own(sk, level, name, val, len);
	case SOL_IP:
		return xtcp_ip_option(name, true) ? ip_getsockopt(sk, level, name, val, len) :
		       -ENOPROTOOPT;
#if IS_ENABLED(CONFIG_IPV6)
	case SOL_IPV6:
		if (sk->sk_family == AF_INET6 && xtcp_ipv6_option(name, true))
			return ipv6_getsockopt(sk, level, name, val, len);
		return -ENOPROTOOPT;
#endif
	default:
		return -ENOPROTOOPT;
	}
}
