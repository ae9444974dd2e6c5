/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two indexes of live connections (rules 2 and 3 of sock.h), one pair per
 * namespace: exact by (4-tuple, tag), and by 4-tuple alone.
 */
#ifndef _XTCP_NET_EHASH_H
#define _XTCP_NET_EHASH_H

#include <linux/rhashtable.h>
#include <net/sock.h>

#include <xtcp/door.h>

#define XTCP_LIVE_PER_TUPLE	64	/* O3, as C4 has for TIME-WAITs */

struct xtcp_ehash {
	struct rhashtable exact;	/* xtcp_sock.exact_node */
	struct rhltable tuple;		/* xtcp_sock.tuple_node */
};

/* Key of both, in the receiver's view; IPv4 as ::ffff:a.b.c.d. No padding. */
struct xtcp_tuple {
	struct xtcp_addrs addrs;
	u16 lport, rport;	/* host order */
	int bound_if;		/* scope of link-local addresses; 0 otherwise */
};

struct xtcp_key {
	struct xtcp_tuple tuple;
	u32 tag;
};

int xtcp_ehash_init(struct xtcp_ehash *eh);
void xtcp_ehash_destroy(struct xtcp_ehash *eh);

void xtcp_tuple_of_sock(const struct sock *sk, struct xtcp_tuple *tuple);

int xtcp_ehash_insert(struct sock *sk);
void xtcp_ehash_remove(struct sock *sk);
struct sock *xtcp_ehash_any(struct net *net);
bool xtcp_ehash_taken(const struct sock *sk, const struct xtcp_tuple *tuple);
bool xtcp_ehash_crowded(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, int dif, int sdif);

struct sock *xtcp_ehash_exact(struct xtcp_ehash *eh, const struct xtcp_key *key);
struct sock *xtcp_ehash_syn(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, int dif,
			    int sdif, u32 peer_tag, u8 *state);
struct sock *xtcp_ehash_mirror(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, int dif,
			       int sdif, u32 tag);
struct sock *xtcp_ehash_quoted(struct xtcp_ehash *eh, const struct xtcp_tuple *tuple, u32 tag);

#endif /* _XTCP_NET_EHASH_H */
