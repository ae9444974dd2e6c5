/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and connections over netlink: include/uapi/linux/xtcp_diag.h. */
#ifndef _XTCP_ADMIN_DIAG_H
#define _XTCP_ADMIN_DIAG_H

int xtcp_diag_init(void);
void xtcp_diag_exit(void);

#endif /* _XTCP_ADMIN_DIAG_H */
