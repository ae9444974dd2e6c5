// SPDX-License-Identifier: GPL-2.0
/* Programs of a control group may change the length of an address, too. */
#include <linux/bpf-cgroup.h>
#include <net/sock.h>

int probe_bpf_addr_len(struct sock *sk, void *addr, int *len);

int probe_bpf_addr_len(struct sock *sk, void *addr, int *len)
{
	return BPF_CGROUP_RUN_SA_PROG(sk, addr, len, CGROUP_INET4_CONNECT);
}
