/* SPDX-License-Identifier: GPL-2.0 */
/* What every network namespace has of its own: settings, tables, counters, keys. */
#ifndef _XTCP_ADMIN_NETNS_H
#define _XTCP_ADMIN_NETNS_H

#include <linux/seqlock.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include <xtcp/door.h>

#include "mib.h"
#include "../net/ehash.h"
#include "../net/listeners.h"
#include "../net/metrics.h"
#include "../net/ports.h"
#include "../net/reply.h"
#include "../net/requests.h"
#include "../net/timewaits.h"

/* A buffer of a socket, in bytes; sysctl reads and writes it as two ints. */
struct xtcp_bounds {
	int initial;		/* of a new socket */
	int most;		/* that it grows to by itself */
};

/*
 * net.xtcp.*, one namespace's values. Read without a lock (READ_ONCE()):
 * whoever needs one twice reads it once.
 */
struct xtcp_settings {
	const struct xtcp_cc_ops *congestion_control;	/* of new sockets */
	struct xtcp_bounds rmem, wmem;
	int msl;		/* s, F8 */
	int fin_timeout;	/* s, C5 */
	int user_timeout;	/* ms, K2 */
	int keepalive_time, keepalive_intvl;	/* s, K1 */
	int keepalive_probes;
	int max_orphans;	/* C5; orphans of all namespaces are counted together */
	int max_tw_buckets;	/* C4 */
	int max_syn_backlog;	/* O2: half-open entries remembered; 0: none */
	int max_tombstones;	/* C6 */
	int syncookies;		/* O2: 0 entries only, 1 both, 2 cookies only */
	int slow_start_after_idle;	/* of new sockets */
	int autocorking;		/* of new sockets */
	int shortcut;		/* 0: all data goes over the wire (net/local.c) */
	int ecn;		/* enum xtcp_ecn_mode */
	int mtu_probing;	/* D10: enum xtcp_probing */
	int path_cache;		/* enum xtcp_recall */
	int path_cache_max;	/* entries */
	int path_cache_life;	/* s */
	int rst_rate;		/* R4: RSTs per second and destination */
};

struct xtcp_net {
	struct xtcp_settings set;
	struct xtcp_mib __percpu *mib;
	struct proc_dir_entry *proc_dir;	/* /proc/net/xtcp */

	struct xtcp_ehash ehash;
	struct xtcp_listeners listeners;
	struct xtcp_ports ports;
	struct xtcp_requests requests;
	struct xtcp_timewaits timewaits;
	struct xtcp_replies replies;
	struct xtcp_paths paths;

	/* O3: cookie keys */
	seqlock_t keys_lock;
	struct xtcp_keys keys;
	u64 keys_at;		/* ns: when keys.key[0] was made */

	struct ctl_table_header *sysctl;
	struct ctl_table *sysctl_table;
};

extern unsigned int xtcp_net_id;

/**
 * xtcp_net - what a namespace has of XTCP
 * @net: namespace
 *
 * That of a socket is at hand: xtcp_sock_net().
 *
 * Return: it, for as long as the namespace lives.
 */
static inline struct xtcp_net *xtcp_net(const struct net *net)
{
	return net_generic(net, xtcp_net_id);
}

/**
 * xtcp_count_add - count several things of one kind
 * @xn: namespace
 * @what: which counter
 * @n: how many
 *
 * Any context but NMI; takes no lock.
 */
static inline void xtcp_count_add(struct xtcp_net *xn, enum xtcp_count what, unsigned long n)
{
	this_cpu_add(xn->mib->count[what], n);
}

/**
 * xtcp_count - count one thing
 * @xn: namespace
 * @what: which counter
 *
 * Any context but NMI; takes no lock.
 */
static inline void xtcp_count(struct xtcp_net *xn, enum xtcp_count what)
{
	xtcp_count_add(xn, what, 1);
}

/**
 * xtcp_count_drop - count a dropped segment
 * @xn: namespace
 * @why: reason; XTCP_DROP_NONE is not counted
 *
 * Any context but NMI; takes no lock.
 */
static inline void xtcp_count_drop(struct xtcp_net *xn, enum xtcp_drop why)
{
	if (why)
		this_cpu_inc(xn->mib->drop[why]);
}

void xtcp_netns_keys(struct xtcp_net *xn, u64 now, struct xtcp_keys *keys);

int xtcp_netns_init(void);
void xtcp_netns_exit(void);

#endif /* _XTCP_ADMIN_NETNS_H */
