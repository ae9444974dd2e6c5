/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash functions and comparisons of the tables of connections, half-open connections
 * and TIME-WAITs, as struct rhashtable_params wants them. The seed is the table's own
 * secret: who chooses addresses, ports and tags cannot choose the chain.
 */
#ifndef _XTCP_NET_HASH_H
#define _XTCP_NET_HASH_H

#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <net/ipv6.h>

#include "ehash.h"

/*
 * Buckets that a table always has: as many as rhashtable begins with. A smaller one, with
 * a connection or two, would grow and shrink, in a kernel thread, as each comes and goes.
 */
#define XTCP_TABLE_MIN	64

/**
 * xtcp_hash_tuple - hash of a 4-tuple
 * @data: struct xtcp_tuple
 * @len: its length
 * @seed: of the table
 *
 * Return: hash.
 */
static inline u32 xtcp_hash_tuple(const void *data, u32 len, u32 seed)
{
	const struct xtcp_tuple *tuple = data;
	const struct in6_addr *local = (const struct in6_addr *)tuple->addrs.local;
	const struct in6_addr *remote = (const struct in6_addr *)tuple->addrs.remote;

	/* Of IPv4, all that differs. */
	if (ipv6_addr_v4mapped(remote))
		return jhash_3words((__force u32)local->s6_addr32[3],
				    (__force u32)remote->s6_addr32[3],
				    tuple->lport << 16 | tuple->rport, seed);
	return jhash2(data, sizeof(*tuple) / sizeof(u32), seed);
}

/**
 * xtcp_hash_key - hash of a 4-tuple and its tag
 * @data: struct xtcp_key
 * @len: its length
 * @seed: of the table
 *
 * The tag is a random number of this host's: with the ports it spreads the keys,
 * whatever the addresses are.
 *
 * Return: hash.
 */
static inline u32 xtcp_hash_key(const void *data, u32 len, u32 seed)
{
	const struct xtcp_key *key = data;

	return jhash_2words(key->tag, key->tuple.lport << 16 | key->tuple.rport, seed);
}

/**
 * xtcp_same_tuple - are two 4-tuples equal?
 * @a: 4-tuple
 * @b: another
 *
 * Return: true if they are.
 */
static inline bool xtcp_same_tuple(const struct xtcp_tuple *a, const struct xtcp_tuple *b)
{
	return a->lport == b->lport && a->rport == b->rport && a->bound_if == b->bound_if &&
	       ipv6_addr_equal((const struct in6_addr *)a->addrs.remote,
			       (const struct in6_addr *)b->addrs.remote) &&
	       ipv6_addr_equal((const struct in6_addr *)a->addrs.local,
			       (const struct in6_addr *)b->addrs.local);
}

/**
 * xtcp_other_tuple - rhashtable_params.obj_cmpfn of a table by 4-tuple
 * @arg: table and the 4-tuple that is looked for
 * @obj: of the table
 *
 * Says what memcmp() of the keys would, in fewer steps; so does xtcp_other_key().
 *
 * Return: 0 if it is the object's.
 */
static inline int xtcp_other_tuple(struct rhashtable_compare_arg *arg, const void *obj)
{
	return !xtcp_same_tuple(obj + arg->ht->p.key_offset, arg->key);
}

/**
 * xtcp_other_key - rhashtable_params.obj_cmpfn of a table by 4-tuple and tag
 * @arg: table and the key that is looked for
 * @obj: of the table
 *
 * Return: 0 if it is the object's.
 */
static inline int xtcp_other_key(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct xtcp_key *want = arg->key, *key = obj + arg->ht->p.key_offset;

	return key->tag != want->tag || !xtcp_same_tuple(&key->tuple, &want->tuple);
}

#endif /* _XTCP_NET_HASH_H */
