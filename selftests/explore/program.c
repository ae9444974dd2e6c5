// SPDX-License-Identifier: GPL-2.0
/*
 * Programs. A script is a letter for each call:
 *
 *	w	write a byte (W: two in one call)
 *	g	wait for a byte and read it
 *	r	read until the end of the stream
 *	b	halve the receive buffer
 *	s	shutdown(SHUT_WR)
 *	d	shutdown(SHUT_RD)
 *	c	close
 *	a	close with SO_LINGER 0
 *	k	an administrator kills the connection
 *	l	close the listener that it came from
 *
 * A program whose connection fails closes and is done. A child's program begins
 * with accept().
 */
#include "explore.h"

#define OFFSET_BITS	3

/**
 * ex_byte - what an incarnation writes
 * @tag: its tag
 * @offset: of the byte
 *
 * Return: the byte.
 */
u8 ex_byte(u32 tag, u64 offset)
{
	return tag << OFFSET_BITS | (offset & (BIT(OFFSET_BITS) - 1));
}

static char letter(const struct ex_world *w, u8 host, const struct ex_slot *slot)
{
	const char *script = slot->script == EX_SCRIPTS ? w->sc->server :
			     w->sc->opens[host][slot->script];

	return script[slot->op];
}

/**
 * ex_may_connect - is it time for the host's next program to open?
 * @w: the world
 * @host: whose
 *
 * The port is its program's until the connection is over; TIME-WAIT does not
 * own it (C4).
 *
 * Return: true if it is.
 */
bool ex_may_connect(const struct ex_world *w, u8 host)
{
	u32 i;

	if (w->host[host].opened == EX_SCRIPTS ||
	    !w->sc->opens[host][w->host[host].opened])
		return false;
	for (i = 0; i < EX_SLOTS; i++)
		if (w->slot[host][i].used)
			return false;
	return true;
}

static bool open(const struct ex_slot *slot)
{
	return !slot->gone && ex_synchronized(slot->tcb.state);
}

/**
 * ex_program_ready - can a socket's program go on?
 * @w: the world
 * @host: whose
 * @slot: the socket
 *
 * Return: false if it waits for something.
 */
bool ex_program_ready(const struct ex_world *w, u8 host, const struct ex_slot *slot)
{
	if (!slot->used || slot->closed)
		return false;
	if (!slot->accepted || slot->gone)
		return true;
	switch (letter(w, host, slot)) {
	case 'c':
	case 'a':
	case 'k':
	case 'l':
		return true;
	case 's':
	case 'd':
		return open(slot) || slot->tcb.state == XTCP_SYN_RECEIVED;
	case 'w':
	case 'W':
	case 'b':
		return open(slot);
	default:
		return slot->consumed < slot->delivered || slot->eof;
	}
}

/* The program is done with its socket. */
static void done(struct ex_world *w, u8 host, struct ex_slot *slot, bool abort)
{
	const bool unread = slot->consumed < slot->delivered;
	struct ex_tag *tag = ex_tag(w, slot->tcb.tag);

	if (slot->gone) {
		ex_slot_free(slot);
		return;
	}
	if (unread || abort || !ex_synchronized(slot->tcb.state))
		w->clean = false;
	slot->closed = true;
	tag->unread = unread && !tag->shut;
	tag->shut = true;
	slot->closed_at = w->now;
	ex_refill(w, slot, 2);
	ex_act(w, host, slot, xtcp_close(&slot->tcb, unread, abort, w->now), NULL);
}

/* A call has failed. */
static void failed(struct ex_world *w, u8 host, struct ex_slot *slot)
{
	if (w->clean)
		ex_fail(w, "a program's call fails though all is well");
	done(w, host, slot, false);
}

static void write_bytes(struct ex_world *w, u8 host, struct ex_slot *slot, u32 bytes)
{
	if (slot->gone) {
		failed(w, host, slot);
		return;
	}
	slot->op++;
	ex_tag(w, slot->tcb.tag)->written += bytes;
	ex_refill(w, slot, 2);
	ex_act(w, host, slot, xtcp_written(&slot->tcb, bytes, XTCP_WRITE_PUSH, w->now), NULL);
}

static void read_bytes(struct ex_world *w, u8 host, struct ex_slot *slot, u32 most)
{
	const u32 bytes = min_t(u32, slot->delivered - slot->consumed, most);

	if (!bytes) {
		slot->op++;
		if (!slot->eof)
			failed(w, host, slot);
		return;
	}
	slot->consumed += bytes;
	if (most == 1)
		slot->op++;
	if (slot->gone)
		return;
	ex_refill(w, slot, 2);
	ex_act(w, host, slot, xtcp_read(&slot->tcb, bytes, w->now), NULL);
}

/* The listener goes, and with it the children that nobody has accepted. */
static void stop_listening(struct ex_world *w, u8 host)
{
	u32 i, todo;

	w->deaf = true;
	for (i = 0; i < EX_SLOTS; i++) {
		struct ex_slot *child = &w->slot[host][i];

		if (!child->used || child->accepted)
			continue;
		w->clean = false;
		todo = xtcp_close(&child->tcb, false, true, w->now);
		if (child->gone) {
			ex_slot_free(child);
			continue;
		}
		child->closed = true;
		ex_act(w, host, child, todo, NULL);
	}
}

/**
 * ex_program - a program makes its next call
 * @w: the world
 * @host: whose
 * @slot: its socket; ex_program_ready()
 */
void ex_program(struct ex_world *w, u8 host, struct ex_slot *slot)
{
	if (!slot->accepted) {
		slot->accepted = true;
		return;
	}
	switch (letter(w, host, slot)) {
	case 'w':
		write_bytes(w, host, slot, 1);
		break;
	case 'W':
		write_bytes(w, host, slot, 2);
		break;
	case 'g':
		read_bytes(w, host, slot, 1);
		break;
	case 'r':
		read_bytes(w, host, slot, EX_PAYLOAD);
		break;
	case 'b':
		slot->op++;
		if (!slot->gone)
			ex_act(w, host, slot,
			       xtcp_set_rcvbuf(&slot->tcb, slot->tcb.rcv.buf / 2, w->now), NULL);
		break;
	case 's':
		slot->op++;
		ex_tag(w, slot->tcb.tag)->shut = true;
		if (slot->gone)
			break;
		ex_refill(w, slot, 2);
		ex_act(w, host, slot, xtcp_shutdown(&slot->tcb, w->now), NULL);
		break;
	case 'd':
		slot->op++;
		if (!slot->gone)
			xtcp_shut_read(&slot->tcb);
		break;
	case 'c':
		done(w, host, slot, false);
		break;
	case 'a':
		done(w, host, slot, true);
		break;
	case 'l':
		slot->op++;
		stop_listening(w, host);
		break;
	case 'k':
		slot->op++;
		w->clean = false;
		ex_act(w, host, slot, xtcp_abort(&slot->tcb, ECONNABORTED, w->now), NULL);
		break;
	}
}

/**
 * ex_delivered - bytes in order for a program
 * @w: the world
 * @slot: its socket
 * @buf: which of the buffer's are wanted
 */
void ex_delivered(struct ex_world *w, struct ex_slot *slot, const struct ex_buf *buf)
{
	const u32 peer = slot->tcb.peer_tag;
	u32 i;

	if (!ex_tag(w, peer)) {
		ex_fail(w, "bytes of nobody are delivered");
		return;
	}
	if (buf->take && slot->tcb.deaf && slot->tcb.fin_queued)
		ex_fail(w, "bytes are taken for a program that is done with both ways (C5)");
	for (i = 0; i < buf->take; i++) {
		if (buf->seq + i != ex_iss(peer) + 1 + slot->delivered)
			ex_fail(w, "bytes are delivered twice, not at all, or out of order");
		if (buf->bytes[buf->skip + i] != ex_byte(peer, slot->delivered))
			ex_fail(w, "bytes of another incarnation are delivered");
		slot->delivered++;
	}
	if (slot->delivered > ex_tag(w, peer)->written)
		ex_fail(w, "bytes are delivered that nobody has written");
}
