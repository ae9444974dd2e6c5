// SPDX-License-Identifier: GPL-2.0
/* register_net_sysctl_sz(): tables have a size and no empty last entry. */
#include <net/net_namespace.h>

struct ctl_table_header *probe_net_sysctl_sz(struct net *net, struct ctl_table *table);

struct ctl_table_header *probe_net_sysctl_sz(struct net *net, struct ctl_table *table)
{
	return register_net_sysctl_sz(net, "net/xtcp", table, 1);
}
