/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the attacks have in common: a host that is attacked, over IPv4 and over
 * IPv6, and everything else in the world, which is the test.
 */
#ifndef _XTCP_SELFTESTS_ATTACK_H
#define _XTCP_SELFTESTS_ATTACK_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/sock_diag.h>

#include "kselftest_harness.h"
#include "peer.h"
#include <xtcp/tcb.h>

#define PORT	4711	/* the host listens here, where it listens */
#define FOE	5000	/* and from here on come the peer's ports */
#define HOUR	3600	/* of virtual time, for tests that wait as long as it takes */

/* Each test of the fixture gets a host of its own, in each family. */
#define ATTACK_FIXTURE(name)	ATTACK_FIXTURE_ON(name, peer_open)
#define ATTACK_FIXTURE_ON(name, open)						\
FIXTURE(name) {									\
	struct peer peer;							\
};										\
FIXTURE_VARIANT(name) {								\
	int family;								\
};										\
FIXTURE_VARIANT_ADD(name, ipv4) {						\
	.family = AF_INET,							\
};										\
FIXTURE_VARIANT_ADD(name, ipv6) {						\
	.family = AF_INET6,							\
};										\
FIXTURE_SETUP(name)								\
{										\
	srandom(1);								\
	ASSERT_EQ(0, open(&self->peer, variant->family))			\
		TH_LOG("no host: %s", strerror(errno));				\
}										\
FIXTURE_TEARDOWN(name)								\
{										\
	peer_close(&self->peer);						\
}

/* What the host has sent, by kind. */
struct sent {
	unsigned int syn, rst, data, ack;	/* data: or FIN; ack: none of the others */
};

static inline struct sent sent_now(struct peer *peer)
{
	static struct peer_got got;
	struct sent sent = {};

	while (peer_recv(peer, &got, 0)) {
		if (got.pkt.flags & XTCP_SYN)
			sent.syn++;
		else if (got.pkt.flags & XTCP_RST)
			sent.rst++;
		else if (got.pkt.len || got.pkt.flags & XTCP_FIN)
			sent.data++;
		else
			sent.ack++;
	}
	return sent;
}

#define EXPECT_SENT(syns, rsts, datas, acks) do {				\
	struct sent _sent = sent_now(&self->peer);				\
										\
	EXPECT_EQ(syns, _sent.syn);						\
	EXPECT_EQ(rsts, _sent.rst);						\
	EXPECT_EQ(datas, _sent.data);						\
	EXPECT_EQ(acks, _sent.ack);						\
} while (0)

/* A connection from the peer to a program of the host; -1 if it fails. */
static inline int attack_open(struct peer *peer, struct peer_conn *conn)
{
	int door = peer_host_listen(peer, PORT, 1), fd;

	conn->peer = peer;
	conn->port = conn->port ?: FOE;
	conn->host_port = PORT;
	if (door < 0 || peer_connect(conn))
		return -1;
	fd = accept(door, NULL, NULL);
	close(door);
	return fd;
}

static inline u64 attack_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* Memory that could be had, in kB: to be compared after a first round of the same. */
static inline long attack_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

/* The same after closed sockets are gone, too: RCU frees them, in up to five seconds. */
static inline long attack_memory_settled(void)
{
	sleep(6);
	return attack_memory();
}

/*
 * Memory that may go meanwhile for all that runs beside, in kB. On the debug kernel
 * that is KASAN's quarantine above all: what was freed, up to 1/32 of the memory.
 */
static inline long attack_slack(void)
{
	return 4096 + (getenv("XTCP_UML") ? sysconf(_SC_PHYS_PAGES) / 32 * 4 : 0);
}

/* A byte each way. */
static inline int attack_exchange(struct peer_conn *conn, int fd)
{
	static struct peer_got got;
	char c = 'x';

	if (peer_say(conn, XTCP_ACK | XTCP_PSH, &c, 1) || recv(fd, &c, 1, MSG_DONTWAIT) != 1 ||
	    send(fd, &c, 1, MSG_DONTWAIT) != 1)
		return -1;
	do {
		if (!peer_recv(conn->peer, &got, 1000))
			return -1;
	} while (got.pkt.dport != conn->port || !got.pkt.len || got.pkt.seq != conn->rcv_nxt);
	conn->rcv_nxt += got.pkt.len;
	return peer_say(conn, XTCP_ACK, NULL, 0);
}

/* What the socket's receive buffers take of memory, and what they may take. */
static inline u32 attack_held(int fd, u32 *limit)
{
	u32 mem[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(mem);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len))
		mem[SK_MEMINFO_RMEM_ALLOC] = ~0U;
	*limit = mem[SK_MEMINFO_RCVBUF];
	return mem[SK_MEMINFO_RMEM_ALLOC];
}

/* The segment that the text for attack_reads() has at @offset from the next number. */
static inline struct peer_seg attack_part(const struct peer_conn *conn, u64 offset, u32 len)
{
	static char text[65536];
	struct peer_seg seg = peer_seg(conn, XTCP_ACK);
	u32 i;

	for (i = 0; i < len; i++)
		text[i] = (offset + i) * 7;
	seg.head.seq += offset;
	seg.data = text;
	seg.len = len;
	return seg;
}

static inline int attack_text(struct peer_conn *conn, u64 offset, u32 len)
{
	struct peer_seg seg = attack_part(conn, offset, len);

	return peer_send(conn->peer, &seg);
}

/* The program reads at last: the text, and nothing else. */
static inline bool attack_reads(int fd, u32 bytes)
{
	static char text[200000];
	u32 i;

	if (recv(fd, text, sizeof(text), MSG_DONTWAIT) != (ssize_t)bytes)
		return false;
	for (i = 0; i < bytes; i++)
		if (text[i] != (char)(i * 7))
			return false;
	return true;
}

/* The state of a connection of the host. */
static inline int attack_state(int fd)
{
	struct xtcp_info info;

	return peer_host_info(fd, &info) ? -1 : info.xtcpi_state;
}

#endif /* _XTCP_SELFTESTS_ATTACK_H */
