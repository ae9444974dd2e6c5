// SPDX-License-Identifier: GPL-2.0
/*
 * send(): what the program writes is copied into page fragments, or is the
 * program's own pages (zerocopy.c), in buffers of the size of one transmission,
 * appended to sk_write_queue. The core hears of bytes only when they are in place
 * (rule 1).
 */
#include <linux/sched/signal.h>
#include <linux/skbuff.h>

#include "data.h"
#include "mem.h"
#include "stamp.h"
#include "zerocopy.h"
#include "../sock.h"
#include "../admin/netns.h"
#include "../compat/compat.h"
#include "../net/act.h"
#include "../net/drain.h"
#include "../net/local.h"
#include "../net/output.h"
#include "../net/path.h"

static void wake_writer(struct sock *sk)
{
	struct socket *sock;
	struct socket_wq *wq;

	/* where a watch has just ended, only RCU keeps the struct socket: xtcp_write_space() */
	rcu_read_lock();
	sock = READ_ONCE(sk->sk_socket);
	/* room first, then the flag: pairs with smp_mb__after_atomic() in xtcp_poll() */
	smp_mb();
	if (!sock || !test_bit(SOCK_NOSPACE, &sock->flags) ||
	    !__sk_stream_is_writeable(sk, 1))
		goto unlock;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
unlock:
	rcu_read_unlock();
}

/**
 * xtcp_write_space - sk_write_space
 * @sk: socket
 *
 * Wakes writers once there is room, as xtcp_poll() says it, if one has asked. While
 * xtcp_drain_watch() watches it is sock_wfree() that calls, from anywhere and without the
 * lock: that concerns xtcp_drain_done().
 */
void xtcp_write_space(struct sock *sk)
{
	if (unlikely(!sock_flag(sk, SOCK_USE_WRITE_QUEUE)))
		xtcp_drain_soon(sk);
	else
		wake_writer(sk);
}

/**
 * xtcp_tell_room - there may be room to write: tell who waits for it
 * @sk: socket, locked by the caller
 *
 * A user in the kernel has its own sk_write_space, of which a watch knows nothing.
 */
void xtcp_tell_room(struct sock *sk)
{
	if (likely(sk->sk_write_space == xtcp_write_space))
		wake_writer(sk);
	else
		sk->sk_write_space(sk);
}

/*
 * Bytes after which the core is told, although the program has more to come: as
 * many buffers as this has room for. Not if what comes is so little that it is better
 * waited for than sent apart.
 */
#define XTCP_TELL		(64 * 1024)
#define XTCP_TELL_WITH		(XTCP_TELL / 8)

/* Most bytes that are not worth a buffer of their own, where the peer is on this host. */
#define XTCP_SMALL		2048

/* One call of send(). */
struct xtcp_write {
	u32 told;		/* bytes of this call the core knows */
	u32 copied;		/* bytes of this call in buffers */
	bool more;		/* the core was told that more follows */
	struct xtcp_zerocopy zc;
	u32 stamps;		/* SOF_TIMESTAMPING_* of this call */
};

/* Tell the core of what was copied. */
static void xtcp_tell(struct sock *sk, struct xtcp_write *w, u32 how)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 bytes = w->copied - w->told;
	u64 now;

	if (!bytes && !w->more)
		return;
	w->told = w->copied;
	w->more = how & XTCP_WRITE_MORE;
	tcb->queued = xtcp_drain_queued(sk);
	now = xtcp_now();
	xtcp_act(sk, xtcp_written(tcb, bytes, how, now), NULL, now);
	if (unlikely(xtcp_autocorked(tcb))) {
		xtcp_count(xtcp_sock_net(sk), XTCP_MIB_AUTOCORKED);
		xtcp_drain_watch(sk);
	}
}

static u32 xtcp_tell_after(const struct sock *sk)
{
	u32 size = xtcp_buffer_size(sk);

	return XTCP_TELL - XTCP_TELL % size;
}

/* The last buffer, if it takes more bytes: not once any is sent, nor behind MSG_EOR. */
static struct sk_buff *xtcp_open_tail(struct sock *sk, u32 size)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || XTCP_SKB_CB(skb)->sent || XTCP_SKB_CB(skb)->eor ||
	    XTCP_SKB_CB(skb)->len >= size)
		return NULL;
	return skb;
}

/* A new last buffer; NULL: no memory. */
static struct sk_buff *xtcp_new_tail(struct sock *sk, u64 seq)
{
	unsigned int room = xtcp_path_headroom(sk) + XTCP_DATA_ROOM;
	struct sk_buff *skb;

	skb = alloc_skb_fclone(room, sk->sk_allocation);
	if (!skb) {
		sk->sk_prot->enter_memory_pressure(sk);
		sk_stream_moderate_sndbuf(sk);
		return NULL;
	}
	if (!sk_wmem_schedule(sk, skb->truesize)) {
		__kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, room);
	memset(skb->cb, 0, sizeof(skb->cb));
	XTCP_SKB_CB(skb)->seq = seq;
	skb->ip_summed = CHECKSUM_PARTIAL;
	xtcp_wmem_add(sk, skb);
	return skb;
}

/*
 * Copy up to @len bytes to the end of @skb. Bytes copied; -ENOMEM: no memory
 * now; -ENOSPC: no room for another fragment; -EFAULT.
 */
static int xtcp_append(struct sock *sk, struct sk_buff *skb, struct iov_iter *from, u32 len)
{
	struct page_frag *frag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags, err;
	bool merge;

	if (!sk_page_frag_refill(sk, frag))
		return -ENOMEM;
	merge = skb_can_coalesce(skb, i, frag->page, frag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return -ENOSPC;
	len = min_t(u32, len, frag->size - frag->offset);
	if (!sk_wmem_schedule(sk, len))
		return -ENOMEM;

	/* charges the bytes, too */
	err = skb_copy_to_page_nocache(sk, from, skb, frag->page, frag->offset, len);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], len);
	} else {
		skb_fill_page_desc(skb, i, frag->page, frag->offset, len);
		get_page(frag->page);
	}
	frag->offset += len;
	XTCP_SKB_CB(skb)->len += len;
	return len;
}

/* Up to @len bytes to the end of @skb, copied or not. As xtcp_append(). */
static int xtcp_put(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 len,
		    const struct xtcp_write *w)
{
	len = min_t(size_t, len, msg_data_left(msg));
	if (w->zc.pages)
		return xtcp_zerocopy_append(sk, skb, msg, len, &w->zc);
	return xtcp_append(sk, skb, &msg->msg_iter, len);
}

/* A buffer that got no bytes goes again. */
static void xtcp_drop_empty_tail(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb && !XTCP_SKB_CB(skb)->len)
		xtcp_wmem_free(sk, skb);
}

/* XTCP_NOTSENT_LOWAT counts also what the core has not been told of. */
static bool xtcp_has_room(const struct sock *sk, const struct xtcp_write *w)
{
	u32 lowat = xtcp_sk(sk)->notsent_lowat;

	return sk_stream_memory_free(sk) &&
	       (!lowat || (u64)xtcp_sk(sk)->notsent + w->copied - w->told < lowat);
}

/* Copy the next bytes. Bytes; -EAGAIN: no room now; -ENOMEM, -EFAULT. */
static int xtcp_copy_in(struct sock *sk, struct msghdr *msg, const struct xtcp_write *w)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u32 size = xtcp_buffer_size(sk);
	struct sk_buff *skb = xtcp_open_tail(sk, size);
	int done = -ENOSPC;

	if (skb)
		done = xtcp_put(sk, skb, msg, size - XTCP_SKB_CB(skb)->len, w);
	if (done != -ENOSPC)
		return done;

	if (!xtcp_has_room(sk, w))
		return -EAGAIN;
	skb = xtcp_new_tail(sk, tcb->snd.end + w->copied - w->told);
	if (!skb)
		return -ENOMEM;
	done = xtcp_put(sk, skb, msg, size, w);
	if (done <= 0)
		xtcp_drop_empty_tail(sk);
	return done;
}

/* The states in which a program may write. */
static bool xtcp_writable_state(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT);
}

/* Control messages: those of SOL_SOCKET are looked at, as TCP does. 0 or -EINVAL. */
static int xtcp_control(struct sock *sk, struct msghdr *msg, struct xtcp_write *w)
{
	struct sockcm_cookie sockc;

	sockcm_init(&sockc, sk);
	if (msg->msg_controllen && sock_cmsg_send(sk, msg, &sockc))
		return -EINVAL;
	w->stamps = sockc.tsflags;
	xtcp_stamp_begin(sk, w->stamps);
	return 0;
}

/*
 * All bytes of a call with MSG_EOR are there, some of which the core has not been
 * told of: nothing is appended behind them. How to tell it.
 */
static u32 xtcp_end_record(struct sock *sk, const struct xtcp_write *w)
{
	if (w->copied == w->told)
		return 0;
	XTCP_SKB_CB(skb_peek_tail(&sk->sk_write_queue))->eor = 1;
	return XTCP_WRITE_EOR;
}

/* No more bytes come from this call: the last one's time may be wanted. */
static void xtcp_tell_last(struct sock *sk, struct xtcp_write *w, u32 how)
{
	if (unlikely(w->stamps & XTCP_STAMP_SEND) && w->copied)
		xtcp_stamp_last(sk, w->stamps);
	xtcp_tell(sk, w, how);
}

static int xtcp_send_locked(struct sock *sk, struct msghdr *msg, struct xtcp_write *w)
{
	size_t len = msg_data_left(msg);
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	u32 urgent = msg->msg_flags & MSG_OOB ? XTCP_WRITE_OOB : 0;
	u32 how = urgent | (msg->msg_flags & MSG_MORE ? XTCP_WRITE_MORE : XTCP_WRITE_PUSH);
	int err;

	if (!xtcp_writable_state(sk)) {
		err = sk_stream_wait_connect(sk, &timeo);
		if (err)
			goto fail;
	}
	err = xtcp_control(sk, msg, w);
	if (err)
		return err;
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);

	/* an empty write on a connection that cannot send fails as well */
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN)) {
		err = -EPIPE;
		goto fail;
	}
	if (how == XTCP_WRITE_PUSH && len <= XTCP_SMALL && !w->zc.pages && !w->zc.uarg &&
	    !w->stamps && xtcp_local_write(sk, &msg->msg_iter, len))
		return len;

	while (msg_data_left(msg)) {
		err = xtcp_copy_in(sk, msg, w);
		if (err > 0) {
			w->copied += err;
			/* which byte is the last one of urgent data is not known yet */
			if (w->copied - w->told < xtcp_tell_after(sk) || urgent ||
			    msg_data_left(msg) <= XTCP_TELL_WITH)
				continue;
			xtcp_tell(sk, w, XTCP_WRITE_MORE);
			sk_flush_backlog(sk);	/* acknowledgments that came meanwhile */
		} else if (err == -EAGAIN || err == -ENOMEM) {
			/* no end of what is written: it may grow, and nothing be cut short */
			xtcp_sndbuf_grow(sk);
			if (err == -EAGAIN && xtcp_has_room(sk, w))
				continue;
			set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
			xtcp_tell(sk, w, urgent | XTCP_WRITE_PUSH);
			if (err == -ENOMEM || !sk_stream_memory_free(sk))
				err = sk_stream_wait_memory(sk, &timeo);
			else
				err = 0;
			if (err)
				goto fail;
		} else {
			goto fail;
		}
		/* the connection may have ended: in xtcp_tell(), or while waiting */
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN)) {
			err = -EPIPE;
			goto fail;
		}
	}
	if (msg->msg_flags & MSG_EOR)
		how |= xtcp_end_record(sk, w);
	xtcp_tell_last(sk, w, how);
	return w->copied;

fail:
	xtcp_tell_last(sk, w, how);
	if (w->copied)
		return w->copied;
	err = sk_stream_error(sk, msg->msg_flags, err);
	/* nothing queued will wake a poller that waits for an edge */
	if (err == -EAGAIN && skb_queue_empty(&sk->sk_write_queue))
		xtcp_tell_room(sk);
	return err;
}

/**
 * xtcp_sendmsg - proto_ops.sendmsg
 * @sock: socket
 * @msg: message; the destination in it is ignored, as TCP does
 * @len: bytes
 *
 * Blocks until every byte is in the send buffer (MSG_DONTWAIT, SO_SNDTIMEO) and
 * then pushes them (F11), unless MSG_MORE promises others. MSG_OOB makes the last
 * of them urgent (D8); if the call has to wait, meanwhile the last one it could
 * hand over, as TCP does. MSG_EOR keeps what is written later out of the segment
 * with the last of them (D12).
 *
 * Return: bytes taken, or -EPIPE (with SIGPIPE, unless MSG_NOSIGNAL), -EAGAIN,
 * -EINTR, -ERESTARTSYS, -EFAULT, -EINVAL, -EOPNOTSUPP for MSG_FASTOPEN,
 * -ENOBUFS for MSG_ZEROCOPY, or the connection's error.
 */
int xtcp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct xtcp_write w = {};
	int err;

	if (msg->msg_flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	sock_rps_record_flow(sk);
	lock_sock(sk);
	err = xtcp_zerocopy_begin(sk, msg, len, &w.zc);
	if (!err) {
		err = xtcp_send_locked(sk, msg, &w);
		xtcp_zerocopy_end(&w.zc, err > 0);
	}
	release_sock(sk);
	return err;
}

/**
 * xtcp_splice_eof - proto_ops.splice_eof: sendfile() found less than it had promised
 * @sock: socket
 *
 * Nothing follows what was written with MSG_MORE after all. TCP_CORK holds on.
 */
void xtcp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u64 now;

	lock_sock(sk);
	now = xtcp_now();
	if (xtcp_writable_state(sk) && tcb->snd.more == tcb->snd.end)
		xtcp_act(sk, xtcp_written(tcb, 0, XTCP_WRITE_PUSH, now), NULL, now);
	release_sock(sk);
}
