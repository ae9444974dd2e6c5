/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A driver for one TCB: it plays the peer, the shell and the clock. What the
 * TCB sends is built, parsed again and remembered with its time; what it
 * receives is made from numbers relative to the first byte of each stream.
 */
#ifndef _XTCP_SELFTESTS_DRIVE_H
#define _XTCP_SELFTESTS_DRIVE_H

#include "core.h"
#include "host.h"

#define DRIVE_SENT_MAX	512
#define DRIVE_START	(1000 * XTCP_SEC)
#define DRIVE_TAG	0x01020304U
#define DRIVE_PEER_TAG	0x0a0b0c0dU
#define DRIVE_WND	(1U << 20)
#define DRIVE_FAR	(1ULL << 40)	/* bytes: more than any test sends */

/*
 * What most tests begin with: self->d, opened by drive_open() or drive_connect() with what
 * follows. For who has included kselftest_harness.h.
 */
#define DRIVE_FIXTURE(name, open, ...)					\
FIXTURE(name) {									\
	struct drive d;								\
};										\
FIXTURE_SETUP(name)								\
{										\
	open(&self->d, __VA_ARGS__);						\
}										\
FIXTURE_TEARDOWN(name)								\
{										\
	drive_end(&self->d);							\
}

/* A received buffer; its payload begins at seq. */
struct drive_buf {
	void *next;		/* first: xtcp_chain() */
	u64 seq;		/* of the first byte wanted */
	u32 take;
};

/* A transmission that happened. */
struct drive_sent {
	u64 at;
	struct xtcp_tx tx;
	struct xtcp_pkt pkt;	/* as the peer parses it */
	u8 head[XTCP_HDR_MAX];
};

struct drive {
	struct xtcp_tcb t;
	u64 now;
	u64 iss, irs;
	u32 wnd;		/* what the peer advertises */
	u32 todo;		/* of the last call, output included */
	u32 sent;		/* transmissions so far */
	struct drive_sent out[DRIVE_SENT_MAX];
	int err;		/* every transmission ends so; 0: they succeed */
	u32 failed;		/* transmissions that did not succeed */
	bool starve;		/* no spares beyond those the TCB has */
	bool far;		/* D14: what is far gets no long super-packets, as it should */
	u64 delivered;		/* bytes given to the program */
	bool ordered;		/* and all of them in order */
	bool dead, timewait;
	u32 resets;		/* RSTs sent by XTCP_RESET */
	struct xtcp_pkt reset;
	u32 refused;		/* segments to be answered by xtcp_refuse() */
	u64 eor[8];		/* where records end */
	u32 eors;
	u32 held, freed;	/* buffers that hung in runs; given back */
	u8 options[XTCP_HDR_MAX];
};

/* Life */
void drive_init(struct drive *d, u32 mss, u32 rcvbuf);
void drive_connect(struct drive *d, u32 mss, u32 rcvbuf);
void drive_open(struct drive *d, u32 mss, u32 rcvbuf);
void drive_probes(struct drive *d);
void drive_end(struct drive *d);
void drive_forget(struct drive *d);

/* Calls */
void drive_act(struct drive *d, u32 todo, struct xtcp_pkt *pkt);
void drive_refill(struct drive *d, u32 want);
void drive_write(struct drive *d, u32 bytes, u32 how);
void drive_read(struct drive *d, u32 bytes);
void drive_run(struct drive *d, u64 until);

/* Segments from the peer: SEQ and ACK relative to the first byte of each stream */
struct xtcp_pkt drive_pkt(const struct drive *d, s64 seq, u32 len, s64 ack);
void drive_sack(struct drive *d, struct xtcp_pkt *pkt, u32 n, const u64 ranges[][2]);
void drive_tsecho(struct xtcp_pkt *pkt, u32 ts, u64 held);
u32 drive_in(struct drive *d, struct xtcp_pkt *pkt);
void drive_syn_ack(struct drive *d, bool cookie);
void drive_data(struct drive *d, s64 seq, u32 len);
void drive_ack(struct drive *d, s64 ack);
void drive_fin(struct drive *d, s64 seq);

/* What went out */
const struct drive_sent *drive_last(const struct drive *d);
s64 drive_seq(const struct drive *d, const struct drive_sent *sent);
s64 drive_acks(const struct drive *d, const struct drive_sent *sent);

#endif /* _XTCP_SELFTESTS_DRIVE_H */
