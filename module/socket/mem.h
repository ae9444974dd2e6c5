/* SPDX-License-Identifier: GPL-2.0 */
/* Memory accounting: who may hold how much, and what happens under pressure. */
#ifndef _XTCP_SOCKET_MEM_H
#define _XTCP_SOCKET_MEM_H

#include <linux/skbuff.h>
#include <net/sock.h>

extern atomic_long_t xtcp_memory_allocated;
DECLARE_PER_CPU(int, xtcp_memory_fw_alloc);
extern struct percpu_counter xtcp_sockets_allocated;
extern struct percpu_counter xtcp_orphans;
extern unsigned long xtcp_memory_pressure;
extern long xtcp_sysctl_mem[3];	/* net.xtcp.mem, pages */
extern int xtcp_mem_least;	/* bytes a socket gets even under pressure */

int xtcp_mem_init(void);
void xtcp_mem_exit(void);

void xtcp_mem_pages(int pages);

/* struct proto */
void xtcp_enter_memory_pressure(struct sock *sk);
void xtcp_leave_memory_pressure(struct sock *sk);
bool xtcp_memory_free(const struct sock *sk, int wake);

/* Bytes of payload that a receive buffer of sk_rcvbuf offers as window. */
u32 xtcp_rcv_space(const struct sock *sk);

/* SO_RCVLOWAT, as far as such a window lets it be reached. */
u32 xtcp_rcv_target(const struct sock *sk);

/*
 * Charge a received buffer to the socket before the core may keep it. In order
 * (@in_order): out-of-order data is pruned for it (D11). False: drop it.
 */
bool xtcp_rmem_admit(struct sock *sk, struct sk_buff *skb, bool in_order);

/* The only ways onto and off sk_receive_queue. */
void xtcp_rcvq_put(struct sock *sk, struct sk_buff *skb);
void xtcp_rcvq_add(struct sock *sk, struct sk_buff *skb);
void xtcp_rcvq_eat(struct sock *sk, struct sk_buff *skb, u32 bytes);
void xtcp_rcvq_purge(struct sock *sk);

/* The only ways onto and off sk_write_queue. */
void xtcp_wmem_add(struct sock *sk, struct sk_buff *skb);
void xtcp_wmem_take(struct sock *sk, struct sk_buff *skb);
void xtcp_wmem_free(struct sock *sk, struct sk_buff *skb);
bool xtcp_wmem_split(struct sock *sk, struct sk_buff *skb, u32 len);
void xtcp_wmem_purge(struct sock *sk);
bool xtcp_notsent_mirror(struct sock *sk);
void xtcp_sndbuf_grow(struct sock *sk);
void xtcp_rcvbuf_grow(struct sock *sk);

/* Too many orphans, or memory over its limit: C5. */
bool xtcp_orphan_limit(const struct sock *sk);

#endif /* _XTCP_SOCKET_MEM_H */
