/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulation: two endpoints, each a small shell around the core, over a
 * pipe with a virtual clock. One seed decides everything that happens.
 *
 *   main.c      seeds, options, TAP
 *   profile.c   what a seed makes of path, windows, sizes and mishaps
 *   paths.c     given paths: what congestion control makes of them
 *   grid.c      the paths of selftests/path/cells, and random ones
 *   world.c     the clock: whatever is due next, until nothing is left
 *   link.c      the path: cuts, loses, doubles, delays, marks and merges
 *   endpoint.c  what the kernel's shell does: look-ups, demux, act, timers
 *   output.c    the write queue and the pull loop
 *   app.c       the program: writes, reads, stalls, closes
 *   model.c     what must be true of a TCB after every call
 *   trace.c     a line for each packet and event
 */
#ifndef _XTCP_SIM_H
#define _XTCP_SIM_H

#include <host.h>
#include <xtcp/door.h>
#include <xtcp/tcb.h>

#define SIM_CLIENT	0
#define SIM_SERVER	1
#define SIM_SIDES	2
#define SIM_HALVES	4
#define SIM_TOMBS	4

/* What one side of the connection is like. */
struct sim_side {
	u64 bytes;		/* it will write */
	u32 rcvbuf, sndbuf;
	u32 path_mss, burst;
	u32 chunk;		/* a write() at most */
	u32 read;		/* a read() at most */
	u64 think;		/* ns between two writes or reads at most */
	u32 stall;		/* per mille of reads followed by a long pause */
	u32 urgent;		/* per mille of writes that end in an urgent byte */
	u32 loss;		/* per mille of the packets it sends */
	const struct xtcp_cc_ops *cc;
	u8 probing;		/* enum xtcp_probing */
	bool nodelay;
	bool grow;		/* the receive buffer follows what the core wants */
	bool close_early;	/* close() right after the last byte, instead of shutdown() */
};

struct sim_profile {
	struct sim_side side[SIM_SIDES];
	u64 delay, jitter;	/* ns, one way */
	u64 rate;		/* bytes per second; 0: no limit */
	u32 queue;		/* bytes the bottleneck holds */
	u32 dup, reorder, ce, merge;	/* per mille */
	u32 node_fail, send_fail, buf_fail, prune, cut;	/* per mille */
	u64 tick;		/* ns: timers fire up to this late */
	u32 link_mss;		/* what the path really carries; above: dropped, ICMP */
	bool hole;		/* and no ICMP (D10) */
	u64 mss_gap;		/* ns between two changes of the path's MSS; 0: none */
	bool halves;		/* the SYN-RECEIVED table is on */
	u8 half_use;		/* enum xtcp_half_use: net.xtcp.syncookies */
	bool cross;		/* both connect, none listens (O6) */
	u32 stale;		/* SYNs of nobody that arrive in the first seconds (F5) */
	bool clean;		/* nothing is lost, late, doubled or refused for memory */

	/* Of a path of selftests/path/cells only; chances are of 2^32. */
	u64 back;		/* bytes per second of what the server sends; 0: rate */
	u32 fail, recover;	/* runs of losses: one begins, one ends */
	u32 late, twice;
	u64 late_by;		/* ns */
	u64 bunch;		/* ns: pause between two bunches at most */
	u64 mark;		/* bytes that wait in front of what is marked; 0: none is */
};

/* A packet on the path and, once received, the buffer that holds its payload. */
struct sim_packet {
	void *next;		/* first: xtcp_chain() */
	u64 at, order;		/* ns of arrival; the earlier sent first */
	u8 to;
	bool icmp;		/* "packet too big": mss and seq say what and which */
	u16 wire, ce;
	u32 mss;		/* else: payload bytes of each wire packet but the last */
	u32 hdr, total;		/* bytes */
	u32 skip, take;		/* payload wanted, once received */
	u64 seq;		/* of the first byte wanted */
	u8 bytes[];
};

/* What the program wrote in one go; its bytes are a function of their offset. */
struct sim_written {
	struct sim_written *next;
	u64 start, end;		/* sequence numbers */
};

struct sim_app {
	u64 written, delivered, consumed;	/* bytes */
	u64 write_at, read_at;	/* ns; XTCP_NEVER: asleep until woken */
	u32 queued;		/* bytes in the write queue */
	u64 mark, told;		/* bytes up to the last urgent one: written, heard of */
	bool shut, closed;
	bool fin, eof;		/* the end of the stream is there; was read */
};

struct sim_tomb {
	bool used;
	u32 tag;
	struct xtcp_tomb tomb;
};

struct sim_half {
	bool used;
	struct xtcp_half half;
};

struct sim_world;

struct sim_endpoint {
	struct sim_world *world;
	u8 id;
	struct xtcp_tcb *tcb;	/* NULL: none (any more) */
	u64 timer;		/* ns: when the shell's timer fires */
	u64 late;		/* ns: how late this time */
	struct sim_written *first, *last;
	struct sim_app app;
	u64 iss;
	bool opened, over;	/* was ESTABLISHED; its TCB has died */
	int err;		/* what the program was told */

	bool has_tw;
	struct xtcp_tw tw;
	struct sim_half half[SIM_HALVES];
	struct sim_tomb tomb[SIM_TOMBS];
	u64 refuse_born;	/* C6 */
	u64 told_until;		/* ns: the route remembers what ICMP said of its MTU */

	u64 last_edge, last_nxt, last_una, last_rcv;	/* model: never move back */
};

struct sim_world {
	u64 seed, now, order;
	u64 mss_at;		/* ns: next change of the path's MSS */
	u64 stale_at;		/* ns: next stale SYN */
	u32 stale;		/* still to come */
	u64 progress_at;	/* ns: somebody got a byte, or a state changed */
	u64 events;
	struct host_random rand;
	const struct sim_profile *fixed;	/* the path, if not the seed's */
	struct sim_profile p;
	struct sim_endpoint end[SIM_SIDES];
	struct xtcp_keys keys;
	struct sim_packet **heap;
	u32 packets, heap_size;
	u64 free_at[SIM_SIDES];	/* ns: the bottleneck has sent what it holds */
	u64 waited[SIM_SIDES], passed[SIM_SIDES];	/* bytes found there, in all; packets */
	u64 came_at[SIM_SIDES];	/* ns: the last packet, lost or not */
	u64 bunch_at[SIM_SIDES];	/* ns: the next bunch arrives */
	bool bad[SIM_SIDES];	/* in a run of losses */
	u64 began_at, delivered_at;	/* ns: the first packet, the last byte */
	long nodes, buffers;	/* allocated and not freed */
	bool trace;
	const char *failed;	/* what went wrong */
};

/* profile.c */
void sim_profile(struct sim_profile *p, struct host_random *rand);
u32 sim_hole(struct host_random *rand);

/* paths.c */
bool sim_lossy_path(void);
bool sim_deep_queue(void);

/* grid.c */
bool sim_grid(const char *file);
bool sim_random_paths(u32 paths, u64 first);

/* world.c */
bool sim_run(struct sim_world *w);
void sim_fail(struct sim_world *w, const char *what);

/* link.c */
int sim_transmit(struct sim_world *w, u8 from, const u8 *bytes, u32 hdr, u32 len, u16 mss);
struct sim_packet *sim_arrival(struct sim_world *w);
const struct sim_packet *sim_next_arrival(const struct sim_world *w);
void sim_free_packet(struct sim_world *w, struct sim_packet *packet);

/* endpoint.c */
void sim_connect(struct sim_endpoint *e);
void sim_stale_syn(struct sim_world *w);
void sim_receive(struct sim_endpoint *e, struct sim_packet *packet);
void sim_timer(struct sim_endpoint *e);
void sim_act(struct sim_endpoint *e, u32 todo, struct xtcp_pkt *pkt);
void sim_refill(struct sim_endpoint *e, u32 want);
void sim_expire(struct sim_endpoint *e);

/* output.c */
void sim_write(struct sim_endpoint *e, u32 bytes);
void sim_acked(struct sim_endpoint *e);
void sim_purge(struct sim_endpoint *e);
u32 sim_output(struct sim_endpoint *e);
void sim_reset(struct sim_endpoint *e);

/* app.c */
void sim_app(struct sim_endpoint *e);
void sim_app_start(struct sim_endpoint *e);
void sim_app_deliver(struct sim_endpoint *e, struct sim_packet *packet);
void sim_app_urgent(struct sim_endpoint *e);

/* model.c */
void sim_check(struct sim_endpoint *e);
void sim_check_timers(struct sim_endpoint *e);
void sim_check_pair(struct sim_world *w);

/* stream.c: byte i of what a side writes */
void sim_fill(const struct sim_world *w, u8 from, u64 offset, u8 *to, u32 len);
bool sim_same(const struct sim_world *w, u8 from, u64 offset, const u8 *bytes, u32 len);
bool sim_urgent(const struct sim_world *w, u8 from, u64 end);

/* trace.c */
void sim_trace(const struct sim_world *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void sim_trace_packet(const struct sim_world *w, u8 from, const u8 *head, u32 hdr, u32 len,
		      const char *fate);
void sim_trace_profile(const struct sim_world *w);

/* For printf(): u64 is not the same type everywhere. */
static inline unsigned long long llu(u64 v)
{
	return v;
}

static inline struct sim_endpoint *sim_peer(struct sim_endpoint *e)
{
	return &e->world->end[!e->id];
}

static inline const struct sim_side *sim_side(const struct sim_endpoint *e)
{
	return &e->world->p.side[e->id];
}

#endif /* _XTCP_SIM_H */
