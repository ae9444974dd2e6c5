// SPDX-License-Identifier: GPL-2.0
/* proto_ops.accept takes a struct proto_accept_arg. */
#include <linux/net.h>
#include <net/sock.h>

static int probe_accept_arg(struct socket *sock, struct socket *new, struct proto_accept_arg *arg)
{
	return arg->flags;
}

const struct proto_ops probe_accept_arg_ops = { .accept = probe_accept_arg };
