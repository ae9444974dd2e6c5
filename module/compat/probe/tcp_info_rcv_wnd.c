// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO tells the window that is offered. */
#include <linux/tcp.h>

void probe(struct tcp_info *info);

void probe(struct tcp_info *info)
{
	info->tcpi_rcv_wnd = 0;
}
