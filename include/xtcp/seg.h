/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nodes: ranges of sequence numbers that describe bytes and own none. The
 * bytes lie in buffers that the shell holds, in order, and that are immutable
 * once sent; nothing is ever split but a node.
 */
#ifndef _XTCP_SEG_H
#define _XTCP_SEG_H

#include <xtcp/env.h>

/* xtcp_seg.flags */
#define XTCP_SEG_SACKED		0x01
#define XTCP_SEG_LOST		0x02	/* to be sent again; not in the network */
#define XTCP_SEG_FIN		0x04	/* its last number is the FIN */
#define XTCP_SEG_PSH		0x08
#define XTCP_SEG_LIMITED	0x10	/* its delivery rate measures the program (core/rate.c) */
#define XTCP_SEG_STAMPED	0x20	/* sent again, with a TS */
#define XTCP_SEG_PROBE		0x40	/* D10: longer than the path is known to take */

/* Sent and not yet acknowledged: [start, end). A FIN counts in end. */
struct xtcp_seg {
	struct rb_node at;	/* snd.map, by start */
	struct list_head sent;	/* snd.by_time, oldest first (RFC 8985); not if SACKED or LOST */
	u64 start, end;
	u64 sent_at;		/* ns: last transmission */
	u64 first_sent_at;	/* ns: what struct xtcp_rate knew by then: core/rate.c */
	u64 delivered_at;	/* ns */
	void *buf;		/* hint: the buffer that holds start; never looked into */
	u32 delivered, lost;	/* the low 32 bits of these two */
	u32 flight;		/* bytes in the network then, its own included */
	u16 mss;		/* payload bytes per wire packet when last sent */
	u8 opts;		/* bytes of options in each of these */
	u8 rexmits;		/* saturates */
	u8 flags;
};

/* Received out of order: adjoining bytes, buffers chained first to last. */
struct xtcp_run {
	struct rb_node at;	/* rcv.runs, by start */
	u64 start, end;
	void *first, *last;
	u32 bufs;		/* in that chain */
	struct list_head recent;	/* rcv.recent: ACKINFO reports the most recent first */
};

union xtcp_node {
	struct xtcp_seg seg;
	struct xtcp_run run;
	union xtcp_node *next;	/* while spare or done */
};

#endif /* _XTCP_SEG_H */
