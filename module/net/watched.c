// SPDX-License-Identifier: GPL-2.0
/*
 * Does anybody look at the packets between two sockets of one host? Bytes go round
 * the wire (local.c) only while nobody does: filters, programs, rules, queues and
 * taps, and who wants to know when packets went, must not miss them.
 */
#include <linux/bpf-cgroup.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <net/dst.h>
#include <net/raw.h>
#include <net/rawv6.h>
#include <net/sch_generic.h>
#include <net/xfrm.h>

#include "path.h"
#include "watched.h"
#include "../sock.h"
#include "../compat/compat.h"

#ifdef CONFIG_NETFILTER
/*
 * AppArmor's hook is in every namespace, and looks only at packets that a rule with
 * SECMARK, which is another hook, has marked (security/apparmor/lsm.c). It is neither
 * nftables' nor a BPF program's, which may have any priority.
 */
static bool harmless(const struct nf_hook_entries *entries, unsigned int hook)
{
	struct nf_hook_ops *const *ops = nf_hook_entries_get_hook_ops(entries);

	return hook == NF_INET_POST_ROUTING && entries->num_hook_entries == 1 &&
	       ops[0]->hook_ops_type == NF_HOOK_OP_UNDEFINED &&
	       ops[0]->priority == NF_IP_PRI_SELINUX_FIRST;
}

/* Rules, connection tracking: whoever looks at the namespace's packets. RCU read section. */
static bool hooked(const struct net *net, bool v4)
{
	struct nf_hook_entries __rcu *const *hooks = v4 ? net->nf.hooks_ipv4 : NULL;
	unsigned int i;

#if IS_ENABLED(CONFIG_IPV6)
	if (!v4)
		hooks = net->nf.hooks_ipv6;
#endif
	for (i = 0; hooks && i < NF_INET_NUMHOOKS; i++) {
		const struct nf_hook_entries *entries = rcu_dereference(hooks[i]);

		if (entries && i != NF_INET_FORWARD && !harmless(entries, i))
			return true;
	}
	return false;
}
#else
static bool hooked(const struct net *net, bool v4)
{
	return false;
}
#endif

/* Somebody looks at, holds back or changes what goes over the device. RCU read section. */
static bool looked_at(struct net_device *dev)
{
	/* there is always one; that of a loopback device as it comes does not queue */
	if (rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc)->enqueue)
		return true;
#ifdef CONFIG_NETFILTER_INGRESS
	if (rcu_access_pointer(dev->nf_hooks_ingress))
		return true;
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
	return rcu_access_pointer(dev->xdp_prog) || xtcp_dev_has_tc(dev) ||
	       !list_empty(&dev->ptype_specific) || dev_nit_active(dev);
}

/* Raw sockets get a copy of each packet of their protocol. One of another may look like ours. */
static bool copied(struct net *net, bool v4)
{
	u32 slot = raw_hashfunc(net, xtcp_ip_protocol);

#if IS_ENABLED(CONFIG_IPV6)
	if (!v4)
		return !hlist_empty(&raw_v6_hashinfo.ht[slot]);
#endif
	return !hlist_empty(&raw_v4_hashinfo.ht[slot]);
}

/* Who keeps out what has come from far away (IP_MINTTL) wants to see how far it came. */
static bool measured(const struct sock *peer, bool v4)
{
	return v4 ? READ_ONCE(inet_sk(peer)->min_ttl) : READ_ONCE(xtcp_sk(peer)->np.min_hopcount);
}

/* IPsec says what may come in (what goes out it tells the route). */
static bool policed(const struct net *net, const struct sock *peer)
{
#ifdef CONFIG_XFRM
	return net->xfrm.policy_count[XFRM_POLICY_IN] ||
	       net->xfrm.policy_default[XFRM_POLICY_IN] == XFRM_USERPOLICY_BLOCK ||
	       rcu_access_pointer(peer->sk_policy[XFRM_POLICY_IN]);
#else
	return false;
#endif
}

/* Programs of the control groups that see each packet of these sockets. */
static bool grouped(struct sock *sk, struct sock *peer)
{
#ifdef CONFIG_CGROUP_BPF
	if (cgroup_bpf_enabled(CGROUP_INET_EGRESS) &&
	    cgroup_bpf_sock_enabled(sk, CGROUP_INET_EGRESS))
		return true;
	if (cgroup_bpf_enabled(CGROUP_INET_INGRESS) &&
	    cgroup_bpf_sock_enabled(peer, CGROUP_INET_INGRESS))
		return true;
#endif
	return false;
}

/* Time stamps of packets, or their pace, are asked for. */
static bool timed(const struct sock *sk, const struct sock *peer)
{
	return READ_ONCE(sk->sk_max_pacing_rate) != ~0UL ||
	       READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_TX_RECORD_MASK ||
	       sock_flag(peer, SOCK_TIMESTAMP) ||
	       sock_flag(peer, SOCK_TIMESTAMPING_RX_SOFTWARE);
}

/**
 * xtcp_watched - would anybody miss the packets?
 * @sk: who sends, locked by the caller, with a route that was checked
 * @peer: who receives, with a reference
 *
 * Cheap: it is asked at each write.
 *
 * Return: true if so.
 */
bool xtcp_watched(struct sock *sk, struct sock *peer)
{
	struct net *net = sock_net(sk);
	bool v4 = xtcp_path_is_v4(sk), seen;

	if (timed(sk, peer) || policed(net, peer) || copied(net, v4) ||
	    measured(peer, v4) ||
	    rcu_access_pointer(sk->sk_filter) || rcu_access_pointer(peer->sk_filter))
		return true;
	rcu_read_lock();
	seen = hooked(net, v4) || grouped(sk, peer) || looked_at(__sk_dst_get(sk)->dev);
	rcu_read_unlock();
	return seen;
}
