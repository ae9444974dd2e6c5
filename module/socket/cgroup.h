/* SPDX-License-Identifier: GPL-2.0 */
/* What the BPF programs of a control group say of bind(), connect() and names. */
#ifndef _XTCP_SOCKET_CGROUP_H
#define _XTCP_SOCKET_CGROUP_H

#include <net/sock.h>

#include "../compat/compat.h"

int xtcp_cgroup_bind(struct sock *sk, struct xtcp_sockaddr *uaddr, int *len, u32 *flags);
int xtcp_cgroup_bound(struct sock *sk);
int xtcp_cgroup_connect(struct sock *sk, struct xtcp_sockaddr *uaddr, int *len);
void xtcp_cgroup_name(struct sock *sk, struct sockaddr *uaddr, int *len, bool peer);

#endif /* _XTCP_SOCKET_CGROUP_H */
