// SPDX-License-Identifier: GPL-2.0
/* Namespaces: birth and death of everything that each has of its own; cookie keys. */
#include <linux/random.h>

#include "netns.h"
#include "sysctl.h"
#include "../net/act.h"
#include "../socket/life.h"

unsigned int xtcp_net_id;

static void keys_init(struct xtcp_net *xn)
{
	seqlock_init(&xn->keys_lock);
	get_random_bytes(&xn->keys, sizeof(xn->keys));
	xn->keys_at = xtcp_now();
}

static void keys_rotate(struct xtcp_net *xn, u64 now)
{
	u64 fresh[2];

	get_random_bytes(fresh, sizeof(fresh));
	write_seqlock_bh(&xn->keys_lock);
	if (now >= xn->keys_at + XTCP_COOKIE_LIFE) {	/* nobody else was first */
		memcpy(xn->keys.key[1], xn->keys.key[0], sizeof(fresh));
		memcpy(xn->keys.key[0], fresh, sizeof(fresh));
		xn->keys.serial++;
		WRITE_ONCE(xn->keys_at, now);
	}
	write_sequnlock_bh(&xn->keys_lock);
	memzero_explicit(fresh, sizeof(fresh));
}

/**
 * xtcp_netns_keys - the cookie keys of the moment (O3)
 * @xn: namespace's data
 * @now: ns
 * @keys: out: a copy of them
 *
 * Keys change when they are asked for, at most once per life of a cookie, so
 * that the key of every cookie still alive is one of the two, and a namespace
 * without traffic needs no timer. Process or softirq context.
 */
void xtcp_netns_keys(struct xtcp_net *xn, u64 now, struct xtcp_keys *keys)
{
	unsigned int seq;

	if (now >= READ_ONCE(xn->keys_at) + XTCP_COOKIE_LIFE)
		keys_rotate(xn, now);
	do {
		seq = read_seqbegin(&xn->keys_lock);
		*keys = xn->keys;
	} while (read_seqretry(&xn->keys_lock, seq));
}

static int __net_init net_init(struct net *net)
{
	struct xtcp_net *xn = xtcp_net(net);
	int err;

	keys_init(xn);
	xtcp_listeners_init(&xn->listeners);
	xtcp_ports_init(&xn->ports);
	err = xtcp_mib_init(net, xn);
	if (err)
		return err;
	err = xtcp_ehash_init(&xn->ehash);
	if (err)
		goto err_mib;
	err = xtcp_requests_init(&xn->requests);
	if (err)
		goto err_ehash;
	err = xtcp_timewaits_init(&xn->timewaits, net);
	if (err)
		goto err_requests;
	err = xtcp_replies_init(&xn->replies, net);
	if (err)
		goto err_timewaits;
	err = xtcp_paths_init(&xn->paths, net, xn->proc_dir);
	if (err)
		goto err_replies;
	err = xtcp_sysctl_init(net, xn);
	if (err)
		goto err_paths;
	return 0;

err_paths:
	xtcp_paths_destroy(&xn->paths);
err_replies:
	xtcp_replies_destroy(&xn->replies);
err_timewaits:
	xtcp_timewaits_destroy(&xn->timewaits);
err_requests:
	xtcp_requests_destroy(&xn->requests);
err_ehash:
	xtcp_ehash_destroy(&xn->ehash);
err_mib:
	xtcp_mib_exit(net, xn);
	return err;
}

/* No socket of a program is left (rule 8 of sock.h) and no packet comes any more. */
static void __net_exit net_exit(struct net *net)
{
	struct xtcp_net *xn = xtcp_net(net);

	xtcp_sock_abort_all(net);
	xtcp_sysctl_exit(xn);
	xtcp_paths_destroy(&xn->paths);
	xtcp_timewaits_destroy(&xn->timewaits);
	xtcp_requests_destroy(&xn->requests);
	xtcp_replies_destroy(&xn->replies);
	xtcp_ehash_destroy(&xn->ehash);
	xtcp_mib_exit(net, xn);
	memzero_explicit(&xn->keys, sizeof(xn->keys));
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &xtcp_net_id,
	.size = sizeof(struct xtcp_net),
};

/**
 * xtcp_netns_init - set up every namespace, present and future
 *
 * May sleep.
 *
 * Return: 0 or -errno.
 */
int xtcp_netns_init(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * xtcp_netns_exit - clean up every namespace
 *
 * May sleep. No socket is left, and neither packets nor netlink reach the module.
 */
void xtcp_netns_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
