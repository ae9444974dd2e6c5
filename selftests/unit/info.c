// SPDX-License-Identifier: GPL-2.0
/* xtcp_info: what a program or an operator sees. */
#include <stdlib.h>

#include <kselftest_harness.h>

#include <xtcp/info.h>

#include "drive.h"

#define PATH	1008U
#define RCVBUF	65536U

FIXTURE(info)
{
	struct drive d;
	struct xtcp_info info;
};

FIXTURE_SETUP(info)
{
	drive_open(&self->d, PATH, RCVBUF);
	memset(&self->info, 0, sizeof(self->info));
}

FIXTURE_TEARDOWN(info)
{
	drive_end(&self->d);
}

TEST_F(info, fresh_connection)
{
	struct xtcp_info *i = &self->info;
	struct drive *d = &self->d;

	xtcp_fill_info(&d->t, d->now, i);
	EXPECT_EQ(i->xtcpi_state, XTCP_ESTABLISHED);
	EXPECT_EQ(i->xtcpi_confirmed, 1);
	EXPECT_EQ(i->xtcpi_tag, DRIVE_TAG);
	EXPECT_EQ(i->xtcpi_peer_tag, DRIVE_PEER_TAG);
	EXPECT_EQ(i->xtcpi_mss, PATH);
	EXPECT_EQ(i->xtcpi_peer_mss, 65000);
	EXPECT_EQ(i->xtcpi_ssthresh, 0);
	EXPECT_EQ(i->xtcpi_cwnd, XTCP_CC_INIT_SEGS * PATH);
	EXPECT_EQ(i->xtcpi_rcv_wnd, RCVBUF);
	EXPECT_EQ(i->xtcpi_snd_wnd, DRIVE_WND);
	EXPECT_EQ(i->xtcpi_timer, 0);
	EXPECT_STREQ(i->xtcpi_cc, "reno");
}

/* Microseconds, within the millionth that the division-free conversion allows. */
TEST_F(info, times_are_microseconds)
{
	static const u64 us[] = { 1000, 123456, 60000000, 7200000000ULL };
	struct xtcp_info *i = &self->info;
	struct drive *d = &self->d;
	u32 n;

	for (n = 0; n < ARRAY_SIZE(us); n++) {
		d->t.rtt.srtt = us[n] * XTCP_US;
		xtcp_fill_info(&d->t, d->now, i);
		EXPECT_GE(i->xtcpi_rtt, us[n] - us[n] / 500000 - 2);
		EXPECT_LE(i->xtcpi_rtt, us[n] + us[n] / 500000 + 2);
	}
}

TEST_F(info, queues_and_counters)
{
	struct xtcp_info *i = &self->info;
	struct drive *d = &self->d;

	d->t.snd.edge = d->t.snd.nxt + 3000;
	d->wnd = 3000;
	drive_write(d, 5000, XTCP_WRITE_PUSH);
	drive_data(d, 100, 50);
	xtcp_fill_info(&d->t, d->now, i);
	EXPECT_EQ(i->xtcpi_unacked, d->t.snd.nxt - d->t.snd.una);
	EXPECT_EQ(i->xtcpi_unacked + i->xtcpi_notsent, 5000);
	EXPECT_EQ(i->xtcpi_bytes_sent, i->xtcpi_unacked);
	EXPECT_EQ(i->xtcpi_data_segs_out, 3);
	EXPECT_EQ(i->xtcpi_ooo, 50);
	EXPECT_EQ(i->xtcpi_rcv_ooo, 1);
	EXPECT_GT(i->xtcpi_timer, 0);
	drive_data(d, 0, 100);
	drive_ack(d, 1000);
	xtcp_fill_info(&d->t, d->now, i);
	EXPECT_EQ(i->xtcpi_bytes_received, 150);
	EXPECT_EQ(i->xtcpi_bytes_acked, 1000);
	EXPECT_EQ(i->xtcpi_ooo, 0);
}

TEST_F(info, rates)
{
	struct xtcp_info *i = &self->info;
	struct drive *d = &self->d;

	xtcp_fill_info(&d->t, d->now, i);
	EXPECT_EQ(i->xtcpi_pacing_rate, 0);
	EXPECT_EQ(i->xtcpi_delivery_rate, 0);
	d->t.pace.limit = 12345;
	drive_write(d, 1000, XTCP_WRITE_PUSH);
	d->now += 10 * XTCP_MS;
	drive_ack(d, 1000);
	xtcp_fill_info(&d->t, d->now, i);
	EXPECT_EQ(i->xtcpi_pacing_rate, 12345);
	EXPECT_EQ(i->xtcpi_delivery_rate, 100000);
	EXPECT_EQ(i->xtcpi_delivery_limited, 1);
}

TEST_F(info, retransmissions)
{
	struct xtcp_info *i = &self->info;
	struct drive *d = &self->d;

	drive_write(d, 1000, XTCP_WRITE_PUSH);
	drive_run(d, d->now + d->t.rtt.rto);
	xtcp_fill_info(&d->t, d->now, i);
	EXPECT_EQ(i->xtcpi_retrans, 1);
	EXPECT_EQ(i->xtcpi_timeouts, 1);
	EXPECT_EQ(i->xtcpi_backoff, 1);
	EXPECT_EQ(i->xtcpi_bytes_retrans, 1000);
	EXPECT_EQ(i->xtcpi_bytes_sent, 2000);
	EXPECT_EQ(i->xtcpi_recovery, 1);
}

TEST_F(info, no_peer_yet)
{
	struct drive *d = calloc(1, sizeof(*d));

	ASSERT_NE(d, NULL);
	drive_connect(d, PATH, RCVBUF);
	xtcp_fill_info(&d->t, d->now, &self->info);
	EXPECT_EQ(self->info.xtcpi_state, XTCP_SYN_SENT);
	EXPECT_EQ(self->info.xtcpi_peer_mss, 0);
	EXPECT_EQ(self->info.xtcpi_min_rtt, 0);
	drive_end(d);
	free(d);
}

TEST_HARNESS_MAIN
