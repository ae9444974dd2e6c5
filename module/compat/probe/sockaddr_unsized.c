// SPDX-License-Identifier: GPL-2.0
/* proto_ops.bind and .connect take a struct sockaddr_unsized. */
#include <linux/net.h>

static int probe_sockaddr_unsized(struct socket *sock, struct sockaddr_unsized *addr, int len)
{
	return len;
}

const struct proto_ops probe_sockaddr_unsized_ops = { .bind = probe_sockaddr_unsized };
