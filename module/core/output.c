// SPDX-License-Identifier: GPL-2.0
/*
 * Output: what goes out next, and what it means that it went. xtcp_next()
 * decides and xtcp_sent() records; between the two the shell builds and
 * transmits, and may fail.
 *
 * Order of preference: SYN|ACK and SYN; what was lost; a tail loss probe; new bytes and
 * the FIN; other probes; a bare ACK. An ACK that is owed rides along with whatever goes.
 */
#include "core.h"

#define RANGES_MAX	58	/* what a header of XTCP_HDR_MAX has room for */

/*
 * D6: what an ACK number does not tell. With data only gaps are worth the room, an ACK
 * that waited for long, and CE marks until the peer must have heard of them: it may get
 * nothing else.
 */
static bool has_news(const struct xtcp_tcb *tcb, enum xtcp_why why, u64 now)
{
	bool held = tcb->ack_held && now - tcb->rcv.held_at > XTCP_ACK_HELD;

	if (tcb->rcv.run_count || tcb->fin_early)
		return true;
	switch (why) {
	case XTCP_WHY_NEW:
		if (held)
			return true;
		return tcb->rcv.ce && (tcb->rcv.ce != tcb->rcv.ce_told ||
				       xtcp_after(tcb->rcv.ce_until, tcb->snd.una));
	case XTCP_WHY_REXMIT:	/* it may have been full without */
		return false;
	default:
		return tcb->rcv.ce || held;
	}
}

/* O4: "With COOKIE: every segment carries it until conf". */
static bool carries_cookie(const struct xtcp_tcb *tcb, enum xtcp_why why)
{
	return !tcb->passive && (!tcb->conf || why == XTCP_WHY_ECHO);
}

/**
 * xtcp_challenge_len - length of the ACK that answers a foreign SYN (M2)
 * @tcb: synchronized connection
 *
 * Whoever sent the SYN has proved nothing: the answer has no option that can be
 * left out, so that it is not longer than the SYN (O2: "no amplification").
 *
 * Return: bytes.
 */
u32 xtcp_challenge_len(const struct xtcp_tcb *tcb)
{
	return XTCP_HDR_LEN +
	       (carries_cookie(tcb, XTCP_WHY_CHALLENGE) ? XTCP_COOKIE_LEN : 0);
}

/* Is an early FIN (C2) a range of its own? Not if it ends the highest run. */
static bool fin_apart(const struct xtcp_tcb *tcb)
{
	struct rb_node *last = rb_last(&tcb->rcv.runs);

	return tcb->fin_early &&
	       !(last && rb_entry(last, struct xtcp_run, at)->end == tcb->rcv.fin);
}

/* Options of a segment, and the header length that follows from them. */
static void choose_options(const struct xtcp_tcb *tcb, struct xtcp_tx *tx, u64 now)
{
	bool data = tx->why == XTCP_WHY_NEW || tx->why == XTCP_WHY_REXMIT;
	u32 most = data ? XTCP_RANGES_WITH_DATA : RANGES_MAX;
	u32 len = XTCP_HDR_LEN, room;

	tx->opts = 0;
	tx->ranges = 0;
	if (tx->why == XTCP_WHY_SYN) {
		tx->opts = XTCP_HAS_HELLO | XTCP_HAS_COOKIE | XTCP_HAS_TS;
		tx->hdr = len + XTCP_HELLO_LEN + XTCP_COOKIE_LEN + XTCP_TS_LEN;
		return;
	}
	if (tx->why == XTCP_WHY_SYNACK) {
		tx->opts = XTCP_HAS_HELLO | (tcb->ts_owed ? XTCP_HAS_TSECHO : 0);
		tx->hdr = len + XTCP_HELLO_LEN + (tcb->ts_owed ? XTCP_TSECHO_LEN : 0);
		return;
	}
	if (carries_cookie(tcb, tx->why)) {
		tx->opts |= XTCP_HAS_COOKIE;
		len += XTCP_COOKIE_LEN;
	}
	if (tx->why == XTCP_WHY_CHALLENGE) {
		tx->hdr = len;
		return;
	}
	/* TS on retransmissions, otherwise once per round trip and millisecond. */
	if (tx->why == XTCP_WHY_REXMIT ||
	    (tx->why == XTCP_WHY_NEW &&
	     now - tcb->snd.ts_at >= max_t(u64, tcb->rtt.srtt, XTCP_TS_GAP))) {
		tx->opts |= XTCP_HAS_TS;
		len += XTCP_TS_LEN;
	}
	if (tcb->ts_owed) {
		tx->opts |= XTCP_HAS_TSECHO;
		len += XTCP_TSECHO_LEN;
	}
	if (xtcp_urges(tcb, tx->seq)) {
		tx->opts |= XTCP_HAS_URG;
		tx->flags |= XTCP_URG;
		len += XTCP_URG_LEN;
	}
	/* DSACK segments go alone: it rides on a bare ACK only. */
	if (tcb->dsack_owed && !data) {
		tx->opts |= XTCP_HAS_DSACK;
		len += XTCP_DSACK_LEN;
	}
	if (has_news(tcb, tx->why, now)) {
		room = min_t(u32, XTCP_HDR_MAX, XTCP_HDR_LEN + (tcb->mss & ~7U)) - len;
		tx->opts |= XTCP_HAS_ACKINFO;
		tx->ranges = min(most, min(tcb->rcv.run_count + fin_apart(tcb), room / 8 - 1));
		len += XTCP_ACKINFO_LEN(tx->ranges);
	}
	tx->hdr = len;
}

/* D3: the ACK flag is always set after the first SYN. */
static u8 flags_of(enum xtcp_why why)
{
	switch (why) {
	case XTCP_WHY_SYN:
		return XTCP_SYN;
	case XTCP_WHY_SYNACK:
		return XTCP_SYN | XTCP_ACK;
	default:
		return XTCP_ACK;
	}
}

static void prepare(struct xtcp_tcb *tcb, struct xtcp_tx *tx, enum xtcp_why why, u64 seq, u64 now)
{
	memset(tx, 0, sizeof(*tx));
	tx->why = why;
	tx->seq = seq;
	tx->flags = flags_of(why);
	choose_options(tcb, tx, now);
	tx->mss = tcb->mss - (tx->hdr - XTCP_HDR_LEN);
}

/* A small segment waits for more: for how long at most (D12; tcp(7) for TCP_CORK). */
static void hold(struct xtcp_tcb *tcb, bool corked, u64 now)
{
	u64 wait = corked ? XTCP_CORK_MAX : max_t(u64, XTCP_HOLD_MIN, tcb->rtt.srtt / 4);

	xtcp_set_timer(tcb, XTCP_T_HOLD, min(tcb->deadline[XTCP_T_HOLD], now + wait));
}

/**
 * xtcp_small_may_go - may the last, short segment of what has been written go?
 * @tcb: connection
 * @now: time
 *
 * Minshall's variant of Nagle (D12): not while another short one is
 * unacknowledged; and autocorking. If not, T_HOLD runs.
 *
 * Return: true if it may.
 */
bool xtcp_small_may_go(struct xtcp_tcb *tcb, u64 now)
{
	bool corked = tcb->tune.cork || tcb->snd.more == tcb->snd.end;

	if (tcb->released || tcb->fin_queued || xtcp_urgent_mode(tcb))
		return true;
	if (!corked && !tcb->autocorked &&
	    (tcb->tune.nodelay || !xtcp_after(tcb->snd.small, tcb->snd.una)))
		return true;
	hold(tcb, corked, now);
	return false;
}

/* How many new bytes go into one transmission now; 0: none. */
static u32 new_bytes(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now)
{
	u32 mss = tx->mss, pipe = xtcp_pipe(tcb);
	u64 end = xtcp_record_end(tcb), unsent = end - tcb->snd.nxt;
	u32 window = xtcp_after(tcb->snd.edge, tcb->snd.nxt) ? tcb->snd.edge - tcb->snd.nxt : 0;
	u32 quota = tcb->cc.cwnd > pipe ? tcb->cc.cwnd - pipe : 0;
	/* URG segments go alone: its offset is not the same in the next one. */
	u32 burst = tcb->burst > tcb->mss ? xtcp_pace_room(tcb) : mss;
	u32 most = tx->opts & XTCP_HAS_URG || tcb->tlp_owed ? mss : max(burst, mss);
	u32 len = min_t(u64, unsent, most);

	/*
	 * Less than a full window in flight, less than a segment free: one more may go.
	 * So may a tail loss probe.
	 */
	if (quota < mss && (!pipe || tcb->tlp_owed))
		quota = mss;
	/*
	 * Segments that options make shorter leave the window a few bytes short of
	 * the last one: to the nearest segment, or slow start loses one each round, or
	 * sends it in a packet of its own. In recovery PRR's budget is exact.
	 */
	if (quota < len && !tcb->recovery) {
		quota += mss / 2;
		quota -= quota % mss;
	}
	len = min(len, quota);
	if (len > window) {
		/* Sender's silly window avoidance (RFC 9293 3.8.6.2.1), D7 overrides it. */
		if (window < mss && window < tcb->snd.max_wnd / 2 && !tcb->probe_owed)
			return 0;
		len = window;
	}
	if (len % mss == 0)
		return len;
	if (len == unsent) {
		/* what another write follows does not wait for it (D12) */
		if (end != tcb->snd.end || xtcp_small_may_go(tcb, now))
			return len;
	} else if (len == window && window < quota) {
		/* The window ends here; only a window this small makes a short segment. */
		if (len < mss)
			return len;
	}
	return len - len % mss;
}

/* Without a spare node data waits for a moment; an ACK needs none and goes. */
static bool no_spare(struct xtcp_tcb *tcb, u64 now)
{
	if (tcb->spares)
		return false;
	tcb->events |= BIT(XTCP_EV_NO_SPARE);
	if (tcb->deadline[XTCP_T_RETRY] == XTCP_NEVER)
		xtcp_set_timer(tcb, XTCP_T_RETRY, now + XTCP_RETRY_DELAY);
	return true;
}

static void leave_out(struct xtcp_tx *tx, u32 option, u32 len)
{
	tx->opts &= ~option;
	tx->hdr -= len;
	tx->mss += len;
}

/* What went without TS and TSECHO goes so again, if it takes one packet more with them. */
static void fit_again(struct xtcp_tx *tx, u32 data, u32 mss)
{
	u32 want = min(data, mss);
	u32 ts = tx->opts & XTCP_HAS_TS ? XTCP_TS_LEN : 0;
	u32 echo = tx->opts & XTCP_HAS_TSECHO ? XTCP_TSECHO_LEN : 0;

	if (want <= tx->mss || want - tx->mss > ts + echo ||
	    DIV_ROUND_UP(data, want) == DIV_ROUND_UP(data, tx->mss))
		return;
	if (ts)
		leave_out(tx, XTCP_HAS_TS, ts);
	if (want > tx->mss)
		leave_out(tx, XTCP_HAS_TSECHO, echo);
}

static bool next_lost(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	struct xtcp_seg *seg = xtcp_frto_waits(tcb) ? NULL : xtcp_next_lost(tcb);
	u32 len, data;

	if (!seg)
		return false;
	prepare(tcb, tx, XTCP_WHY_REXMIT, seg->start, now);
	len = seg->end - seg->start;
	data = seg->flags & XTCP_SEG_FIN ? len - 1 : len;
	fit_again(tx, data, seg->mss);
	tx->len = min_t(u32, data, tx->mss);
	/* With nothing in the network one may always go: the MSS may have outgrown cwnd. */
	if (!tcb->force && xtcp_pipe(tcb) && xtcp_pipe(tcb) + tx->len > tcb->cc.cwnd)
		return false;
	/* Part of a range: it will split. */
	if (tx->len < data && no_spare(tcb, now))
		return false;
	if (tx->len == data)
		tx->flags |= (seg->flags & XTCP_SEG_FIN ? XTCP_FIN : 0) |
			     (seg->flags & XTCP_SEG_PSH ? XTCP_PSH : 0);
	tx->seg = seg;
	return true;
}

/* D10: a probe of so many bytes of options and payload instead of what would go. */
static void make_probe(struct xtcp_tx *tx, u32 size)
{
	tx->mss = size - (tx->hdr - XTCP_HDR_LEN);
	tx->len = tx->mss;
	tx->probe = 1;
}

static bool next_new(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	u32 probe;
	bool fin;

	if (!xtcp_unsent(tcb) || tcb->local_held)
		return false;
	xtcp_cwv_resume(tcb, now);
	prepare(tcb, tx, XTCP_WHY_NEW, tcb->snd.nxt, now);
	probe = xtcp_probe_size(tcb, now);
	if (probe) {
		if (xtcp_pipe(tcb) + probe > tcb->cc.cwnd)
			return false;	/* the network drains until there is room for it */
		make_probe(tx, probe);
	} else {
		tx->len = new_bytes(tcb, tx, now);
	}

	/* The FIN takes a number, and the window has to have room for it. */
	fin = tcb->fin_queued && tx->seq + tx->len == tcb->snd.end &&
	      xtcp_after(tcb->snd.edge, tcb->snd.end);
	if (!tx->len && !fin)
		return false;
	if (no_spare(tcb, now))
		return false;
	if (fin)
		tx->flags |= XTCP_FIN;
	if (xtcp_after(tcb->snd.push, tx->seq) && !xtcp_after(tcb->snd.push, tx->seq + tx->len))
		tx->flags |= XTCP_PSH;
	if (xtcp_records(tcb) && tx->seq + tx->len == tcb->snd.record)
		tx->flags |= XTCP_PSH;
	return true;
}

/* RFC 8985 7.3: new bytes if there are any that may go, else the last ones again. */
static bool next_tlp(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	if (!tcb->tlp_owed)
		return false;
	return next_new(tcb, now, tx) || (xtcp_tlp_again(tcb) && next_lost(tcb, now, tx));
}

/*
 * Data waits for the next burst, and for packets to leave this host, but not what a timeout
 * wants sent.
 */
static bool next_data(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	bool due = tcb->force || tcb->tlp_owed;

	if (!tcb->snd.lost && !xtcp_unsent(tcb) && !due)
		return false;
	if (!due && !xtcp_pace_allows(tcb, now))
		return false;
	tcb->throttled = !due && xtcp_queue_full(tcb);
	if (tcb->throttled)
		return false;
	if (!next_lost(tcb, now, tx) && !next_tlp(tcb, now, tx) && !next_new(tcb, now, tx))
		return false;
	tx->departure = xtcp_pace_departure(tcb, now);
	return true;
}

/* O1, O6: what opens a connection. */
static bool next_opening(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	if (tcb->synack_owed)
		prepare(tcb, tx, XTCP_WHY_SYNACK, tcb->iss, now);
	else if (tcb->syn_owed)
		prepare(tcb, tx, XTCP_WHY_SYN, tcb->iss, now);
	else
		return false;
	return true;
}

/* Segments without payload, the more telling first: each is an ACK as well. */
static bool next_bare(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	if (tcb->synack_owed)
		prepare(tcb, tx, XTCP_WHY_SYNACK, tcb->iss, now);
	else if (tcb->probe_owed)
		prepare(tcb, tx, XTCP_WHY_PROBE, tcb->snd.una - 1, now);
	else if (tcb->keep_owed)
		prepare(tcb, tx, XTCP_WHY_KEEP, tcb->snd.nxt - 1, now);
	else if (tcb->echo_owed)
		prepare(tcb, tx, XTCP_WHY_ECHO, tcb->snd.nxt, now);
	else if (tcb->ack_owed || tcb->urgent_owed)
		prepare(tcb, tx, XTCP_WHY_ACK, tcb->snd.nxt, now);
	else if (tcb->challenge_owed)
		prepare(tcb, tx, XTCP_WHY_CHALLENGE, tcb->snd.nxt, now);
	else
		return false;
	return true;
}

static bool next(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	tcb->throttled = 0;
	if (tcb->failures && tcb->deadline[XTCP_T_RETRY] != XTCP_NEVER)
		return false;
	if (xtcp_opening(tcb))
		return next_opening(tcb, now, tx);
	/* C2: FIN in order: ACK now; if that fails, the TIME-WAIT will see the FIN again. */
	if (!xtcp_synchronized(tcb))
		return tcb->parting && next_bare(tcb, now, tx);
	if (next_data(tcb, now, tx) || next_bare(tcb, now, tx)) {
		tx->ect = xtcp_ecn_capable(tcb, tx);
		xtcp_open_window(tcb, now);	/* xtcp_build() will tell */
		return true;
	}
	xtcp_rate_idle(tcb);
	return false;
}

/**
 * xtcp_next - what should be sent now
 * @tcb: connection
 * @now: time
 * @tx: filled in if there is something
 *
 * Asking again gives the same answer until xtcp_sent(). Both new bytes and the
 * retransmission of part of a range take a spare node; without one they wait.
 *
 * Return: false if there is nothing to send; timer_next may have moved earlier
 * then, and the shell looks at it as after XTCP_TIMER.
 */
bool xtcp_next(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx)
{
	if (next(tcb, now, tx))
		return true;
	xtcp_settle(tcb, 0, now);
	return false;
}

/**
 * xtcp_cut - the shell sends fewer bytes than asked
 * @tx: from xtcp_next()
 * @len: payload bytes that will go, fewer than tx->len and not 0
 */
void xtcp_cut(struct xtcp_tx *tx, u32 len)
{
	tx->len = len;
	tx->flags &= ~(XTCP_FIN | XTCP_PSH);
}

/**
 * xtcp_reset - the segment that ends a connection (R2)
 * @tcb: connection, already CLOSED
 * @tx: filled in; best effort, not to be passed to xtcp_sent()
 */
void xtcp_reset(const struct xtcp_tcb *tcb, struct xtcp_tx *tx)
{
	memset(tx, 0, sizeof(*tx));
	tx->why = XTCP_WHY_RST;
	tx->seq = tcb->snd.nxt;
	tx->flags = XTCP_RST | XTCP_ACK;
	tx->hdr = XTCP_HDR_LEN;
	tx->mss = tcb->mss;
}

/*
 * The runs touched last come first (RFC 2018 section 4); before them, or at the end of the
 * highest, an early FIN (C2): it shows the peer what is missing of the bytes before it.
 */
static u8 *put_ranges(const struct xtcp_tcb *tcb, u8 *p, unsigned int n)
{
	const struct xtcp_run *run;
	u64 end;

	if (n && fin_apart(tcb)) {
		p = xtcp_put_range(p, tcb->rcv.nxt, tcb->rcv.fin, tcb->rcv.fin + 1);
		n--;
	}
	list_for_each_entry(run, &tcb->rcv.recent, recent) {
		if (!n--)
			break;
		end = run->end;
		if (tcb->fin_early && end == tcb->rcv.fin)
			end++;
		p = xtcp_put_range(p, tcb->rcv.nxt, run->start, end);
	}
	return p;
}

static u16 delay_units(u64 ns)
{
	/* 0.5 s is what 16 bits hold; below that the division fits 32 bits. */
	return ns >= 0xffffULL * XTCP_DELAY_UNIT ? 0xffff : (u32)ns / XTCP_DELAY_UNIT;
}

/**
 * xtcp_build - write the header of a segment
 * @tcb: connection
 * @tx: what to send
 * @now: time
 * @head: room for tx->hdr bytes; the checksum is left 0
 *
 * Return: header length in bytes, tx->hdr.
 */
u32 xtcp_build(const struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now, u8 *head)
{
	bool syn = tx->why == XTCP_WHY_SYN;
	const struct xtcp_head h = {
		.seq = tx->seq,
		.ack = syn ? 0 : tcb->rcv.nxt,
		.tag = syn ? tcb->tag : tcb->peer_tag,
		.wnd = xtcp_window(tcb),
		.sport = tcb->sport,
		.dport = tcb->dport,
		.flags = tx->flags,
	};
	u8 *p = head + XTCP_HDR_LEN;

	if (tx->opts & XTCP_HAS_HELLO) {
		const struct xtcp_hello hello = {
			.mss = xtcp_hello_mss(tcb),
			.tag = tcb->tag,
			.features = tcb->offer,
			.user_timeout = tcb->tune.user_timeout,
		};

		p = xtcp_put_hello(p, &hello);
	}
	if (tx->opts & XTCP_HAS_COOKIE)
		p = xtcp_put_cookie(p, syn ? NULL : tcb->cookie);
	if (tx->opts & XTCP_HAS_ACKINFO) {
		u64 held = tcb->ack_held ? now - tcb->rcv.held_at : 0;

		p = xtcp_put_ackinfo(p, delay_units(held), tcb->rcv.ce, tx->ranges);
		p = put_ranges(tcb, p, tx->ranges);
	}
	if (tx->opts & XTCP_HAS_DSACK)
		p = xtcp_put_dsack(p, tcb->rcv.dsack, tcb->rcv.dsack_len);
	if (tx->opts & XTCP_HAS_TS)
		p = xtcp_put_ts(p, xtcp_ts_now(now) + tcb->ts_epoch);
	if (tx->opts & XTCP_HAS_TSECHO)
		p = xtcp_put_tsecho(p, delay_units(now - tcb->rcv.ts_at), tcb->rcv.ts);
	if (tx->opts & XTCP_HAS_URG)
		p = xtcp_put_urg(p, xtcp_urg_offset(tcb, tx->seq));
	xtcp_put_header(head, &h, p - head);
	return p - head;
}

/* Everything after the first SYN acknowledges (D3). */
static void acknowledged(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now)
{
	tcb->challenge_owed = 0;
	if (tx->why == XTCP_WHY_CHALLENGE)
		return;		/* it told less than the peer is owed */
	xtcp_ack_told(tcb, tx->len, now);
	if (tx->opts & XTCP_HAS_COOKIE)
		tcb->echo_owed = 0;
	if (tx->opts & XTCP_HAS_TSECHO)
		tcb->ts_owed = 0;
	if (tx->opts & XTCP_HAS_URG)
		tcb->urgent_owed = 0;
	if (tx->opts & XTCP_HAS_DSACK) {
		tcb->dsack_owed = 0;
		tcb->events |= BIT(XTCP_EV_DSACK_SENT);
	} else if (tcb->dsack_owed) {
		tcb->ack_owed = 1;	/* data took the ACK: a bare one follows */
	}
}

static void sent_new(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, void *buf, u64 now)
{
	union xtcp_node *node = xtcp_get_node(tcb);
	struct xtcp_seg *seg = &node->seg;
	u64 end = tx->seq + tx->len;

	memset(seg, 0, sizeof(*seg));
	seg->start = tx->seq;
	seg->end = tx->flags & XTCP_FIN ? end + 1 : end;
	seg->sent_at = now;
	seg->buf = buf;
	seg->mss = tx->mss;
	seg->opts = tx->hdr - XTCP_HDR_LEN;
	seg->flags = (tx->flags & XTCP_FIN ? XTCP_SEG_FIN : 0) |
		     (tx->flags & XTCP_PSH ? XTCP_SEG_PSH : 0);
	xtcp_rate_sent(tcb, seg, now);
	xtcp_seg_insert(tcb, seg);
	list_add_tail(&seg->sent, &tcb->snd.by_time);

	if (tx->probe)
		xtcp_probe_sent(tcb, seg);
	if (!xtcp_outstanding(tcb)) {
		tcb->snd.advanced_at = now;	/* K2 counts from here */
		tcb->snd.round_pipe = 0;
		tcb->backoff = 0;
	}
	tcb->snd.nxt = seg->end;
	tcb->deadline[XTCP_T_TLP] = XTCP_NEVER;	/* restarted */
	if (tcb->tlp_owed)
		xtcp_tlp_sent(tcb, false);
	if (tx->flags & XTCP_FIN)
		tcb->fin_sent = 1;
	if (tx->opts & XTCP_HAS_ACKINFO && tcb->rcv.ce_told != tcb->rcv.ce) {
		tcb->rcv.ce_told = tcb->rcv.ce;
		tcb->rcv.ce_until = seg->end;
	}
	if (tx->len % tx->mss) {
		tcb->snd.small = end;
		tcb->released = 0;
	}
	if (!xtcp_before(end, tcb->snd.end))
		tcb->deadline[XTCP_T_HOLD] = XTCP_NEVER;
	tcb->probe_owed = 0;
	tcb->deadline[XTCP_T_PROBE] = XTCP_NEVER;
}

/* T_RETRY ends the output loop, and begins another later. */
static void retry_later(struct xtcp_tcb *tcb, u64 now)
{
	xtcp_set_timer(tcb, XTCP_T_RETRY,
		       now + xtcp_backoff(XTCP_RETRY_DELAY, tcb->failures, XTCP_RETRY_MAX));
	if (tcb->failures < U8_MAX)
		tcb->failures++;
}

static void sent_again(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now)
{
	struct xtcp_seg *seg = tx->seg;
	u64 end = tx->seq + tx->len + (tx->flags & XTCP_FIN ? 1 : 0);

	if (end != seg->end && !xtcp_seg_split(tcb, seg, end)) {
		/* cut by the shell, no spare: it stays LOST, and the loop would not end */
		retry_later(tcb, now);
		return;
	}
	xtcp_rate_sent(tcb, seg, now);
	tcb->snd.lost -= seg->end - seg->start;
	seg->flags &= ~(XTCP_SEG_LOST | XTCP_SEG_STAMPED);
	if (tx->opts & XTCP_HAS_TS)
		seg->flags |= XTCP_SEG_STAMPED;
	if (seg->rexmits < U8_MAX)
		seg->rexmits++;
	seg->sent_at = now;
	seg->mss = tx->mss;
	seg->opts = tx->hdr - XTCP_HDR_LEN;
	list_add_tail(&seg->sent, &tcb->snd.by_time);
	tcb->force = 0;
	/* What UNA waits for has only now begun its round trip: T_RTO begins anew. */
	if (tx->seq == tcb->snd.una)
		tcb->deadline[XTCP_T_RTO] = XTCP_NEVER;
	xtcp_undo_sent(tcb, tx, now);
	if (tcb->tlp_owed)
		xtcp_tlp_sent(tcb, true);
	tcb->stat.rexmits++;
	tcb->stat.bytes_rexmit += tx->len;
}

/*
 * O1: 1 s, or what is known of the path, doubling to 64 s. The last wait ends with the
 * program's patience (timers.c).
 */
static void sent_syn(struct xtcp_tcb *tcb, u64 now)
{
	u64 first = max_t(u64, tcb->rtt.rto, XTCP_SYN_RTO_MIN);
	u64 due = now + xtcp_backoff(first, tcb->backoff, XTCP_SYN_RTO_MAX);

	if (tcb->backoff)
		tcb->events |= BIT(XTCP_EV_SYN_REXMIT);
	tcb->syn_owed = 0;
	tcb->snd.sent_at = now;
	xtcp_set_timer(tcb, XTCP_T_SYN, min(due, xtcp_syn_patience(tcb)));
}

/* O6: its ACK counts for an opening peer only, so that it pays for no other. */
static void sent_syn_ack(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now)
{
	tcb->synack_owed = 0;
	tcb->snd.sent_at = now;
	if (tx->opts & XTCP_HAS_TSECHO)
		tcb->ts_owed = 0;
}

/**
 * xtcp_sent - what xtcp_next() asked for was tried
 * @tcb: connection
 * @tx: from xtcp_next(), perhaps through xtcp_cut()
 * @buf: buffer that holds tx->seq, kept as a hint; NULL if there is no payload
 * @now: time
 * @err: 0, or negative errno: nothing was sent
 *
 * What was not sent has not happened; a timer brings it up again, and the output
 * loop ends there: timer_next may have moved earlier as when xtcp_next() ends it.
 */
void xtcp_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, void *buf, u64 now, int err)
{
	u32 packets = tx->len > tx->mss ? DIV_ROUND_UP(tx->len, tx->mss) : 1;

	if (err) {
		tcb->events |= BIT(XTCP_EV_XMIT_FAIL);
		retry_later(tcb, now);
		xtcp_settle(tcb, 0, now);
		return;
	}
	tcb->failures = 0;

	tcb->stat.segs_out += packets;
	if (tx->len) {
		tcb->stat.data_segs_out += packets;
		tcb->stat.bytes_sent += tx->len;
		tcb->snd.data_at = now;
		xtcp_pace_sent(tcb, tx, now);
		xtcp_prr_sent(tcb, tx->len);
	}
	if (tx->opts & XTCP_HAS_TS)
		tcb->snd.ts_at = now;

	switch (tx->why) {
	case XTCP_WHY_SYN:
		sent_syn(tcb, now);
		return;
	case XTCP_WHY_SYNACK:
		sent_syn_ack(tcb, tx, now);
		return;
	case XTCP_WHY_NEW:
		sent_new(tcb, tx, buf, now);
		if (tx->ect)
			xtcp_ecn_sent(tcb, tx, packets);
		break;
	case XTCP_WHY_REXMIT:
		sent_again(tcb, tx, now);
		break;
	case XTCP_WHY_PROBE:
		tcb->probe_owed = 0;
		tcb->events |= BIT(XTCP_EV_PROBE);
		break;
	case XTCP_WHY_KEEP:
		tcb->keep_owed = 0;
		tcb->events |= BIT(XTCP_EV_KEEPALIVE);
		break;
	case XTCP_WHY_ECHO:
		tcb->events |= BIT(XTCP_EV_ECHO_REXMIT);
		break;
	}
	tcb->snd.sent_at = now;
	acknowledged(tcb, tx, now);
}

/**
 * xtcp_written - the program has written bytes
 * @tcb: connection
 * @bytes: how many; the shell holds them behind what it held before
 * @how: XTCP_WRITE_*
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_written(struct xtcp_tcb *tcb, u32 bytes, u32 how, u64 now)
{
	if (!xtcp_outstanding(tcb) && !xtcp_unsent(tcb))
		tcb->snd.advanced_at = now;
	tcb->snd.end += bytes;
	if (how & XTCP_WRITE_MORE)
		tcb->snd.more = tcb->snd.end;
	else if (tcb->snd.more == tcb->snd.end)
		tcb->snd.more--;	/* nothing more follows after all */
	if (how & XTCP_WRITE_PUSH)
		tcb->snd.push = tcb->snd.end;
	if (how & XTCP_WRITE_EOR)
		tcb->snd.eor = tcb->snd.end;
	if (how & XTCP_WRITE_OOB && bytes) {
		tcb->snd.up = tcb->snd.end;
		tcb->urgent_owed = 1;
	}
	tcb->autocorked = tcb->queued && tcb->tune.autocork && xtcp_outstanding(tcb);
	return xtcp_settle(tcb, XTCP_XMIT, now);
}

/**
 * xtcp_autocorked - does a short segment wait until packets have left this host? (D12)
 * @tcb: connection
 *
 * Return: true if it does: the shell calls xtcp_drained() then.
 */
bool xtcp_autocorked(const struct xtcp_tcb *tcb)
{
	return tcb->autocorked && tcb->deadline[XTCP_T_HOLD] != XTCP_NEVER;
}

/**
 * xtcp_drained - packets of ours have left this host's queues
 * @tcb: connection
 * @now: time
 *
 * Return: todo bits.
 */
u32 xtcp_drained(struct xtcp_tcb *tcb, u64 now)
{
	tcb->autocorked = 0;
	return xtcp_settle(tcb, XTCP_XMIT, now);
}
