// SPDX-License-Identifier: GPL-2.0
/* The active side of the handshake: O4, O5, O7, O8, and simultaneous open: O6. */
#include <kselftest_harness.h>

#include "drive.h"

#define MSS	1000U
#define RCVBUF	10000U

DRIVE_FIXTURE(opening, drive_connect, MSS + XTCP_TS_LEN, RCVBUF)

TEST_F(opening, O4_syn_ack_with_cookie)
{
	struct drive *d = &self->d;

	d->now += 30 * XTCP_MS;
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->t.conf + 0, 0);
	ASSERT_EQ(d->sent, 2);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
	EXPECT_EQ(drive_last(d)->pkt.tag, DRIVE_PEER_TAG);
	EXPECT_EQ(drive_last(d)->pkt.seq, d->iss + 1);
	EXPECT_EQ(drive_last(d)->pkt.ack, d->irs + 1);
	EXPECT_EQ(d->t.rtt.srtt, 30 * XTCP_MS);
	/* Every segment carries it until conf. */
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
	EXPECT_EQ(memcmp(drive_last(d)->pkt.cookie, d->t.cookie, XTCP_COOKIE_LEN), 0);
	drive_ack(d, 10);
	EXPECT_EQ(d->t.conf + 0, 1);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
}

TEST_F(opening, O4_without_cookie)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, false);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->t.conf + 0, 1);
	ASSERT_EQ(d->sent, 2);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
}

TEST_F(opening, O5_server_speaks_first)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, true);
	drive_data(d, 0, 10);
	EXPECT_EQ(d->t.conf + 0, 1);
	EXPECT_EQ(d->delivered, 10);
}

TEST_F(opening, O7_unacceptable_ack_is_refused)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 5);

	drive_in(d, &pkt);
	EXPECT_EQ(d->refused, 1);
	EXPECT_EQ(d->t.state, XTCP_SYN_SENT);
}

TEST_F(opening, O8_refused)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	pkt.flags = XTCP_RST | XTCP_ACK;
	pkt.seq = 0;
	drive_in(d, &pkt);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ECONNREFUSED);
}

TEST_F(opening, O8_other_rst_is_dropped)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	pkt.flags = XTCP_RST;	/* no ACK */
	drive_in(d, &pkt);
	pkt = drive_pkt(d, 0, 0, 1);	/* not of our SYN */
	pkt.flags = XTCP_RST | XTCP_ACK;
	drive_in(d, &pkt);
	pkt = drive_pkt(d, 0, 0, 0);	/* not our tag */
	pkt.flags = XTCP_RST | XTCP_ACK;
	pkt.tag ^= 1;
	drive_in(d, &pkt);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->t.state, XTCP_SYN_SENT);
}

TEST_F(opening, D10_error_aborts_only_here)
{
	struct drive *d = &self->d;

	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 500, d->now), NULL);
	EXPECT_FALSE(d->dead);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_ERROR, EHOSTUNREACH, 0, d->now), NULL);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, EHOSTUNREACH);
}

TEST_F(opening, O4_no_sample_when_the_syn_was_repeated)
{
	struct drive *d = &self->d;

	drive_run(d, d->now + 1500 * XTCP_MS);
	EXPECT_EQ(d->t.backoff, 1);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.rtt.srtt, 0);
	EXPECT_EQ(d->t.backoff, 0);
}

TEST_F(opening, O4_window_is_what_the_syn_promised)
{
	struct drive *d = &self->d;
	u32 promised = drive_last(d)->pkt.wnd;

	drive_act(d, xtcp_set_rcvbuf(&d->t, promised / 2, d->now), NULL);
	drive_syn_ack(d, true);
	EXPECT_EQ(drive_last(d)->pkt.wnd, promised);
}

TEST_F(opening, O4_first_window_is_of_segments_that_fit_both)
{
	struct drive *d = &self->d;

	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.cc.cwnd, XTCP_CC_INIT_SEGS * d->t.mss);
}

/* The peer's SYN; stale is added to its tag and SEQ. */
static void syn(struct drive *d, u32 stale)
{
	const struct xtcp_hello hello = { .mss = 700, .tag = DRIVE_PEER_TAG + stale };
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);

	pkt.flags = XTCP_SYN;
	pkt.tag = hello.tag;
	pkt.seq += stale;
	pkt.ack = 0;
	pkt.has = XTCP_HAS_HELLO | XTCP_HAS_TS;
	pkt.ts = 77;
	xtcp_put_hello(d->options, &hello);
	pkt.hello = d->options + 2;	/* body: behind kind and length */
	pkt.hdr += (XTCP_HELLO_LEN + XTCP_COOKIE_LEN + XTCP_TS_LEN) / 8;
	drive_in(d, &pkt);
}

/* A RST with this tag and SEQ relative to the first byte of the peer's stream. */
static u8 rst(struct drive *d, u32 tag, s64 seq)
{
	struct xtcp_pkt pkt = drive_pkt(d, seq, 0, 0);

	pkt.flags = XTCP_RST;
	pkt.tag = tag;
	drive_in(d, &pkt);
	return pkt.drop;
}

static bool is_syn_ack(const struct drive *d, const struct drive_sent *sent, u32 tag)
{
	return sent->pkt.flags == (XTCP_SYN | XTCP_ACK) && sent->pkt.tag == tag &&
	       sent->pkt.seq == d->iss && !(sent->pkt.has & XTCP_HAS_COOKIE);
}

TEST_F(opening, O6_syn_is_answered)
{
	struct drive *d = &self->d;
	struct xtcp_hello hello;

	syn(d, 0);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	ASSERT_EQ(d->sent, 2);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG));
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	EXPECT_EQ(drive_last(d)->pkt.wnd, d->out[0].pkt.wnd);
	EXPECT_EQ(drive_last(d)->pkt.tsecho, 77);
	xtcp_read_hello(&drive_last(d)->pkt, &hello);
	EXPECT_EQ(hello.tag, DRIVE_TAG);
	EXPECT_EQ(hello.mss, d->t.path_mss);
}

TEST_F(opening, O6_answer_is_never_longer_than_the_syn)
{
	const struct xtcp_hello hello = { .mss = 700, .tag = DRIVE_PEER_TAG };
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);

	pkt.flags = XTCP_SYN;
	pkt.tag = hello.tag;
	pkt.has = XTCP_HAS_HELLO;
	xtcp_put_hello(d->options, &hello);
	pkt.hello = d->options + 2;
	pkt.hdr += XTCP_HELLO_LEN / 8;
	drive_in(d, &pkt);
	EXPECT_LE(drive_last(d)->tx.hdr, pkt.hdr * 8);
	pkt.has |= XTCP_HAS_TS;
	pkt.hdr += XTCP_TS_LEN / 8;
	drive_in(d, &pkt);
	ASSERT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_TSECHO);
	EXPECT_LE(drive_last(d)->tx.hdr, pkt.hdr * 8);
}

/* Both SYNs cross, both SYN|ACKs as well. */
TEST_F(opening, O6_syn_ack_opens)
{
	struct drive *d = &self->d;

	d->now += 10 * XTCP_MS;
	syn(d, 0);
	d->now += 10 * XTCP_MS;
	drive_forget(d);
	drive_syn_ack(d, false);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->t.conf + 0, 1);
	EXPECT_EQ(d->t.rtt.srtt, 20 * XTCP_MS);	/* from our SYN on */
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_ACK);
	EXPECT_EQ(drive_seq(d, drive_last(d)), 0);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
	drive_data(d, 0, 10);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	EXPECT_EQ(d->delivered, 10);
	EXPECT_EQ(drive_last(d)->pkt.len, 10);
}

/* The SYN|ACK was lost, its sender's ACK of ours was not. */
TEST_F(opening, O6_bare_ack_opens)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_forget(d);
	drive_ack(d, 0);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->t.conf + 0, 1);
	EXPECT_EQ(d->t.peer_tag, DRIVE_PEER_TAG);
	EXPECT_EQ(d->t.mss, 700);
	EXPECT_EQ(d->t.cc.cwnd, XTCP_CC_INIT_SEGS * 700);
	EXPECT_EQ(d->sent, 0);		/* it is answered no more than any other ACK */
	EXPECT_EQ(d->t.rtt.srtt, 0);	/* which of the two it answers nobody knows */
}

TEST_F(opening, O6_first_data_opens_and_counts)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	syn(d, 0);
	pkt = drive_pkt(d, 0, 10, 0);
	pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
	EXPECT_EQ(d->delivered, 10);
	EXPECT_EQ(d->t.state, XTCP_CLOSE_WAIT);
	drive_run(d, d->now + XTCP_DELACK_MAX);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 11);
}

TEST_F(opening, O6_bare_ack_counts_only_with_the_noted_seq)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	syn(d, 0);
	drive_forget(d);
	pkt = drive_pkt(d, 1, 0, 0);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_WINDOW);
	pkt = drive_pkt(d, -1, 0, 0);
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_WINDOW);
	pkt = drive_pkt(d, 0, 0, -1);	/* nor if it is not of our SYN */
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_OLDACK);
	pkt = drive_pkt(d, 0, 0, 0);	/* nor with another tag */
	pkt.tag ^= 1;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_NOCONN);
	pkt = drive_pkt(d, 0, 10, 0);	/* nor without ACK (D3) */
	pkt.flags = XTCP_PSH;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_FLAGS);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	EXPECT_EQ(d->sent, 0);
}

TEST_F(opening, O6_bare_ack_does_not_open_syn_sent)
{
	struct drive *d = &self->d;

	drive_ack(d, 0);
	EXPECT_EQ(d->t.state, XTCP_SYN_SENT);
}

TEST_F(opening, O6_tsyn_repeats_both)
{
	struct drive *d = &self->d;

	d->now += 10 * XTCP_MS;
	syn(d, 0);
	drive_forget(d);
	drive_run(d, DRIVE_START + XTCP_SYN_RTO_INIT - 1);
	EXPECT_EQ(d->sent, 0);
	drive_run(d, DRIVE_START + XTCP_SYN_RTO_INIT);
	ASSERT_EQ(d->sent, 2);
	EXPECT_TRUE(is_syn_ack(d, &d->out[0], DRIVE_PEER_TAG));
	EXPECT_EQ(d->out[1].pkt.flags, XTCP_SYN);
	EXPECT_EQ(d->out[1].pkt.tag, DRIVE_TAG);
	EXPECT_TRUE(d->out[1].pkt.has & XTCP_HAS_COOKIE);
	drive_run(d, DRIVE_START + 3 * XTCP_SYN_RTO_INIT);
	EXPECT_EQ(d->sent, 4);
}

TEST_F(opening, O6_gives_up_after_180_s)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_forget(d);
	drive_run(d, DRIVE_START + XTCP_OPEN_TIMEOUT);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
	EXPECT_EQ(d->resets, 1);	/* R2: the peer may have opened */
	EXPECT_EQ(d->reset.tag, DRIVE_PEER_TAG);
	EXPECT_TRUE(d->t.events & BIT(XTCP_EV_ATTEMPT_FAIL));
}

TEST_F(opening, O6_transmission_that_failed_is_tried_again)
{
	struct drive *d = &self->d;

	d->err = -ENOBUFS;
	syn(d, 0);
	d->err = 0;
	drive_forget(d);
	drive_run(d, d->now + XTCP_RETRY_DELAY);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG));
}

/* M2: same tag and SEQ: the SYN|ACK again. */
TEST_F(opening, O6_M2_repeated_syn_is_answered_again)
{
	struct drive *d = &self->d;

	syn(d, 0);
	syn(d, 0);
	ASSERT_EQ(d->sent, 3);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG));
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
}

/* F5: a SYN alone, whatever is said about it, opens nothing. */
TEST_F(opening, O6_F5_stale_syn_is_a_hint_that_a_later_one_replaces)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	syn(d, 5);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG + 5));
	drive_in(d, &pkt);	/* of somebody else than the SYN's sender */
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	syn(d, 0);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG));
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	drive_ack(d, 0);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
}

TEST_F(opening, O6_syn_ack_wins_over_the_hint)
{
	struct drive *d = &self->d;

	syn(d, 5);
	drive_syn_ack(d, false);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(drive_last(d)->pkt.tag, DRIVE_PEER_TAG);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	EXPECT_EQ(d->t.mss, MSS + XTCP_TS_LEN);	/* not the hint's */
}

/* The peer is a listener, and the SYN was a stale one. */
TEST_F(opening, O6_cookie_wins_over_the_hint)
{
	struct drive *d = &self->d;

	syn(d, 5);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->t.conf + 0, 0);
	EXPECT_TRUE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
	drive_ack(d, 0);
	EXPECT_EQ(d->t.conf + 0, 1);
	drive_forget(d);
	syn(d, 0);		/* M2 as in any connection of a listener: an ACK */
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_ACK);
}

TEST_F(opening, O6_unacceptable_syn_ack_is_dropped)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_forget(d);
	d->iss++;
	drive_syn_ack(d, false);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	EXPECT_EQ(d->sent + d->refused, 0);
	d->iss--;
}

TEST_F(opening, O6_rst_with_the_noted_tag)
{
	struct drive *d = &self->d;

	syn(d, 0);
	EXPECT_EQ(rst(d, DRIVE_PEER_TAG, -1), XTCP_DROP_RST);	/* R1 */
	EXPECT_EQ(rst(d, DRIVE_PEER_TAG, RCVBUF + 1), XTCP_DROP_RST);
	EXPECT_EQ(rst(d, DRIVE_PEER_TAG + 1, 0), XTCP_DROP_RST);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	EXPECT_EQ(rst(d, DRIVE_PEER_TAG, 0), XTCP_DROP_NONE);
	EXPECT_EQ(d->t.state, XTCP_SYN_SENT);
	EXPECT_FALSE(d->dead);
	drive_forget(d);
	drive_run(d, DRIVE_START + XTCP_SYN_RTO_INIT);
	ASSERT_EQ(d->sent, 1);		/* our SYN alone */
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_SYN);
	EXPECT_EQ(drive_last(d)->pkt.wnd, RCVBUF);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
}

/* R1, R2: who knows our tag has got our SYN and gives up. */
TEST_F(opening, O6_rst_with_our_tag)
{
	struct drive *d = &self->d;

	syn(d, 0);
	EXPECT_EQ(rst(d, DRIVE_TAG, -1), XTCP_DROP_RST);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(rst(d, DRIVE_TAG, 0), XTCP_DROP_NONE);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ECONNRESET);
}

/* The noted SYN was a stale one, and our own has met nobody: R4's RST, of SEQ 0. */
TEST_F(opening, O6_O8_refused)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;

	syn(d, 5);
	pkt = drive_pkt(d, 0, 0, 0);
	pkt.seq -= BIT_ULL(40);	/* 0, and not by chance in the window */
	pkt.flags = XTCP_RST;	/* no ACK */
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_RST);
	pkt.flags = XTCP_RST | XTCP_ACK;
	pkt.ack--;		/* not of our SYN */
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_RST);
	pkt.ack++;
	pkt.tag = d->t.peer_tag;	/* not our tag: anybody can have seen the noted one */
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_RST);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	pkt.tag = DRIVE_TAG;
	drive_in(d, &pkt);
	EXPECT_EQ(pkt.drop, XTCP_DROP_NONE);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ECONNREFUSED);
	EXPECT_EQ(d->resets, 0);	/* R3 */
}

TEST_F(opening, O6_R2_abort)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_act(d, xtcp_close(&d->t, false, true, d->now), NULL);
	EXPECT_TRUE(d->dead);
	ASSERT_EQ(d->resets, 1);
	EXPECT_EQ(d->reset.tag, DRIVE_PEER_TAG);
	EXPECT_EQ(d->reset.seq, d->iss + 1);
	EXPECT_EQ(d->reset.ack, d->irs + 1);
}

TEST_F(opening, O6_R2_xtcp_abort)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_act(d, xtcp_abort(&d->t, ECONNABORTED, d->now), NULL);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 1);
	EXPECT_EQ(d->t.err, ECONNABORTED);
}

TEST_F(opening, O6_C1_shutdown_waits_for_the_opening)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_forget(d);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	EXPECT_EQ(d->sent, 0);
	drive_syn_ack(d, false);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	drive_data(d, 0, 10);
	EXPECT_EQ(d->delivered, 10);	/* F7 */
	drive_ack(d, 1);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_2);
}

TEST_F(opening, O6_C1_close_waits_for_the_opening)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	EXPECT_FALSE(d->dead);
	EXPECT_EQ(d->t.state, XTCP_SYN_RECEIVED);
	drive_ack(d, 0);
	EXPECT_EQ(d->t.state, XTCP_FIN_WAIT_1);
	EXPECT_TRUE(drive_last(d)->pkt.flags & XTCP_FIN);
	EXPECT_EQ(d->resets, 0);
}

TEST_F(opening, O6_C5_orphan_that_does_not_open)
{
	struct drive *d = &self->d;

	syn(d, 0);
	d->now += XTCP_SEC;
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	drive_run(d, DRIVE_START + XTCP_SEC + XTCP_ORPHAN_TIMEOUT - 1);
	EXPECT_FALSE(d->dead);
	drive_run(d, DRIVE_START + XTCP_SEC + XTCP_ORPHAN_TIMEOUT);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->resets, 1);
}

TEST_F(opening, O6_C1_orphan_does_not_go_back_to_syn_sent)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	rst(d, DRIVE_PEER_TAG, 0);
	EXPECT_TRUE(d->dead);
}

/*
 * M2: the peer may be back in SYN-SENT, where only a SYN|ACK opens: the
 * duplicate of its SYN is answered with one, whatever was sent meanwhile.
 */
TEST_F(opening, O6_M2_established_repeats_its_syn_ack)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_ack(d, 0);
	drive_write(d, 10, XTCP_WRITE_PUSH);
	drive_forget(d);
	syn(d, 0);
	ASSERT_EQ(d->sent, 1);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG));
	EXPECT_EQ(drive_acks(d, drive_last(d)), 0);
	drive_forget(d);
	syn(d, 5);		/* another one: challenged */
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_ACK);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
}

/* O5: the peer's SYN|ACK again: our ACK was lost. There is no cookie to echo. */
TEST_F(opening, O6_O5_syn_ack_again_is_acknowledged)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_syn_ack(d, false);
	drive_forget(d);
	drive_syn_ack(d, false);
	ASSERT_EQ(d->sent, 1);
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_ACK);
	EXPECT_FALSE(drive_last(d)->pkt.has & XTCP_HAS_COOKIE);
}

/* The SYN|ACK pays for no ACK that is owed: an open peer does not look at it. */
TEST_F(opening, O6_syn_ack_does_not_replace_an_ack)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_ack(d, 0);
	drive_data(d, 0, 10);
	drive_forget(d);
	syn(d, 0);
	EXPECT_TRUE(is_syn_ack(d, drive_last(d), DRIVE_PEER_TAG));
	drive_run(d, d->now + XTCP_SEC);
	EXPECT_EQ(drive_last(d)->pkt.flags, XTCP_ACK);
	EXPECT_EQ(drive_acks(d, drive_last(d)), 10);
}

TEST_F(opening, O6_D10_error_is_soft)
{
	struct drive *d = &self->d;

	syn(d, 0);
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_ERROR, ECONNREFUSED, 0, d->now), NULL);
	EXPECT_FALSE(d->dead);
}

/* connect() to oneself: one TCB is both ends, as with TCP. */
TEST_F(opening, O6_with_itself)
{
	struct drive *d = &self->d;
	struct xtcp_pkt pkt;
	u32 i;

	d->irs = d->iss;
	for (i = 0; i < d->sent; i++) {
		pkt = d->out[i].pkt;
		pkt.wire = 1;
		drive_in(d, &pkt);
		ASSERT_LT(d->sent, 10);
	}
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->sent, 3);
	drive_write(d, 100, XTCP_WRITE_PUSH);
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	for (; i < d->sent && !d->dead; i++) {
		pkt = d->out[i].pkt;
		pkt.wire = 1;
		drive_in(d, &pkt);
		ASSERT_LT(d->sent, 10);
	}
	EXPECT_EQ(d->delivered, 100);
	EXPECT_TRUE(d->timewait);
}

TEST_F(opening, D10_too_big_is_nothing_to_a_syn)
{
	struct drive *d = &self->d;
	u32 mss = d->t.mss;

	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_TOO_BIG, EMSGSIZE, 500, d->now), NULL);
	EXPECT_EQ(d->t.mss, mss);
	EXPECT_EQ(d->sent, 1);
}

TEST_F(opening, O4_mss_under_512_is_read_as_512)
{
	const struct xtcp_hello hello = { .mss = 100, .tag = DRIVE_PEER_TAG };
	struct drive *d = &self->d;
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);

	pkt.flags |= XTCP_SYN;
	pkt.has = XTCP_HAS_HELLO;
	xtcp_put_hello(d->options, &hello);
	pkt.hello = d->options + 2;
	drive_in(d, &pkt);
	EXPECT_EQ(d->t.mss, 512);
	/* The first window is of segments that fit both. */
	EXPECT_EQ(d->t.cc.cwnd, XTCP_CC_INIT_SEGS * 512);
}

TEST_HARNESS_MAIN
