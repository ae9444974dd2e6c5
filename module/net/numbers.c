// SPDX-License-Identifier: GPL-2.0
/* Initial sequence numbers, tags, and the keyed hash of the cookies. */
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "numbers.h"

static siphash_key_t iss_key __read_mostly;

/**
 * xtcp_tuple_iss - initial sequence number of a new connection
 * @tuple: its 4-tuple
 * @now: time
 *
 * RFC 6528: a clock plus a keyed hash of the end points. The clock counts
 * nanoseconds: 64 bits of it last.
 *
 * Return: the number.
 */
u64 xtcp_tuple_iss(const struct xtcp_tuple *tuple, u64 now)
{
	get_random_once(&iss_key, sizeof(iss_key));
	return siphash(tuple, sizeof(*tuple), &iss_key) + now;
}

/**
 * xtcp_new_iss - initial sequence number for connect()
 * @sk: socket with both addresses and ports, locked by the caller
 * @now: time
 *
 * Return: the number.
 */
u64 xtcp_new_iss(const struct sock *sk, u64 now)
{
	struct xtcp_tuple tuple;

	xtcp_tuple_of_sock(sk, &tuple);
	return xtcp_tuple_iss(&tuple, now);
}

/**
 * xtcp_new_tag - connection tag
 *
 * Return: 32 random bits, not all zero.
 */
u32 xtcp_new_tag(void)
{
	u32 tag;

	do {
		tag = get_random_u32();
	} while (!tag);
	return tag;
}

u64 xtcp_mac(const u64 key[2], const void *p, u32 len)
{
	siphash_key_t sip = { .key = { key[0], key[1] } };

	return siphash(p, len, &sip);
}
