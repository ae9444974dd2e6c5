// SPDX-License-Identifier: GPL-2.0
/* net.xtcp.*: the settings of a namespace. Documentation/sysctl.rst describes each. */
#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "netns.h"
#include "sysctl.h"
#include "../compat/compat.h"
#include "../socket/mem.h"

/* Bounds. The largest keepalive values are those of TCP's socket options. */
static int zero;
static int one = 1;
static int two = 2;
static int mem_least = 4096;		/* bytes: a page, as for TCP */
static int most_seconds = 3600;
static int most_life = 86400;		/* s */
static int most_idle = 32767;		/* MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL */
static int most_probes = 127;		/* MAX_TCP_KEEPCNT */

/* Who may change a setting. */
enum writer {
	ANY_NAMESPACE,
	/* it bounds the kernel's memory: not by the owner of a user namespace */
	ADMIN_ONLY,
	/* one value for all namespaces: only in the first */
	FIRST_NAMESPACE,
};

struct setting {
	struct ctl_table table;	/* data: offset into struct xtcp_net, but of FIRST_NAMESPACE */
	enum writer writer;
};

#define IN_NET(field)	((void *)offsetof(struct xtcp_net, set.field))

#define INT_SETTING(field, least, most, who) {					\
	.table = {								\
		.procname	= #field,					\
		.data		= IN_NET(field),				\
		.maxlen		= sizeof_field(struct xtcp_settings, field),	\
		.mode		= 0644,						\
		.proc_handler	= proc_dointvec_minmax,				\
		.extra1		= (least),					\
		.extra2		= (most),					\
	},									\
	.writer = (who),							\
}

static int choose_cc(xtcp_ctl_table *table, int write, void *buffer, size_t *len, loff_t *at)
{
	const struct xtcp_cc_ops **cc = table->data, *found;
	char name[sizeof((*cc)->name)];
	struct ctl_table text = { .data = name, .maxlen = sizeof(name) };
	int err;

	strscpy(name, READ_ONCE(*cc)->name, sizeof(name));
	err = proc_dostring(&text, write, buffer, len, at);
	if (err || !write)
		return err;
	found = xtcp_cc_find(name);
	if (!found)
		return -ENOENT;
	/* whose namespace it is may choose it for himself, and not for others */
	if (found->restricted && !capable(CAP_NET_ADMIN))
		return -EPERM;
	WRITE_ONCE(*cc, found);
	return 0;
}

static int list_cc(xtcp_ctl_table *table, int write, void *buffer, size_t *len, loff_t *at)
{
	char names[64] = "";
	struct ctl_table text = { .data = names, .maxlen = sizeof(names) };
	unsigned int i;

	for (i = 0; xtcp_cc_all[i]; i++) {
		if (i)
			strlcat(names, " ", sizeof(names));
		strlcat(names, xtcp_cc_all[i]->name, sizeof(names));
	}
	return proc_dostring(&text, write, buffer, len, at);
}

static const struct setting settings[] = {
	{
		.table = {
			.procname	= "mem",
			.data		= xtcp_sysctl_mem,
			.maxlen		= sizeof(xtcp_sysctl_mem),
			.mode		= 0644,
			.proc_handler	= proc_doulongvec_minmax,
		},
		.writer = FIRST_NAMESPACE,
	}, {
		.table = {
			.procname	= "congestion_control",
			.data		= IN_NET(congestion_control),
			.mode		= 0644,
			.proc_handler	= choose_cc,
		},
		.writer = ANY_NAMESPACE,
	}, {
		.table = {
			.procname	= "available_congestion_control",
			.mode		= 0444,
			.proc_handler	= list_cc,
		},
		.writer = FIRST_NAMESPACE,
	},
	INT_SETTING(rmem, &mem_least, NULL, ANY_NAMESPACE),
	INT_SETTING(wmem, &mem_least, NULL, ANY_NAMESPACE),
	INT_SETTING(msl, &one, &most_seconds, ANY_NAMESPACE),
	INT_SETTING(fin_timeout, &one, &most_seconds, ANY_NAMESPACE),
	INT_SETTING(user_timeout, &one, NULL, ANY_NAMESPACE),
	INT_SETTING(keepalive_time, &one, &most_idle, ANY_NAMESPACE),
	INT_SETTING(keepalive_intvl, &one, &most_idle, ANY_NAMESPACE),
	INT_SETTING(keepalive_probes, &one, &most_probes, ANY_NAMESPACE),
	INT_SETTING(path_cache, &zero, &two, ANY_NAMESPACE),
	INT_SETTING(path_cache_max, &zero, NULL, ADMIN_ONLY),
	INT_SETTING(path_cache_life, &one, &most_life, ANY_NAMESPACE),
	INT_SETTING(rst_rate, &zero, NULL, ANY_NAMESPACE),
	INT_SETTING(max_orphans, &zero, NULL, ADMIN_ONLY),
	INT_SETTING(max_tw_buckets, &zero, NULL, ADMIN_ONLY),
	INT_SETTING(max_syn_backlog, &zero, NULL, ADMIN_ONLY),
	INT_SETTING(max_tombstones, &one, NULL, ADMIN_ONLY),
	INT_SETTING(syncookies, &zero, &two, ANY_NAMESPACE),
	INT_SETTING(shortcut, &zero, &one, ANY_NAMESPACE),
	INT_SETTING(ecn, &zero, &two, ANY_NAMESPACE),
	INT_SETTING(mtu_probing, &zero, &two, ANY_NAMESPACE),
	INT_SETTING(slow_start_after_idle, &zero, &one, ANY_NAMESPACE),
	INT_SETTING(autocorking, &zero, &one, ANY_NAMESPACE),
};

static const struct xtcp_settings defaults = {
	.congestion_control = &xtcp_cc_cubic,
	/*
	 * They begin as TCP's. The most is for windows of 12.5 MB, 1 Gb/s and 100 ms: half of
	 * a receive buffer is overhead, a send buffer holds two windows (xtcp_sndbuf_grow()).
	 */
	.rmem = { .initial = 131072, .most = 32 << 20 },
	.wmem = { .initial = 16384, .most = 32 << 20 },
	.msl = XTCP_MSL / XTCP_SEC,
	.fin_timeout = XTCP_FIN_TIMEOUT / XTCP_SEC,
	.user_timeout = XTCP_USER_TIMEOUT_MS,
	.keepalive_time = XTCP_KEEP_IDLE_S,
	.keepalive_intvl = XTCP_KEEP_INTVL_S,
	.keepalive_probes = XTCP_KEEP_PROBES,
	.path_cache = XTCP_RECALL_PATH,
	.path_cache_max = 4096,
	.path_cache_life = 3600,	/* as TCP's metrics: TCP_METRICS_TIMEOUT */
	.rst_rate = 1000,	/* as icmp_msgs_per_sec */
	.max_orphans = 8192,
	.max_tw_buckets = 65536,
	.max_syn_backlog = 4096,
	.max_tombstones = 16384,
	.syncookies = 1,
	.shortcut = 1,
	.ecn = XTCP_ECN_ON,
	.mtu_probing = XTCP_PROBING_LATER,
	.slow_start_after_idle = 1,
	.autocorking = 1,
};

static bool may_write(enum writer writer, const struct net *net)
{
	switch (writer) {
	case ANY_NAMESPACE:
		return true;
	case ADMIN_ONLY:
		return net->user_ns == &init_user_ns;
	case FIRST_NAMESPACE:
		return net_eq(net, &init_net);
	}
	return false;
}

/**
 * xtcp_sysctl_init - give a namespace the default settings and show them
 * @net: namespace
 * @xn: its data
 *
 * Every namespace starts with the same values, whatever the first one's are.
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_sysctl_init(struct net *net, struct xtcp_net *xn)
{
	struct ctl_table *table;
	unsigned int i;

	xn->set = defaults;

	/* one more than is used: kernels before 6.6 end at an empty entry */
	table = kcalloc(ARRAY_SIZE(settings) + 1, sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		table[i] = settings[i].table;
		if (settings[i].writer != FIRST_NAMESPACE)
			table[i].data = (char *)xn + (unsigned long)table[i].data;
		if (!may_write(settings[i].writer, net))
			table[i].mode &= ~0222;
	}
	xn->sysctl_table = table;
	xn->sysctl = register_net_sysctl_sz(net, "net/xtcp", table, ARRAY_SIZE(settings));
	if (!xn->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * xtcp_sysctl_exit - remove net.xtcp of a namespace
 * @xn: its data
 *
 * May sleep.
 */
void xtcp_sysctl_exit(struct xtcp_net *xn)
{
	unregister_net_sysctl_table(xn->sysctl);
	kfree(xn->sysctl_table);
}
