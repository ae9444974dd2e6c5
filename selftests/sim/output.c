// SPDX-License-Identifier: GPL-2.0
/*
 * The write queue and the pull loop: the core says what should be sent, the
 * bytes are looked up in what the program has written and not yet been
 * acknowledged, the path may refuse them.
 */
#include <stdlib.h>

#include "sim.h"

#define PULLS_MAX	100000

/**
 * sim_write - the program writes
 * @e: the endpoint; it has a TCB
 * @bytes: how many; not 0
 */
void sim_write(struct sim_endpoint *e, u32 bytes)
{
	struct sim_written *written = malloc(sizeof(*written));
	struct sim_world *w = e->world;
	u32 how = 0;

	if (!written)
		abort();
	w->buffers++;
	written->next = NULL;
	written->start = e->iss + 1 + e->app.written;
	written->end = written->start + bytes;
	if (e->last)
		e->last->next = written;
	else
		e->first = written;
	e->last = written;
	e->app.written += bytes;
	e->app.queued += bytes;
	if (host_chance(&w->rand, 800))
		how |= XTCP_WRITE_PUSH;
	else if (host_chance(&w->rand, 500))
		how |= XTCP_WRITE_MORE;
	if (sim_urgent(w, e->id, e->app.written)) {
		e->app.mark = e->app.written;
		how |= XTCP_WRITE_OOB;
	}
	if (host_chance(&w->rand, 200))
		e->tcb->queued = host_between(&w->rand, 1, 200000);	/* D12, D14 */
	sim_refill(e, 2);
	sim_act(e, xtcp_written(e->tcb, bytes, how, w->now), NULL);
}

static void free_first(struct sim_endpoint *e)
{
	struct sim_written *first = e->first;

	e->first = first->next;
	if (!e->first)
		e->last = NULL;
	e->app.queued -= first->end - first->start;
	e->world->buffers--;
	free(first);
}

/**
 * sim_acked - free what the peer has acknowledged in full
 * @e: the endpoint
 */
void sim_acked(struct sim_endpoint *e)
{
	while (e->first && !xtcp_after(e->first->end, e->tcb->snd.una))
		free_first(e);
	e->app.write_at = min(e->app.write_at, e->world->now);
}

/**
 * sim_purge - free all that was written
 * @e: the endpoint
 */
void sim_purge(struct sim_endpoint *e)
{
	while (e->first)
		free_first(e);
}

/* The buffer that holds a byte: it must not have been freed yet. */
static struct sim_written *holder(struct sim_endpoint *e, u64 seq)
{
	struct sim_written *written = e->first;

	while (written && !xtcp_after(written->end, seq))
		written = written->next;
	if (!written || xtcp_after(written->start, seq)) {
		sim_fail(e->world, "bytes to be sent are not in the write queue");
		return NULL;
	}
	return written;
}

static int send(struct sim_endpoint *e, const struct xtcp_tx *tx, void **buf)
{
	static u8 bytes[XTCP_HDR_MAX + 65536];
	struct sim_world *w = e->world;
	u32 hdr;

	*buf = NULL;
	if (tx->len) {
		*buf = holder(e, tx->seq);
		if (!*buf || !holder(e, tx->seq + tx->len - 1))
			return -ENOBUFS;
		if (!tx->mss)
			sim_fail(w, "data without segment size");
	}
	if (tx->len > 65536 - XTCP_HDR_MAX || tx->hdr > XTCP_HDR_MAX) {
		sim_fail(w, "a super-packet beyond 64 KB");
		return -ENOBUFS;
	}
	hdr = xtcp_build(e->tcb, tx, w->now, bytes);
	if (hdr != tx->hdr || xtcp_header_len(bytes) != (int)hdr)
		sim_fail(w, "xtcp_build: length is not what xtcp_next promised");
	if (tx->len > e->tcb->burst && tx->len > tx->mss)
		sim_fail(w, "a super-packet beyond the burst");
	if (tx->len > tx->mss && tx->opts & (XTCP_HAS_DSACK | XTCP_HAS_URG))
		sim_fail(w, "DSACK or URG on a super-packet");
	sim_fill(w, e->id, tx->seq - (e->iss + 1), bytes + hdr, tx->len);
	return sim_transmit(w, e->id, bytes, hdr, tx->len, tx->len ? tx->mss : 1);
}

/**
 * sim_output - the pull loop
 * @e: the endpoint; it has a TCB
 *
 * Return: XTCP_TODO bits that came of it.
 */
u32 sim_output(struct sim_endpoint *e)
{
	struct sim_world *w = e->world;
	struct xtcp_tx tx;
	u32 pulls = 0;
	void *buf;
	int err;

	do {
		sim_refill(e, 1);
		memset(&tx, 0, sizeof(tx));
		if (!xtcp_next(e->tcb, w->now, &tx))
			break;
		if (tx.len > 2U * tx.mss && host_chance(&w->rand, w->p.cut))
			xtcp_cut(&tx, host_between(&w->rand, 1, tx.len / tx.mss) * tx.mss);
		err = send(e, &tx, &buf);
		xtcp_sent(e->tcb, &tx, buf, w->now, err);
		sim_check(e);
		if (++pulls > PULLS_MAX)
			sim_fail(w, "the pull loop does not end");
	} while (!err && !w->failed);
	return XTCP_TIMER;
}

/**
 * sim_reset - send the connection's RST, best effort
 * @e: the endpoint; it has a TCB
 */
void sim_reset(struct sim_endpoint *e)
{
	struct xtcp_tx tx = { 0 };
	void *buf;

	xtcp_reset(e->tcb, &tx);
	send(e, &tx, &buf);
}
