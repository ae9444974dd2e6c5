/* SPDX-License-Identifier: GPL-2.0 */
/* struct xtcp_info for the core: the one header of programs that it fills. */
#ifndef _XTCP_INFO_H
#define _XTCP_INFO_H

#include <xtcp/env.h>

#ifdef __KERNEL__
#include <uapi/linux/xtcp.h>
#else
#include <linux/xtcp.h>
#endif

#endif /* _XTCP_INFO_H */
