// SPDX-License-Identifier: GPL-2.0
/* What GRO compares of the network headers, the transport asks for. */
#include <net/gro.h>

int probe_gro_network_flush(const void *head, const void *held, struct sk_buff *p);

int probe_gro_network_flush(const void *head, const void *held, struct sk_buff *p)
{
	return gro_receive_network_flush(head, held, p);
}
