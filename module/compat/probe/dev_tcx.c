// SPDX-License-Identifier: GPL-2.0
/* tc programs hang in a device's tcx entries; once in a mini qdisc. */
#include <linux/netdevice.h>

bool probe_dev_tcx(const struct net_device *dev);

bool probe_dev_tcx(const struct net_device *dev)
{
	return rcu_access_pointer(dev->tcx_ingress) || rcu_access_pointer(dev->tcx_egress);
}
