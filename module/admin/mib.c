// SPDX-License-Identifier: GPL-2.0
/* Counters: counting, summing, /proc/net/xtcp/snmp. */
#include <linux/bitops.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "mib.h"
#include "netns.h"

#define X(name, text)	text,
static const char *const drop_names[] = { "", XTCP_DROPS(X) };
static const char *const event_names[] = { XTCP_EVENTS(X) };
static const char *const count_names[] = { XTCP_COUNTS(X) };
#undef X

static_assert(ARRAY_SIZE(drop_names) == XTCP_DROP_MAX);
static_assert(XTCP_EV_MAX <= 32);	/* tcb->events is a u32 of them */

/**
 * xtcp_count_events - count what happened to a connection
 * @xn: namespace
 * @events: BIT(XTCP_EV_*), as the core collects them in tcb->events
 *
 * Any context but NMI; takes no lock. The caller clears the bits.
 */
void xtcp_count_events(struct xtcp_net *xn, u32 events)
{
	struct xtcp_mib __percpu *mib = xn->mib;
	unsigned long bits = events;
	unsigned int i;

	for_each_set_bit(i, &bits, XTCP_EV_MAX)
		this_cpu_inc(mib->event[i]);
}

/* The list is summed over all CPUs, as a CPU may be gone when its count is read. */
static void show_sum(struct seq_file *seq, const char *name, const unsigned long __percpu *count)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(count, cpu);
	seq_printf(seq, "%-32s\t%lu\n", name, sum);
}

static int snmp_show(struct seq_file *seq, void *v)
{
	struct xtcp_mib __percpu *mib = xtcp_net(seq_file_single_net(seq))->mib;
	unsigned int i;

	for (i = 0; i < XTCP_MIB_MAX; i++)
		show_sum(seq, count_names[i], &mib->count[i]);
	for (i = 0; i < XTCP_EV_MAX; i++)
		show_sum(seq, event_names[i], &mib->event[i]);
	for (i = XTCP_DROP_NONE + 1; i < XTCP_DROP_MAX; i++)
		show_sum(seq, drop_names[i], &mib->drop[i]);
	return 0;
}

/**
 * xtcp_mib_init - make a namespace's counters and /proc/net/xtcp
 * @net: namespace
 * @xn: its data
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_mib_init(struct net *net, struct xtcp_net *xn)
{
	struct proc_dir_entry *dir;

	xn->mib = alloc_percpu(struct xtcp_mib);
	if (!xn->mib)
		return -ENOMEM;
	dir = proc_net_mkdir(net, "xtcp", net->proc_net);
	if (!dir)
		goto err_mib;
	if (!proc_create_net_single("snmp", 0444, dir, snmp_show, NULL))
		goto err_dir;
	xn->proc_dir = dir;
	return 0;

err_dir:
	remove_proc_subtree("xtcp", net->proc_net);
err_mib:
	free_percpu(xn->mib);
	return -ENOMEM;
}

/**
 * xtcp_mib_exit - remove /proc/net/xtcp and the counters
 * @net: namespace
 * @xn: its data
 *
 * May sleep. Nobody counts any more.
 */
void xtcp_mib_exit(struct net *net, struct xtcp_net *xn)
{
	remove_proc_subtree("xtcp", net->proc_net);
	free_percpu(xn->mib);
}
