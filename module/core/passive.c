// SPDX-License-Identifier: GPL-2.0
/*
 * Segments without a TCB of their own: the passive side of the handshake, and
 * what to make of everything that belongs to no connection. The rules' text
 * stands in quotes above the code that follows it.
 */
#include <xtcp/door.h>
#include "core.h"

static enum xtcp_verdict dropped(struct xtcp_pkt *pkt, enum xtcp_drop why)
{
	pkt->drop = why;
	return XTCP_VERDICT_DROP;
}

/**
 * xtcp_refuse - the RST that answers a segment (R3, R4, O7)
 * @pkt: segment, also one that xtcp_parse() refused with XTCP_DROP_CRITICAL
 * @reply: result
 *
 * R4: "No TCB: RST reflecting the tag; ACK set: SEQ = SEG.ACK; else RST|ACK,
 * SEQ = 0, ACK = SEQ+LEN." Without ACK it is a SYN, which takes one number and
 * whose payload is not acknowledged (O9). The limit per destination is the
 * caller's.
 *
 * Return: true if @reply may be sent; false: "Never answer a RST" (R3).
 */
bool xtcp_refuse(const struct xtcp_pkt *pkt, struct xtcp_reply *reply)
{
	if (pkt->flags & XTCP_RST)
		return false;
	reply->tag = pkt->tag;
	reply->wnd = 0;
	reply->len = 0;
	if (pkt->flags & XTCP_ACK) {
		reply->flags = XTCP_RST;
		reply->seq = pkt->ack;
		reply->ack = 0;
	} else {
		reply->flags = XTCP_RST | XTCP_ACK;
		reply->seq = 0;
		reply->ack = pkt->seq + 1;
	}
	return true;
}

/* R4, for a segment that is no RST; it counts as dropped even if it is answered. */
static enum xtcp_verdict refused(struct xtcp_pkt *pkt, struct xtcp_reply *reply)
{
	pkt->drop = XTCP_DROP_NOCONN;
	xtcp_refuse(pkt, reply);
	return XTCP_VERDICT_RESET;
}

/* Header length of an answer in bytes. */
static u32 reply_len(const struct xtcp_reply *reply)
{
	return XTCP_HDR_LEN + reply->len;
}

/*
 * O2: "a SYN whose header is shorter than the SYN|ACK would be: drop (no
 * amplification)".
 */
static bool pays_for(const struct xtcp_pkt *syn, const struct xtcp_reply *reply)
{
	return syn->hdr * 8U >= reply_len(reply);
}

static struct xtcp_ends ends_of(const struct xtcp_pkt *pkt, const struct xtcp_found *found)
{
	return (struct xtcp_ends) {
		.addrs = found->addrs,
		.domain = found->domain,
		.lport = pkt->dport,
		.rport = pkt->sport,
	};
}

/* O2: "answer SYN|ACK (ACK = SEQ+1, HELLO with the new tag, COOKIE)"; a TS is echoed. */
static void make_synack(const struct xtcp_pkt *syn, const struct xtcp_found *found, u64 now,
			struct xtcp_reply *reply)
{
	const struct xtcp_ends ends = ends_of(syn, found);
	const struct xtcp_door *door = found->door;
	struct xtcp_cookie cookie;
	struct xtcp_hello theirs;
	struct xtcp_hello ours;
	u8 *p = reply->options;

	BUILD_BUG_ON(XTCP_HELLO_LEN + XTCP_COOKIE_LEN + XTCP_TSECHO_LEN > XTCP_REPLY_OPTIONS);
	xtcp_read_hello(syn, &theirs);
	ours.mss = min_t(u32, door->mss, U16_MAX);
	ours.tag = found->tag;
	ours.features = door->features & theirs.features;
	ours.user_timeout = door->user_timeout;

	cookie.born = now;
	cookie.iss = found->iss;
	cookie.irs = syn->seq;
	cookie.tag = found->tag;
	cookie.peer_tag = syn->tag;
	cookie.wnd = min_t(u32, door->wnd, XTCP_WINDOW_MAX);
	cookie.features = ours.features;
	cookie.user_timeout = theirs.user_timeout;
	cookie.mss = theirs.mss;

	p = xtcp_put_hello(p, &ours);
	xtcp_cookie_issue(door->keys, &ends, &cookie, p);
	p += XTCP_COOKIE_LEN;
	if (syn->has & XTCP_HAS_TS)
		p = xtcp_put_tsecho(p, 0, syn->ts);

	reply->seq = found->iss;
	reply->ack = syn->seq + 1;	/* O9: whatever payload the SYN has is ignored */
	reply->tag = syn->tag;
	reply->wnd = cookie.wnd;
	reply->flags = XTCP_SYN | XTCP_ACK;
	reply->len = p - reply->options;
}

/* LISTEN + SYN. */
static enum xtcp_verdict listen_syn(struct xtcp_pkt *syn, const struct xtcp_found *found, u64 now,
				    struct xtcp_reply *reply)
{
	/* O2: "Accept queue full: drop." */
	if (!found->door->room)
		return dropped(syn, XTCP_DROP_NOROOM);
	make_synack(syn, found, now, reply);
	if (!pays_for(syn, reply))
		return dropped(syn, XTCP_DROP_AMPLIFY);
	switch (found->door->half) {
	case XTCP_HALF_NEEDED:
		syn->drop = XTCP_DROP_HALFFULL;
		return XTCP_VERDICT_KEEP_OR_DROP;
	case XTCP_HALF_NEVER:
		return XTCP_VERDICT_ANSWER;
	default:
		/* O2: "Remember ... in a bounded table ... where there is room" */
		return XTCP_VERDICT_KEEP;
	}
}

/* M2: SYN without ACK. */
static enum xtcp_verdict demux_syn(struct xtcp_pkt *syn, const struct xtcp_found *found,
				   const struct xtcp_half *half, u64 now,
				   struct xtcp_reply *reply)
{
	/* "a TCB of the 4-tuple in SYN-SENT or active SYN-RECEIVED: O6" */
	if (found->live == XTCP_SYN_SENT || found->live == XTCP_SYN_RECEIVED)
		return XTCP_VERDICT_TO_TCB;

	/*
	 * "A passive half-open entry never blocks: same tag and SEQ: repeat its SYN|ACK byte
	 * for byte; any other SYN: LISTEN (may replace it)." Without the listener the entry
	 * is of no use to anybody.
	 */
	if (half && found->door && half->irs == syn->seq) {
		if (!pays_for(syn, &half->reply))
			return dropped(syn, XTCP_DROP_AMPLIFY);
		*reply = half->reply;
		return XTCP_VERDICT_ANSWER;
	}

	/*
	 * "A TCB in ESTABLISHED, FIN-WAIT-1/2, CLOSE-WAIT: same tag and SEQ = duplicate ...;
	 * else answer with one ACK": xtcp_input(). "If only CLOSING/LAST-ACK/TIME-WAIT
	 * exist: LISTEN."
	 */
	switch (found->live) {
	case XTCP_ESTABLISHED:
	case XTCP_FIN_WAIT_1:
	case XTCP_FIN_WAIT_2:
	case XTCP_CLOSE_WAIT:
		return XTCP_VERDICT_TO_TCB;
	}
	return found->door ? listen_syn(syn, found, now, reply) : refused(syn, reply);
}

/* R1, R3: a RST that found no TCB by its exact tag. */
static enum xtcp_verdict demux_rst(struct xtcp_pkt *rst, const struct xtcp_found *found,
				   const struct xtcp_half *half)
{
	/* "Accept RST only if its tag is ours or the peer's and ...": xtcp_input(). */
	if (found->live)
		return XTCP_VERDICT_TO_TCB;

	/*
	 * O8: "RST against a passive half-open entry: it vanishes (back to LISTEN)"; R1: "only
	 * if its tag is ours or the peer's and RCV.NXT <= SEQ <= RCV.NXT+WND"; it was found
	 * by its tag.
	 */
	if (half && rst->seq - (half->irs + 1) <= half->reply.wnd)
		return XTCP_VERDICT_FORGET;

	/* R1: "Otherwise drop silently." R3: "Never answer a RST." */
	return dropped(rst, XTCP_DROP_RST);
}

/*
 * O3: "LISTEN or half-open entry + COOKIE without SYN/RST: judged by the cookie
 * alone: MAC good, age <= 60 s, no tombstone, ACK = ISS+1, IRS <= SEQ <=
 * IRS+1+WND: create the child".
 */
static enum xtcp_verdict listen_cookie(struct xtcp_pkt *echo, const struct xtcp_found *found,
				       const struct xtcp_half *half, u64 now,
				       struct xtcp_reply *reply)
{
	const struct xtcp_ends ends = ends_of(echo, found);
	struct xtcp_cookie cookie;

	/* "MAC bad, expired or tombstone: R4." */
	if (xtcp_cookie_open(found->door->keys, &ends, echo->cookie, now, &cookie))
		return refused(echo, reply);

	/* "MAC good but numbers wrong: drop." The tag is one: found->tomb is that tag's. */
	if (cookie.tag != echo->tag)
		return dropped(echo, XTCP_DROP_COOKIE);

	/* C6: "refuse every cookie not issued later" than the youngest grave that was given up. */
	if (found->tomb || (found->refuse_born && cookie.born <= found->refuse_born))
		return refused(echo, reply);

	/*
	 * O2: switched off, a cookie without its entry is as good as expired. Its entry is
	 * the one with its tag: no two SYN|ACKs have the same.
	 */
	if (found->door->half == XTCP_HALF_NEEDED && !half)
		return refused(echo, reply);

	if (echo->ack != cookie.iss + 1 || echo->seq - cookie.irs > 1ULL + cookie.wnd)
		return dropped(echo, XTCP_DROP_COOKIE);

	/*
	 * The program is not interested in who says nothing: no connection yet, for
	 * nothing is lost. T-ECHO tries again, and whatever has data has the cookie.
	 */
	if (now - cookie.born < min_t(u64, found->door->defer, XTCP_DEFER_MAX) && !echo->len &&
	    !(echo->flags & XTCP_FIN))
		return dropped(echo, XTCP_DROP_DEFERRED);

	/* "Accept queue full: drop silently (T-ECHO tries again)." */
	if (!found->door->room)
		return dropped(echo, XTCP_DROP_NOROOM);
	return XTCP_VERDICT_CHILD;
}

/**
 * xtcp_demux - what to do with a segment that is no TCB's (M2, M3)
 * @pkt: segment; drop is set with XTCP_VERDICT_DROP, XTCP_VERDICT_RESET and
 *	XTCP_VERDICT_KEEP_OR_DROP
 * @found: what the look-ups found; see there for which are wanted when
 * @now: time, ns
 * @reply: result, for the verdicts that send it
 *
 * To be called when there is no live TCB of the exact (4-tuple, tag), and for
 * every SYN without ACK, whose tag is not one of ours.
 *
 * Return: the verdict.
 */
enum xtcp_verdict xtcp_demux(struct xtcp_pkt *pkt, const struct xtcp_found *found, u64 now,
			     struct xtcp_reply *reply)
{
	const struct xtcp_half *half = found->half;

	/* Whoever expires them may be late. A half-open entry "expires with its cookie" (O2). */
	if (half && now > half->expires)
		half = NULL;

	if (xtcp_is_syn(pkt))
		return demux_syn(pkt, found, half, now, reply);

	/* M3: "exact (4-tuple, tag)": C4 */
	if (found->tw && now < found->tw->expires)
		return xtcp_tw_demux(found->tw, pkt, reply);

	/* M3: "Else RST: R1." */
	if (pkt->flags & XTCP_RST)
		return demux_rst(pkt, found, half);

	/* M3: "Else a listener and COOKIE: O3." A SYN|ACK is an answer to none of ours. */
	if (found->door && pkt->has & XTCP_HAS_COOKIE && !(pkt->flags & XTCP_SYN))
		return listen_cookie(pkt, found, half, now, reply);

	/* O3: "Without COOKIE an entry is given only SYN (M2) and RST (R1, O8)." */
	if (half && found->door && !(pkt->flags & XTCP_SYN))
		return dropped(pkt, XTCP_DROP_SYNRCVD);

	/* M3: "Else R4." */
	return refused(pkt, reply);
}

/**
 * xtcp_keep - remember a half-open connection (O2)
 * @half: result, to be put into the table where there is room
 * @pkt: the SYN for which xtcp_demux() returned XTCP_VERDICT_KEEP or
 *	XTCP_VERDICT_KEEP_OR_DROP
 * @reply: the SYN|ACK that it made
 * @now: the time that xtcp_demux() was given, ns
 */
void xtcp_keep(struct xtcp_half *half, const struct xtcp_pkt *pkt, const struct xtcp_reply *reply,
	       u64 now)
{
	half->irs = pkt->seq;
	half->peer_tag = pkt->tag;
	half->tag = xtcp_cookie_tag(reply->options + XTCP_HELLO_LEN);
	half->expires = now + XTCP_COOKIE_LIFE;
	half->reply = *reply;
}

/**
 * xtcp_child - fill the TCB of a connection that a cookie opens (O3)
 * @child: TCB, fresh from xtcp_init(), which has set path_mss; not yet visible
 *	to anybody
 * @keys: those of the door
 * @echo: segment for which xtcp_demux() returned XTCP_VERDICT_CHILD
 * @now: time, ns
 *
 * "create the child in ESTABLISHED with SND.UNA = ISS+1 and RCV.NXT = IRS+1 ...
 * then process the segment like any other (it may be out of order)": the caller inserts
 * the child and gives @echo to xtcp_input(). The ACK that confirms it waits for a moment.
 *
 * Return: todo bits, to be carried out together with those of xtcp_input().
 */
u32 xtcp_child(struct xtcp_tcb *child, const struct xtcp_keys *keys, const struct xtcp_pkt *echo,
	       u64 now)
{
	struct xtcp_cookie cookie;

	xtcp_cookie_read(keys, echo->cookie, &cookie);
	xtcp_start(child, cookie.iss, cookie.tag, now);
	child->passive = 1;
	child->conf = 1;		/* O5: what we would have to see confirmed is here */
	child->sport = echo->dport;
	child->dport = echo->sport;
	child->peer_tag = cookie.peer_tag;
	child->features = cookie.features;
	child->peer_timeout = cookie.user_timeout;
	child->cookie_born = cookie.born;
	/* from our SYN|ACK to its echo, whichever of either */
	xtcp_rtt_hint(&child->rtt, max_t(u64, now - cookie.born, 1));

	/* "An MSS under 512 is read as 512"; the first window is of segments that fit both. */
	child->peer_mss = max_t(u32, cookie.mss, XTCP_MSS_MIN);
	xtcp_set_path_mss(child, child->path_mss);
	xtcp_begin_cc(child);
	xtcp_ecn_start(child);

	child->snd.edge = echo->ack + echo->wnd;
	child->snd.max_wnd = echo->wnd;

	child->irs = cookie.irs;
	child->rcv.nxt = cookie.irs + 1;
	child->rcv.read = cookie.irs + 1;
	child->rcv.told = child->rcv.read;
	child->rcv.edge = cookie.irs + 1 + cookie.wnd;

	xtcp_await_company(child, now);
	child->events |= BIT(XTCP_EV_PASSIVE_OPEN);
	xtcp_set_state(child, XTCP_ESTABLISHED);
	return xtcp_settle(child, XTCP_STATE | XTCP_XMIT, now);
}

/**
 * xtcp_build_reply - write the segment that answers one without TCB
 * @reply: what xtcp_demux() or xtcp_refuse() made
 * @sport: our port, host order: the packet's destination port
 * @dport: the peer's port, host order
 * @head: XTCP_HDR_LEN + XTCP_REPLY_OPTIONS bytes of room
 *
 * The checksum is written as 0.
 *
 * Return: length of the segment in bytes, never more than that of what it
 * answers.
 */
u32 xtcp_build_reply(const struct xtcp_reply *reply, u16 sport, u16 dport, u8 *head)
{
	const struct xtcp_head h = {
		.seq = reply->seq,
		.ack = reply->ack,
		.tag = reply->tag,
		.wnd = reply->wnd,
		.sport = sport,
		.dport = dport,
		.flags = reply->flags,
	};

	xtcp_put_header(head, &h, reply_len(reply));
	memcpy(head + XTCP_HDR_LEN, reply->options, reply->len);
	return reply_len(reply);
}
