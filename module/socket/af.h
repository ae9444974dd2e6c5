/* SPDX-License-Identifier: GPL-2.0 */
/* The family AF_XTCP and the protocol IPPROTO_XTCP: what socket() does. */
#ifndef _XTCP_SOCKET_AF_H
#define _XTCP_SOCKET_AF_H

int xtcp_proto_init(void);
void xtcp_proto_exit(void);
int xtcp_af_init(void);
void xtcp_af_exit(void);

#endif /* _XTCP_SOCKET_AF_H */
