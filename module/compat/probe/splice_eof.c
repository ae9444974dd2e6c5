// SPDX-License-Identifier: GPL-2.0
/* proto_ops.splice_eof: sendfile() has come to the file's end. */
#include <linux/net.h>

static void probe_splice_eof(struct socket *sock)
{
}

const struct proto_ops probe_splice_eof_ops = { .splice_eof = probe_splice_eof };
