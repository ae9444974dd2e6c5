/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmission control block and every way into the core that needs one.
 *
 * The contract between core and shell:
 *
 *  - Whoever calls holds the connection (in the kernel: the socket lock). The
 *    core keeps nothing outside the struct it is given, calls nothing but
 *    itself, and never fails half-way.
 *  - Before a call that may need nodes, the shell puts spares there
 *    (xtcp_need()); after it, it frees tcb->done. No spare left never breaks a
 *    rule: a SACK range is ignored, a segment is not kept, a transmission
 *    waits. A congestion control algorithm that needs more memory than struct
 *    xtcp_cc has gets it from the shell as it is chosen (xtcp_cc_change()).
 *  - The result of every entry point is a set of XTCP_TODO bits, which the
 *    shell carries out in the order of the bits.
 *  - Output is pulled: xtcp_next() says what should be sent, the shell tries,
 *    xtcp_sent() records it. What was not sent has not happened.
 *  - tcb->timer_next is the only deadline the shell knows. It is announced by
 *    XTCP_TIMER only when it moved earlier, and may have at the end of an output
 *    loop too. Within the loop it does not count. A shell timer that fires too early
 *    finds nothing due and is told the next deadline.
 */
#ifndef _XTCP_TCB_H
#define _XTCP_TCB_H

#include <xtcp/cc.h>
#include <xtcp/mib.h>
#include <xtcp/rate.h>
#include <xtcp/seg.h>
#include <xtcp/wire.h>

/*
 * States, with TCP's names and the numbers that sk_state, ss and the dumps
 * use for them. The transitions are drawn in module/core/fsm.c.
 */
enum xtcp_state {
	XTCP_ESTABLISHED = 1,
	XTCP_SYN_SENT,
	XTCP_SYN_RECEIVED,
	XTCP_FIN_WAIT_1,
	XTCP_FIN_WAIT_2,
	XTCP_TIME_WAIT,
	XTCP_CLOSED,
	XTCP_CLOSE_WAIT,
	XTCP_LAST_ACK,
	XTCP_LISTEN,
	XTCP_CLOSING,
	XTCP_STATES
};

/* The result of every entry point; the shell (net/act.c) works in this order. */
enum xtcp_todo {
	XTCP_URGENT	= BIT(0),	/* a new urgent mark: rcv.up (D8) */
	XTCP_TAKE	= BIT(1),	/* append pkt->buf [skip, skip + take) to the stream */
	XTCP_HELD	= BIT(2),	/* pkt->buf hangs in a run now: do not free it */
	XTCP_DRAIN	= BIT(3),	/* append rcv.ready_first..ready_last, in order */
	XTCP_PRUNE	= BIT(4),	/* free the buffers rcv.drop_first..drop_last */
	XTCP_ACKED	= BIT(5),	/* free buffers that end at or before snd.una */
	XTCP_STATE	= BIT(6),	/* mirror state and shutdown; trace; notify */
	XTCP_ERROR	= BIT(7),	/* report tcb->err to the program */
	XTCP_READABLE	= BIT(8),	/* data or end of stream: wake readers */
	XTCP_RESET	= BIT(9),	/* send the segment of xtcp_reset(), best effort */
	XTCP_XMIT	= BIT(10),	/* run the output loop */
	XTCP_TIMER	= BIT(11),	/* timer_next moved earlier */
	XTCP_TIMEWAIT	= BIT(12),	/* leave a TIME-WAIT (xtcp_tw_init()), then die */
	XTCP_DEAD	= BIT(13),	/* unhash, drop the table's reference */
	XTCP_REFUSE	= BIT(14),	/* answer pkt with the RST of xtcp_refuse() (O7) */
};

/* Why a segment goes out. */
enum xtcp_why {
	XTCP_WHY_NEW,		/* bytes never sent before, perhaps with FIN */
	XTCP_WHY_REXMIT,	/* bytes sent before */
	XTCP_WHY_PROBE,		/* D7: zero-window probe */
	XTCP_WHY_KEEP,		/* K1: keepalive probe */
	XTCP_WHY_ACK,
	XTCP_WHY_CHALLENGE,	/* M2: ACK that answers a foreign SYN */
	XTCP_WHY_SYN,		/* O1: SYN of an active open */
	XTCP_WHY_SYNACK,	/* O6: the answer to a SYN that met ours */
	XTCP_WHY_ECHO,		/* O4: ACK that repeats the cookie */
	XTCP_WHY_RST,
};

/* What the core wants sent; it happened only after xtcp_sent(.., 0). */
struct xtcp_tx {
	u64 seq;
	u64 departure;		/* ns: to leave the host, if its queue can wait; 0: at once */
	u32 len;		/* payload bytes; the shell may send fewer: xtcp_cut() */
	u32 opts;		/* XTCP_HAS_*: options in the header */
	u16 mss;		/* payload bytes per wire packet; len > mss: super-packet */
	u16 hdr;		/* header length in bytes, options included */
	u8 flags;		/* XTCP_FIN ... */
	u8 why;			/* enum xtcp_why */
	u8 ranges;		/* ACKINFO: ranges to report */
	bool ect;		/* the IP header says ECN-capable: ECT(0) */
	u8 probe;		/* D10: one packet, longer than the path is known to take */
	struct xtcp_seg *seg;	/* sent again; NULL: new bytes, which take one spare */
};

/* Every deadline of a connection; each has one handler in core/timers.c. */
enum xtcp_timer_id {
	XTCP_T_SYN,		/* O1, O6: the SYN again, and the SYN|ACK */
	XTCP_T_ECHO,		/* O4: the cookie echo again */
	XTCP_T_TLP,		/* D9: tail loss probe; postpones T_RTO, never after it */
	XTCP_T_RTO,		/* D9: retransmission timeout */
	XTCP_T_REO,		/* D9: RACK's reordering window ends */
	XTCP_T_PROBE,		/* D7 */
	XTCP_T_DELACK,		/* D5 */
	XTCP_T_HOLD,		/* D12: Nagle or MSG_MORE has held a segment long enough */
	XTCP_T_PACE,		/* the next burst may leave */
	XTCP_T_RETRY,		/* a transmission failed: again */
	XTCP_T_KEEP,		/* K1 */
	XTCP_T_USER,		/* K2; O1 and O4: the open gives up */
	XTCP_T_FW2,		/* C5: orphan in FIN-WAIT-2 */
	XTCP_T_ORPHAN,		/* C5: orphan that does not get rid of its data */
	XTCP_TIMERS
};

/* Constants of the rules; the source of each is cited. */
#define XTCP_SYN_RTO_INIT	(1 * XTCP_SEC)		/* O1, RFC 6298 */
#define XTCP_SYN_RTO_MIN	(100 * XTCP_MS)		/* O1, where the path is known */
#define XTCP_SYN_RTO_MAX	(64 * XTCP_SEC)		/* O1 */
#define XTCP_OPEN_TIMEOUT	(180 * XTCP_SEC)	/* O1, O4 */
#define XTCP_SYN_RETRIES	7U			/* O1: as many as its 180 s allow */
#define XTCP_RTO_INIT		(1 * XTCP_SEC)		/* D9 */
#define XTCP_RTO_KNOWN_MAX	(3 * XTCP_SEC)		/* of a known path: RFC 1122 4.2.3.1 */
#define XTCP_RTO_VAR_MIN	(40 * XTCP_MS)		/* D9 */
#define XTCP_RTO_MAX		(60 * XTCP_SEC)		/* D9, D7 */
#define XTCP_PTO_MIN		(2 * XTCP_MS)		/* D9: a peer holds an ACK for 1 ms (D5) */
#define XTCP_OVERRIDE_MIN	(100 * XTCP_MS)		/* D7, RFC 9293 3.8.6.2.1 */
#define XTCP_DELACK_MIN		(1 * XTCP_MS)		/* D5 */
#define XTCP_DELACK_MAX		(25 * XTCP_MS)		/* D5 */
#define XTCP_DELACK_ANSWER	(20 * XTCP_MS)		/* D5: less, as timers may be late */
#define XTCP_ACK_HELD		(1 * XTCP_MS)		/* D6 */
#define XTCP_TS_GAP		(1 * XTCP_MS)		/* wire-format.rst, TS */
#define XTCP_HOLD_MIN		(1 * XTCP_MS)		/* D12 */
#define XTCP_CORK_MAX		(200 * XTCP_MS)		/* tcp(7), TCP_CORK */
#define XTCP_RETRY_DELAY	(4 * XTCP_MS)		/* one jiffy at HZ=250 */
#define XTCP_RETRY_MAX		(500 * XTCP_MS)		/* twice a second, as Linux's TCP */
#define XTCP_CHALLENGE_GAP	(500 * XTCP_MS)		/* M2 */
#define XTCP_MSL		(30 * XTCP_SEC)		/* F8 */
#define XTCP_FIN_TIMEOUT	(60 * XTCP_SEC)		/* C5 */
#define XTCP_ORPHAN_TIMEOUT	(60 * XTCP_SEC)		/* C5 */
#define XTCP_USER_TIMEOUT_MS	(15 * 60 * 1000U)	/* K2 */
#define XTCP_USER_HINT_MAX_MS	(60 * 60 * 1000U)	/* RFC 5482's U_LIMIT: one hour */
#define XTCP_KEEP_IDLE_S	7200U			/* K1, F10 */
#define XTCP_KEEP_INTVL_S	75U			/* K1, F10 */
#define XTCP_KEEP_PROBES	10U			/* K1, F10 */
#define XTCP_SPARES_MAX		64			/* most nodes worth having for one call */
#define XTCP_SAFE_LEN		1200U			/* D10; RFC 8899's BASE_PLPMTU */
#define XTCP_PATH_MSS_MIN	(XTCP_PAYLOAD_MIN + 128) /* D10, and room for options */
#define XTCP_FULL_MIN		(XTCP_HDR_LEN + XTCP_PATH_MSS_MIN) /* D5 */
#define XTCP_PMTU_PROBES	3U			/* D10; RFC 8899's MAX_PROBES */
#define XTCP_PMTU_RAISE		(600 * XTCP_SEC)	/* D10; RFC 8899's PMTU_RAISE_TIMER */
#define XTCP_PMTU_RETRY		(1 * XTCP_SEC)		/* RFC 8899 5.1.1: as PROBE_TIMER */
#define XTCP_PMTU_STEP		16U			/* D10: 1 % of an Ethernet: not worth it */

/* D10, net.xtcp.mtu_probing: when the path's MTU is searched. */
enum xtcp_probing {
	XTCP_PROBING_OFF,	/* never: route and ICMP are believed */
	XTCP_PROBING_LATER,	/* above what they said at first, and after a black hole */
	XTCP_PROBING_ALWAYS,	/* from XTCP_SAFE_LEN up */
};

/* Who asks for ECN (net.xtcp.ecn; the numbers are those of TCP's tcp_ecn). */
enum xtcp_ecn_mode {
	XTCP_ECN_OFF,		/* nobody */
	XTCP_ECN_ON,		/* we do, and agree when asked */
	XTCP_ECN_ANSWER,	/* we agree when asked */
};

/*
 * What a program may set. The shell writes these under the socket lock and
 * then calls xtcp_tuned(), so that running timers follow.
 */
struct xtcp_tune {
	u32 user_timeout;	/* ms, K2; 0 = XTCP_USER_TIMEOUT_MS */
	u32 keep_idle;		/* s, K1 */
	u32 keep_intvl;		/* s */
	u32 fin_timeout;	/* s, C5 */
	u8 keep_probes;
	u8 syn_retries;		/* O1; 0 = until XTCP_OPEN_TIMEOUT */
	u8 keepalive:1, nodelay:1, cork:1, quickack:1;
	u8 autocork:1;		/* D12 */
	u8 idle_restart:1;	/* a window that is not used goes down (core/cwv.c) */
	u8 mtu_probing;		/* enum xtcp_probing, D10 */
	u16 maxseg;		/* bytes of options and payload in a segment; 0: no limit */
};

struct xtcp_rtt {
	u64 srtt, var;		/* ns; srtt 0 = no sample yet */
	u64 min;		/* ns, of the last minutes; XTCP_NEVER = no sample yet */
	u64 min_now, min_from;	/* ns: that of the half of this time that runs; its beginning */
	u64 last;		/* ns; without a sample: xtcp_rtt_hint() */
	u64 rto;		/* ns, without back-off */
};

struct xtcp_rack {		/* RFC 8985 section 6.2 */
	u64 sent_at, end;	/* most recently sent segment that was delivered */
	u64 fack;		/* highest byte delivered */
	u64 rtt;		/* ns */
	u64 dsack_round;	/* NXT as reo_wnd_mult last grew */
	u32 echo;		/* TSECHO of the segment at hand, if echoed */
	u8 reo_wnd_mult;	/* quarters of the RTT that reordering may take; 0 counts as 1 */
	u8 reo_wnd_persist;	/* recoveries for which that stays */
	u8 reordered:1;		/* reordering was seen */
	u8 dsacked:1;		/* dsack_round is valid */
	u8 echoed:1;
};

struct xtcp_prr {		/* RFC 9937; bytes */
	u32 recover_fs;		/* to be delivered in this recovery */
	u32 delivered;		/* acknowledged or SACKed in it */
	u32 out;		/* sent in it */
};

enum xtcp_frto {		/* RFC 5682: what the first answers to a timeout are asked */
	XTCP_FRTO_OFF,
	XTCP_FRTO_AGAIN,	/* the first bytes went again, and nothing else */
	XTCP_FRTO_NEW,		/* those were acknowledged; new bytes go before the others */
};

struct xtcp_undo {		/* what to go back to if nothing was lost after all */
	u64 first_at;		/* ns: the first retransmission; 0: none yet */
	u64 first;		/* its end */
	u64 low, high;		/* bytes that went again, and those between them */
	u64 until;		/* NXT as the last of them went */
	u64 bytes;		/* that went again and were not reported as duplicates */
	u32 cwnd, ssthresh;	/* before the recovery; cwnd 0: nothing to undo */
	bool stamped;		/* all that went again had a TS */
	u8 frto;		/* enum xtcp_frto */
};

/* D10, RFC 8899. Sizes are of options and payload together, as path_mss is. */
struct xtcp_pmtu {
	u32 route;		/* what the route takes (shell) */
	u32 size;		/* of the probe that is next or in the network; 0: not chosen */
	u32 failed;		/* the least that does not pass; 0: not known */
	u64 end;		/* of the last probe: no other before this is acknowledged */
	u64 next_at;		/* ns: no probe before */
	u32 passed;		/* the longest probe that has arrived */
	u8 losses;		/* probes of this size in a row */
};

/* Counters of one connection, for xtcp_info. */
struct xtcp_stat {
	u64 bytes_acked, bytes_received, bytes_sent, bytes_rexmit;
	u32 segs_out, segs_in, data_segs_out, data_segs_in;	/* wire packets */
	u32 rexmits, dsacks, ooo, rtos;
};

struct xtcp_tcb {
	u8 state;		/* enum xtcp_state; only xtcp_set_state() writes it */
	u8 conf:1;		/* O5: the peer has confirmed our cookie echo */
	u8 passive:1;		/* opened by xtcp_child() */
	u8 crossed:1;		/* O6: opened actively on both sides, without a cookie */
	u8 orphan:1;		/* closed by its program (C5) */
	u8 deaf:1;		/* its program reads no more (C5) */
	u8 fin_queued:1;	/* C1: a FIN follows the last byte written */
	u8 fin_sent:1;
	u8 fin_rcvd:1;		/* in order */
	u8 fin_early:1;		/* C2: rcv.fin is valid, its gap is open */
	u8 recovery:1;		/* loss recovery until snd.high is acknowledged */
	u8 timed_out:1;		/* that recovery began with a timeout */
	u8 force:1;		/* one retransmission may go whatever cwnd says */
	u8 tlp_owed:1;		/* D9: a tail loss probe */
	u8 tlp_out:1;		/* sent, and snd.tlp_end not acknowledged for certain */
	u8 tlp_again:1;		/* it was bytes sent before */

	u8 syn_owed:1;
	u8 synack_owed:1;	/* O6 */
	u8 ack_owed:1;		/* an ACK must go out; rides along with data */
	u8 challenge_owed:1;	/* M2 */
	u8 ack_held:1;		/* an ACK is due by deadline[XTCP_T_DELACK] */
	u8 answers:1;		/* D5: data could have taken the last held ACK along */
	u8 probe_owed:1;
	u8 keep_owed:1;
	u8 echo_owed:1;
	u8 ts_owed:1;		/* rcv.ts waits to be echoed */
	u8 dsack_owed:1;
	u8 released:1;		/* hold time over: the held small segment may go */
	u8 ce_last:1;		/* D5: the last data segment was CE-marked */
	u8 urgent_owed:1;	/* D8: nothing sent yet tells of snd.up */
	u8 marked:1;		/* D8: rcv.up is ahead of the program */
	u8 oob_read:1;		/* the byte in front of it was read out of band */
	u8 parting:1;		/* on the way to TIME-WAIT: the ACK of the FIN may still go */
	u8 ecn:1;		/* new bytes are sent ECN-capable */
	u8 ect_doubt:1;		/* none of them is known to have arrived lately */
	u8 ecn_tried:1;		/* snd.trial is over */
	u8 local_held:1;	/* unsent bytes wait to be handed over (core/local.c) */
	u8 local_in:1;		/* the peer is told of the right edge beside its bytes */
	u8 autocorked:1;	/* D12: packets of ours wait in this host's queues */
	u8 throttled:1;		/* D14: so many that data waits for xtcp_drained() */

	u8 spares;		/* length of spare */
	u8 backoff;		/* of the one running of T_SYN, T_ECHO, T_RTO, T_PROBE */
	u8 failures;		/* transmissions that failed since the last that did not */

	u32 keep_sent;		/* unanswered keepalive probes: with K2 as many as its time takes */
	u32 mss;		/* payload and options bytes per wire packet */
	u32 path_mss;		/* what the path is believed to take: RFC 8899's PLPMTU */
	u32 known_ssthresh;	/* bytes: found by earlier connections; 0: not known */
	u32 peer_mss;		/* what the peer's HELLO allows */
	u32 burst;		/* payload bytes in one transmission at most (shell: GSO limit) */
	u32 tag, peer_tag;	/* chosen by us, carried by what we receive; chosen by the peer */
				/* in SYN-RECEIVED peer_tag, irs and rcv are a hint only (O6) */
	u32 offer;		/* XTCP_FEATURE_*: for our HELLO (shell, before xtcp_connect()) */
	u32 features;		/* those that the peer offers too */
	u32 peer_timeout;	/* ms: the peer's user timeout hint (RFC 5482) */
	u32 ts_epoch;		/* random (shell): added to the clock that TS shows */
	u16 sport, dport;	/* host order, ours and the peer's */
	int err;		/* positive errno, with XTCP_ERROR */
	int soft_err;		/* what ICMP said; reported if the connection times out */
	u32 events;		/* BIT(XTCP_EV_*): to be counted and cleared by the shell */
	u32 queued;		/* bytes of ours in this host's queues (shell, before */
				/* xtcp_written() and xtcp_next(); 0: or nobody would tell) */

	u64 timer_next;		/* earliest deadline announced: the only one the shell knows */
	u64 timer_set;		/* earliest of those set since (xtcp_set_timer()) */
	u64 deadline[XTCP_TIMERS];

	u64 iss, irs;

	struct {
		u64 nxt;	/* next byte expected */
		u64 edge;	/* right edge advertised; never moves back */
		u64 read;	/* next byte the program will read */
		u64 told;	/* nxt, as the last ACK told it */
		u64 fin;	/* number of the peer's FIN, if fin_early or fin_rcvd */
		u64 up;		/* D8: behind the urgent byte, if marked */
		struct rb_root runs;
		struct list_head recent;	/* runs, the one touched last first */
		void *ready_first, *ready_last;	/* for XTCP_DRAIN */
		void *drop_first, *drop_last;	/* for XTCP_PRUNE */
		u32 run_bytes;	/* bytes in runs */
		u32 run_count;
		u32 run_bufs;	/* buffers in runs */
		u32 buf;	/* bytes the program's buffer takes (shell) */
		u32 want;	/* what it should take so as not to slow the peer down */
		u32 drawn;	/* most bytes that the program read in a round trip */
		u32 dsack_len;	/* of the duplicate to report */
		u64 drawn_from, drawn_at;	/* the one that is being counted */
		u64 rtt;	/* ns: round trip as a receiver sees it; 0 = not known */
		u64 mark, mark_at;	/* its next sample: an edge, and when it was told, or 0 */
		u32 full;	/* D5: longest segment lately seen, header included */
		u32 fulls;	/* full segments received since the last ACK */
		u32 ce;		/* CE-marked wire packets */
		u32 ce_told;	/* D6: as data last told it */
		u64 ce_until;	/* data tells it until this is acknowledged */
		u32 ts;		/* peer's TS value to echo */
		u64 ts_at;	/* ns: its arrival */
		u64 held_at;	/* ns: arrival of the last that a held ACK acknowledges */
		u64 heard_at;	/* ns: last segment from the peer: K1 */
		u64 accepted_at;	/* ns: last acceptable one: K2 */
		u64 dsack;	/* start of the duplicate to report */
	} rcv;

	struct {
		u64 una;	/* oldest unacknowledged */
		u64 nxt;	/* next new; never rolled back (D2) */
		u64 end;	/* end of what the program has written */
		u64 edge;	/* largest right edge the peer advertised */
		u64 push;	/* D12, F11: end of the last write that asks for PSH */
		u64 more;	/* end of the last write if it had MSG_MORE */
		u64 up;		/* D8: end of the last urgent write */
		u64 eor;	/* end of the last write with MSG_EOR */
		u64 record;	/* end of the first one after nxt (shell, if xtcp_records()) */
		u64 high;	/* recovery ends here */
		u64 tlp_end;	/* NXT as the last tail loss probe went out */
		u64 round;	/* NXT as the running round trip began */
		u64 small;	/* D12: end of the last segment smaller than the MSS (Minshall) */
		struct rb_root map;		/* sent, not acknowledged */
		u32 map_count;
		u32 max_wnd;	/* largest window seen: sender's silly window avoidance */
		struct list_head by_time;	/* in the network, oldest transmission first */
		u32 sacked, lost;		/* bytes */
		u64 lost_from;	/* nothing before this is LOST */
		u64 lost_to;	/* end of the highest taken for lost; not after UNA: none is */
		u64 advanced_at;	/* ns: UNA moved, or something became outstanding: K2, C5 */
		u64 drained, drained_at;	/* C5: UNA and ns, as an orphan's segment went */
		u64 ts_at;	/* ns: last TS sent */
		u64 sent_at;	/* ns: last segment sent */
		u64 data_at;	/* ns: last bytes sent, or sending resumed; 0 = never */
		u64 used_at;	/* ns: the window was last found used, or cut for not being */
		u32 used;	/* most bytes in the network since then */
		u32 round_pipe;	/* most bytes in the network in the running round trip, */
		u32 last_pipe;	/* and in the one before it; 0: nothing was */
		u32 tlp_flight;	/* bytes in flight when what the probe repeats was sent before */
		u32 ce;		/* CE-marked packets that the peer has reported */
		u32 reduced_from;	/* bytes in flight at reduced */
		u32 trial;	/* ECN-capable packets sent first, and their end: do any arrive */
		u64 trial_end;	/* without a mark? */
		u64 doubted;	/* NXT as only a retransmission arrived */
		u64 reduced;	/* NXT as the window last answered marks */
	} snd;

	u64 opened_at;		/* ns: first SYN sent, or child made */
	u64 cookie_born;	/* passive: issue time of the cookie, for C6 */
	u64 keep_at;		/* ns: last keepalive probe (K1) */
	u64 challenge_at;	/* M2: no challenge before this */

	union xtcp_node *spare, *done;	/* the shell fills the first and frees the second */
	union xtcp_node own[1];		/* so that request-response traffic allocates nothing */

	struct xtcp_rtt rtt;
	struct xtcp_rack rack;
	struct xtcp_prr prr;
	struct xtcp_undo undo;
	struct xtcp_rate rate;
	struct xtcp_pace pace;
	struct xtcp_pmtu pmtu;
	struct xtcp_cc cc;
	struct xtcp_tune tune;
	struct xtcp_stat stat;
	u8 cookie[XTCP_COOKIE_LEN];	/* option to echo while !conf */
};

/* Life: core/fsm.c */
void xtcp_init(struct xtcp_tcb *tcb, const struct xtcp_cc_ops *cc, void *cc_state, u32 path_mss,
	       u32 rcvbuf);
void xtcp_release(struct xtcp_tcb *tcb);
u32 xtcp_connect(struct xtcp_tcb *tcb, u64 iss, u32 tag, u64 now);
void xtcp_shut_read(struct xtcp_tcb *tcb);
u32 xtcp_shutdown(struct xtcp_tcb *tcb, u64 now);
u32 xtcp_close(struct xtcp_tcb *tcb, bool unread, bool abort, u64 now);
u32 xtcp_abort(struct xtcp_tcb *tcb, int err, u64 now);

/* Segments: core/input.c */
u32 xtcp_need(const struct xtcp_tcb *tcb, const struct xtcp_pkt *pkt);
u32 xtcp_input(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now);

enum xtcp_icmp_kind { XTCP_ICMP_ERROR, XTCP_ICMP_TOO_BIG };
bool xtcp_sends(const struct xtcp_tcb *tcb, u32 tag);
bool xtcp_believes_mtu(const struct xtcp_tcb *tcb, u32 tag);
u32 xtcp_icmp(struct xtcp_tcb *tcb, enum xtcp_icmp_kind kind, int err, u32 path_mss, u64 now);

/* Time: core/timers.c */
u32 xtcp_timer(struct xtcp_tcb *tcb, u64 now);
bool xtcp_wants_route(const struct xtcp_tcb *tcb);
u32 xtcp_tuned(struct xtcp_tcb *tcb, u64 now);

/* Output: core/output.c */
bool xtcp_next(struct xtcp_tcb *tcb, u64 now, struct xtcp_tx *tx);
void xtcp_cut(struct xtcp_tx *tx, u32 len);
u32 xtcp_build(const struct xtcp_tcb *tcb, const struct xtcp_tx *tx, u64 now, u8 *head);
void xtcp_sent(struct xtcp_tcb *tcb, const struct xtcp_tx *tx, void *buf, u64 now, int err);
void xtcp_reset(const struct xtcp_tcb *tcb, struct xtcp_tx *tx);

/* User calls: core/window.c and core/output.c */
/* A write of 0 bytes with XTCP_WRITE_PUSH sends what MSG_MORE or TCP_CORK held. */
#define XTCP_WRITE_MORE		BIT(0)	/* MSG_MORE: more follows at once */
#define XTCP_WRITE_PUSH		BIT(1)	/* end of a send() call: PSH on its last segment (F11) */
#define XTCP_WRITE_OOB		BIT(2)	/* MSG_OOB: the last byte is urgent (D8) */
#define XTCP_WRITE_EOR		BIT(3)	/* MSG_EOR: no segment goes on beyond it (D12) */
u32 xtcp_written(struct xtcp_tcb *tcb, u32 bytes, u32 how, u64 now);
bool xtcp_autocorked(const struct xtcp_tcb *tcb);
u32 xtcp_drained(struct xtcp_tcb *tcb, u64 now);
u32 xtcp_read(struct xtcp_tcb *tcb, u32 bytes, u64 now);
u32 xtcp_lowat_most(u32 space);
u32 xtcp_lowat_space(u32 bytes);
u32 xtcp_waits_for(struct xtcp_tcb *tcb, u32 bytes, u64 now);
u32 xtcp_set_rcvbuf(struct xtcp_tcb *tcb, u32 bytes, u64 now);
u32 xtcp_prune(struct xtcp_tcb *tcb);
bool xtcp_runs_loose(const struct xtcp_tcb *tcb);
struct xtcp_run *xtcp_loose_run(const struct xtcp_tcb *tcb, const struct xtcp_run *last);
void xtcp_run_packed(struct xtcp_tcb *tcb, struct xtcp_run *run, void *first, void *last,
		     u32 bufs);

/* Round the wire, where both ends are on one host: core/local.c */
bool xtcp_local_may(const struct xtcp_tcb *tcb);
u32 xtcp_local_bytes(struct xtcp_tcb *tcb, u64 now);
void xtcp_local_answer(struct xtcp_tcb *tcb);
bool xtcp_local_owes(const struct xtcp_tcb *tcb);
u32 xtcp_local_gave(struct xtcp_tcb *tcb, u32 bytes, u32 parts, bool held, u64 edge, u64 now);
bool xtcp_local_ready(const struct xtcp_tcb *tcb);
void xtcp_local_wrote(struct xtcp_tcb *tcb, u32 bytes, u64 edge, u64 now);
bool xtcp_local_fin_waits(const struct xtcp_tcb *tcb);
void xtcp_local_leave(struct xtcp_tcb *tcb, u64 edge);
u32 xtcp_local_took(struct xtcp_tcb *tcb, struct xtcp_pkt *pkt, u64 now);
u32 xtcp_local_in(struct xtcp_tcb *tcb, bool on, u64 now);

/* The path: core/pmtu.c */
void xtcp_set_route_mss(struct xtcp_tcb *tcb, u32 mss, u64 now);

/* Urgent data: core/urgent.c; tcb->oob_read is the shell's to set */
u64 xtcp_to_mark(const struct xtcp_tcb *tcb, u64 seq);
bool xtcp_oob_here(const struct xtcp_tcb *tcb);

/* core/ecn.c */
u32 xtcp_ecn_offer(enum xtcp_ecn_mode mode, const struct xtcp_cc_ops *cc, bool answering);

/* Dumps: core/info.c. The caller zeroes *info first. */
struct xtcp_info;
void xtcp_fill_info(const struct xtcp_tcb *tcb, u64 now, struct xtcp_info *info);

/**
 * xtcp_add_spare - give a connection a node
 * @tcb: connection
 * @node: node that nobody else holds
 */
static inline void xtcp_add_spare(struct xtcp_tcb *tcb, union xtcp_node *node)
{
	node->next = tcb->spare;
	tcb->spare = node;
	tcb->spares++;
}

/**
 * xtcp_records - is there something that ends with MSG_EOR and was never sent?
 * @tcb: connection
 *
 * The ends are the shell's to remember, with its buffers.
 *
 * Return: true if snd.record has to be set before xtcp_next().
 */
static inline bool xtcp_records(const struct xtcp_tcb *tcb)
{
	return xtcp_after(tcb->snd.eor, tcb->snd.nxt);
}

#endif /* _XTCP_TCB_H */
