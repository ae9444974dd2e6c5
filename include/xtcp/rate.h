/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rates, in bytes per second, and the division-free way between bytes, times
 * and rates. None of these overflows below XTCP_RATE_MAX.
 */
#ifndef _XTCP_RATE_H
#define _XTCP_RATE_H

#include <xtcp/env.h>

#define XTCP_RATE_MAX	(1ULL << 36)	/* bytes per second: 550 Gb/s */

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
	u64 limited;		/* samples are the program's limit until so much is delivered; 0: not */
	u64 last;		/* bytes per second: last sample worth showing; 0: none */
	bool last_limited;	/* it is the program's limit */

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

u64 xtcp_rate_of(u32 bytes, u64 ns);
u64 xtcp_rate_time(u32 bytes, u64 rate);
u64 xtcp_rate_bytes(u64 rate, u64 ns);

#endif /* _XTCP_RATE_H */
