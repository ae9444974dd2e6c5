/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_INFO: struct tcp_info of a connection of ours. */
#ifndef _XTCP_SOCKET_TCP_INFO_H
#define _XTCP_SOCKET_TCP_INFO_H

#include <linux/tcp.h>
#include <net/sock.h>

void xtcp_tcp_info(struct sock *sk, struct tcp_info *to);

#endif /* _XTCP_SOCKET_TCP_INFO_H */
