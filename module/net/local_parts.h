/* SPDX-License-Identifier: GPL-2.0 */
/* What the shortcut's three files share among themselves; nobody else includes this. */
#ifndef _XTCP_NET_LOCAL_PARTS_H
#define _XTCP_NET_LOCAL_PARTS_H

#include "local.h"

struct sock *xtcp_local_other_end(const struct sock *sk);	/* local.c */
void xtcp_local_unlink(struct sock *sk);			/* local_give.c */
bool xtcp_local_hungry(const struct sock *sk);			/* local_take.c */

#endif /* _XTCP_NET_LOCAL_PARTS_H */
