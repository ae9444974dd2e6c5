// SPDX-License-Identifier: GPL-2.0
/* recv() and splice(): a stream out of sk_receive_queue. */
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/splice.h>
#include <linux/tcp.h>
#include <net/busy_poll.h>

#include "data.h"
#include "mem.h"
#include "stamp.h"
#include "urgent.h"
#include "../sock.h"
#include "../compat/compat.h"
#include "../net/act.h"
#include "../net/local.h"

/* One call of recv(). */
struct xtcp_reading {
	struct msghdr *msg;
	size_t len;		/* wanted still */
	int flags;
	u32 copied;
	u32 unread;		/* of these, bytes the core has not been told of */
	u32 peeked;		/* MSG_PEEK: bytes of the queue in front of the next one wanted */
	struct xtcp_arrived arrived;	/* with the last byte copied */
};

/**
 * xtcp_follow_rcvbuf - tell the core of a change of SO_RCVBUF
 * @sk: socket, locked by the caller
 *
 * The option belongs to the socket layer, which tells nobody.
 */
void xtcp_follow_rcvbuf(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 space = xtcp_rcv_space(sk);
	u64 now;

	if (tcb->rcv.buf == space)
		return;
	now = xtcp_now();
	xtcp_act(sk, xtcp_set_rcvbuf(tcb, space, now), NULL, now);
	xtcp_local_tell(sk, false);
}

/**
 * xtcp_wait_more - the program waits, and reads nothing before there is enough
 * @sk: socket, locked by the caller, who calls xtcp_local_tell() afterwards
 * @target: readable bytes that are
 *
 * The peer is made to send them, if it can be.
 */
void xtcp_wait_more(struct sock *sk, u32 target)
{
	struct xtcp_sock *xsk = xtcp_sk(sk);
	u32 todo;
	u64 now;

	if (xsk->readable >= target)
		return;
	now = xtcp_now();
	todo = xtcp_waits_for(&xsk->tcb, target - xsk->readable, now);
	if (todo)
		xtcp_act(sk, todo, NULL, now);
}

/* Tell the core what was read: it may owe the peer a window update. */
static void xtcp_tell_read(struct sock *sk, struct xtcp_reading *r)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 bytes = r->unread, space, todo;
	u64 now;

	if (!bytes)
		return;
	r->unread = 0;
	now = xtcp_now();
	todo = xtcp_read(tcb, bytes, now);
	if (tcb->rcv.want > tcb->rcv.buf) {
		/* now, so that one update of the window tells of both */
		xtcp_rcvbuf_grow(sk);
		space = xtcp_rcv_space(sk);
		if (space != tcb->rcv.buf)
			todo |= xtcp_set_rcvbuf(tcb, space, now);
	}
	if (todo || unlikely(tcb->marked || xtcp_sk(sk)->urgent))
		xtcp_act(sk, todo, NULL, now);
	if (unlikely(sk->sk_rcvlowat > 1))
		xtcp_wait_more(sk, xtcp_rcv_target(sk));
	xtcp_local_tell(sk, true);
}

/* The buffer that holds byte @at of the queue, and where in it; NULL: none does. */
static struct sk_buff *xtcp_buffer_at(struct sock *sk, u32 at, u32 *offset)
{
	struct sk_buff *skb;

	*offset = at;
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		if (*offset < XTCP_SKB_CB(skb)->len)
			return skb;
		*offset -= XTCP_SKB_CB(skb)->len;
	}
	return NULL;
}

/* Bytes at the front of the queue, of which @skb is the first buffer, were taken. */
static void xtcp_took(struct sock *sk, struct sk_buff *skb, u32 bytes, struct xtcp_reading *r)
{
	r->unread += bytes;
	sk_peek_offset_bwd(sk, bytes);
	xtcp_rcvq_eat(sk, skb, bytes);
}

/* Copy at most @most bytes from one buffer. 0, or -EFAULT if not a byte could be copied. */
static int xtcp_copy_out(struct sock *sk, struct sk_buff *skb, u32 offset, u64 most,
			 struct xtcp_reading *r)
{
	struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
	u32 bytes = min3((u64)cb->len - offset, (u64)r->len, most);

	if (!(r->flags & MSG_TRUNC) &&
	    skb_copy_datagram_msg(skb, cb->skip + offset, r->msg, bytes))
		return -EFAULT;

	xtcp_arrived_with(&r->arrived, skb);
	r->copied += bytes;
	r->len -= bytes;
	if (r->flags & MSG_PEEK) {
		r->peeked += bytes;
		sk_peek_offset_fwd(sk, bytes);
	} else {
		xtcp_took(sk, skb, bytes, r);
	}
	return 0;
}

/* How far the urgent byte is from the next one wanted (xtcp_to_mark()). */
static u64 xtcp_ahead(const struct sock *sk, const struct xtcp_reading *r)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return xtcp_to_mark(tcb, tcb->rcv.read + r->unread + r->peeked);
}

/* The next byte is the urgent one, which is not read in the stream: pass over it. */
static void xtcp_skip_urgent(struct sock *sk, struct xtcp_reading *r)
{
	if (r->flags & MSG_PEEK) {
		r->peeked++;
		sk_peek_offset_fwd(sk, 1);
		return;
	}
	/* first: poll must not take the byte behind it for the hidden one */
	WRITE_ONCE(xtcp_sk(sk)->urgent, 0);
	xtcp_rcvq_eat(sk, skb_peek(&sk->sk_receive_queue), 1);
	sk_peek_offset_bwd(sk, 1);
	r->unread++;
	xtcp_tell_read(sk, r);
}

/*
 * MSG_OOB: the urgent byte, wherever recv() stands in front of it (D8). Never
 * waits. 1, or 0 if there is no room or no byte to come; -EINVAL: no mark, the
 * byte was read, or it is in the stream (SO_OOBINLINE); -EAGAIN: it is on its way.
 */
static int xtcp_recv_urgent(struct sock *sk, struct xtcp_reading *r)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 ahead = xtcp_ahead(sk, r);
	struct sk_buff *skb;
	u32 offset;

	if (sock_flag(sk, SOCK_URGINLINE) || ahead == XTCP_NEVER || tcb->oob_read)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (!xtcp_oob_here(tcb))
		return sk->sk_state == TCP_CLOSE || sk->sk_shutdown & RCV_SHUTDOWN ? 0 : -EAGAIN;

	skb = xtcp_buffer_at(sk, ahead, &offset);
	if (!r->len)
		r->msg->msg_flags |= MSG_TRUNC;
	else if (!(r->flags & MSG_TRUNC) &&
		 skb_copy_datagram_msg(skb, XTCP_SKB_CB(skb)->skip + offset, r->msg, 1))
		return -EFAULT;
	r->msg->msg_flags |= MSG_OOB;
	if (!(r->flags & MSG_PEEK)) {
		tcb->oob_read = 1;
		xtcp_urgent_mirror(sk);
	}
	return r->len ? 1 : 0;
}

/* Nothing more to read now, and nothing copied: 0 is the end of the stream, 1 says wait. */
static int xtcp_why_empty(struct sock *sk, long timeo)
{
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(timeo);
	return 1;
}

/* Copied something, but less than wanted: enough nevertheless? */
static bool xtcp_enough(const struct sock *sk, long timeo)
{
	return !timeo || sk->sk_err || sk->sk_state == TCP_CLOSE ||
	       (sk->sk_shutdown & RCV_SHUTDOWN) || signal_pending(current);
}

/*
 * As sk_wait_data(), which knows of nothing but sk_receive_queue. Bytes that join its last
 * buffer while the socket is let go of have woken nobody if they were handed over before.
 */
static int xtcp_wait_data(struct sock *sk, long *timeo)
{
	const struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	const u64 *nxt = &xtcp_sk(sk)->tcb.rcv.nxt, before = *nxt;
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err;

	add_wait_queue(sk_sleep(sk), &wait);
	/* pairs with skwq_has_sleeper(): a giver does not have our lock, but its lane's */
	smp_mb();
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	err = sk_wait_event(sk, timeo,
			    skb_peek_tail(&sk->sk_receive_queue) != tail ||
			    READ_ONCE(*nxt) != before || xtcp_local_given(sk),
			    &wait);
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

static int xtcp_recv_locked(struct sock *sk, struct xtcp_reading *r)
{
	long timeo = sock_rcvtimeo(sk, r->flags & MSG_DONTWAIT);
	u32 target = sock_rcvlowat(sk, r->flags & MSG_WAITALL, r->len);
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	int err = 0;
	u64 front;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	xtcp_local_receive(sk);
	if (r->flags & MSG_OOB)
		return xtcp_recv_urgent(sk, r);
	xtcp_follow_rcvbuf(sk);
	if (r->flags & MSG_PEEK)
		r->peeked = max(sk_peek_offset(sk, r->flags), 0);

	do {
		u64 ahead = xtcp_ahead(sk, r);
		struct sk_buff *skb;
		u32 offset;

		/* D8: a call never reads across the mark, whatever it waits for */
		if (!ahead && r->copied)
			break;
		if (!ahead && signal_pending(current)) {	/* SIGURG comes first */
			err = timeo ? sock_intr_errno(timeo) : -EAGAIN;
			break;
		}
		skb = xtcp_buffer_at(sk, r->peeked, &offset);
		if (skb && !ahead && r->len && !sock_flag(sk, SOCK_URGINLINE)) {
			xtcp_skip_urgent(sk, r);
			continue;
		}
		if (skb) {
			err = xtcp_copy_out(sk, skb, offset, ahead ? : XTCP_NEVER, r);
			if (err)
				break;
			continue;
		}

		if (xtcp_local_receive(sk))
			continue;
		if (r->copied >= target && !READ_ONCE(sk->sk_backlog.tail))
			break;
		if (r->copied) {
			if (xtcp_enough(sk, timeo))
				break;
		} else {
			err = xtcp_why_empty(sk, timeo);
			if (err <= 0)
				break;
			err = 0;
		}

		xtcp_tell_read(sk, r);
		if (r->flags & MSG_PEEK) {
			xtcp_wait_more(sk, r->peeked + target - r->copied);
			xtcp_local_peek(sk, r->peeked + target - r->copied);
		}
		front = tcb->rcv.read;
		if (xtcp_local_told(sk)) {
			err = 0;	/* the socket was let go: look again */
		} else if (r->copied >= target) {
			__sk_flush_backlog(sk);	/* the rest may be there already */
		} else {
			err = xtcp_wait_data(sk, &timeo);
			if (err < 0)
				break;
			err = 0;
		}
		/* another thread has read what this one peeked at: go on at the front */
		if ((r->flags & MSG_PEEK) && tcb->rcv.read != front)
			r->peeked = max(sk_peek_offset(sk, r->flags), 0);
	} while (r->len);

	if (r->flags & MSG_PEEK)
		xtcp_local_peek(sk, 0);
	xtcp_tell_read(sk, r);
	return r->copied ? : err;
}

/* XTCP_INQ, in TCP's form. At the end of the stream 1: the next call will tell of it. */
static void xtcp_tell_inq(struct msghdr *msg, int inq)
{
	put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
}

/**
 * xtcp_recvmsg - proto_ops.recvmsg
 * @sock: socket
 * @msg: where to
 * @len: bytes wanted
 * @flags: MSG_PEEK (from SO_PEEK_OFF on), MSG_WAITALL, MSG_DONTWAIT, MSG_TRUNC
 *	(throw away instead of copying), MSG_OOB, MSG_ERRQUEUE
 *
 * Blocks until SO_RCVLOWAT bytes are there, SO_RCVTIMEO passes, the stream ends
 * or a signal comes. What was received before an error comes before the error,
 * which is told once. Reading stops in front of an urgent byte, which MSG_OOB
 * reads; the next call passes over it, or reads it with SO_OOBINLINE (D8).
 *
 * Return: bytes, 0 at the end of the stream, or -EAGAIN, -EINTR, -ERESTARTSYS,
 * -ENOTCONN, -EFAULT, -EINVAL if nothing is urgent, or the connection's error.
 */
int xtcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct xtcp_reading r = { .msg = msg, .len = len, .flags = flags };
	struct sock *sk = sock->sk;
	int err, inq = 0;
	struct sock *peer;
	bool tell_inq;

	if (flags & MSG_ERRQUEUE)
		return xtcp_recv_error(sk, msg, len);

	sock_rps_record_flow(sk);
	if (sk_can_busy_loop(sk) && !xtcp_local_readable(sk) &&
	    READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)
		sk_busy_loop(sk, flags & MSG_DONTWAIT);

	lock_sock(sk);
	err = xtcp_recv_locked(sk, &r);
	tell_inq = xtcp_sk(sk)->tell_inq;
	if (tell_inq || msg->msg_get_inq)
		inq = xtcp_inq(sk) ? : sock_flag(sk, SOCK_DONE);
	peer = xtcp_local_waits(sk);
	release_sock(sk);
	if (peer)
		xtcp_local_wake(peer);
	if (err < 0)
		return err;
	msg->msg_namelen = 0;	/* a stream names nobody */
	if (r.arrived.software || r.arrived.hardware)
		xtcp_tell_arrived(sk, msg, &r.arrived);
	if (tell_inq)
		xtcp_tell_inq(msg, inq);
	if (msg->msg_get_inq)	/* io_uring's */
		msg->msg_inq = inq;
	return err;
}

/*
 * What lies in the queue goes to a pipe, as references to its pages. Bytes, or
 * why the pipe takes none; 0: nothing is there, or the mark is.
 */
static int xtcp_fill_pipe(struct sock *sk, struct pipe_inode_info *pipe, unsigned int flags,
			  struct xtcp_reading *r)
{
	struct sk_buff *skb;
	u32 before = r->copied;
	int n = 0;

	while (r->len && (skb = skb_peek(&sk->sk_receive_queue))) {
		struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);
		u32 bytes = min3((u64)cb->len, (u64)r->len, xtcp_ahead(sk, r));

		if (!bytes)
			break;
		n = skb_splice_bits(skb, sk, cb->skip, pipe, bytes, flags);
		if (n <= 0)
			break;
		r->copied += n;
		r->len -= n;
		xtcp_took(sk, skb, n, r);
	}
	xtcp_tell_read(sk, r);
	return r->copied != before ? (int)(r->copied - before) : n;
}

static int xtcp_splice_locked(struct sock *sk, long timeo, struct pipe_inode_info *pipe,
			      unsigned int flags, struct xtcp_reading *r)
{
	int err;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	xtcp_follow_rcvbuf(sk);
	while (r->len) {
		xtcp_local_receive(sk);
		err = xtcp_fill_pipe(sk, pipe, flags, r);
		if (err < 0)
			return err;
		if (err) {
			if (!r->len || !timeo)
				break;
			release_sock(sk);	/* what came meanwhile may go, too */
			lock_sock(sk);
			if (xtcp_enough(sk, timeo))
				break;
			continue;
		}
		if (r->copied)
			break;
		err = xtcp_why_empty(sk, timeo);
		if (err <= 0)
			return err;
		/* the mark is next: who does not wait was told -EAGAIN, as 0 would say the end */
		if (!skb_queue_empty(&sk->sk_receive_queue))
			break;
		if (xtcp_local_told(sk))
			continue;	/* the socket was let go: look again */
		err = xtcp_wait_data(sk, &timeo);
		if (err < 0)
			return err;
	}
	return 0;
}

/**
 * xtcp_splice_read - proto_ops.splice_read
 * @sock: socket
 * @ppos: must be 0: there is no position in a stream
 * @pipe: takes pages of the receive queue
 * @len: bytes wanted
 * @flags: SPLICE_F_*
 *
 * As TCP: waits for the first byte and then takes what is there, whatever
 * SO_RCVLOWAT says. In front of an urgent byte, inline or not, the call stops; one
 * that begins there finds nothing, and recv() has to pass over it.
 *
 * Return: bytes, 0 at the end of the stream or, if it may wait, in front of the mark,
 * -ESPIPE, or as xtcp_recvmsg().
 */
ssize_t xtcp_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags)
{
	struct xtcp_reading r = { .len = min_t(size_t, len, INT_MAX) };
	struct sock *sk = sock->sk, *peer;
	long timeo;
	int err;

	if (*ppos)
		return -ESPIPE;
	sock_rps_record_flow(sk);
	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	err = xtcp_splice_locked(sk, timeo, pipe, flags, &r);
	peer = xtcp_local_waits(sk);
	release_sock(sk);
	if (peer)
		xtcp_local_wake(peer);
	return r.copied ? (ssize_t)r.copied : err;
}
