/* SPDX-License-Identifier: GPL-2.0 */
/* The shortcut: both ends of a connection on one host. */
#ifndef _XTCP_NET_LOCAL_H
#define _XTCP_NET_LOCAL_H

#include "../sock.h"

/* Life; the caller holds the sk lock, or nobody else knows the socket (setup). */
void xtcp_local_setup(struct sock *sk);
void xtcp_local_renew(struct sock *sk);
void xtcp_local_close(struct sock *sk);
void xtcp_local_done(struct sock *sk);

/* The giver, under its sk lock. */
bool xtcp_local_output(struct sock *sk, u32 *todo, u64 now);
bool xtcp_local_write(struct sock *sk, struct iov_iter *from, size_t len);
void xtcp_local_resume(struct sock *sk);

/* The taker, under its sk lock. */
bool xtcp_local_take(struct sock *sk);
bool xtcp_local_receive(struct sock *sk);
void xtcp_local_tell(struct sock *sk, bool later);
void xtcp_local_peek(struct sock *sk, u32 bytes);
bool xtcp_local_told(struct sock *sk);
struct sock *xtcp_local_waits(struct sock *sk);

/* Without any sk lock. */
void xtcp_local_wake(struct sock *giver);

/* Has the peer handed over something? Needs no lock. */
static inline bool xtcp_local_given(const struct sock *sk)
{
	return !skb_queue_empty_lockless(&xtcp_sk(sk)->local.in.queue);
}

/* Bytes that recv() would find, in the lane and behind it. Needs no lock. */
static inline u32 xtcp_local_readable(const struct sock *sk)
{
	u32 given = READ_ONCE(xtcp_sk(sk)->local.in.bytes);

	/* pairs with xtcp_local_take(): bytes on their way are seen twice, never not at all */
	smp_rmb();
	return given + READ_ONCE(xtcp_sk(sk)->readable);
}

#endif /* _XTCP_NET_LOCAL_H */
