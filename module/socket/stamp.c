// SPDX-License-Identifier: GPL-2.0
/*
 * Times of packets: SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING. What a stream
 * tells in a control message is the time of the packet that brought the last byte of
 * a recv(), and nothing if that was not noted when it came. Of a send() the error
 * queue tells when its last byte left, by whose number programs know it, and when
 * it was acknowledged.
 */
#include <linux/net_tstamp.h>
#include <linux/socket.h>

#include "stamp.h"
#include "../sock.h"
#include "../compat/compat.h"

/* SO_TIMESTAMPNS, in the form that the program knows. */
static void tell_ns(struct msghdr *msg, struct timespec64 at, bool new)
{
	struct __kernel_timespec ts = { .tv_sec = at.tv_sec, .tv_nsec = at.tv_nsec };
	struct __kernel_old_timespec old = { .tv_sec = at.tv_sec, .tv_nsec = at.tv_nsec };

	if (new)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(ts), &ts);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(old), &old);
}

/* SO_TIMESTAMP, likewise. */
static void tell_us(struct msghdr *msg, struct timespec64 at, bool new)
{
	long us = at.tv_nsec / NSEC_PER_USEC;
	struct __kernel_sock_timeval tv = { .tv_sec = at.tv_sec, .tv_usec = us };
	struct __kernel_old_timeval old = { .tv_sec = at.tv_sec, .tv_usec = us };

	if (new)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(tv), &tv);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(old), &old);
}

/* SO_TIMESTAMPING: does the program want what it also has to have asked for? */
static bool stamp_wanted(u32 flags, u32 report, u32 make)
{
	return flags & report && (flags & make || !(flags & XTCP_STAMP_RX_FILTER));
}

/**
 * xtcp_tell_arrived - tell when the last byte of a recv() came
 * @sk: socket
 * @msg: its control messages
 * @at: when; of each kind 0: not known
 */
void xtcp_tell_arrived(struct sock *sk, struct msghdr *msg, const struct xtcp_arrived *at)
{
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);
	struct scm_timestamping_internal tss = {};
	u32 flags = READ_ONCE(sk->sk_tsflags);
	bool any = false;

	if (at->software && sock_flag(sk, SOCK_RCVTSTAMP)) {
		if (sock_flag(sk, SOCK_RCVTSTAMPNS))
			tell_ns(msg, ktime_to_timespec64(at->software), new);
		else
			tell_us(msg, ktime_to_timespec64(at->software), new);
	}
	if (at->software &&
	    stamp_wanted(flags, SOF_TIMESTAMPING_SOFTWARE, SOF_TIMESTAMPING_RX_SOFTWARE)) {
		tss.ts[0] = xtcp_scm_time(at->software);
		any = true;
	}
	if (at->hardware &&
	    stamp_wanted(flags, SOF_TIMESTAMPING_RAW_HARDWARE, SOF_TIMESTAMPING_RX_HARDWARE)) {
		tss.ts[2] = xtcp_scm_time(at->hardware);
		any = true;
	}
	if (any && new)
		put_cmsg_scm_timestamping64(msg, &tss);
	else if (any)
		put_cmsg_scm_timestamping(msg, &tss);
}

/**
 * xtcp_stamp_begin - a send() begins
 * @sk: socket, locked by the caller
 * @flags: SOF_TIMESTAMPING_* that count for it
 *
 * Bytes are numbered from the first one on that is written after the program has
 * asked for numbers (as by SOF_TIMESTAMPING_OPT_ID_TCP). Asking sets sk_tskey to 0,
 * and nobody else counts with it.
 */
void xtcp_stamp_begin(struct sock *sk, u32 flags)
{
	if (likely(!(flags & SOF_TIMESTAMPING_OPT_ID)) || atomic_read(&sk->sk_tskey))
		return;
	atomic_set(&sk->sk_tskey, 1);
	xtcp_sk(sk)->stamp_base = xtcp_sk(sk)->tcb.snd.end;
}

/**
 * xtcp_stamp_last - a send() takes no more bytes
 * @sk: socket, locked by the caller
 * @flags: SOF_TIMESTAMPING_*, some of XTCP_STAMP_SEND among them
 *
 * Its last byte is that of the last buffer. After a wait in vain it may have been sent,
 * and is only told of when it is acknowledged, or was acknowledged, too.
 */
void xtcp_stamp_last(struct sock *sk, u32 flags)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct skb_shared_info *shared;
	struct xtcp_skb_cb *cb;

	if (!skb)
		return;
	shared = skb_shinfo(skb);
	cb = XTCP_SKB_CB(skb);
	if (flags & SOF_TIMESTAMPING_TX_HARDWARE)
		shared->tx_flags |= XTCP_TX_HARDWARE;
	if (flags & SOF_TIMESTAMPING_TX_SOFTWARE)
		shared->tx_flags |= SKBTX_SW_TSTAMP;
	if (flags & SOF_TIMESTAMPING_TX_SCHED)
		shared->tx_flags |= SKBTX_SCHED_TSTAMP;
	if (flags & SOF_TIMESTAMPING_TX_ACK)
		cb->stamp_ack = 1;
	shared->tskey = cb->seq + cb->len - 1 - xtcp_sk(sk)->stamp_base;
}

/**
 * xtcp_tell_acked - a buffer whose time was asked for is acknowledged
 * @sk: connection, locked by the caller
 * @skb: buffer, to be freed next: what its control block says is lost
 */
void xtcp_tell_acked(struct sock *sk, struct sk_buff *skb)
{
	xtcp_tstamp_acked(skb, sk);
}
