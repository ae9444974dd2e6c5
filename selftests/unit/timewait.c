// SPDX-License-Identifier: GPL-2.0
/* TIME-WAIT and tombstones. */
#include <kselftest_harness.h>

#include <xtcp/door.h>

#define NOW	(500 * XTCP_SEC)

FIXTURE(timewait) {
	struct xtcp_tcb tcb;
	struct xtcp_tw tw;
	struct xtcp_pkt pkt;
	struct xtcp_reply reply;
	struct xtcp_tomb tomb;
};

FIXTURE_SETUP(timewait)
{
	memset(self, 0, sizeof(*self));
	self->tcb.passive = 1;
	self->tcb.cookie_born = NOW - XTCP_SEC;
	self->tcb.tag = 11;
	self->tcb.peer_tag = 22;
	self->tcb.snd.nxt = 1000;
	self->tcb.rcv.nxt = 2000;
	self->tcb.rcv.edge = 2500;
	xtcp_tw_init(&self->tw, &self->tcb, XTCP_MSL, NOW);
	self->pkt.tag = 11;
	self->pkt.flags = XTCP_ACK;
	self->pkt.ack = 1000;
	memset(&self->reply, 0xa5, sizeof(self->reply));
}

FIXTURE_TEARDOWN(timewait)
{
}

static enum xtcp_verdict get(struct _test_data_timewait *self, u8 flags, u64 seq, u32 len)
{
	self->pkt.flags = flags;
	self->pkt.seq = seq;
	self->pkt.len = len;
	self->pkt.drop = 0;
	return xtcp_tw_demux(&self->tw, &self->pkt, &self->reply);
}

#define GET(flags, seq, len)	get(self, flags, seq, len)

TEST_F(timewait, C4_what_is_kept)
{
	EXPECT_EQ(11, self->tw.tag);
	EXPECT_EQ(22, self->tw.peer_tag);
	EXPECT_EQ(1000, self->tw.snd_nxt);
	EXPECT_EQ(2000, self->tw.rcv_nxt);
	EXPECT_EQ(500, self->tw.wnd);
	EXPECT_EQ(NOW - XTCP_SEC, self->tw.cookie_born);
	self->tcb.passive = 0;
	xtcp_tw_init(&self->tw, &self->tcb, XTCP_MSL, NOW);
	EXPECT_EQ(0, self->tw.cookie_born);
}

/* F8: 2 MSL, the MSL is a setting */
TEST_F(timewait, C4_lasts_two_msl)
{
	EXPECT_EQ(NOW + 60 * XTCP_SEC, self->tw.expires);
	xtcp_tw_init(&self->tw, &self->tcb, 7 * XTCP_SEC, NOW);
	EXPECT_EQ(NOW + 14 * XTCP_SEC, self->tw.expires);
}

TEST_F(timewait, C4_repeated_fin_acked_and_restarts)
{
	ASSERT_EQ(XTCP_VERDICT_RESTART, GET(XTCP_ACK | XTCP_FIN, 1999, 0));
	EXPECT_EQ(XTCP_ACK, self->reply.flags);
	EXPECT_EQ(1000, self->reply.seq);
	EXPECT_EQ(2000, self->reply.ack);
	EXPECT_EQ(22, self->reply.tag);
	EXPECT_EQ(500, self->reply.wnd);
	EXPECT_EQ(0, self->reply.len);
	/* with the data before it */
	EXPECT_EQ(XTCP_VERDICT_RESTART, GET(XTCP_ACK | XTCP_FIN, 1899, 100));
}

TEST_F(timewait, C4_repeated_fin_echoes_timestamp)
{
	self->pkt.has = XTCP_HAS_TS;
	self->pkt.ts = 0x01020304;
	ASSERT_EQ(XTCP_VERDICT_RESTART, GET(XTCP_ACK | XTCP_FIN, 1999, 0));
	ASSERT_EQ(XTCP_TSECHO_LEN, self->reply.len);
	EXPECT_EQ(XTCP_KIND_TSECHO, self->reply.options[0]);
	EXPECT_EQ(0x01020304, xtcp_get32(self->reply.options + 4));
}

TEST_F(timewait, C4_other_fin_does_not_restart)
{
	EXPECT_EQ(XTCP_VERDICT_ANSWER, GET(XTCP_ACK | XTCP_FIN, 2000, 0));
	EXPECT_EQ(XTCP_VERDICT_ANSWER, GET(XTCP_ACK | XTCP_FIN, 1998, 0));
}

TEST_F(timewait, C4_data_acked_without_restart)
{
	ASSERT_EQ(XTCP_VERDICT_ANSWER, GET(XTCP_ACK, 1900, 50));
	EXPECT_EQ(XTCP_ACK, self->reply.flags);
	EXPECT_EQ(2000, self->reply.ack);
	EXPECT_EQ(XTCP_VERDICT_ANSWER, GET(XTCP_ACK, 5000, 1));
}

/* RFC 1337 */
TEST_F(timewait, C4_rst_ignored)
{
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_RST, 2000, 0));
	EXPECT_EQ(XTCP_DROP_TIMEWAIT, self->pkt.drop);
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_RST | XTCP_ACK, 2000, 0));
}

TEST_F(timewait, C4_bare_ack_never_answered)
{
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_ACK, 2000, 0));
	EXPECT_EQ(XTCP_DROP_TIMEWAIT, self->pkt.drop);
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_ACK, 1999, 0));
}

TEST_F(timewait, C4_old_synack_ignored)
{
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_SYN | XTCP_ACK, 1, 0));
	EXPECT_EQ(XTCP_DROP_TIMEWAIT, self->pkt.drop);
}

TEST_F(timewait, D3_ack_outside)
{
	self->pkt.ack = 1001;
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_ACK | XTCP_FIN, 1999, 0));
	EXPECT_EQ(XTCP_DROP_OLDACK, self->pkt.drop);
	self->pkt.ack = 1000 - BIT_ULL(31);
	EXPECT_EQ(XTCP_VERDICT_RESTART, GET(XTCP_ACK | XTCP_FIN, 1999, 0));
	self->pkt.ack--;
	EXPECT_EQ(XTCP_VERDICT_DROP, GET(XTCP_ACK | XTCP_FIN, 1999, 0));
}

TEST_F(timewait, C6_tombstone_until_the_cookie_expires)
{
	ASSERT_TRUE(xtcp_tomb_make(&self->tomb, NOW, NOW + XTCP_SEC));
	EXPECT_EQ(NOW + 60 * XTCP_SEC, self->tomb.expires);
	EXPECT_TRUE(xtcp_tomb_make(&self->tomb, NOW, NOW + 60 * XTCP_SEC));
	EXPECT_FALSE(xtcp_tomb_make(&self->tomb, NOW, NOW + 60 * XTCP_SEC + 1));
	/* opened by us: no cookie of ours */
	EXPECT_FALSE(xtcp_tomb_make(&self->tomb, 0, XTCP_SEC));
}

TEST_F(timewait, C6_full_table_shortens_the_life_of_cookies)
{
	ASSERT_TRUE(xtcp_tomb_make(&self->tomb, NOW, NOW));
	EXPECT_EQ(NOW, xtcp_tomb_drop(&self->tomb, 0));
	EXPECT_EQ(NOW, xtcp_tomb_drop(&self->tomb, NOW - 1));
	/* the limit never moves back */
	EXPECT_EQ(NOW + 1, xtcp_tomb_drop(&self->tomb, NOW + 1));
}

TEST_HARNESS_MAIN
