// SPDX-License-Identifier: GPL-2.0
/*
 * The path cache. An entry is the metrics of one address; it holds no reference to
 * anything. Readers need RCU and the entry's sequence counter; one timer per table
 * throws out what is too old, and a new entry in a full table what was not used lately
 * (rule 7 of sock.h). Only connections make entries, so that whoever wants to fill the
 * table has to receive at each address that he fills it with.
 */
#include <linux/capability.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "act.h"
#include "ehash.h"
#include "hash.h"
#include "metrics.h"
#include "../sock.h"
#include "../admin/netns.h"

#define SWEEP		(60 * HZ)	/* how often old entries are looked for */
#define SWEEP_MOST	4096		/* looked at in one go */
#define EVICT_MOST	8		/* looked at for one new entry */

/* No padding: hashed as bytes. */
struct path_key {
	struct in6_addr addr;		/* IPv4 as ::ffff:a.b.c.d */
	int bound_if;			/* device that the socket is bound to; 0: none */
};

struct xtcp_path {
	struct rhash_head node;
	struct path_key key;
	struct list_head at;		/* xtcp_paths.list */
	struct rcu_head rcu;
	seqlock_t lock;			/* metrics; BH disabled */
	struct xtcp_metrics metrics;
	bool used;			/* since it last might have made room */
};

static struct kmem_cache *path_cache;

static u32 hash_path(const void *data, u32 len, u32 seed)
{
	const struct path_key *key = data;

	/* Of IPv4, all that differs. */
	if (ipv6_addr_v4mapped(&key->addr))
		return jhash_2words((__force u32)key->addr.s6_addr32[3], key->bound_if, seed);
	return jhash2(data, sizeof(*key) / sizeof(u32), seed);
}

static int other_path(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct path_key *want = arg->key, *key = &((const struct xtcp_path *)obj)->key;

	return key->bound_if != want->bound_if || !ipv6_addr_equal(&key->addr, &want->addr);
}

static const struct rhashtable_params path_params = {
	.key_offset = offsetof(struct xtcp_path, key),
	.key_len = sizeof(struct path_key),
	.hashfn = hash_path,
	.obj_cmpfn = other_path,
	.head_offset = offsetof(struct xtcp_path, node),
	.min_size = XTCP_TABLE_MIN,
	.automatic_shrinking = true,
};

/**
 * xtcp_paths_cache_init - make the slab of all namespaces
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_paths_cache_init(void)
{
	BUILD_BUG_ON(sizeof(struct path_key) != 20);

	path_cache = kmem_cache_create("xtcp_path", sizeof(struct xtcp_path), 0, 0, NULL);
	return path_cache ? 0 : -ENOMEM;
}

/**
 * xtcp_paths_cache_exit - free the slab, after rcu_barrier()
 */
void xtcp_paths_cache_exit(void)
{
	kmem_cache_destroy(path_cache);
}

static void path_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(path_cache, container_of(head, struct xtcp_path, rcu));
}

/* The caller holds paths->lock. */
static void drop_path(struct xtcp_paths *paths, struct xtcp_path *path)
{
	rhashtable_remove_fast(&paths->table, &path->node, path_params);
	list_del(&path->at);
	paths->len--;
	call_rcu(&path->rcu, path_free_rcu);
}

static void read_metrics(struct xtcp_path *path, struct xtcp_metrics *m)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&path->lock);
		*m = path->metrics;
	} while (read_seqretry(&path->lock, seq));
}

static u64 life_of(const struct xtcp_net *xn)
{
	return (u64)READ_ONCE(xn->set.path_cache_life) * NSEC_PER_SEC;
}

/* Once round the list, or as far as one go may take. */
static void sweep(struct timer_list *timer)
{
	struct xtcp_paths *paths = container_of(timer, struct xtcp_paths, timer);
	u64 now = xtcp_now(), life = life_of(xtcp_net(paths->net));
	struct xtcp_metrics m;
	struct xtcp_path *path;
	u32 n;

	spin_lock(&paths->lock);
	for (n = min_t(u32, paths->len, SWEEP_MOST); n; n--) {
		path = list_first_entry(&paths->list, struct xtcp_path, at);
		read_metrics(path, &m);
		if (xtcp_metrics_fresh(&m, now, life))
			list_move_tail(&path->at, &paths->list);
		else
			drop_path(paths, path);
	}
	if (paths->len)
		mod_timer(&paths->timer, jiffies + SWEEP);
	spin_unlock(&paths->lock);
}

/* Room for one more; the caller holds paths->lock. false: that takes a few more calls. */
static bool make_room(struct xtcp_paths *paths, u32 max)
{
	struct xtcp_path *path;
	unsigned int n;

	for (n = 0; paths->len >= max && n < EVICT_MOST; n++) {
		path = list_first_entry(&paths->list, struct xtcp_path, at);
		if (READ_ONCE(path->used) && n + 1 < EVICT_MOST) {
			WRITE_ONCE(path->used, false);
			list_move_tail(&path->at, &paths->list);
			continue;
		}
		drop_path(paths, path);
		xtcp_count(xtcp_net(paths->net), XTCP_MIB_PATHS_EVICTED);
	}
	return paths->len < max;
}

static void key_of(const struct sock *sk, struct path_key *key)
{
	if (sk->sk_family == AF_INET)
		ipv6_addr_set_v4mapped(inet_sk(sk)->inet_daddr, &key->addr);
	else
		key->addr = sk->sk_v6_daddr;
	key->bound_if = READ_ONCE(sk->sk_bound_dev_if);
}

/* The caller is in an RCU read section, for which the entry stays. NULL: no room. */
static struct xtcp_path *find_or_make(struct xtcp_paths *paths, const struct path_key *key, u32 max)
{
	struct xtcp_path *path = rhashtable_lookup(&paths->table, key, path_params), *fresh;

	if (path || !max)
		return path;
	fresh = kmem_cache_zalloc(path_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!fresh)
		return NULL;
	fresh->key = *key;
	seqlock_init(&fresh->lock);

	spin_lock_bh(&paths->lock);
	path = rhashtable_lookup(&paths->table, key, path_params);	/* somebody was first */
	if (!path && make_room(paths, max) &&
	    !rhashtable_insert_fast(&paths->table, &fresh->node, path_params)) {
		list_add_tail(&fresh->at, &paths->list);
		if (!paths->len++)
			mod_timer(&paths->timer, jiffies + SWEEP);
		path = fresh;
		fresh = NULL;
	}
	spin_unlock_bh(&paths->lock);
	if (fresh)
		kmem_cache_free(path_cache, fresh);
	return path;
}

/**
 * xtcp_path_learn - remember what a connection has measured
 * @sk: connection that is or was open, locked by the caller
 * @now: time
 *
 * Process context or softirq.
 */
void xtcp_path_learn(struct sock *sk, u64 now)
{
	struct xtcp_net *xn = xtcp_sock_net(sk);
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	struct xtcp_metrics m = {};
	struct xtcp_path *path;
	struct path_key key;

	if (!READ_ONCE(xn->set.path_cache) || !tcb->rtt.srtt)
		return;
	if (!xtcp_metrics_news(&m, tcb, now))
		return;
	key_of(sk, &key);

	rcu_read_lock();
	path = find_or_make(&xn->paths, &key, READ_ONCE(xn->set.path_cache_max));
	if (path) {
		read_metrics(path, &m);
		if (xtcp_metrics_news(&m, tcb, now)) {
			write_seqlock_bh(&path->lock);
			xtcp_metrics_learn(&path->metrics, tcb, now, life_of(xn));
			write_sequnlock_bh(&path->lock);
			xtcp_count(xtcp_sock_net(sk), XTCP_MIB_PATHS_LEARNED);
		}
	}
	rcu_read_unlock();
}

/**
 * xtcp_path_recall - have a connection begin with what is known of its path
 * @sk: connection that is not open yet, locked by the caller; routed by
 *	xtcp_path_open() and, if it connects, by xtcp_port_connect()
 * @now: time
 *
 * Process context or softirq.
 */
void xtcp_path_recall(struct sock *sk, u64 now)
{
	struct xtcp_net *xn = xtcp_sock_net(sk);
	u8 what = READ_ONCE(xn->set.path_cache);
	struct xtcp_path *path;
	struct xtcp_metrics m;
	struct path_key key;
	u64 life;

	if (what == XTCP_RECALL_NOTHING)
		return;
	key_of(sk, &key);
	rcu_read_lock();
	path = rhashtable_lookup(&xn->paths.table, &key, path_params);
	if (path) {
		life = life_of(xn);
		read_metrics(path, &m);
		if (!READ_ONCE(path->used))
			WRITE_ONCE(path->used, true);
		xtcp_metrics_recall(&m, &xtcp_sk(sk)->tcb, now, life, what);
		if (xtcp_metrics_fresh(&m, now, life))
			xtcp_count(xtcp_sock_net(sk), XTCP_MIB_PATHS_KNOWN);
	}
	rcu_read_unlock();
}

static struct xtcp_paths *paths_of(struct seq_file *seq)
{
	return &xtcp_net(seq_file_net(seq))->paths;
}

static void *list_start(struct seq_file *seq, loff_t *pos)
	__acquires(paths_of(seq)->lock)
{
	struct xtcp_paths *paths = paths_of(seq);

	spin_lock_bh(&paths->lock);
	return seq_list_start_head(&paths->list, *pos);
}

static void *list_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return seq_list_next(v, &paths_of(seq)->list, pos);
}

static void list_stop(struct seq_file *seq, void *v)
	__releases(paths_of(seq)->lock)
{
	spin_unlock_bh(&paths_of(seq)->lock);
}

static int list_show(struct seq_file *seq, void *v)
{
	struct xtcp_path *path = list_entry(v, struct xtcp_path, at);
	u64 now = xtcp_now();
	struct xtcp_metrics m;

	if (v == &paths_of(seq)->list) {
		seq_puts(seq, "address device age-s rtt-us var-us ssthresh path-mss route-mss\n");
		return 0;
	}
	read_metrics(path, &m);
	if (!xtcp_metrics_fresh(&m, now, life_of(xtcp_net(seq_file_net(seq)))))
		return 0;
	if (ipv6_addr_v4mapped(&path->key.addr))
		seq_printf(seq, "%pI4", &path->key.addr.s6_addr32[3]);
	else
		seq_printf(seq, "%pI6c", &path->key.addr);
	seq_printf(seq, " %d %llu %llu %llu %u %u %u\n", path->key.bound_if,
		   div_u64(xtcp_metrics_age(&m, now), NSEC_PER_SEC), div_u64(m.srtt, NSEC_PER_USEC),
		   div_u64(m.var, NSEC_PER_USEC), m.ssthresh, m.path_mss,
		   m.path_mss ? m.route_mss : 0);
	return 0;
}

static const struct seq_operations list_ops = {
	.start = list_start,
	.next = list_next,
	.stop = list_stop,
	.show = list_show,
};

static void forget_all(struct xtcp_paths *paths)
{
	unsigned int n;

	do {
		spin_lock_bh(&paths->lock);
		for (n = 0; n < SWEEP_MOST && paths->len; n++)
			drop_path(paths, list_first_entry(&paths->list, struct xtcp_path, at));
		spin_unlock_bh(&paths->lock);
		cond_resched();
	} while (n == SWEEP_MOST);
}

/* Whatever is written: all paths are forgotten. */
static int list_write(struct file *file, char *buf, size_t size)
{
	struct seq_file *seq = file->private_data;

	if (!ns_capable(seq_file_net(seq)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	forget_all(paths_of(seq));
	return 0;
}

/**
 * xtcp_paths_init - make a namespace's path cache, and show it
 * @paths: cache
 * @net: namespace
 * @dir: /proc/net/xtcp of it
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_paths_init(struct xtcp_paths *paths, struct net *net, struct proc_dir_entry *dir)
{
	int err;

	spin_lock_init(&paths->lock);
	INIT_LIST_HEAD(&paths->list);
	paths->len = 0;
	paths->net = net;
	paths->dir = dir;
	timer_setup(&paths->timer, sweep, TIMER_DEFERRABLE);
	err = rhashtable_init(&paths->table, &path_params);
	if (err)
		return err;
	if (proc_create_net_data_write("paths", 0644, dir, &list_ops, list_write,
				       sizeof(struct seq_net_private), NULL))
		return 0;
	rhashtable_destroy(&paths->table);
	return -ENOMEM;
}

static void free_path(void *ptr, void *arg)
{
	struct xtcp_path *path = ptr;

	call_rcu(&path->rcu, path_free_rcu);
}

/**
 * xtcp_paths_destroy - free a namespace's path cache, when no connection is left
 * @paths: cache
 *
 * May sleep.
 */
void xtcp_paths_destroy(struct xtcp_paths *paths)
{
	remove_proc_entry("paths", paths->dir);
	timer_shutdown_sync(&paths->timer);
	rhashtable_free_and_destroy(&paths->table, free_path, NULL);
}
