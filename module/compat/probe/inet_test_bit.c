// SPDX-License-Identifier: GPL-2.0
/* The flags of struct inet_sock are bits of a word. */
#include <net/inet_sock.h>

bool probe_inet_test_bit(struct sock *sk);

bool probe_inet_test_bit(struct sock *sk)
{
	inet_assign_bit(RECVERR, sk, true);
	return inet_test_bit(RECVERR, sk);
}
