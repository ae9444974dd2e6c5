/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer that does whatever the test wants: it writes and reads the segments of
 * a host (tun.h) one by one. Segments are written and parsed by the core's
 * wire.c, which unit tests hold against the specification.
 */
#ifndef _XTCP_SELFTESTS_PEER_H
#define _XTCP_SELFTESTS_PEER_H

#include <netinet/in.h>

#include <linux/xtcp.h>
#include <xtcp/wire.h>

#include "tun.h"

#define PEER_MTU	1500
#define PEER_OPTIONS	(XTCP_HDR_MAX - XTCP_HDR_LEN)

/* Packets and their bytes, IP headers included. */
struct peer_count {
	unsigned long long packets, bytes;
};

/*
 * All that a host meets. Addresses are raw: 4 or 16 bytes, as the family has
 * them.
 */
struct peer {
	struct tun tun;
	int family;			/* AF_INET or AF_INET6 */
	u8 host[16], self[16];		/* the host's address, and the peer's usual one */
	struct peer_count in, out;	/* XTCP and ICMP to the host, XTCP from the host */
};

/* A segment for the host. */
struct peer_seg {
	struct xtcp_head head;
	u32 options_len;
	u8 options[PEER_OPTIONS];
	const void *data;
	u32 len;
	const u8 *from;			/* NULL: the peer's address */
};

/* A segment from the host; the pointers of pkt lead into raw. */
struct peer_got {
	struct xtcp_pkt pkt;
	u8 to[16];
	const u8 *seg, *data;		/* its header and its payload */
	u32 seg_len;
	u8 raw[65536];
};

/* A connection as the peer sees it. */
struct peer_conn {
	struct peer *peer;
	const u8 *from;			/* NULL: the peer's address */
	u16 port, host_port;
	u32 tag, host_tag;		/* ours: what the host's segments carry; the host's */
	u64 iss, irs;
	u64 nxt, rcv_nxt;		/* the next number of ours, and of the host's */
	u32 wnd;			/* what we advertise */
	u32 host_wnd;			/* of the host's SYN or SYN|ACK */
	u8 cookie[XTCP_COOKIE_LEN];	/* of the host's SYN|ACK, or of ours */
	unsigned int away;		/* ms: as the host sees it, if we connect (D9) */
};

int peer_open(struct peer *peer, int family);
int peer_open_nic(struct peer *peer, int family);
void peer_close(struct peer *peer);

int peer_raw(struct peer *peer, const u8 *from, u8 proto, const void *data, size_t len);
int peer_bytes(struct peer *peer, const u8 *from, u8 *seg, size_t len);
size_t peer_build(const struct peer_seg *seg, u8 *bytes);
int peer_send(struct peer *peer, const struct peer_seg *seg);
int peer_send_fragments(struct peer *peer, const struct peer_seg *seg, unsigned int unit);
int peer_icmp(struct peer *peer, const u8 *from, u8 type, u8 code, u32 info, const u8 *quoted,
	      size_t len);
bool peer_recv(struct peer *peer, struct peer_got *got, int ms);
unsigned int peer_drain(struct peer *peer);

struct peer_seg peer_syn(const struct peer_conn *conn);
struct peer_seg peer_seg(const struct peer_conn *conn, u8 flags);
int peer_say(struct peer_conn *conn, u8 flags, const void *data, u32 len);
int peer_ask(struct peer_conn *conn);
int peer_echo(struct peer_conn *conn);
int peer_connect(struct peer_conn *conn);
int peer_answer(struct peer_conn *conn);

/* Sockets of the host. */
union peer_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

socklen_t peer_sockaddr(const struct peer *peer, const u8 *addr, u16 port, union peer_addr *to);
int peer_host_socket(const struct peer *peer, int flags);
int peer_host_listen(const struct peer *peer, u16 port, int backlog);
int peer_host_connect(const struct peer *peer, u16 from, u16 port);
int peer_host_info(int fd, struct xtcp_info *info);
int peer_host_set(const char *name, const char *value);
u64 peer_host_counter(const char *name);

#endif /* _XTCP_SELFTESTS_PEER_H */
