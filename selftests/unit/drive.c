// SPDX-License-Identifier: GPL-2.0
/* The driver of one TCB: see drive.h. */
#include <stdio.h>
#include <stdlib.h>

#include "drive.h"

#define CALLS_MAX	100000	/* a loop that takes more does not end */

static void broken(const char *what)
{
	fprintf(stderr, "# drive: %s\n", what);
	abort();
}

/**
 * drive_init - a fresh TCB at a fresh time
 * @d: storage
 * @mss: of the path, bytes
 * @rcvbuf: of the program, bytes
 */
void drive_init(struct drive *d, u32 mss, u32 rcvbuf)
{
	memset(d, 0, sizeof(*d));
	d->now = DRIVE_START;
	d->iss = 0xfffffffffffff800ULL;	/* wraps soon */
	d->irs = 0xfffffffffffff000ULL;	/* so does this */
	d->wnd = DRIVE_WND;
	d->ordered = true;
	xtcp_init(&d->t, &xtcp_cc_reno, NULL, mss, rcvbuf);
	d->t.sport = 40000;
	d->t.dport = 7;
	d->t.burst = 16 * mss;
	d->t.tune.nodelay = 1;
}

/**
 * drive_connect - SYN-SENT, the SYN is out
 * @d: storage
 * @mss: of the path, bytes
 * @rcvbuf: of the program, bytes
 */
void drive_connect(struct drive *d, u32 mss, u32 rcvbuf)
{
	drive_init(d, mss, rcvbuf);
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
}

/**
 * drive_open - ESTABLISHED and confirmed, nothing sent or owed
 * @d: storage
 * @mss: of the path, bytes
 * @rcvbuf: of the program, bytes
 *
 * The handshake took 10 ms. There are no tail loss probes until drive_probes(): one
 * is out, as it were, and nothing will ever acknowledge it.
 */
void drive_open(struct drive *d, u32 mss, u32 rcvbuf)
{
	drive_connect(d, mss, rcvbuf);
	d->now += 10 * XTCP_MS;
	drive_syn_ack(d, true);
	drive_ack(d, 0);
	drive_forget(d);
	if (d->t.state != XTCP_ESTABLISHED || !d->t.conf)
		broken("the connection does not open");
	d->t.tlp_out = 1;
	d->t.snd.tlp_end = d->iss + DRIVE_FAR;
}

/**
 * drive_probes - tail loss probes from here on (D9)
 * @d: the driver, nothing outstanding
 */
void drive_probes(struct drive *d)
{
	d->t.tlp_out = 0;
}

/**
 * drive_forget - forget what was sent so far
 * @d: the driver
 */
void drive_forget(struct drive *d)
{
	d->sent = 0;
	d->failed = 0;
	d->resets = 0;
	d->todo = 0;
}

static void free_chain(struct drive *d, struct drive_buf *buf, struct drive_buf *last)
{
	struct drive_buf *next;

	for (; buf; buf = next) {
		next = buf == last ? NULL : buf->next;
		d->freed++;
		free(buf);
	}
}

static void free_nodes(union xtcp_node **list)
{
	union xtcp_node *node;

	while ((node = *list)) {
		*list = node->next;
		free(node);
	}
}

/**
 * drive_end - release the TCB and all that hangs in it
 * @d: the driver
 */
void drive_end(struct drive *d)
{
	xtcp_release(&d->t);
	free_chain(d, d->t.rcv.drop_first, d->t.rcv.drop_last);
	free_nodes(&d->t.done);
	if (d->held != d->freed)
		broken("buffers leak");
}

/**
 * drive_refill - have spares at hand, unless the driver starves
 * @d: the driver
 * @want: how many
 */
void drive_refill(struct drive *d, u32 want)
{
	union xtcp_node *node;

	while (!d->starve && d->t.spares < min_t(u32, want, XTCP_SPARES_MAX)) {
		node = malloc(sizeof(*node));
		if (!node)
			abort();
		xtcp_add_spare(&d->t, node);
	}
}

static void deliver(struct drive *d, u64 seq, u32 len)
{
	d->ordered &= seq == d->irs + 1 + d->delivered;
	d->delivered += len;
}

static void drain(struct drive *d)
{
	struct drive_buf *buf = d->t.rcv.ready_first, *last = d->t.rcv.ready_last;

	for (; buf; buf = buf == last ? NULL : buf->next)
		deliver(d, buf->seq, buf->take);
	free_chain(d, d->t.rcv.ready_first, last);
	d->t.rcv.ready_first = NULL;
	d->t.rcv.ready_last = NULL;
}

static void record(struct drive *d, const struct xtcp_tx *tx, struct xtcp_pkt *pkt, u8 *head)
{
	u32 hdr = xtcp_build(&d->t, tx, d->now, head);

	if (hdr != tx->hdr)
		broken("xtcp_build: not the promised length");
	if (xtcp_parse(head, hdr, hdr + tx->len, pkt))
		broken("xtcp_parse refuses what xtcp_build made");
}

static void tell_record(struct drive *d)
{
	u32 i;

	if (!xtcp_records(&d->t))
		return;
	for (i = 0; i < d->eors; i++)
		if (xtcp_after(d->eor[i], d->t.snd.nxt))
			break;
	if (i == d->eors)
		broken("the core knows a record's end that nobody has written");
	d->t.snd.record = d->eor[i];
}

/* Of D14's lengths of super-packets only its own tests want to know. */
static bool next(struct drive *d, struct xtcp_tx *tx)
{
	u64 min = d->t.rtt.min;
	bool some;

	if (!d->far)
		d->t.rtt.min = 0;
	some = xtcp_next(&d->t, d->now, tx);
	d->t.rtt.min = min;
	return some;
}

static u32 output(struct drive *d)
{
	struct drive_sent *sent;
	struct xtcp_tx tx;
	u32 calls = 0;

	for (;;) {
		drive_refill(d, 1);
		memset(&tx, 0, sizeof(tx));
		tell_record(d);
		if (!next(d, &tx))
			return XTCP_TIMER;
		if (++calls > CALLS_MAX || d->sent == DRIVE_SENT_MAX)
			broken("the pull loop does not end");
		if (d->err) {
			d->failed++;
			xtcp_sent(&d->t, &tx, NULL, d->now, d->err);
			return XTCP_TIMER;
		}
		sent = &d->out[d->sent++];
		sent->at = d->now;
		sent->tx = tx;
		record(d, &tx, &sent->pkt, sent->head);
		xtcp_sent(&d->t, &tx, NULL, d->now, 0);
	}
}

/**
 * drive_act - what the shell does
 * @d: the driver
 * @todo: what the core returned
 * @pkt: the segment it was about, or NULL
 */
void drive_act(struct drive *d, u32 todo, struct xtcp_pkt *pkt)
{
	struct drive_buf *buf = pkt ? pkt->buf : NULL;
	struct xtcp_tx tx = { 0 };
	u8 head[XTCP_HDR_MAX];

	if (buf) {
		buf->seq = pkt->seq + pkt->skip;
		buf->take = pkt->take;
		pkt->buf = NULL;
		if (todo & XTCP_TAKE)
			deliver(d, buf->seq, buf->take);
		if (todo & XTCP_HELD)
			d->held++;
		else
			free(buf);
	}
	d->refused += !!(todo & XTCP_REFUSE);
	if (todo & XTCP_DRAIN)
		drain(d);
	if (todo & XTCP_PRUNE) {
		free_chain(d, d->t.rcv.drop_first, d->t.rcv.drop_last);
		d->t.rcv.drop_first = NULL;
		d->t.rcv.drop_last = NULL;
	}
	if (todo & XTCP_RESET) {
		d->resets++;
		xtcp_reset(&d->t, &tx);
		record(d, &tx, &d->reset, head);
	}
	if (todo & XTCP_XMIT)
		todo |= output(d);
	d->timewait |= !!(todo & XTCP_TIMEWAIT);
	d->dead |= !!(todo & (XTCP_TIMEWAIT | XTCP_DEAD));
	free_nodes(&d->t.done);
	d->todo = todo;
}

/**
 * drive_write - the program writes
 * @d: the driver
 * @bytes: how many
 * @how: XTCP_WRITE_*
 */
void drive_write(struct drive *d, u32 bytes, u32 how)
{
	if (how & XTCP_WRITE_EOR) {
		if (d->eors == ARRAY_SIZE(d->eor))
			broken("too many records");
		d->eor[d->eors++] = d->t.snd.end + bytes;
	}
	drive_act(d, xtcp_written(&d->t, bytes, how, d->now), NULL);
}

/**
 * drive_read - the program reads
 * @d: the driver
 * @bytes: how many
 */
void drive_read(struct drive *d, u32 bytes)
{
	drive_act(d, xtcp_read(&d->t, bytes, d->now), NULL);
}

/**
 * drive_run - let time pass
 * @d: the driver
 * @until: the time it will be; every deadline before fires exactly when due
 */
void drive_run(struct drive *d, u64 until)
{
	u32 calls = 0;

	while (!d->dead && d->t.timer_next <= until) {
		d->now = max(d->now, d->t.timer_next);
		drive_refill(d, 2);
		drive_act(d, xtcp_timer(&d->t, d->now), NULL);
		if (++calls > CALLS_MAX)
			broken("timers do not end");
	}
	d->now = max(d->now, until);
}

/**
 * drive_pkt - make a segment from the peer
 * @d: the driver
 * @seq: SEQ, relative to the first byte of the peer's stream
 * @len: bytes of payload
 * @ack: ACK, relative to the first byte of ours
 *
 * Return: the segment, with the ACK flag only.
 */
struct xtcp_pkt drive_pkt(const struct drive *d, s64 seq, u32 len, s64 ack)
{
	struct xtcp_pkt pkt = {
		.seq = d->irs + 1 + seq,
		.ack = d->iss + 1 + ack,
		.len = len,
		.wnd = d->wnd,
		.tag = DRIVE_TAG,
		.sport = d->t.dport,
		.dport = d->t.sport,
		.wire = 1,
		.flags = XTCP_ACK,
		.hdr = XTCP_HDR_LEN / 8,
	};

	return pkt;
}

/**
 * drive_sack - add ACKINFO to a segment
 * @d: the driver; keeps the option
 * @pkt: the segment
 * @n: how many ranges
 * @ranges: start and end of each, relative to the first byte of our stream
 */
void drive_sack(struct drive *d, struct xtcp_pkt *pkt, u32 n, const u64 ranges[][2])
{
	u8 *p = xtcp_put_ackinfo(d->options, 0, 0, n);
	u32 i;

	pkt->ackinfo = p;
	for (i = 0; i < n; i++)
		p = xtcp_put_range(p, pkt->ack, d->iss + 1 + ranges[i][0],
				   d->iss + 1 + ranges[i][1]);
	pkt->has |= XTCP_HAS_ACKINFO;
	pkt->ranges = n;
	pkt->hdr += XTCP_ACKINFO_LEN(n) / 8;
}

/**
 * drive_tsecho - add TSECHO to a segment
 * @pkt: the segment
 * @ts: the value to echo
 * @held: ns for which the peer held it
 */
void drive_tsecho(struct xtcp_pkt *pkt, u32 ts, u64 held)
{
	pkt->has |= XTCP_HAS_TSECHO;
	pkt->tsecho = ts;
	pkt->ts_delay = held / XTCP_DELAY_UNIT;
	pkt->hdr += XTCP_TSECHO_LEN / 8;
}

/**
 * drive_in - the TCB gets a segment
 * @d: the driver
 * @pkt: the segment; gets a buffer if it has payload
 *
 * Return: what xtcp_input() returned, before anything was done about it.
 */
u32 drive_in(struct drive *d, struct xtcp_pkt *pkt)
{
	u32 todo;

	if (pkt->len) {
		pkt->buf = calloc(1, sizeof(struct drive_buf));
		if (!pkt->buf)
			abort();
	}
	drive_refill(d, d->t.spares + xtcp_need(&d->t, pkt));
	todo = xtcp_input(&d->t, pkt, d->now);
	drive_act(d, todo, pkt);
	return todo;
}

/**
 * drive_syn_ack - the peer's SYN|ACK
 * @d: the driver, in SYN-SENT
 * @cookie: it carries a cookie
 */
void drive_syn_ack(struct drive *d, bool cookie)
{
	const struct xtcp_hello hello = {
		.mss = 65000, .tag = DRIVE_PEER_TAG, .features = ~0U,
	};
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);
	u8 *p;

	pkt.flags |= XTCP_SYN;
	pkt.has = XTCP_HAS_HELLO;
	p = xtcp_put_hello(d->options, &hello);
	pkt.hello = d->options + 2;	/* body: behind kind and length */
	pkt.hdr += XTCP_HELLO_LEN / 8;
	if (cookie) {
		memset(p, 0x5a, XTCP_COOKIE_LEN);
		p[0] = XTCP_KIND_COOKIE;
		p[1] = XTCP_COOKIE_LEN / 8;
		pkt.cookie = p;
		pkt.has |= XTCP_HAS_COOKIE;
		pkt.hdr += XTCP_COOKIE_LEN / 8;
	}
	drive_in(d, &pkt);
}

/**
 * drive_data - a data segment from the peer, acknowledging nothing new
 * @d: the driver
 * @seq: relative to the first byte of the peer's stream
 * @len: bytes
 */
void drive_data(struct drive *d, s64 seq, u32 len)
{
	struct xtcp_pkt pkt = drive_pkt(d, seq, len, d->t.snd.una - (d->iss + 1));

	drive_in(d, &pkt);
}

/**
 * drive_ack - an ACK from the peer, without data
 * @d: the driver
 * @ack: relative to the first byte of our stream
 */
void drive_ack(struct drive *d, s64 ack)
{
	struct xtcp_pkt pkt = drive_pkt(d, d->t.rcv.nxt - (d->irs + 1), 0, ack);

	drive_in(d, &pkt);
}

/**
 * drive_fin - a FIN from the peer, acknowledging nothing new
 * @d: the driver
 * @seq: relative to the first byte of the peer's stream
 */
void drive_fin(struct drive *d, s64 seq)
{
	struct xtcp_pkt pkt = drive_pkt(d, seq, 0, d->t.snd.una - (d->iss + 1));

	pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
}

/**
 * drive_last - the last transmission
 * @d: the driver
 *
 * Return: what was sent; aborts if nothing was.
 */
const struct drive_sent *drive_last(const struct drive *d)
{
	if (!d->sent)
		broken("nothing was sent");
	return &d->out[d->sent - 1];
}

/**
 * drive_seq - SEQ of a transmission
 * @d: the driver
 * @sent: the transmission
 *
 * Return: relative to the first byte of our stream.
 */
s64 drive_seq(const struct drive *d, const struct drive_sent *sent)
{
	return sent->pkt.seq - (d->iss + 1);
}

/**
 * drive_acks - ACK of a transmission
 * @d: the driver
 * @sent: the transmission
 *
 * Return: relative to the first byte of the peer's stream.
 */
s64 drive_acks(const struct drive *d, const struct drive_sent *sent)
{
	return sent->pkt.ack - (d->irs + 1);
}
