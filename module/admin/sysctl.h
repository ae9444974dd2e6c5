/* SPDX-License-Identifier: GPL-2.0 */
/* net.xtcp.*: the settings of a namespace. */
#ifndef _XTCP_ADMIN_SYSCTL_H
#define _XTCP_ADMIN_SYSCTL_H

struct net;
struct xtcp_net;

int xtcp_sysctl_init(struct net *net, struct xtcp_net *xn);
void xtcp_sysctl_exit(struct xtcp_net *xn);

#endif /* _XTCP_ADMIN_SYSCTL_H */
