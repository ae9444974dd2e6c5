// SPDX-License-Identifier: GPL-2.0
/*
 * Connections between the same two ports, one after the other, each of which
 * ends in a TIME-WAIT of the host's: at most 64 of these remain (C4), of the
 * others a tombstone each while their cookies live, and of these no more than
 * net.xtcp.max_tombstones (C6).
 *
 * XTCP_TIMEWAITS=1000000 has so many of them.
 */
#include "attack.h"

#include "lib/diag.h"

ATTACK_FIXTURE(timewait)

#define COUNT		5000
#define PER_TUPLE	64
#define TOMBS		1000
#define SAMPLES		100	/* third messages that are kept, to come again */

static unsigned long count(void)
{
	const char *text = getenv("XTCP_TIMEWAITS");

	return text ? strtoul(text, NULL, 10) : COUNT;
}

/* The host's TIME-WAITs; -1 if it does not tell. */
static long time_waits(void)
{
	const struct xtcp_diag_req req = {
		.sdiag_family = AF_XTCP, .states = 1 << XTCP_TIME_WAIT,
	};
	struct xtcp_table table = {};
	long n;

	if (xtcp_dump(&req, &table))
		return -1;
	n = table.n;
	xtcp_table_free(&table);
	return n;
}

/* One connection that the host closes first. */
static int live_and_die(struct peer_conn *conn, int door)
{
	static struct peer_got got;
	int fd;

	if (peer_ask(conn) || peer_echo(conn))
		return -1;
	fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0 || close(fd))
		return -1;
	do {
		if (!peer_recv(conn->peer, &got, 1000))
			return -1;
	} while (!(got.pkt.flags & XTCP_FIN));
	conn->rcv_nxt++;
	if (peer_say(conn, XTCP_ACK | XTCP_FIN, NULL, 0) || !peer_recv(conn->peer, &got, 1000))
		return -1;
	/* as it was for the third message */
	conn->rcv_nxt--;
	conn->nxt--;
	return 0;
}

TEST_F_TIMEOUT(timewait, C4_C6_on_one_4_tuple, 24 * HOUR)
{
	struct peer_conn sample[SAMPLES], conn;
	int door = peer_host_listen(&self->peer, PORT, 16);
	unsigned long i, n = count();
	u64 opened, start = attack_ms();
	long memory = 0;

	ASSERT_LE(0, door);
	ASSERT_LE(2 * TOMBS, n);
	ASSERT_EQ(0, peer_host_set("max_tombstones", "1000"));
	for (i = 0; i < n; i++) {
		conn = (struct peer_conn){
			.peer = &self->peer, .port = FOE, .host_port = PORT,
		};
		ASSERT_EQ(0, live_and_die(&conn, door)) TH_LOG("number %lu", i);
		if (!(i % (n / SAMPLES)))
			sample[i / (n / SAMPLES)] = conn;
		if (i == 2 * TOMBS)
			memory = attack_memory_settled();
	}
	TH_LOG("%lu TIME-WAITs in %llu ms", n, (unsigned long long)attack_ms() - start);
	EXPECT_GE(attack_slack(), memory - attack_memory_settled());
	EXPECT_EQ(n, peer_host_counter("TimeWaits"));
	if (attack_ms() - start < 59000) {
		EXPECT_EQ(PER_TUPLE, time_waits());
		EXPECT_EQ(n - PER_TUPLE, peer_host_counter("TimeWaitsEvicted"));
		EXPECT_EQ(n - PER_TUPLE - TOMBS, peer_host_counter("TombstonesEvicted"));
	}
	EXPECT_GE(PER_TUPLE, time_waits());

	/* None of them comes back, and the next one is as good as the first. */
	opened = peer_host_counter("PassiveOpens");
	for (i = 0; i < SAMPLES; i++)
		ASSERT_EQ(0, peer_echo(&sample[i]));
	EXPECT_EQ(opened, peer_host_counter("PassiveOpens"));
	peer_drain(&self->peer);
	conn = (struct peer_conn){ .peer = &self->peer, .port = FOE, .host_port = PORT };
	EXPECT_EQ(0, live_and_die(&conn, door));

	/* All of it goes. */
	sleep(130);
	EXPECT_EQ(0, time_waits());
	for (i = 0; i < SAMPLES; i++)
		ASSERT_EQ(0, peer_echo(&sample[i]));
	EXPECT_EQ(opened + 1, peer_host_counter("PassiveOpens"));
}

TEST_HARNESS_MAIN
