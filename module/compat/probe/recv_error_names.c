// SPDX-License-Identifier: GPL-2.0
/* inet_recv_error() itself says how long the name is that it has written. */
#include <net/inet_common.h>

int probe_recv_error_names(struct sock *sk, struct msghdr *msg);

int probe_recv_error_names(struct sock *sk, struct msghdr *msg)
{
	return inet_recv_error(sk, msg, 1);
}
