// SPDX-License-Identifier: GPL-2.0
/*
 * Takes what the module needs for itself, one thing per parameter value, before
 * it comes: taken.sh looks what happens then.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/sock_diag.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/protocol.h>
#include <net/sock.h>

#define IPPROTO_SQUATTED	253	/* RFC 3692: for experiments */

static char *thing = "family";
module_param(thing, charp, 0444);
MODULE_PARM_DESC(thing, "what to take: family, ipv4, ipv6 or diag");

static int squat_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	return -EPROTONOSUPPORT;
}

static const struct net_proto_family family = {
	.family	= AF_ASH,	/* 18 */
	.create	= squat_create,
	.owner	= THIS_MODULE,
};

static int squat_rcv(struct sk_buff *skb)
{
	kfree_skb(skb);
	return 0;
}

static const struct net_protocol protocol4 = {
	.handler	= squat_rcv,
	.no_policy	= 1,
};

static const struct inet6_protocol protocol6 = {
	.handler	= squat_rcv,
	.flags		= INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

static int squat_dump(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	return -EOPNOTSUPP;
}

static const struct sock_diag_handler diag = {
	.family	= AF_ASH,
	.dump	= squat_dump,
};

static int take_family(void)
{
	return sock_register(&family);
}

static void leave_family(void)
{
	sock_unregister(AF_ASH);
}

static int take_ipv4(void)
{
	return inet_add_protocol(&protocol4, IPPROTO_SQUATTED);
}

static void leave_ipv4(void)
{
	inet_del_protocol(&protocol4, IPPROTO_SQUATTED);
}

static int take_ipv6(void)
{
	return inet6_add_protocol(&protocol6, IPPROTO_SQUATTED);
}

static void leave_ipv6(void)
{
	inet6_del_protocol(&protocol6, IPPROTO_SQUATTED);
}

static int take_diag(void)
{
	return sock_diag_register(&diag);
}

static void leave_diag(void)
{
	sock_diag_unregister(&diag);
}

static const struct squat {
	const char *name;
	int (*take)(void);
	void (*leave)(void);
} squats[] = {
	{ "family", take_family, leave_family },
	{ "ipv4", take_ipv4, leave_ipv4 },
	{ "ipv6", take_ipv6, leave_ipv6 },
	{ "diag", take_diag, leave_diag },
};

static const struct squat *taken;

static int __init squatter_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(squats); i++)
		if (!strcmp(squats[i].name, thing))
			taken = &squats[i];
	return taken ? taken->take() : -EINVAL;
}

static void __exit squatter_exit(void)
{
	taken->leave();
}

module_init(squatter_init);
module_exit(squatter_exit);
MODULE_DESCRIPTION("Takes the family, the protocol number or the diag handler of XTCP");
MODULE_LICENSE("GPL");
