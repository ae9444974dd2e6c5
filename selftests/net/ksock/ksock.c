// SPDX-License-Identifier: GPL-2.0
/*
 * A user of XTCP in the kernel: both ends of a connection over loopback, in the
 * namespace of the insmod, whose sockets do not hold that namespace. As rule 8 of
 * module/sock.h asks for, they are closed when it goes; what the module leaves of
 * the connection is what ksock.sh is about.
 */
#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

#define FAMILY	18	/* AF_XTCP */
#define PORT	4711

static bool closed;
module_param(closed, bool, 0444);
MODULE_PARM_DESC(closed, "out: the namespace has gone, and the sockets are closed");

static struct net *where;
static struct socket *ends[2];

/* Both ends are open, or an error. */
static int ksock_open(struct net *net)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	/* of any type: kernel_bind() and kernel_connect() have had two */
	void *to = &addr;
	struct socket *listener;
	int err;

	err = sock_create_kern(net, FAMILY, SOCK_STREAM, 0, &listener);
	if (err)
		return err;
	err = kernel_bind(listener, to, sizeof(addr));
	if (!err)
		err = kernel_listen(listener, 1);
	if (!err)
		err = sock_create_kern(net, FAMILY, SOCK_STREAM, 0, &ends[0]);
	if (err)
		goto out;
	err = kernel_connect(ends[0], to, sizeof(addr), 0);
	if (!err)
		err = kernel_accept(listener, &ends[1], 0);
	if (err)
		sock_release(ends[0]);
out:
	sock_release(listener);
	return err;
}

static void __net_exit ksock_net_exit(struct net *net)
{
	if (net != where)
		return;
	sock_release(ends[0]);
	sock_release(ends[1]);
	where = NULL;
	closed = true;
}

static struct pernet_operations ksock_ops = {
	.exit = ksock_net_exit,
};

static int __init ksock_init(void)
{
	int err = ksock_open(current->nsproxy->net_ns);

	if (err)
		return err;
	where = current->nsproxy->net_ns;
	err = register_pernet_subsys(&ksock_ops);
	if (err) {
		sock_release(ends[0]);
		sock_release(ends[1]);
	}
	return err;
}

static void __exit ksock_exit(void)
{
	unregister_pernet_subsys(&ksock_ops);
}

module_init(ksock_init);
module_exit(ksock_exit);
MODULE_DESCRIPTION("Opens an XTCP connection for itself");
MODULE_LICENSE("GPL");
