/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The explorer: two hosts, each a small shell around the shipping core, taken
 * through every order in which packets, programs, timers and faults can meet,
 * within a scenario's bounds.
 *
 *   scenario.c  the table: programs, tables, bounds
 *   main.c      options, TAP
 *   search.c    breadth first over distinct states; the shortest trace
 *   world.c     what can happen next, and its happening
 *   net.c       segments in flight, and what is done to them
 *   shell.c     what the kernel's shell does around a TCB
 *   door.c      what it does with segments that have none
 *   program.c   programs: a letter for each call
 *   check.c     what must be true after each step
 *   canon.c     a state as bytes: relative numbers, no clocks, no padding
 *   trace.c     a line for each step and segment
 *
 * The whole world is one struct at one address, and every pointer in it leads
 * into it, so that memcpy() is all it takes to save and restore it.
 *
 * Time is abstract. The clock that a TCB sees moves by a millisecond a step and
 * to a timer's deadline when that fires, in any order that the bounds allow;
 * the clock of cookies, tombstones and TIME-WAITs is another one, which moves
 * by a nanosecond a SYN and by more than a cookie's life when a scenario says
 * so. No clock is part of a state.
 */
#ifndef _XTCP_SELFTESTS_EXPLORE_H
#define _XTCP_SELFTESTS_EXPLORE_H

#include <host.h>
#include <xtcp/door.h>
#include <xtcp/tcb.h>

#define EX_HOSTS	2
#define EX_SLOTS	3	/* sockets of a host at a time */
#define EX_NODES	4	/* spare nodes that a shell can give a TCB */
#define EX_BUFS		4	/* segments that can wait in runs */
#define EX_QUEUE	12	/* segments in flight in one direction */
#define EX_BYTES	176	/* the longest segment */
#define EX_PAYLOAD	4	/* bytes in a segment at most */
#define EX_HALVES	2
#define EX_TWS		2
#define EX_TOMBS	2
#define EX_TAGS		64	/* given out in one history; one bit each in canon.c */
#define EX_SCRIPTS	3	/* connections that a host opens, one after the other */
#define EX_CANON	24	/* a segment in canonical form */
#define EX_TICK		XTCP_MS	/* a step takes this */
#define EX_FLIGHT	(16 * XTCP_MS)	/* one in which a segment arrives */

/* What can go wrong. A scenario says how often, each and all together. */
#define EX_FAULTS(X)							\
	X(LOSS)		/* a segment is lost */				\
	X(DUP)		/* ... arrives twice */				\
	X(REORDER)	/* ... overtakes another */			\
	X(STALE)	/* ... is kept, and a copy comes much later */	\
	X(FORGE)	/* ... is followed by a forged one */		\
	X(TIMER)	/* a timer fires though a shorter one, or the network, is not done */ \
	X(LONG)		/* the same for those of a minute and more */	\
	X(SPARE)	/* no memory for nodes */			\
	X(ROOM)		/* no memory for received data */		\
	X(PRUNE)	/* the memory of out-of-order data is taken back */ \
	X(XMIT)		/* a transmission fails */			\
	X(CRASH)	/* a host restarts */				\
	X(EVICT)	/* a TIME-WAIT goes before its time */		\
	X(HALF)		/* the half-open table loses its entry */	\
	X(AGE)		/* more than a cookie's life goes by, all quiet */

enum ex_fault {
#define X(name)	EX_##name,
	EX_FAULTS(X)
#undef X
	EX_FAULT_MAX
};

/* Letters of a script: see program.c. */
struct ex_scenario {
	const char *name, *about;
	const char *opens[EX_HOSTS][EX_SCRIPTS];	/* scripts of its active opens */
	const char *server;	/* script of host 1's children; NULL: no listener */
	u8 limit[EX_FAULT_MAX];
	u8 faults;		/* all together */
	u8 halves, tombs;	/* entries of host 1's tables; a listener that needs one has room */
	u8 use;			/* enum xtcp_half_use: net.xtcp.syncookies */
	u8 backlog;
	u32 rcvbuf;
	bool ends_badly;	/* a program may be told an error though the network was good */
	bool keepalive;
	bool nagle;
	bool defer;		/* TCP_DEFER_ACCEPT, for as long as it may last */
	bool at_once;		/* both hosts have opened as it begins (O6) */
	u32 smoke, full;	/* states to look at; 0: all there are, or not at all in smoke */
};

struct ex_packet {
	u8 hdr, len;		/* bytes */
	bool forged;		/* its cookie's MAC is */
	u8 canon[EX_CANON];
	u8 bytes[EX_BYTES];
};

/* What is known of each incarnation, by its tag, for the properties. */
struct ex_tag {
	u8 host;
	u8 epoch;		/* of the host, as it was given out */
	u8 peer;		/* tag of the incarnation it opened with; of whom it was made for */
	bool active;		/* of a connect() */
	bool met;		/* active: reached ESTABLISHED */
	bool opened;		/* passive: a child was made */
	bool shut;		/* its program writes no more */
	bool unread;		/* ... and has left bytes unread */
	u8 written;		/* bytes */
	u64 born;		/* of its cookie */
	u64 rcv_nxt, rcv_edge;	/* how far it came; 0: not synchronized yet */
};

struct ex_buf {
	void *next;		/* first: xtcp_chain() */
	bool used;
	u8 skip, take;
	u64 seq;		/* of the first byte wanted */
	u8 bytes[EX_PAYLOAD];
};

struct ex_slot {
	bool used;
	bool gone;		/* its TCB has died */
	bool accepted;		/* or opened by its own program */
	bool closed;		/* by its program */
	bool eof;
	u8 script;		/* of opens[host]; EX_SCRIPTS: the server's */
	u8 op;			/* next letter */
	u8 delivered, consumed;	/* bytes */
	int err;
	u64 closed_at, fw2_at, open_at, wait_at, una_at;	/* ns: what C5 and K2 count from */
	u8 last_state;
	u64 last_una, last_snd, last_rcv, last_edge, last_limit;
	u8 nodes;		/* bit: handed out */
	struct xtcp_tcb tcb;
	union xtcp_node node[EX_NODES];
	struct ex_buf buf[EX_BUFS];
};

struct ex_half {
	bool used;
	struct xtcp_half half;
};

struct ex_tomb {
	bool used;
	u32 tag;
	struct xtcp_tomb tomb;
};

struct ex_tw {
	bool used;
	struct xtcp_tw tw;
};

struct ex_host {
	struct xtcp_keys keys;
	u64 refuse_born;	/* C6 */
	u8 epoch;		/* restarts */
	u8 opened;		/* scripts begun */
	struct ex_half half[EX_HALVES];	/* of the one 4-tuple there is */
	struct ex_tomb tomb[EX_TOMBS];
	struct ex_tw tw[EX_TWS];
};

struct ex_world {
	const struct ex_scenario *sc;
	const char *violation;
	u64 now, door_now;
	u8 left[EX_FAULT_MAX], faults;
	u8 tags;		/* given out */
	bool deaf;		/* the listener is closed */
	bool clean;		/* nothing has happened that ends a connection early */
	u8 deny;		/* BIT(EX_SPARE), BIT(EX_ROOM), BIT(EX_XMIT): in this step */
	u8 asked;		/* which of them there was a use for */
	u8 sent;		/* segments, in this step */
	bool full;		/* ran out of room in the model: the step does not count */
	struct ex_tag tag[EX_TAGS];
	struct ex_host host[EX_HOSTS];
	bool kept, kept_from;
	struct ex_packet stale;
	u8 queued[EX_HOSTS];	/* by sender */
	struct ex_packet net[EX_HOSTS][EX_QUEUE];
	struct ex_slot slot[EX_HOSTS][EX_SLOTS];	/* last: only those in use are saved */
};

/* A step: kind, host, argument, and what is denied in it. */
enum ex_kind {
	EX_DO_DELIVER,		/* argument: place in the queue; host: the sender */
	EX_DO_LOSE,
	EX_DO_DUP,
	EX_DO_KEEP,
	EX_DO_RELEASE,
	EX_DO_FORGE,		/* argument: which */
	EX_DO_CONNECT,
	EX_DO_PROGRAM,		/* argument: slot */
	EX_DO_TIMER,		/* argument: slot * 16 + timer */
	EX_DO_PRUNE,		/* argument: slot */
	EX_DO_CRASH,
	EX_DO_TW_END,		/* argument: which */
	EX_DO_HALF_GONE,
	EX_DO_AGE,
	EX_KINDS
};

struct ex_step {
	u8 kind:5, host:1;
	u8 arg;
	u8 deny;		/* BIT(enum ex_fault) >> EX_SPARE */
};

#define EX_STEPS_MAX	128

/* world.c */
void ex_begin(struct ex_world *w, const struct ex_scenario *sc);
void ex_save(const struct ex_world *w, struct ex_world *to);
void ex_load(struct ex_world *w, const struct ex_world *from);
u32 ex_steps(const struct ex_world *w, struct ex_step *step);
u32 ex_denials(const struct ex_world *w, struct ex_step done, u8 asked, struct ex_step *step);
bool ex_fair_step(const struct ex_world *w, bool patient, struct ex_step *step);
bool ex_finished(const struct ex_world *w);
void ex_perform(struct ex_world *w, struct ex_step step);

/* net.c */
enum ex_forgery {
	EX_FORGE_MAC,		/* one bit of the cookie's MAC */
	EX_FORGE_BODY,		/* one bit of the cookie's text */
	EX_FORGE_ACK,		/* cookie or not: acknowledges more */
	EX_FORGE_SEQ,		/* far beyond any window */
	EX_FORGE_TAG,		/* nobody's */
	EX_FORGE_RST,		/* right tag, number just before the window */
	EX_FORGE_RST_TAG,	/* right number, nobody's tag */
	EX_FORGE_SYN_SEQ,	/* a SYN with another number */
	EX_FORGE_SYN,		/* somebody else's SYN from the same end point */
	EX_FORGE_SHORT_SYN,	/* that, without the room for an answer */
	EX_FORGE_BARE,		/* without options */
	EX_FORGE_SYNACK,	/* the sender's SYN|ACK, as if it had been repeated */
	EX_FORGE_SYNACK_SEQ,	/* ... with another number */
	EX_FORGE_SYNACK_TAG,	/* ... with another HELLO */
	EX_FORGERIES
};

int ex_transmit(struct ex_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len);
void ex_queue(struct ex_world *w, u8 from, const struct ex_packet *packet);
void ex_take(struct ex_world *w, u8 from, u8 at, struct ex_packet *packet);
bool ex_forge(struct ex_world *w, u8 from, enum ex_forgery how, struct ex_packet *packet);

/* shell.c */
struct ex_slot *ex_slot_new(struct ex_world *w, u8 host, u16 sport, u16 dport);
void ex_act(struct ex_world *w, u8 host, struct ex_slot *slot, u32 todo, struct xtcp_pkt *pkt);
void ex_refill(struct ex_world *w, struct ex_slot *slot, u32 want);
void ex_to_tcb(struct ex_world *w, u8 host, struct ex_slot *slot, struct xtcp_pkt *pkt,
	       const struct ex_packet *packet, u32 todo);
void ex_connect(struct ex_world *w, u8 host);
void ex_fire(struct ex_world *w, u8 host, struct ex_slot *slot, enum xtcp_timer_id id);
void ex_slot_free(struct ex_slot *slot);

/* door.c */
u32 ex_new_tag(struct ex_world *w, u8 host);
void ex_receive(struct ex_world *w, u8 host, const struct ex_packet *packet);
void ex_bury(struct ex_world *w, struct ex_host *host, u32 tag, u64 born);
void ex_tw_add(struct ex_world *w, struct ex_host *host, const struct xtcp_tcb *tcb);
void ex_tw_end(struct ex_world *w, struct ex_host *host, struct ex_tw *tw);

/* program.c */
bool ex_program_ready(const struct ex_world *w, u8 host, const struct ex_slot *slot);
void ex_program(struct ex_world *w, u8 host, struct ex_slot *slot);
bool ex_may_connect(const struct ex_world *w, u8 host);
void ex_delivered(struct ex_world *w, struct ex_slot *slot, const struct ex_buf *buf);
u8 ex_byte(u32 tag, u64 offset);

/* check.c */
struct ex_before {		/* a segment */
	u64 rcv_nxt, rcv_edge;
	bool conf;
};

void ex_fail(struct ex_world *w, const char *what);
void ex_check_slot(struct ex_world *w, u8 host, struct ex_slot *slot);
void ex_check_met(struct ex_world *w, u8 host, const struct xtcp_tcb *tcb);
void ex_check_child(struct ex_world *w, u8 host, const struct xtcp_tcb *tcb,
		    const struct xtcp_pkt *echo);
void ex_check_state(struct ex_world *w, struct ex_slot *slot, u8 state);
void ex_check_input(struct ex_world *w, const struct ex_slot *slot, const struct xtcp_pkt *pkt,
		    const struct ex_before *before);
void ex_check_eof(struct ex_world *w, const struct ex_slot *slot);

/* canon.c */
u64 ex_fingerprint(const struct ex_world *w);
void ex_canon_packet(struct ex_packet *packet);

/* search.c */
struct ex_result {
	u64 states, steps;
	u32 depth;
	bool all;		/* nothing was left */
	const char *violation;
	u64 truncated;		/* steps for which the model had no room */
};

void ex_search(struct ex_world *w, const struct ex_scenario *sc, u64 limit,
	       struct ex_result *result);

/* trace.c */
__printf(2, 3) void ex_trace(const struct ex_world *w, const char *format, ...);
void ex_trace_step(const struct ex_world *w, u32 number, struct ex_step step);
void ex_trace_packet(const struct ex_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len,
		     const char *fate);
const char *ex_state_name(u8 state);
extern bool ex_tracing;

/* scenario.c */
extern const struct ex_scenario ex_scenarios[];
extern const u32 ex_scenario_count;

/*
 * Initial numbers are a function of the tag, so that a number tells whose it
 * is, and their lower halves wrap at once. 0, the number of R4's RST, is nobody's.
 */
#define EX_ISS_BACK	4

static inline u64 ex_iss(u32 tag)
{
	return ((u64)tag << 32) - EX_ISS_BACK;
}

static inline u32 ex_owner(u64 number)
{
	return (number + 2 * EX_ISS_BACK) >> 32;
}

static inline struct ex_tag *ex_tag(struct ex_world *w, u32 tag)
{
	return tag && tag <= w->tags ? &w->tag[tag - 1] : NULL;
}

static inline bool ex_synchronized(u8 state)
{
	return state == XTCP_ESTABLISHED || state == XTCP_FIN_WAIT_1 ||
	       state == XTCP_FIN_WAIT_2 || state == XTCP_CLOSE_WAIT ||
	       state == XTCP_CLOSING || state == XTCP_LAST_ACK;
}

#endif /* _XTCP_SELFTESTS_EXPLORE_H */
