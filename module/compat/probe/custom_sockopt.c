// SPDX-License-Identifier: GPL-2.0
/* A protocol can see the options of SOL_SOCKET. */
#include <linux/net.h>

int probe(void);

int probe(void)
{
	return SOCK_CUSTOM_SOCKOPT;
}
