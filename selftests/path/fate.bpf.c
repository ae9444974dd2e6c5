// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a packet on the emulated path: a classifier for tc that matches
 * what goes on, and not what is lost. Chance has no part in it: the n-th packet of a
 * kind in a direction of a connection meets the same fate whenever the seed and the
 * ports are the same, whatever protocol it belongs to.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>

#include "fate.h"

#define SEC(name) __attribute__((section(name), used))

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) =
	(void *)BPF_FUNC_map_lookup_elem;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value,
					 __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;
static long (*const bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 len) =
	(void *)BPF_FUNC_skb_load_bytes;

/* What counts apart: openings are few, and acknowledgments are as many as the peer likes. */
enum kind { KIND_SYN, KIND_DATA, KIND_BARE };

struct flow {
	__be16 sport, dport;
	__u16 protocol, kind;
};

struct count {
	__u64 last;	/* ns: when the last one came */
	__u32 n;	/* packets so far */
	__u32 bad;	/* in a run of losses */
};

/* What libbpf makes a map of. */
struct {
	int (*type)[BPF_MAP_TYPE_ARRAY];
	int (*max_entries)[1];
	int (*pinning)[1];	/* by name */
	__u32 *key;
	struct fate *value;
} xtcp_fate SEC(".maps");

struct {
	int (*type)[BPF_MAP_TYPE_LRU_HASH];
	int (*max_entries)[16384];
	int (*pinning)[1];
	struct flow *key;
	struct count *value;
} xtcp_flows SEC(".maps");

/* The finalizer of MurmurHash3. */
static __u32 mix(__u64 h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdULL;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

static int read_flow(struct __sk_buff *skb, struct flow *flow)
{
	struct iphdr ip;
	__u8 l4[32];
	__u32 at, head, flags;

	if (bpf_skb_load_bytes(skb, FATE_ETH_LEN, &ip, sizeof(ip)) || ip.version != 4)
		return -1;
	at = FATE_ETH_LEN + ip.ihl * 4;
	if (ip.protocol == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(skb, at, l4, 20))
			return -1;
		head = (l4[12] >> 4) * 4;
		flags = l4[13];
	} else if (ip.protocol == FATE_XTCP) {
		if (bpf_skb_load_bytes(skb, at, l4, 32))
			return -1;
		head = (l4[28] & 0x3f) * 8;
		flags = l4[29];
	} else {
		return -1;
	}
	__builtin_memcpy(flow, l4, 4);
	flow->protocol = ip.protocol;
	flow->kind = flags & 0x02 ? KIND_SYN : skb->len > at + head ? KIND_DATA : KIND_BARE;
	return 0;
}

/*
 * Gilbert's model: runs of losses, of a mean length, with a mean distance. What makes
 * them does not last: who waits before he tries again does not meet the same run.
 */
static int is_lost(const struct fate *fate, struct count *count, __u64 dice)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 draw = mix(dice);

	if (now - count->last > FATE_RUN_NS)
		count->bad = 0;
	count->last = now;
	count->bad = count->bad ? draw >= fate->recover : draw < fate->fail;
	return count->bad;
}

SEC("classifier") int path(struct __sk_buff *skb)
{
	struct count first = { 0 }, *count;
	struct flow flow = { 0 };
	struct fate *fate;
	__u32 zero = 0;
	__u64 dice;

	fate = bpf_map_lookup_elem(&xtcp_fate, &zero);
	if (!fate || read_flow(skb, &flow))
		return FATE_MATCH;
	if (skb->gso_segs > 1)
		fate->uncut++;
	count = bpf_map_lookup_elem(&xtcp_flows, &flow);
	if (!count) {
		bpf_map_update_elem(&xtcp_flows, &flow, &first, BPF_ANY);
		count = bpf_map_lookup_elem(&xtcp_flows, &flow);
		if (!count)
			return FATE_MATCH;
	}
	dice = (__u64)mix((__u64)flow.sport << 48 | (__u64)flow.dport << 32 | fate->seed) << 32;
	dice |= (__u64)flow.kind << 30 | (count->n++ & 0x3fffffff);
	if (is_lost(fate, count, dice))
		return FATE_NO_MATCH;
	/* Its band decides how long it takes. */
	skb->priority = mix(dice ^ 0x5bd1e995) < fate->late;
	return FATE_MATCH;
}

char _license[] SEC("license") = "GPL";
