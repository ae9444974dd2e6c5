/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that nobody else must be able to guess. */
#ifndef _XTCP_NET_NUMBERS_H
#define _XTCP_NET_NUMBERS_H

#include "ehash.h"

u64 xtcp_new_iss(const struct sock *sk, u64 now);
u64 xtcp_tuple_iss(const struct xtcp_tuple *tuple, u64 now);
u32 xtcp_new_tag(void);

#endif /* _XTCP_NET_NUMBERS_H */
