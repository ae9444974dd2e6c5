/* SPDX-License-Identifier: GPL-2.0 */
/* The one deadline of a connection: an hrtimer when it is near, a timer_list else. */
#ifndef _XTCP_NET_TIMER_H
#define _XTCP_NET_TIMER_H

#include <net/sock.h>

void xtcp_timer_setup(struct sock *sk);
void xtcp_timer_arm(struct sock *sk, u64 now);
void xtcp_timer_stop(struct sock *sk);
void xtcp_release_cb(struct sock *sk);

#endif /* _XTCP_NET_TIMER_H */
