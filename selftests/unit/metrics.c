// SPDX-License-Identifier: GPL-2.0
/* What connections leave behind for later ones (RFC 9040; O1, D9, D10). */
#include <kselftest_harness.h>

#include <xtcp/metrics.h>

#include "drive.h"

#define MSS	1400U
#define RCVBUF	65536U
#define LIFE	(3600 * XTCP_SEC)

FIXTURE(metrics)
{
	struct drive d;
	struct xtcp_metrics m;
};

FIXTURE_SETUP(metrics)
{
	drive_init(&self->d, MSS, RCVBUF);
}

FIXTURE_TEARDOWN(metrics)
{
	drive_end(&self->d);
}

/* A path with such a round trip, measured just now. */
static void known(struct xtcp_metrics *m, const struct drive *d, u64 srtt, u64 var)
{
	m->at = d->now;
	m->srtt = srtt;
	m->var = var;
}

static void recall(const struct xtcp_metrics *m, struct drive *d, enum xtcp_recall what)
{
	xtcp_metrics_recall(m, &d->t, d->now, LIFE, what);
}

/* A connection that has measured this. */
static void measured(struct drive *d, u64 srtt, u64 var)
{
	d->t.rtt.srtt = srtt;
	d->t.rtt.var = var;
}

static void learn(struct xtcp_metrics *m, const struct drive *d)
{
	xtcp_metrics_learn(m, &d->t, d->now, LIFE);
}

static void connect(struct drive *d)
{
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
}

static u64 waited(const struct drive *d, u32 i)
{
	return d->out[i].at - d->out[i - 1].at;
}

TEST_F(metrics, O1_unknown_path_waits_a_second)
{
	recall(&self->m, &self->d, XTCP_RECALL_ALL);
	connect(&self->d);
	EXPECT_EQ(self->d.t.deadline[XTCP_T_SYN], self->d.now + XTCP_SEC);
	EXPECT_EQ(self->d.t.rtt.srtt, 0);
}

TEST_F(metrics, O1_known_path_starts_from_what_was_measured)
{
	struct drive *d = &self->d;
	u64 now = d->now;

	known(&self->m, d, 100 * XTCP_MS, 5 * XTCP_MS);
	recall(&self->m, d, XTCP_RECALL_PATH);
	connect(d);
	drive_run(d, now + 2200 * XTCP_MS);
	ASSERT_EQ(d->sent, 4);
	EXPECT_EQ(waited(d, 1), 300 * XTCP_MS);		/* as after a first sample */
	EXPECT_EQ(waited(d, 2), 600 * XTCP_MS);
	EXPECT_EQ(waited(d, 3), 1200 * XTCP_MS);
}

TEST_F(metrics, O1_a_syn_waits_100_ms_at_least)
{
	known(&self->m, &self->d, XTCP_MS, XTCP_MS / 2);
	recall(&self->m, &self->d, XTCP_RECALL_PATH);
	EXPECT_EQ(self->d.t.rtt.rto, 41 * XTCP_MS);
	connect(&self->d);
	EXPECT_EQ(self->d.t.deadline[XTCP_T_SYN], self->d.now + 100 * XTCP_MS);
}

TEST_F(metrics, O1_and_3_s_at_most)
{
	known(&self->m, &self->d, 20 * XTCP_SEC, XTCP_SEC);
	recall(&self->m, &self->d, XTCP_RECALL_PATH);
	connect(&self->d);
	EXPECT_EQ(self->d.t.deadline[XTCP_T_SYN], self->d.now + 3 * XTCP_SEC);
}

TEST_F(metrics, O1_a_large_variance_counts)
{
	known(&self->m, &self->d, 100 * XTCP_MS, 100 * XTCP_MS);
	recall(&self->m, &self->d, XTCP_RECALL_PATH);
	EXPECT_EQ(self->d.t.rtt.rto, 500 * XTCP_MS);
}

TEST_F(metrics, off_old_and_unknown_are_not_used)
{
	struct drive *d = &self->d;

	known(&self->m, d, 100 * XTCP_MS, 5 * XTCP_MS);
	recall(&self->m, d, XTCP_RECALL_NOTHING);
	EXPECT_EQ(d->t.rtt.rto, XTCP_RTO_INIT);
	d->now += LIFE;
	EXPECT_FALSE(xtcp_metrics_fresh(&self->m, d->now, LIFE));
	recall(&self->m, d, XTCP_RECALL_ALL);
	EXPECT_EQ(d->t.rtt.rto, XTCP_RTO_INIT);
	d->now--;
	recall(&self->m, d, XTCP_RECALL_ALL);
	EXPECT_EQ(d->t.rtt.rto, 300 * XTCP_MS);
}

TEST_F(metrics, O1_as_patient_as_on_an_unknown_path)
{
	struct drive *d = &self->d;
	u64 now = d->now;

	known(&self->m, d, 10 * XTCP_MS, XTCP_MS);
	recall(&self->m, d, XTCP_RECALL_PATH);
	d->t.tune.syn_retries = 2;		/* 1 + 2 + 4 s */
	connect(d);
	drive_run(d, now + 7 * XTCP_SEC - 1);
	EXPECT_EQ(d->t.state, XTCP_SYN_SENT);
	EXPECT_EQ(d->sent, 7);			/* 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 */
	drive_run(d, now + 7 * XTCP_SEC);
	EXPECT_TRUE(d->dead);
	EXPECT_EQ(d->t.err, ETIMEDOUT);
}

TEST_F(metrics, RFC6298_5_7_a_path_that_did_not_answer_in_time_is_doubted)
{
	struct drive *d = &self->d;

	known(&self->m, d, 100 * XTCP_MS, 5 * XTCP_MS);
	recall(&self->m, d, XTCP_RECALL_PATH);
	connect(d);
	drive_run(d, d->now + 350 * XTCP_MS);
	EXPECT_EQ(d->sent, 2);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.state, XTCP_ESTABLISHED);
	EXPECT_EQ(d->t.rtt.srtt, 0);
	EXPECT_EQ(d->t.rtt.rto, 600 * XTCP_MS);
}

TEST_F(metrics, RFC6298_5_7_but_not_more_than_an_unknown_one)
{
	struct drive *d = &self->d;

	known(&self->m, d, 100 * XTCP_MS, 5 * XTCP_MS);
	recall(&self->m, d, XTCP_RECALL_PATH);
	connect(d);
	drive_run(d, d->now + 1000 * XTCP_MS);
	EXPECT_EQ(d->sent, 3);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.rtt.rto, XTCP_RTO_INIT);
}

TEST_F(metrics, the_first_sample_replaces_it)
{
	struct drive *d = &self->d;

	known(&self->m, d, 400 * XTCP_MS, 400 * XTCP_MS);
	recall(&self->m, d, XTCP_RECALL_PATH);
	connect(d);
	drive_run(d, d->now + 20 * XTCP_MS);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.rtt.srtt, 20 * XTCP_MS);
	EXPECT_EQ(d->t.rtt.rto, 60 * XTCP_MS);
}

TEST_F(metrics, longer_at_once_shorter_by_and_by)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	measured(d, 80 * XTCP_MS, 8 * XTCP_MS);
	learn(m, d);
	EXPECT_EQ(m->srtt, 80 * XTCP_MS);
	EXPECT_EQ(m->var, 8 * XTCP_MS);
	measured(d, 40 * XTCP_MS, 4 * XTCP_MS);
	learn(m, d);
	EXPECT_EQ(m->srtt, 70 * XTCP_MS);
	EXPECT_EQ(m->var, 7 * XTCP_MS);
	measured(d, 200 * XTCP_MS, XTCP_MS);
	learn(m, d);
	EXPECT_EQ(m->srtt, 200 * XTCP_MS);
	EXPECT_EQ(m->at, d->now);
}

TEST_F(metrics, what_is_old_does_not_count_any_more)
{
	struct drive *d = &self->d;

	measured(d, 800 * XTCP_MS, XTCP_MS);
	learn(&self->m, d);
	d->now += LIFE;
	measured(d, 40 * XTCP_MS, 4 * XTCP_MS);
	learn(&self->m, d);
	EXPECT_EQ(self->m.srtt, 40 * XTCP_MS);
}

/* A connection told what it knew a moment later, on another processor, and was sooner here. */
TEST_F(metrics, a_clock_reading_that_was_overtaken_forgets_nothing)
{
	struct drive *d = &self->d;

	connect(d);
	known(&self->m, d, 20 * XTCP_MS, XTCP_MS);
	self->m.at += 10 * XTCP_US;
	self->m.mtu_at = self->m.at;
	self->m.ssthresh = 50000;
	self->m.path_mss = 1000;
	self->m.route_mss = MSS;
	measured(d, 10 * XTCP_MS, XTCP_MS);
	EXPECT_EQ(0, xtcp_metrics_age(&self->m, d->now));
	EXPECT_TRUE(xtcp_metrics_fresh(&self->m, d->now, LIFE));
	EXPECT_FALSE(xtcp_metrics_news(&self->m, &d->t, d->now));
	learn(&self->m, d);
	EXPECT_EQ(d->now + 10 * XTCP_US, self->m.at);
	EXPECT_EQ(50000, self->m.ssthresh);
	EXPECT_EQ(1000, self->m.path_mss);
	EXPECT_LT(15 * XTCP_MS, self->m.srtt);
}

TEST_F(metrics, news)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	EXPECT_FALSE(xtcp_metrics_news(m, &d->t, d->now));	/* no sample */
	measured(d, 80 * XTCP_MS, 8 * XTCP_MS);
	EXPECT_TRUE(xtcp_metrics_news(m, &d->t, d->now));
	learn(m, d);
	EXPECT_FALSE(xtcp_metrics_news(m, &d->t, d->now + XTCP_METRICS_GAP - 1));
	EXPECT_TRUE(xtcp_metrics_news(m, &d->t, d->now + XTCP_METRICS_GAP));
	measured(d, 80 * XTCP_MS + 1, 8 * XTCP_MS);
	EXPECT_TRUE(xtcp_metrics_news(m, &d->t, d->now));
	measured(d, 80 * XTCP_MS, 8 * XTCP_MS);
	xtcp_set_path_mss(&d->t, MSS - 200);
	EXPECT_TRUE(xtcp_metrics_news(m, &d->t, d->now));
	/* whose segments are not acknowledged knows nothing */
	d->t.backoff = 1;
	EXPECT_FALSE(xtcp_metrics_news(m, &d->t, d->now));
	memset(m, 0, sizeof(*m));
	learn(m, d);
	EXPECT_EQ(m->at, 0);
}

TEST_F(metrics, ssthresh)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	measured(d, 80 * XTCP_MS, 8 * XTCP_MS);
	learn(m, d);
	EXPECT_EQ(m->ssthresh, 0);	/* none was found */
	d->t.cc.ssthresh = 40 * MSS;
	d->t.cc.cwnd = 50 * MSS;
	d->t.stat.bytes_acked = 160 * MSS - 1;
	learn(m, d);
	EXPECT_EQ(m->ssthresh, 0);	/* not long enough */
	d->t.stat.bytes_acked++;
	learn(m, d);
	EXPECT_EQ(m->ssthresh, 40 * MSS);
	d->t.cc.cwnd = 120 * MSS;
	learn(m, d);
	EXPECT_EQ(m->ssthresh, 60 * MSS);
	d->t.cc.cwnd = 20 * MSS;
	d->t.cc.ssthresh = 20 * MSS;
	learn(m, d);
	EXPECT_EQ(m->ssthresh, 50 * MSS);
	d->t.recovery = 1;
	learn(m, d);
	EXPECT_EQ(m->ssthresh, 50 * MSS);
}

TEST_F(metrics, ssthresh_only_when_wanted)
{
	struct drive *d = &self->d;

	known(&self->m, d, 10 * XTCP_MS, XTCP_MS);
	self->m.ssthresh = 40 * MSS;
	recall(&self->m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.known_ssthresh, 0);
	recall(&self->m, d, XTCP_RECALL_ALL);
	connect(d);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.cc.ssthresh, 40 * MSS);
	EXPECT_EQ(d->t.cc.cwnd, XTCP_CC_INIT_SEGS * MSS);
}

TEST_F(metrics, ssthresh_not_below_the_first_window)
{
	struct drive *d = &self->d;

	known(&self->m, d, 10 * XTCP_MS, XTCP_MS);
	self->m.ssthresh = 2 * MSS;
	recall(&self->m, d, XTCP_RECALL_ALL);
	connect(d);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.cc.ssthresh, XTCP_CC_INIT_SEGS * MSS);
}

TEST_F(metrics, D10_a_narrow_path_is_known)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	measured(d, 10 * XTCP_MS, XTCP_MS);
	learn(m, d);
	EXPECT_EQ(m->path_mss, 0);	/* as the route says: nothing to know */
	xtcp_set_path_mss(&d->t, 1168);
	d->t.pmtu.failed = 1300;
	d->t.pmtu.next_at = d->now + 5 * XTCP_SEC;
	learn(m, d);
	EXPECT_EQ(m->path_mss, 1168);
	EXPECT_EQ(m->route_mss, MSS);

	drive_end(d);
	drive_init(d, MSS, RCVBUF);
	d->now += XTCP_SEC;
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, 1168);
	EXPECT_EQ(d->t.mss, 1168);
	EXPECT_EQ(d->t.pmtu.route, MSS);
	EXPECT_EQ(d->t.pmtu.failed, 1300);
	EXPECT_EQ(d->t.pmtu.next_at, m->probe_at);
	EXPECT_EQ(xtcp_hello_mss(&d->t), MSS);
	connect(d);
	drive_syn_ack(d, true);
	EXPECT_EQ(d->t.path_mss, 1168);
}

TEST_F(metrics, D10_what_is_taken_over_grows_old)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;
	u64 found = d->now;

	measured(d, 10 * XTCP_MS, XTCP_MS);
	xtcp_set_path_mss(&d->t, 1168);
	learn(m, d);
	d->now += LIFE - 1;
	learn(m, d);
	EXPECT_EQ(m->at, d->now);
	EXPECT_EQ(m->mtu_at, found);
	EXPECT_EQ(m->path_mss, 1168);
	d->now++;
	drive_end(d);
	drive_init(d, MSS, RCVBUF);
	d->now = found + LIFE;
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, MSS);
	measured(d, 10 * XTCP_MS, XTCP_MS);
	learn(m, d);
	EXPECT_EQ(m->path_mss, 0);
}

TEST_F(metrics, D10_a_path_found_to_be_wide_is_not_narrow)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	measured(d, 10 * XTCP_MS, XTCP_MS);
	xtcp_set_path_mss(&d->t, 1168);
	learn(m, d);
	/* one that knows nothing of it does not change that */
	xtcp_set_path_mss(&d->t, MSS);
	learn(m, d);
	EXPECT_EQ(m->path_mss, 1168);
	d->t.pmtu.passed = MSS;
	learn(m, d);
	EXPECT_EQ(m->path_mss, MSS);
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, MSS);
}

TEST_F(metrics, D10_route_and_setting_have_the_last_word)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	known(m, d, 10 * XTCP_MS, XTCP_MS);
	m->mtu_at = d->now;
	m->path_mss = 1168;
	m->route_mss = MSS;
	m->failed = MSS;
	m->probe_at = d->now + XTCP_SEC;

	d->t.tune.mtu_probing = XTCP_PROBING_OFF;
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, MSS);
	d->t.tune.mtu_probing = XTCP_PROBING_LATER;
	xtcp_set_route_mss(&d->t, 1100, d->now);
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, 1100);
	/* on another route the search begins at once */
	xtcp_set_route_mss(&d->t, 1300, d->now);
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, 1168);
	EXPECT_EQ(d->t.pmtu.failed, 0);
	EXPECT_EQ(d->t.pmtu.next_at, d->now);
}

TEST_F(metrics, D10_a_path_searched_before_is_not_searched_again)
{
	struct drive *d = &self->d;
	struct xtcp_metrics *m = &self->m;

	d->t.tune.mtu_probing = XTCP_PROBING_ALWAYS;
	xtcp_set_route_mss(&d->t, MSS, d->now);
	EXPECT_EQ(d->t.path_mss, XTCP_SAFE_LEN - XTCP_HDR_LEN);
	known(m, d, 10 * XTCP_MS, XTCP_MS);
	m->mtu_at = d->now;
	m->path_mss = MSS;
	m->route_mss = MSS;
	recall(m, d, XTCP_RECALL_PATH);
	EXPECT_EQ(d->t.path_mss, MSS);
}

TEST_HARNESS_MAIN
