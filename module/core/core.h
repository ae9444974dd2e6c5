/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the core share among themselves; nobody else includes this. */
#ifndef _XTCP_CORE_H
#define _XTCP_CORE_H

#include <xtcp/tcb.h>

/* fsm.c */
void xtcp_start(struct xtcp_tcb *tcb, u64 iss, u32 tag, u64 now);
void xtcp_set_state(struct xtcp_tcb *tcb, enum xtcp_state state);
void xtcp_opened(struct xtcp_tcb *tcb);
u32 xtcp_die(struct xtcp_tcb *tcb, int err);
u32 xtcp_fin_acked(struct xtcp_tcb *tcb);
u32 xtcp_fin_received(struct xtcp_tcb *tcb, u64 now);

/* open.c */
u32 xtcp_answer_syn(struct xtcp_tcb *tcb, const struct xtcp_pkt *syn, u64 now);
u32 xtcp_input_opening(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now);

/* metrics.c */
void xtcp_begin_cc(struct xtcp_tcb *tcb);

/* timers.c */
u32 xtcp_settle(struct xtcp_tcb *tcb, u32 todo, u64 now);
void xtcp_backed_off(struct xtcp_tcb *tcb);
u64 xtcp_syn_patience(const struct xtcp_tcb *tcb);
u64 xtcp_backoff(u64 base, unsigned int doublings, u64 max);

/* ack.c */
u32 xtcp_ack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now);

/* rtt.c */
u64 xtcp_rto_of(u64 srtt, u64 var);
void xtcp_rtt_hint(struct xtcp_rtt *rtt, u64 took);
void xtcp_rtt_sample(struct xtcp_rtt *rtt, u64 sample, u64 now);
u32 xtcp_ts_now(u64 now);
u64 xtcp_ts_rtt(const struct xtcp_pkt *pkt, u64 now);
bool xtcp_ts_before(u32 ts, u64 at);

/* rate.c */
void xtcp_rate_sent(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 now);
void xtcp_rate_delivered(struct xtcp_tcb *tcb, const struct xtcp_seg *seg, u64 end, u64 now);
void xtcp_rate_lost(struct xtcp_tcb *tcb, const struct xtcp_seg *seg);
void xtcp_rate_sample(struct xtcp_tcb *tcb, struct xtcp_cc_sample *sample, u64 now);
void xtcp_rate_limit(struct xtcp_tcb *tcb);
void xtcp_rate_idle(struct xtcp_tcb *tcb);

/* pacing.c */
u64 xtcp_pacing_rate(const struct xtcp_tcb *tcb);
bool xtcp_pace_allows(struct xtcp_tcb *tcb, u64 now);
u32 xtcp_pace_room(const struct xtcp_tcb *tcb);
bool xtcp_queue_full(const struct xtcp_tcb *tcb);
u64 xtcp_pace_departure(const struct xtcp_tcb *tcb, u64 now);
void xtcp_pace_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now);

/* sack.c */
struct xtcp_seg *xtcp_seg_first(const struct xtcp_tcb *tcb);
struct xtcp_seg *xtcp_seg_last(const struct xtcp_tcb *tcb);
struct xtcp_seg *xtcp_seg_next(const struct xtcp_seg *seg);
struct xtcp_seg *xtcp_seg_find(const struct xtcp_tcb *tcb, u64 seq);
void xtcp_seg_insert(struct xtcp_tcb *tcb, struct xtcp_seg *seg);
void xtcp_seg_erase(struct xtcp_tcb *tcb, struct xtcp_seg *seg);
bool xtcp_seg_split(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 at);
u32 xtcp_sack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, u64 now, u64 *sent_at);
void xtcp_sack_forget(struct xtcp_tcb *tcb);

/* recovery.c */
bool xtcp_was_original(const struct xtcp_tcb *tcb, const struct xtcp_seg *seg, u64 now);
void xtcp_rack_delivered(struct xtcp_tcb *tcb, struct xtcp_seg *seg, u64 end, u64 now);
void xtcp_rack_duplicate(struct xtcp_tcb *tcb);
void xtcp_rack_recovered(struct xtcp_tcb *tcb);
void xtcp_mark_again(struct xtcp_tcb *tcb, struct xtcp_seg *seg);
void xtcp_mark_lost(struct xtcp_tcb *tcb, struct xtcp_seg *seg);
void xtcp_unmark_lost(struct xtcp_tcb *tcb, u64 now);
u32 xtcp_flight_size(const struct xtcp_tcb *tcb);
u32 xtcp_detect_loss(struct xtcp_tcb *tcb, u32 delivered, u64 now);
u32 xtcp_rto(struct xtcp_tcb *tcb, u64 now);
void xtcp_repaired(struct xtcp_tcb *tcb);
struct xtcp_seg *xtcp_next_lost(struct xtcp_tcb *tcb);

/* prr.c */
bool xtcp_prr_leads(const struct xtcp_tcb *tcb);
void xtcp_prr_begin(struct xtcp_tcb *tcb, u32 delivered);
void xtcp_prr_acked(struct xtcp_tcb *tcb, u32 delivered, bool safe);
void xtcp_prr_sent(struct xtcp_tcb *tcb, u32 bytes);

/* undo.c */
void xtcp_undo_begin(struct xtcp_tcb *tcb);
void xtcp_undo_never(struct xtcp_tcb *tcb);
void xtcp_undo_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now);
bool xtcp_undo_duplicate(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt);
u32 xtcp_undo(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, bool advanced, bool original,
	      u64 now);
void xtcp_frto_begin(struct xtcp_tcb *tcb, bool first);
bool xtcp_frto_waits(const struct xtcp_tcb *tcb);

/* tlp.c */
bool xtcp_tlp_wanted(const struct xtcp_tcb *tcb);
u64 xtcp_tlp_due(const struct xtcp_tcb *tcb, u64 now);
u32 xtcp_tlp(struct xtcp_tcb *tcb, u64 now);
bool xtcp_tlp_again(struct xtcp_tcb *tcb);
void xtcp_tlp_sent(struct xtcp_tcb *tcb, bool again);
bool xtcp_tlp_acked(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt);

/* pmtu.c */
u16 xtcp_hello_mss(const struct xtcp_tcb *tcb);
void xtcp_set_path_mss(struct xtcp_tcb *tcb, u32 path_mss);
u32 xtcp_too_big(struct xtcp_tcb *tcb, u32 mss, u64 now);
void xtcp_black_hole(struct xtcp_tcb *tcb, u64 now);
u32 xtcp_probe_size(struct xtcp_tcb *tcb, u64 now);
void xtcp_probe_sent(struct xtcp_tcb *tcb, struct xtcp_seg *seg);
void xtcp_probe_delivered(struct xtcp_tcb *tcb, struct xtcp_seg *seg);
void xtcp_probe_lost(struct xtcp_tcb *tcb, struct xtcp_seg *seg);

/* output.c */
u32 xtcp_challenge_len(const struct xtcp_tcb *tcb);
bool xtcp_small_may_go(struct xtcp_tcb *tcb, u64 now);

/* cwv.c */
void xtcp_cwv_resume(struct xtcp_tcb *tcb, u64 now);
void xtcp_cwv_acked(struct xtcp_tcb *tcb, const struct xtcp_cc_sample *sample);

/* ecn.c */
void xtcp_ecn_start(struct xtcp_tcb *tcb);
bool xtcp_ecn_capable(const struct xtcp_tcb *tcb, const struct xtcp_tx *tx);
void xtcp_ecn_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u32 packets);
u32 xtcp_ecn_told(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt);
void xtcp_ecn_react(struct xtcp_tcb *tcb, u32 flight);
void xtcp_ecn_arrived(struct xtcp_tcb *tcb, const struct xtcp_seg *seg);

/* reasm.c */
u32 xtcp_reassemble(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 seq, u64 end);
u32 xtcp_drop_run(struct xtcp_tcb *tcb, struct xtcp_run *run);
struct xtcp_run *xtcp_run_first(const struct xtcp_tcb *tcb);
struct xtcp_run *xtcp_run_next(const struct xtcp_run *run);

/* urgent.c */
bool xtcp_urges(const struct xtcp_tcb *tcb, u64 seq);
u32 xtcp_urg_offset(const struct xtcp_tcb *tcb, u64 seq);
u32 xtcp_mark(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt);

/* delack.c */
bool xtcp_hold_ack(struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt, bool at_once, u64 now);
void xtcp_await_company(struct xtcp_tcb *tcb, u64 now);
bool xtcp_reads_on(const struct xtcp_tcb *tcb);
void xtcp_ack_told(struct xtcp_tcb *tcb, bool data, u64 now);

/* window.c */
void xtcp_open_window(struct xtcp_tcb *tcb, u64 now);
u32 xtcp_window(const struct xtcp_tcb *tcb);

/**
 * xtcp_get_node - take a spare
 * @tcb: connection
 *
 * Return: a node, or NULL if none is left (counted).
 */
static inline union xtcp_node *xtcp_get_node(struct xtcp_tcb *tcb)
{
	union xtcp_node *node = tcb->spare;

	if (!node) {
		tcb->events |= BIT(XTCP_EV_NO_SPARE);
		return NULL;
	}
	tcb->spare = node->next;
	tcb->spares--;
	return node;
}

/* One of the TCB's own, which are never freed. */
static inline bool xtcp_own_node(const struct xtcp_tcb *tcb, const union xtcp_node *node)
{
	return node >= tcb->own && node < tcb->own + ARRAY_SIZE(tcb->own);
}

/**
 * xtcp_put_node - a node is no longer used
 * @tcb: connection
 * @node: node that is in no tree or list any more
 *
 * The connection's own nodes become spares again, as do a few others; the rest
 * waits in done for the shell to free them.
 */
static inline void xtcp_put_node(struct xtcp_tcb *tcb, union xtcp_node *node)
{
	if (xtcp_own_node(tcb, node) || tcb->spares < 4) {
		xtcp_add_spare(tcb, node);
		return;
	}
	node->next = tcb->done;
	tcb->done = node;
}

/* States in which the peer's tag and numbers are known. */
static inline bool xtcp_synchronized(const struct xtcp_tcb *tcb)
{
	switch (tcb->state) {
	case XTCP_ESTABLISHED:
	case XTCP_FIN_WAIT_1:
	case XTCP_FIN_WAIT_2:
	case XTCP_CLOSE_WAIT:
	case XTCP_CLOSING:
	case XTCP_LAST_ACK:
		return true;
	default:
		return false;
	}
}

/* States in which an active open is under way. */
static inline bool xtcp_opening(const struct xtcp_tcb *tcb)
{
	return tcb->state == XTCP_SYN_SENT || tcb->state == XTCP_SYN_RECEIVED;
}

/* States in which there is a peer to send a RST to (R2), if only a hint of one (O6). */
static inline bool xtcp_knows_peer(const struct xtcp_tcb *tcb)
{
	return tcb->state == XTCP_SYN_RECEIVED || xtcp_synchronized(tcb);
}

/* A deadline is this one from now on; xtcp_settle() announces it. */
static inline void xtcp_set_timer(struct xtcp_tcb *tcb, enum xtcp_timer_id id, u64 due)
{
	tcb->deadline[id] = due;
	tcb->timer_set = min(tcb->timer_set, due);
}

/* Nothing of a segment's payload is used, and there is nothing to do. */
static inline u32 xtcp_discard(struct xtcp_pkt *pkt, enum xtcp_drop why)
{
	pkt->drop = why;
	return 0;
}

/*
 * R1: accept RST only if its tag is ours or the peer's and
 * RCV.NXT <= SEQ <= RCV.NXT+WND.
 */
static inline bool xtcp_rst_counts(const struct xtcp_tcb *tcb, const struct xtcp_pkt *rst)
{
	return (rst->tag == tcb->tag || rst->tag == tcb->peer_tag) &&
	       !xtcp_before(rst->seq, tcb->rcv.nxt) && !xtcp_after(rst->seq, tcb->rcv.edge);
}

/* What the program allows in a segment, never less than what HELLO can say. */
static inline u32 xtcp_maxseg(const struct xtcp_tcb *tcb)
{
	return tcb->tune.maxseg ? max_t(u32, tcb->tune.maxseg, XTCP_MSS_MIN) : U32_MAX;
}

/* The limit of a segment that is not the path's. */
static inline u32 xtcp_mss_limit(const struct xtcp_tcb *tcb)
{
	return min(tcb->peer_mss, xtcp_maxseg(tcb));
}

/* Bytes believed to be in the network (RFC 6675's pipe). */
static inline u32 xtcp_pipe(const struct xtcp_tcb *tcb)
{
	return tcb->snd.nxt - tcb->snd.una - tcb->snd.sacked - tcb->snd.lost;
}

static inline bool xtcp_outstanding(const struct xtcp_tcb *tcb)
{
	return tcb->snd.nxt != tcb->snd.una;
}

/* D12: up to here what was never sent may share a segment or a super-packet. */
static inline u64 xtcp_record_end(const struct xtcp_tcb *tcb)
{
	return xtcp_records(tcb) ? tcb->snd.record : tcb->snd.end;
}

/* D8: bytes up to the urgent mark are not acknowledged. */
static inline bool xtcp_urgent_mode(const struct xtcp_tcb *tcb)
{
	return xtcp_after(tcb->snd.up, tcb->snd.una);
}

/* Bytes that are a full segment of @mss, whatever options it has (D5). */
static inline u32 xtcp_full_data(u32 mss)
{
	return mss - XTCP_TS_LEN - XTCP_TSECHO_LEN;
}

/* RFC 5681's FlightSize: without what limited transmit has added to the window. */
static inline u32 xtcp_flight(const struct xtcp_tcb *tcb)
{
	return min_t(u64, tcb->snd.nxt - tcb->snd.una, tcb->cc.cwnd);
}

/* Written bytes or a FIN that were never sent. */
static inline bool xtcp_unsent(const struct xtcp_tcb *tcb)
{
	return xtcp_before(tcb->snd.nxt, tcb->snd.end) || (tcb->fin_queued && !tcb->fin_sent);
}

/* A segment without payload is to go out. */
static inline bool xtcp_owes(const struct xtcp_tcb *tcb)
{
	return tcb->ack_owed || tcb->probe_owed || tcb->keep_owed || tcb->echo_owed ||
	       tcb->urgent_owed || tcb->challenge_owed || tcb->syn_owed || tcb->synack_owed;
}

/* There is something for xtcp_next() to look at. */
static inline bool xtcp_may_send(const struct xtcp_tcb *tcb)
{
	return xtcp_unsent(tcb) || tcb->snd.lost || tcb->tlp_owed || xtcp_owes(tcb);
}

#endif /* _XTCP_CORE_H */
