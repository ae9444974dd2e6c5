/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rates, in bytes per second: arithmetic that does not overflow below
 * XTCP_RATE_MAX, how fast data arrives, how fast it leaves.
 */
#ifndef _XTCP_RATE_H
#define _XTCP_RATE_H

#include <xtcp/env.h>

#define XTCP_RATE_MAX	BIT_ULL(36)	/* bytes per second: 550 Gb/s */
#define XTCP_PACING_SHIFT	10	/* a burst is 1/1024 s worth: TCP's sk_pacing_shift */

/*
 * How fast data arrives (draft-ietf-ccwg-bbr section 4.1): each transmission
 * notes what had been delivered by then, and when; its acknowledgment then tells
 * how much was delivered in how long a time.
 */
struct xtcp_rate {
	u64 delivered;		/* bytes acknowledged or SACKed, ever */
	u64 delivered_at;	/* ns: when the last of them were */
	u64 first_sent_at;	/* ns: transmission of the newest segment delivered */
	u64 last_end;		/* its end */
	u64 lost;		/* bytes ever taken for lost */
	u64 limited;		/* the program limits samples until so much is delivered; 0: no */
	u64 last;		/* bytes per second: last sample worth showing; 0: none */
	bool last_limited;	/* it is the program's limit */
	bool idle;		/* what is in the network now was sent after a pause */
	u64 lost_end;		/* end of the range taken for lost last */

	/* Of the ACK at hand: the newest segment that it tells of. */
	struct {
		u64 at;		/* ns: rate.delivered_at as it was sent; 0: no segment yet */
		u64 sending;	/* ns: from first_sent_at to its own transmission */
		u32 delivered;	/* rate.delivered then, its low 32 bits */
		u32 lost;	/* rate.lost then */
		u32 flight;	/* bytes in the network then, its own included */
		bool limited;
	} prior;
};

/*
 * When data may leave (core/pacing.c). It leaves in bursts; a new one begins when
 * what left before would have, had it been spread evenly.
 */
struct xtcp_pace {
	u64 limit;		/* bytes per second: the program's; 0: none (shell) */
	u64 next;		/* ns: the next burst */
	u32 left;		/* bytes of the running one that have not left */
	bool fq;		/* the device's queue heeds xtcp_tx.departure (shell) */
	u8 shift;		/* D14: 2^-shift s worth may wait in this host's queues (shell) */
};

u32 xtcp_pace_quantum(u64 rate, u32 mss);
u64 xtcp_rate_of(u32 bytes, u64 ns);
u64 xtcp_rate_time(u32 bytes, u64 rate);
u64 xtcp_rate_bytes(u64 rate, u64 ns);

#endif /* _XTCP_RATE_H */
