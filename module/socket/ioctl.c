// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl(): how much lies in the queues, and where the urgent mark is. The rest
 * is the address family's, the socket layer's and the devices'.
 */
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/inet_common.h>
#include <net/ipv6.h>
#include <asm/ioctls.h>

#include "data.h"
#include "urgent.h"
#include "../sock.h"
#include "../net/local.h"

/*
 * Bytes written, but not acknowledged (@all) or not sent; after a reset, what was lost with
 * the connection. The FIN does not count.
 */
static u64 xtcp_outq(const struct sock *sk, bool all)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 from = all ? tcb->snd.una : tcb->snd.nxt;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	return xtcp_before(from, tcb->snd.end) ? tcb->snd.end - from : 0;
}

/**
 * xtcp_inq - bytes that recv() would give
 * @sk: socket, locked by the caller
 *
 * Those in front of the urgent one, and then the others (D8).
 *
 * Return: bytes.
 */
u32 xtcp_inq(const struct sock *sk)
{
	const struct xtcp_sock *xsk = xtcp_sk(sk);

	if (sock_flag(sk, SOCK_URGINLINE))
		return xsk->readable;
	return min_t(u64, xsk->readable, xtcp_to_mark(&xsk->tcb, xsk->tcb.rcv.read));
}

/* Addresses, routes and neighbours, as of any socket of the family. */
static int xtcp_family_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sock->sk->sk_family == AF_INET6)
		return inet6_ioctl(sock, cmd, arg);
#endif
	return inet_ioctl(sock, cmd, arg);
}

/**
 * xtcp_ioctl - proto_ops.ioctl
 * @sock: socket
 * @cmd: SIOCINQ (FIONREAD), SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK; others are the
 *	family's
 * @arg: int __user *
 *
 * Return: 0, -EINVAL for a listener, -EFAULT, -ENOIOCTLCMD for what is not the
 * family's either.
 */
int xtcp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	int answer = 0;
	bool slow;

	switch (cmd) {
	case SIOCATMARK:
		answer = !!(READ_ONCE(xtcp_sk(sk)->urgent) & XTCP_URGENT_NEXT);
		return put_user(answer, (int __user *)arg);
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
		break;
	default:
		return xtcp_family_ioctl(sock, cmd, arg);
	}

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		return -EINVAL;
	slow = lock_sock_fast(sk);
	if (cmd == SIOCINQ) {
		xtcp_local_take(sk);
		answer = xtcp_inq(sk);
	} else {
		answer = min_t(u64, xtcp_outq(sk, cmd == SIOCOUTQ), INT_MAX);
	}
	unlock_sock_fast(sk, slow);
	return put_user(answer, (int __user *)arg);
}
