/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core needs from its surroundings, and the only header that knows
 * whether these are the kernel or a host program (unit tests, simulation,
 * fuzzer). Types, lists, red-black trees and container_of are the kernel's
 * own; a host program takes them from tools/include and tools/lib of the
 * kernel source.
 *
 * The core has no clock, no memory, no locks and no random numbers of its own:
 * whatever of these it needs is an argument. Times are u64 nanoseconds of one
 * monotonic clock; XTCP_NEVER is later than every time.
 */
#ifndef _XTCP_ENV_H
#define _XTCP_ENV_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>
/* What tools/include leaves out. */
#ifndef U8_MAX
#define U8_MAX		((u8)~0U)
#endif
#ifndef U16_MAX
#define U16_MAX		((u16)~0U)
#endif
#ifndef U32_MAX
#define U32_MAX		((u32)~0U)
#endif
#ifndef S32_MAX
#define S32_MAX		((s32)0x7fffffff)
#endif
#ifndef clamp_t
#define clamp_t(type, v, low, high)	min_t(type, max_t(type, v, low), high)
#endif
#ifndef min3
#define min3(a, b, c)	min((typeof(a))min(a, b), c)
#endif
#endif

#define XTCP_NEVER	(~0ULL)
#define XTCP_US		1000ULL
#define XTCP_MS		(1000ULL * XTCP_US)
#define XTCP_SEC	(1000ULL * XTCP_MS)

/**
 * xtcp_before - order of two sequence numbers
 * @a: sequence number
 * @b: sequence number
 *
 * The 64-bit space wraps as TCP's 32-bit space does (initial numbers are
 * random), so that the order is that of the signed difference.
 *
 * Return: true if @a comes before @b.
 */
static inline bool xtcp_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static inline bool xtcp_after(u64 a, u64 b)
{
	return xtcp_before(b, a);
}

static inline u64 xtcp_seq_max(u64 a, u64 b)
{
	return xtcp_before(a, b) ? b : a;
}

static inline u64 xtcp_seq_min(u64 a, u64 b)
{
	return xtcp_before(a, b) ? a : b;
}

/**
 * xtcp_chain - link one received buffer behind another
 * @a: buffer whose successor is set
 * @b: its successor, or NULL
 *
 * The core never looks into a buffer; this store is all it does to one. Both
 * struct sk_buff and the buffers of the host programs begin with the pointer
 * to the next one (asserted where each is defined).
 */
static inline void xtcp_chain(void *a, void *b)
{
	*(void **)a = b;
}

/**
 * xtcp_mac - SipHash-2-4 of a message, for cookies
 * @key: the 128-bit key
 * @p: message
 * @len: its length in bytes
 *
 * Given by whoever links the core: siphash() in the kernel, the reference
 * implementation in host programs.
 *
 * Return: the 64-bit tag.
 */
u64 xtcp_mac(const u64 key[2], const void *p, u32 len);

/**
 * xtcp_div - 64-bit division, which 32-bit processors do not have
 * @dividend: number
 * @divisor: not 0
 *
 * Return: the quotient.
 */
#ifdef __KERNEL__
static inline u64 xtcp_div(u64 dividend, u32 divisor)
{
	return div_u64(dividend, divisor);
}
#else
u64 xtcp_div(u64 dividend, u32 divisor);
#endif

#endif /* _XTCP_ENV_H */
