/* SPDX-License-Identifier: GPL-2.0 */
/* Urgent data (D8): what the core says of the mark, for the program. */
#ifndef _XTCP_SOCKET_URGENT_H
#define _XTCP_SOCKET_URGENT_H

#include <net/sock.h>

/* Bits of xtcp_sock.urgent. */
#define XTCP_URGENT_HERE	BIT(0)	/* the byte can be read with MSG_OOB: POLLPRI */
#define XTCP_URGENT_NEXT	BIT(1)	/* and is the next one recv() meets: SIOCATMARK */

u32 xtcp_urgent_replaced(struct sock *sk, u64 now);
void xtcp_urgent_mirror(struct sock *sk);

/* The byte at which recv() stands is urgent, and not to be read in the stream. */
static inline bool xtcp_urgent_hidden(const struct sock *sk, u8 urgent)
{
	return urgent & XTCP_URGENT_NEXT && !sock_flag(sk, SOCK_URGINLINE);
}

#endif /* _XTCP_SOCKET_URGENT_H */
