// SPDX-License-Identifier: GPL-2.0
/*
 * A sender that fills the window of a program that reads nothing, with segments that
 * take far more memory than they have bytes: trains that GRO joins, fragments, small
 * ones whose pages the last buffer takes over. All of it was promised, and none of it
 * is lost; but it takes no more memory than the receive buffer allows, and a little (D11).
 */
#include "attack.h"

ATTACK_FIXTURE_ON(hoard, peer_open_nic)

#define HOLD_US	1000	/* less than a tick, of which GRO lets no packet wait for two */

struct hoard {
	struct peer_conn conn;
	int fd;
	u32 most;		/* memory that was held */
	u32 limit;
};

/* After each packet or train: what the socket takes now. */
static void look(struct hoard *h)
{
	u32 mem = attack_held(h->fd, &h->limit);

	h->most = mem > h->most ? mem : h->most;
	peer_drain(h->conn.peer);
}

/* The whole window, in trains of @count segments of @len bytes. Bytes, or -1. */
static int fill(struct hoard *h, u32 count, u32 len)
{
	u32 at = 0, i, n;

	while (at < h->conn.host_wnd) {
		for (i = 0; i < count && at < h->conn.host_wnd; i++, at += n) {
			n = h->conn.host_wnd - at < len ? h->conn.host_wnd - at : len;
			if (attack_text(&h->conn, at, n))
				return -1;
		}
		if (count > 1)
			usleep(4 * HOLD_US);
		look(h);
	}
	return at;
}

static int start(struct hoard *h, struct peer *peer)
{
	h->fd = attack_open(peer, &h->conn);
	return h->fd < 0 ? -1 : 0;
}

/* Packed again at the latest when a quarter more has come. */
#define EXPECT_BOUND(h) do {							\
	const struct hoard *_h = (h);						\
										\
	TH_LOG("%u of %u bytes, in %llu passes", _h->most, _h->limit,		\
	       (unsigned long long)peer_host_counter("ReceiveQueuePacked"));	\
	EXPECT_GE(_h->limit + _h->limit / 4, _h->most);			\
	EXPECT_EQ(0, peer_host_counter("DropMemory"));				\
} while (0)

/* @count segments of @len bytes are one buffer, with the memory of all of them. */
#define TRAINS(count, len) do {							\
	struct hoard h = {};							\
	int bytes;								\
										\
	ASSERT_EQ(0, start(&h, &self->peer));					\
	ASSERT_EQ(0, tun_hold(&self->peer.tun, HOLD_US));			\
	bytes = fill(&h, count, len);						\
	ASSERT_LT(0, bytes);							\
	EXPECT_BOUND(&h);							\
	EXPECT_TRUE(attack_reads(h.fd, bytes));					\
} while (0)

TEST_F(hoard, D11_trains_of_small_segments)
{
	TRAINS(64, 60);
}

TEST_F(hoard, D11_trains_just_above_a_page)
{
	TRAINS(17, 236);
}

/* Of each the last buffer takes the page over, until it has as many as it can. */
TEST_F(hoard, D11_small_segments_in_pages)
{
	struct hoard h = {};
	int bytes;

	ASSERT_EQ(0, start(&h, &self->peer));
	bytes = fill(&h, 1, 230);
	ASSERT_LT(0, bytes);
	EXPECT_BOUND(&h);
	EXPECT_TRUE(attack_reads(h.fd, bytes));
}

/* Each fragment is a buffer; the segment is their chain. */
TEST_F(hoard, D11_segments_in_fragments)
{
	struct hoard h = {};
	struct peer_seg seg;
	u32 at;

	ASSERT_EQ(0, start(&h, &self->peer));
	for (at = 0; at + 4000 <= h.conn.host_wnd; at += 4000) {
		seg = attack_part(&h.conn, at, 4000);
		ASSERT_EQ(0, peer_send_fragments(&self->peer, &seg, 16));
		look(&h);
	}
	EXPECT_BOUND(&h);
	EXPECT_TRUE(attack_reads(h.fd, at));
}

/*
 * Buffers of a page, about half full: no two fit into a page. What follows is useless,
 * beyond the edge or again and again the same byte: it makes nobody go through them again.
 */
ATTACK_FIXTURE(full)

TEST_F(full, D11_useless_segments_behind_a_full_buffer)
{
	struct hoard h = {};
	int bytes, i;
	u64 passes;

	ASSERT_EQ(0, start(&h, &self->peer));
	h.conn.host_wnd -= 100;
	bytes = fill(&h, 1, 1900);
	ASSERT_LT(0, bytes);
	passes = peer_host_counter("ReceiveQueuePacked");
	EXPECT_LT(0, passes);
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(0, attack_text(&h.conn, bytes + 1, 1));
		ASSERT_EQ(0, attack_text(&h.conn, bytes + 1000 + i, 1));
		look(&h);
	}
	EXPECT_GE(passes + 1, peer_host_counter("ReceiveQueuePacked"));
	EXPECT_BOUND(&h);
	EXPECT_TRUE(attack_reads(h.fd, bytes));
}

TEST_HARNESS_MAIN
