// SPDX-License-Identifier: GPL-2.0
/* proto_ops.splice_eof: sendfile() has come to the file's end. */
#include <linux/net.h>

static void probe(struct socket *sock)
{
}

const struct proto_ops probe_ops = { .splice_eof = probe };
