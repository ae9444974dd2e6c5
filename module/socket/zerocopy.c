// SPDX-License-Identifier: GPL-2.0
/*
 * Sending without copying. The program's pages (MSG_ZEROCOPY; io_uring), or those
 * of a file or a pipe (MSG_SPLICE_PAGES), become fragments of the write queue's
 * buffers. Whoever refers to a buffer's fragments holds its uarg as well
 * (skb_zcopy()), so that the program is told on its error queue once the last one
 * has gone: the buffer when it is acknowledged or the connection ends, and each
 * packet that was made of it. What arrives on this host is copied on its way, by
 * the network layer, and told as such.
 */
#include <linux/skbuff.h>
#include <linux/socket.h>

#include "mem.h"
#include "zerocopy.h"
#include "../sock.h"
#include "../compat/compat.h"

/**
 * xtcp_zerocopy_begin - a call of send() begins
 * @sk: socket, locked by the caller
 * @msg: message
 * @len: its bytes
 * @zc: result
 *
 * Without SO_ZEROCOPY the flag means nothing, as in TCP. A device that cannot gather
 * gets copies.
 *
 * Return: 0, or -ENOBUFS if no more completions may wait (net.core.optmem_max)
 * or no more pages may be locked (RLIMIT_MEMLOCK).
 */
int xtcp_zerocopy_begin(struct sock *sk, struct msghdr *msg, size_t len,
			struct xtcp_zerocopy *zc)
{
	bool gathers = sk->sk_route_caps & NETIF_F_SG;
	struct sk_buff *tail;

	*zc = (struct xtcp_zerocopy){};
	if (!len)
		return 0;
	if (msg->msg_flags & XTCP_SPLICE_PAGES) {
		zc->pages = gathers ? XTCP_SPLICE_PAGES : 0;
	} else if (msg->msg_flags & MSG_ZEROCOPY && msg->msg_ubuf) {
		zc->uarg = msg->msg_ubuf;
		zc->pages = gathers ? MSG_ZEROCOPY : 0;
	} else if (msg->msg_flags & MSG_ZEROCOPY && sock_flag(sk, SOCK_ZEROCOPY)) {
		tail = skb_peek_tail(&sk->sk_write_queue);
		zc->uarg = xtcp_zerocopy_realloc(sk, len, tail ? skb_zcopy(tail) : NULL);
		if (!zc->uarg)
			return -ENOBUFS;
		zc->own = true;
		zc->pages = gathers ? MSG_ZEROCOPY : 0;
		if (!gathers)
			uarg_to_msgzc(zc->uarg)->zerocopy = 0;
	}
	return 0;
}

/**
 * xtcp_zerocopy_append - put pages at the end of a buffer
 * @sk: socket, locked by the caller
 * @skb: last buffer of the write queue, of which nothing was sent
 * @msg: message
 * @len: most bytes to take
 * @zc: from xtcp_zerocopy_begin(), pages is set
 *
 * Return: bytes taken, -ENOSPC if the buffer takes no more of these, -ENOMEM,
 * -EFAULT.
 */
int xtcp_zerocopy_append(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 len,
			 const struct xtcp_zerocopy *zc)
{
	int done;

	/* whole pages are charged, of which the first and the last may be used in part */
	if (!sk_wmem_schedule(sk, len + 2 * PAGE_SIZE))
		return -ENOMEM;
	if (zc->pages == MSG_ZEROCOPY) {
		done = xtcp_zerocopy_iter(sk, skb, msg, len, zc->uarg);
		/* packets refer to single pages: they must have references of their own */
		skb_zcopy_downgrade_managed(skb);
	} else {
		done = xtcp_splice_pages(skb, &msg->msg_iter, len, sk->sk_allocation);
		if (done > 0) {
			/* a file that is written to changes them on their way */
			skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
			sk_wmem_queued_add(sk, done);
			sk_mem_charge(sk, done);
		}
	}
	if (done == -EMSGSIZE || done == -EEXIST)
		return -ENOSPC;
	if (done > 0)
		XTCP_SKB_CB(skb)->len += done;
	return done;
}

/**
 * xtcp_zerocopy_end - a call of send() ends
 * @zc: from xtcp_zerocopy_begin()
 * @sent: it took bytes; if not, there is nothing to tell of
 *
 * Caller holds the sk lock.
 */
void xtcp_zerocopy_end(struct xtcp_zerocopy *zc, bool sent)
{
	if (!zc->own)
		return;
	if (sent)
		net_zcopy_put(zc->uarg);
	else
		net_zcopy_put_abort(zc->uarg, true);
}

/**
 * xtcp_zerocopy_allow - let programs ask for it
 * @sock: new socket
 *
 * SO_ZEROCOPY is for us to see; io_uring asks nobody.
 */
void xtcp_zerocopy_allow(struct socket *sock)
{
	set_bit(SOCK_SUPPORT_ZC, &sock->flags);
	xtcp_see_sockopt(sock);
}
