// SPDX-License-Identifier: GPL-2.0
/* poll(), select(), epoll: what is possible without waiting. Takes no lock (rule 10). */
#include <linux/poll.h>

#include "data.h"
#include "mem.h"
#include "urgent.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../net/local.h"

static __poll_t xtcp_poll_write(struct sock *sk)
{
	if (__sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;

	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/*
	 * Room made between the test and the flags has woken nobody: look again.
	 * Pairs with the barrier in front of the test of SOCK_NOSPACE where room
	 * is made.
	 */
	smp_mb__after_atomic();
	return __sk_stream_is_writeable(sk, 1) ? EPOLLOUT | EPOLLWRNORM : 0;
}

/* Enough to be read? While memory is short, whatever there is: more may not come. */
static bool xtcp_poll_read(const struct sock *sk, u8 urgent)
{
	u32 hidden = xtcp_urgent_hidden(sk, urgent), bytes = xtcp_local_readable(sk);

	return bytes >= xtcp_rcv_target(sk) + hidden ||
	       (bytes > hidden && READ_ONCE(xtcp_memory_pressure));
}

/**
 * xtcp_poll - proto_ops.poll
 * @file: file
 * @sock: socket
 * @wait: poll table
 *
 * A listener is readable when accept() would not wait. A connection is readable
 * from SO_RCVLOWAT bytes on (xtcp_rcv_target()), from the first one on while memory
 * is short, and at the end of the stream; writable while a third of the send buffer
 * is free and less than half of TCP_NOTSENT_LOWAT, if that is set, waits to be sent;
 * and hung up when both directions are closed. An urgent byte that waits for MSG_OOB
 * is EPOLLPRI, and not EPOLLIN (D8).
 *
 * Return: EPOLL* bits.
 */
__poll_t xtcp_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);

	/* pairs with the release that writes it: what it implies is visible */
	state = smp_load_acquire(&sk->sk_state);
	if (state == TCP_LISTEN)
		return READ_ONCE(xtcp_sk(sk)->acceptq.len) ? EPOLLIN | EPOLLRDNORM : 0;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;

	if (state != TCP_SYN_SENT && state != TCP_SYN_RECV) {
		u8 urgent = READ_ONCE(xtcp_sk(sk)->urgent);

		if (xtcp_poll_read(sk, urgent))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (urgent & XTCP_URGENT_HERE)
			mask |= EPOLLPRI;
		if (shutdown & SEND_SHUTDOWN)
			mask |= EPOLLOUT | EPOLLWRNORM;	/* it fails at once */
		else
			mask |= xtcp_poll_write(sk);
	}

	/* the error is written before the state that was seen above */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/**
 * xtcp_set_rcvlowat - proto_ops.set_rcvlowat
 * @sk: socket, locked by the caller
 * @val: bytes from which on a reader is woken
 *
 * The window never lets more than half of the receive buffer in, and not all of that may
 * come (xtcp_lowat_most()). A buffer that the program has not set grows instead.
 *
 * Return: 0.
 */
int xtcp_set_rcvlowat(struct sock *sk, int val)
{
	int most = sk->sk_userlocks & SOCK_RCVBUF_LOCK ? sk->sk_rcvbuf :
		   READ_ONCE(xtcp_sock_net(sk)->set.rmem.most);

	val = min_t(u32, val, xtcp_lowat_most(most / 2));
	WRITE_ONCE(sk->sk_rcvlowat, val ? : 1);
	if (val > (int)xtcp_lowat_most(sk->sk_rcvbuf / 2))
		WRITE_ONCE(sk->sk_rcvbuf, 2 * xtcp_lowat_space(val));
	xtcp_follow_rcvbuf(sk);		/* SO_RCVBUF may have grown, too, before any recv() */
	xtcp_wait_more(sk, xtcp_rcv_target(sk));
	xtcp_local_tell(sk, false);	/* or more is wanted than a peer that waits has given */
	sk->sk_data_ready(sk);		/* less may be enough now */
	return 0;
}
