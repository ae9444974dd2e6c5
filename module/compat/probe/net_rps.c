// SPDX-License-Identifier: GPL-2.0
/* Receive packet steering has a header of its own. */
#if !__has_include("net/rps.h")
#error
#else
#include <net/rps.h>

void probe_net_rps(const struct sock *sk);

void probe_net_rps(const struct sock *sk)
{
	sock_rps_record_flow(sk);
}
#endif
