// SPDX-License-Identifier: GPL-2.0
/* get_unaligned() and its kin have left asm/unaligned.h. */
#if !__has_include("linux/unaligned.h")
#error
#else
#include <linux/unaligned.h>

u32 probe_linux_unaligned(const void *p);

u32 probe_linux_unaligned(const void *p)
{
	return get_unaligned_be32(p);
}
#endif
