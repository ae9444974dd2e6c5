// SPDX-License-Identifier: GPL-2.0
/*
 * XTCP, a transport protocol with the job of TCP and without its limits: the
 * order in which the module's parts come and go (rule 9 of sock.h).
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/rcupdate.h>
#include <net/sock.h>

#include <uapi/linux/xtcp.h>

#include "sock.h"
#include "admin/diag.h"
#include "admin/netns.h"
#include "net/act.h"
#include "net/drain.h"
#include "net/input.h"
#include "net/metrics.h"
#include "net/offload.h"
#include "net/requests.h"
#include "net/timewaits.h"
#include "socket/af.h"
#include "socket/mem.h"

int xtcp_ip_protocol = IPPROTO_XTCP;
module_param_named(protocol, xtcp_ip_protocol, int, 0444);
MODULE_PARM_DESC(protocol, "IP protocol number (default 253)");

static int __init xtcp_module_init(void)
{
	int err;

	if (xtcp_ip_protocol <= 0 || xtcp_ip_protocol > 255)
		return -EINVAL;

	err = xtcp_mem_init();
	if (err)
		return err;
	err = xtcp_nodes_init();
	if (err)
		goto err_mem;
	err = xtcp_requests_cache_init();
	if (err)
		goto err_nodes;
	err = xtcp_timewaits_cache_init();
	if (err)
		goto err_requests;
	err = xtcp_paths_cache_init();
	if (err)
		goto err_timewaits;
	err = xtcp_proto_init();
	if (err)
		goto err_paths;
	err = xtcp_netns_init();
	if (err)
		goto err_proto;
	err = xtcp_offload_init();
	if (!err) {
		err = xtcp_net_init();
		if (err)
			xtcp_offload_exit();
	}
	if (err) {
		pr_err("xtcp: IP protocol %d is taken\n", xtcp_ip_protocol);
		goto err_netns;
	}
	err = xtcp_diag_init();
	if (err) {
		pr_err("xtcp: sock_diag for family %d is taken\n", AF_XTCP);
		goto err_net;
	}
	/* The last that can fail: a socket would outlive a module that goes. */
	err = xtcp_af_init();
	if (err) {
		pr_err("xtcp: address family %d is taken\n", AF_XTCP);
		goto err_diag;
	}
	return 0;

err_diag:
	xtcp_diag_exit();
err_net:
	xtcp_net_exit();
	xtcp_offload_exit();
err_netns:
	xtcp_netns_exit();
err_proto:
	rcu_barrier();
	xtcp_proto_exit();
err_paths:
	xtcp_paths_cache_exit();
err_timewaits:
	xtcp_timewaits_cache_exit();
err_requests:
	xtcp_requests_cache_exit();
err_nodes:
	xtcp_nodes_exit();
err_mem:
	xtcp_mem_exit();
	return err;
}

/*
 * Nobody has a socket any more: each holds the module. What may still be under
 * way are packets, timers of the tables, and memory that waits for RCU.
 */
static void __exit xtcp_module_exit(void)
{
	xtcp_af_exit();
	xtcp_diag_exit();
	xtcp_net_exit();
	xtcp_offload_exit();
	xtcp_netns_exit();
	xtcp_drain_exit();
	rcu_barrier();		/* half-open entries, TIME-WAITs, paths, sockets */
	xtcp_proto_exit();
	xtcp_paths_cache_exit();
	xtcp_timewaits_cache_exit();
	xtcp_requests_cache_exit();
	xtcp_nodes_exit();
	xtcp_mem_exit();
}

module_init(xtcp_module_init);
module_exit(xtcp_module_exit);

MODULE_DESCRIPTION("XTCP: reliable byte streams, family AF_XTCP");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NETPROTO(AF_XTCP);
MODULE_ALIAS_NET_PF_PROTO(PF_INET, IPPROTO_XTCP);
MODULE_ALIAS_NET_PF_PROTO(PF_INET6, IPPROTO_XTCP);
