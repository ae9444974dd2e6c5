// SPDX-License-Identifier: GPL-2.0
/*
 * Reassembly. In-order data goes straight to the program's queue and takes no
 * node. What arrives early hangs in runs: disjoint ranges that do not adjoin,
 * each a chain of buffers. Of a buffer one contiguous part is kept; where it
 * overlaps what is there, the older bytes stay, except that a run wholly
 * covered is replaced, so that nothing acceptable is ever thrown away.
 */
#include "core.h"

/*
 * As many bytes fill a buffer: half a page and less, so that segments of usual
 * size are never packed.
 */
#define BUF_FULL	1024U

static struct xtcp_run *run_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct xtcp_run, at) : NULL;
}

/**
 * xtcp_run_first - lowest run
 * @tcb: connection
 *
 * Return: the run or NULL.
 */
struct xtcp_run *xtcp_run_first(const struct xtcp_tcb *tcb)
{
	return run_of(rb_first(&tcb->rcv.runs));
}

/**
 * xtcp_run_next - next higher run
 * @run: run
 *
 * Return: the run or NULL.
 */
struct xtcp_run *xtcp_run_next(const struct xtcp_run *run)
{
	return run_of(rb_next(&run->at));
}

/* Link [first..last] behind the chain that *head..*tail describes. */
static void chain_append(void **head, void **tail, void *first, void *last)
{
	if (*head)
		xtcp_chain(*tail, first);
	else
		*head = first;
	*tail = last;
}

static void forget_run(struct xtcp_tcb *tcb, struct xtcp_run *run)
{
	tcb->rcv.run_bytes -= run->end - run->start;
	tcb->rcv.run_bufs -= run->bufs;
	tcb->rcv.run_count--;
	list_del(&run->recent);
	rb_erase(&run->at, &tcb->rcv.runs);
	xtcp_put_node(tcb, (union xtcp_node *)run);
}

/**
 * xtcp_drop_run - throw a run away
 * @tcb: connection
 * @run: run; its buffers go to rcv.drop
 *
 * Return: XTCP_PRUNE.
 */
u32 xtcp_drop_run(struct xtcp_tcb *tcb, struct xtcp_run *run)
{
	chain_append(&tcb->rcv.drop_first, &tcb->rcv.drop_last, run->first, run->last);
	forget_run(tcb, run);
	return XTCP_PRUNE;
}

/* First run that ends at or after seq. */
static struct xtcp_run *find_run(const struct xtcp_tcb *tcb, u64 seq)
{
	struct rb_node *node = tcb->rcv.runs.rb_node;
	struct xtcp_run *found = NULL;

	while (node) {
		struct xtcp_run *run = run_of(node);

		if (xtcp_before(run->end, seq)) {
			node = node->rb_right;
		} else {
			found = run;
			node = node->rb_left;
		}
	}
	return found;
}

static void insert_run(struct xtcp_tcb *tcb, struct xtcp_run *run)
{
	struct rb_node **link = &tcb->rcv.runs.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = xtcp_before(run->start, run_of(parent)->start) ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&run->at, parent, link);
	rb_insert_color(&run->at, &tcb->rcv.runs);
	list_add(&run->recent, &tcb->rcv.recent);
	tcb->rcv.run_count++;
}

/*
 * Make room for [*start, *end): runs that it covers go, the rest of the range
 * shrinks to what no run holds. low: the run that ends at *start or holds it.
 */
static u32 fit(struct xtcp_tcb *tcb, struct xtcp_run *run, u64 *start, u64 *end)
{
	u32 todo = 0;

	while (run && xtcp_before(run->start, *end)) {
		struct xtcp_run *next = xtcp_run_next(run);

		if (!xtcp_after(run->start, *start) && !xtcp_after(*start, run->end)) {
			*start = run->end;	/* its front is there already */
			if (!xtcp_before(*start, *end))
				break;
		} else if (!xtcp_after(run->end, *end)) {
			todo |= xtcp_drop_run(tcb, run);
		} else {
			*end = run->start;
		}
		run = next;
	}
	return todo;
}

/* [start, end) of pkt is wanted. */
static void want(struct xtcp_pkt *pkt, u64 seq, u64 start, u64 end)
{
	pkt->skip = start - seq;
	pkt->take = end - start;
}

static u32 early(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 seq, u64 start, u64 end)
{
	struct xtcp_run *low = find_run(tcb, start), *high;
	u32 todo = fit(tcb, low, &start, &end);

	if (!xtcp_before(start, end)) {
		pkt->drop = XTCP_DROP_DUPLICATE;
		return todo;
	}

	low = find_run(tcb, start);
	if (low && low->end == start) {
		high = xtcp_run_next(low);
	} else {
		high = low;
		low = NULL;
	}
	if (high && high->start != end)
		high = NULL;

	if (!low && !high) {
		union xtcp_node *node = xtcp_get_node(tcb);

		if (!node) {
			pkt->drop = XTCP_DROP_MEMORY;
			return todo;
		}
		low = &node->run;
		low->start = start;
		low->first = pkt->buf;
		low->last = pkt->buf;
		low->bufs = 0;
		low->end = end;
		insert_run(tcb, low);
	} else if (low) {
		xtcp_chain(low->last, pkt->buf);
		low->last = pkt->buf;
		low->end = end;
	} else {
		low = high;
		xtcp_chain(pkt->buf, low->first);
		low->first = pkt->buf;
		low->start = start;	/* still the same place in the tree */
		high = NULL;
	}
	tcb->rcv.run_bytes += end - start;
	tcb->rcv.run_bufs++;
	low->bufs++;
	if (low->last == pkt->buf)
		xtcp_chain(pkt->buf, NULL);
	if (high) {
		u32 len = high->end - high->start, bufs = high->bufs;

		xtcp_chain(low->last, high->first);
		low->last = high->last;
		low->end = high->end;
		forget_run(tcb, high);
		tcb->rcv.run_bytes += len;
		tcb->rcv.run_bufs += bufs;
		low->bufs += bufs;
	}
	list_move(&low->recent, &tcb->rcv.recent);

	want(pkt, seq, start, end);
	tcb->stat.ooo++;
	tcb->events |= BIT(XTCP_EV_OOO);
	return todo | XTCP_HELD;
}

static u32 in_order(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 seq, u64 end)
{
	u64 start = tcb->rcv.nxt;
	struct xtcp_run *run;
	u32 todo = XTCP_TAKE | XTCP_READABLE;

	for (run = xtcp_run_first(tcb); run && xtcp_before(run->start, end);
	     run = xtcp_run_first(tcb)) {
		if (xtcp_after(run->end, end))
			end = run->start;
		else
			todo |= xtcp_drop_run(tcb, run);
	}
	want(pkt, seq, start, end);
	tcb->rcv.nxt = end;

	if (run && run->start == end) {
		chain_append(&tcb->rcv.ready_first, &tcb->rcv.ready_last, run->first, run->last);
		tcb->rcv.nxt = run->end;
		forget_run(tcb, run);
		todo |= XTCP_DRAIN;
	}
	tcb->stat.bytes_received += tcb->rcv.nxt - start;
	return todo;
}

/**
 * xtcp_reassemble - place the payload of an acceptable segment
 * @tcb: connection
 * @pkt: segment; gets skip and take, or drop
 * @seq: number of its first payload byte
 * @end: end of its payload, already cut to the window
 *
 * [@seq, @end) reaches beyond RCV.NXT. The caller knows from RCV.NXT whether
 * anything came into order.
 *
 * Return: todo bits.
 */
u32 xtcp_reassemble(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 seq, u64 end)
{
	if (xtcp_after(seq, tcb->rcv.nxt))
		return early(tcb, pkt, seq, seq, end);
	return in_order(tcb, pkt, seq, end);
}

/**
 * xtcp_prune - give up the highest run, so that data in order finds room (D11)
 * @tcb: connection
 *
 * Return: XTCP_PRUNE, or 0 if there is none.
 */
u32 xtcp_prune(struct xtcp_tcb *tcb)
{
	struct xtcp_run *run = run_of(rb_last(&tcb->rcv.runs));

	if (!run)
		return 0;
	tcb->events |= BIT(XTCP_EV_PRUNED);
	return xtcp_drop_run(tcb, run);
}

/* Buffers that hold @bytes in @runs pieces if they are well filled. */
static u32 bufs_enough(u32 runs, u32 bytes)
{
	return runs + bytes / BUF_FULL;
}

/**
 * xtcp_runs_loose - is it worth while to pack what came out of order?
 * @tcb: connection
 *
 * Only if it frees half of the buffers or more: then it comes to less work per
 * segment than receiving it did, whatever the peer sends.
 *
 * Return: true if it is: each xtcp_loose_run() should be packed.
 */
bool xtcp_runs_loose(const struct xtcp_tcb *tcb)
{
	return tcb->rcv.run_bufs / 2 > bufs_enough(tcb->rcv.run_count, tcb->rcv.run_bytes);
}

/**
 * xtcp_loose_run - a run with more buffers than its bytes need
 * @tcb: connection
 * @last: the one before; NULL: begin with the lowest
 *
 * Return: the next such run, or NULL.
 */
struct xtcp_run *xtcp_loose_run(const struct xtcp_tcb *tcb, const struct xtcp_run *last)
{
	struct xtcp_run *run = last ? xtcp_run_next(last) : xtcp_run_first(tcb);

	while (run && run->bufs <= bufs_enough(1, run->end - run->start))
		run = xtcp_run_next(run);
	return run;
}

/**
 * xtcp_run_packed - the bytes of a run lie in other buffers now
 * @tcb: connection
 * @run: run
 * @first: first of the buffers, chained
 * @last: last of them
 * @bufs: how many they are, fewer than before
 */
void xtcp_run_packed(struct xtcp_tcb *tcb, struct xtcp_run *run, void *first, void *last,
		     u32 bufs)
{
	tcb->rcv.run_bufs -= run->bufs - bufs;
	run->first = first;
	run->last = last;
	run->bufs = bufs;
}
