/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments for which there is no TCB: what a listener, a half-open entry, a
 * TIME-WAIT or a tombstone makes of them. The look-ups are the shell's, the
 * decisions are here (core/passive.c), so that host programs can explore them.
 */
#ifndef _XTCP_DOOR_H
#define _XTCP_DOOR_H

#include <xtcp/tcb.h>
#include <xtcp/timewait.h>

#define XTCP_COOKIE_LIFE	(60 * XTCP_SEC)	/* O3 */
#define XTCP_DEFER_MAX	(10 * XTCP_SEC)	/* so that two more echoes come within that life */
#define XTCP_REPLY_OPTIONS	96

/* Addresses of a packet as the receiver sees them; IPv4 as ::ffff:a.b.c.d. */
struct xtcp_addrs {
	u8 local[16], remote[16];
};

/* Between whom a cookie is good: ports in host order, in our view. */
struct xtcp_ends {
	const struct xtcp_addrs *addrs;
	u32 domain;		/* as of struct xtcp_found */
	u16 lport, rport;
};

/* Cookie keys of one namespace: the younger first. The shell rotates them. */
struct xtcp_keys {
	u64 key[2][2];
	u64 epoch;		/* random: added to the clock where others can read it */
	u8 serial;		/* number of key[0]; key[1] has serial - 1 */
};

/* What half-open entries are to a listener (O2; net.xtcp.syncookies). */
enum xtcp_half_use {
	XTCP_HALF_CACHE,	/* 1: the cookie alone opens; they are made where there is room */
	XTCP_HALF_NEEDED,	/* 0: the cookie opens only what has one */
	XTCP_HALF_NEVER,	/* 2: none is made */
};

/* What a listener offers. */
struct xtcp_door {
	const struct xtcp_keys *keys;
	u32 mss;		/* to announce: MTU of the path less headers */
	u32 wnd;		/* first window to advertise */
	u32 user_timeout;	/* ms, hint for HELLO */
	u32 features;		/* XTCP_FEATURE_*: offered to who offers them */
	u64 defer;		/* ns: so long an echo needs data to open (TCP_DEFER_ACCEPT) */
	bool room;		/* the accept queue takes one more */
	u8 half;		/* enum xtcp_half_use */
};

/* A segment without TCB to be sent back; ports and addresses are the packet's, reversed. */
struct xtcp_reply {
	u64 seq, ack;
	u32 tag, wnd;
	u8 flags;
	u8 len;			/* of options */
	u8 options[XTCP_REPLY_OPTIONS];
};

/*
 * A passive half-open connection (SYN-RECEIVED), remembered so that it can be
 * shown and its SYN|ACK repeated byte for byte. Never changed once it is in a
 * table, so that readers need no lock.
 */
struct xtcp_half {
	u64 irs;		/* SEQ of the SYN */
	u32 peer_tag;
	u64 expires;		/* ns: with its cookie */
	struct xtcp_reply reply;	/* the SYN|ACK: seq is ISS, wnd the window */
	u32 tag;		/* ours */
};

/*
 * Left by a connection that died younger than its cookie (C6). Keyed by
 * 4-tuple and our tag.
 */
struct xtcp_tomb {
	u64 expires;		/* ns: last moment at which the cookie would still be good */
};

/*
 * What the shell's look-ups found for a packet; absent things are NULL or 0.
 * "live" is one TCB of the 4-tuple, of those that there are:
 *  - for a SYN without ACK: in SYN-SENT or SYN-RECEIVED; else one whose peer's
 *    tag is the packet's; else one in a state that M2 names; else any;
 *  - for a RST: one whose tag or peer's tag is the packet's, else none;
 *  - otherwise: not looked at.
 */
struct xtcp_found {
	const struct xtcp_addrs *addrs;
	u32 domain;		/* where these addresses are unique; 0: in the main table */
	u8 live;		/* its state */
	const struct xtcp_tw *tw;	/* of the exact (4-tuple, tag); the caller holds its lock */
	const struct xtcp_half *half;	/* by peer_tag (SYN), either tag (RST), tag (others) */
	bool tomb;		/* one of the exact (4-tuple, tag) that is not past its expires */
	u64 refuse_born;	/* C6, xtcp_tomb_drop(): cookies born up to here (ns) are refused */
	const struct xtcp_door *door;
	u64 iss;		/* fresh, for a SYN|ACK (SYN only) */
	u32 tag;		/* fresh, random, not 0 (SYN only) */
};

enum xtcp_verdict {
	XTCP_VERDICT_DROP,	/* pkt->drop says why */
	XTCP_VERDICT_TO_TCB,	/* lock the live TCB, xtcp_input() */
	XTCP_VERDICT_ANSWER,	/* send *reply */
	XTCP_VERDICT_RESET,	/* count pkt->drop; send *reply, a RST, if R4's limit lets it */
	XTCP_VERDICT_KEEP,	/* send *reply, remember it as xtcp_half (xtcp_keep()) */
	XTCP_VERDICT_KEEP_OR_DROP, /* the same, but no room: count pkt->drop, send nothing */
	XTCP_VERDICT_FORGET,	/* remove found->half (O8) */
	XTCP_VERDICT_CHILD,	/* make a child: xtcp_child() */
	XTCP_VERDICT_RESTART,	/* C4: send *reply and restart found->tw's 2 MSL */
};

enum xtcp_verdict xtcp_demux(struct xtcp_pkt *pkt, const struct xtcp_found *found, u64 now,
			     struct xtcp_reply *reply);
bool xtcp_refuse(const struct xtcp_pkt *pkt, struct xtcp_reply *reply);
void xtcp_keep(struct xtcp_half *half, const struct xtcp_pkt *pkt,
	       const struct xtcp_reply *reply, u64 now);
u32 xtcp_child(struct xtcp_tcb *child, const struct xtcp_keys *keys, const struct xtcp_pkt *echo,
	       u64 now);
u32 xtcp_build_reply(const struct xtcp_reply *reply, u16 sport, u16 dport, u8 *head);

/* core/timewait.c */
enum xtcp_verdict xtcp_tw_demux(const struct xtcp_tw *tw, struct xtcp_pkt *pkt,
				struct xtcp_reply *reply);
bool xtcp_tomb_make(struct xtcp_tomb *tomb, u64 cookie_born, u64 now);
u64 xtcp_tomb_drop(const struct xtcp_tomb *tomb, u64 refuse_born);

/* What a cookie holds, in host order (core/cookie.c). */
struct xtcp_cookie {
	u64 born;		/* ns: issue time */
	u64 iss, irs;
	u32 tag, peer_tag;
	u32 wnd;		/* the window our SYN|ACK advertised */
	u32 features;
	u32 user_timeout;	/* ms: the peer's hint */
	u16 mss;		/* the peer's */
};

void xtcp_cookie_issue(const struct xtcp_keys *keys, const struct xtcp_ends *ends,
		       const struct xtcp_cookie *cookie, u8 *option);
int xtcp_cookie_open(const struct xtcp_keys *keys, const struct xtcp_ends *ends,
		     const u8 *option, u64 now, struct xtcp_cookie *cookie);
void xtcp_cookie_read(const struct xtcp_keys *keys, const u8 *option,
		      struct xtcp_cookie *cookie);
u32 xtcp_cookie_tag(const u8 *option);

#endif /* _XTCP_DOOR_H */
