// SPDX-License-Identifier: GPL-2.0
/* Listening and the accept queue: rule 6 of sock.h. */
#include <linux/sched/signal.h>

#include "life.h"
#include "listen.h"
#include "zerocopy.h"
#include "../sock.h"
#include "../net/listeners.h"
#include "../net/ports.h"

/**
 * xtcp_acceptq_room - does the accept queue take one more?
 * @listener: not locked
 *
 * A hint: xtcp_acceptq_add() looks again. As with TCP the queue takes one more
 * than listen() was told.
 *
 * Return: true if it does.
 */
bool xtcp_acceptq_room(const struct sock *listener)
{
	return READ_ONCE(xtcp_sk(listener)->acceptq.len) <=
	       READ_ONCE(listener->sk_max_ack_backlog);
}

/**
 * xtcp_acceptq_add - queue a child for accept()
 * @listener: not locked; the caller holds a reference
 * @child: locked (bh), in the tables; its reference goes to the queue
 *
 * Return: false if @listener no longer listens or has no room: the caller still
 * has the child, for xtcp_sock_forget().
 */
bool xtcp_acceptq_add(struct sock *listener, struct sock *child)
{
	struct xtcp_acceptq *queue = &xtcp_sk(listener)->acceptq;
	bool room;

	spin_lock_bh(&queue->lock);
	room = READ_ONCE(listener->sk_state) == TCP_LISTEN && xtcp_acceptq_room(listener);
	if (room) {
		list_add_tail(&xtcp_sk(child)->acceptq.head, &queue->head);
		WRITE_ONCE(queue->len, queue->len + 1);
	}
	spin_unlock_bh(&queue->lock);
	if (room)
		listener->sk_data_ready(listener);
	return room;
}

/* The oldest child, whose reference is the caller's now, or NULL. */
static struct sock *xtcp_acceptq_take(struct sock *sk)
{
	struct xtcp_acceptq *queue = &xtcp_sk(sk)->acceptq;
	struct xtcp_sock *child;

	spin_lock_bh(&queue->lock);
	child = list_first_entry_or_null(&queue->head, struct xtcp_sock, acceptq.head);
	if (child) {
		list_del_init(&child->acceptq.head);
		WRITE_ONCE(queue->len, queue->len - 1);
	}
	spin_unlock_bh(&queue->lock);
	return (struct sock *)child;
}

/**
 * xtcp_listen - proto_ops.listen
 * @sock: socket
 * @backlog: children that may wait; the caller has cut it to net.core.somaxconn
 *
 * A second call changes the backlog. A socket without a port gets one.
 *
 * Return: 0, -EINVAL if connected or connecting, -EADDRINUSE, -ENOMEM.
 */
int xtcp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED ||
	    (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN))
		goto out;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = 0;
	if (sk->sk_state == TCP_LISTEN)
		goto out;

	xtcp_sock_renew(sk);
	/* of two that share the port, whoever looks second sees the first listen */
	smp_store_release(&sk->sk_state, TCP_LISTEN);
	err = inet_sk(sk)->inet_num ? xtcp_port_listen(sk) : xtcp_port_bind(sk, 0, GFP_KERNEL);
	if (!err)
		err = xtcp_listeners_add(sk);
	if (err)
		/* as everywhere: poll reads it without the lock */
		smp_store_release(&sk->sk_state, TCP_CLOSE);
out:
	release_sock(sk);
	return err;
}

/**
 * xtcp_listen_stop - listen no more
 * @sk: listener, locked by the caller
 *
 * Leaves it in TCP_CLOSE. Children that nobody has accepted are reset.
 */
void xtcp_listen_stop(struct sock *sk)
{
	struct xtcp_acceptq *queue = &xtcp_sk(sk)->acceptq;
	struct sock *child;

	/* under the lock, so that xtcp_acceptq_add() adds none after this */
	spin_lock_bh(&queue->lock);
	/* poll reads it without any lock */
	smp_store_release(&sk->sk_state, TCP_CLOSE);
	spin_unlock_bh(&queue->lock);
	xtcp_listeners_del(sk);

	while ((child = xtcp_acceptq_take(sk))) {
		local_bh_disable();
		bh_lock_sock_nested(child);
		xtcp_sock_forget(child);
		local_bh_enable();
		cond_resched();
	}
	xtcp_sock_done(sk);
}

/*
 * Wait for a child; what is left of *timeo stays there. 0, or why there is none:
 * -EAGAIN, -EINTR, -ERESTARTSYS, -EINVAL.
 */
static int xtcp_wait_child(struct sock *sk, long *timeo)
{
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!READ_ONCE(xtcp_sk(sk)->acceptq.len))
			*timeo = schedule_timeout(*timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		err = 0;
		if (xtcp_sk(sk)->acceptq.len)
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(*timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!*timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * xtcp_accept - proto_ops.accept
 * @sock: listener
 * @newsock: gets the oldest child
 * @XTCP_ACCEPT_ARGS: in whatever form, flags: O_NONBLOCK
 *
 * Waits for SO_RCVTIMEO at most.
 *
 * Return: 0, -EINVAL if not listening, -EAGAIN, -EINTR, -ERESTARTSYS.
 */
int xtcp_accept(struct socket *sock, struct socket *newsock, XTCP_ACCEPT_ARGS)
{
	struct sock *sk = sock->sk, *child = NULL;
	long timeo;
	int err;

	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, XTCP_ACCEPT_FLAGS & O_NONBLOCK);
	do {
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		child = xtcp_acceptq_take(sk);
		if (child)
			err = 0;
		else if (!timeo)
			err = -EAGAIN;
		else
			err = xtcp_wait_child(sk, &timeo);
	} while (!child && !err);
	release_sock(sk);
	if (err)
		return err;

	lock_sock(child);
	sock_rps_record_flow(child);
	sock_graft(child, newsock);
	xtcp_zerocopy_allow(newsock);
	newsock->state = SS_CONNECTED;
	release_sock(child);
	return 0;
}
