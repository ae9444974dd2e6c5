// SPDX-License-Identifier: GPL-2.0
/* A protocol can see the options of SOL_SOCKET. */
#include <linux/net.h>

int probe_custom_sockopt(void);

int probe_custom_sockopt(void)
{
	return SOCK_CUSTOM_SOCKOPT;
}
