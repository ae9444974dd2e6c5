/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of paths: a bounded cache by the peer's address, without which
 * everything works as well.
 */
#ifndef _XTCP_NET_METRICS_H
#define _XTCP_NET_METRICS_H

#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <net/sock.h>

#include <xtcp/metrics.h>

struct xtcp_paths {
	struct rhashtable table;
	spinlock_t lock;		/* list and every change of the table; BH disabled */
	struct list_head list;		/* the next to make room first */
	u32 len;
	struct timer_list timer;	/* runs while the list is not empty */
	struct net *net;
	struct proc_dir_entry *dir;	/* /proc/net/xtcp */
};

int xtcp_paths_cache_init(void);
void xtcp_paths_cache_exit(void);
int xtcp_paths_init(struct xtcp_paths *paths, struct net *net, struct proc_dir_entry *dir);
void xtcp_paths_destroy(struct xtcp_paths *paths);

void xtcp_path_learn(struct sock *sk, u64 now);
void xtcp_path_recall(struct sock *sk, u64 now);

#endif /* _XTCP_NET_METRICS_H */
