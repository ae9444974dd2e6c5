// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO counts the expiries of the retransmission timer. */
#include <linux/tcp.h>

void probe_tcp_info_total_rto(struct tcp_info *info);

void probe_tcp_info_total_rto(struct tcp_info *info)
{
	info->tcpi_total_rto = 0;
}
