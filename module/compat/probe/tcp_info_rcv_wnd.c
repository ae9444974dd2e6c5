// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO tells the window that is offered. */
#include <linux/tcp.h>

void probe_tcp_info_rcv_wnd(struct tcp_info *info);

void probe_tcp_info_rcv_wnd(struct tcp_info *info)
{
	info->tcpi_rcv_wnd = 0;
}
