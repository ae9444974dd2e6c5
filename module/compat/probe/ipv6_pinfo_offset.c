// SPDX-License-Identifier: GPL-2.0
/* A protocol says where its sockets keep what is special about IPv6. */
#include <net/sock.h>

struct proto probe_ipv6_pinfo_offset;

struct proto probe_ipv6_pinfo_offset = {
	.ipv6_pinfo_offset = 8,
};
