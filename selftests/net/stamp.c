// SPDX-License-Identifier: GPL-2.0
/* Times of packets: SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "kselftest_harness.h"
#include "transport.h"

TRANSPORT_FIXTURE(stamp)
TRANSPORT_SECOND_DOOR(stamp);

/* The control messages of one recvmsg(). */
struct received {
	struct timespec ts[3];		/* SCM_TIMESTAMPING, or the first of other forms */
	int type;			/* of the message; 0: none */
	int messages;
};

static uint64_t ns_of(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000ULL + ts->tv_nsec;
}

static uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ns_of(&ts);
}

static ssize_t receive(int fd, size_t len, int flags, struct received *got)
{
	union { char buf[512]; struct cmsghdr align; } control;
	static char data[100000];
	struct iovec iov = { data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, flags);
	struct cmsghdr *cmsg;

	*got = (struct received){ .type = 0 };
	for (cmsg = CMSG_FIRSTHDR(&msg); n >= 0 && cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		struct timeval tv;

		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		got->messages++;
		got->type = cmsg->cmsg_type;
		if (got->type == SO_TIMESTAMP) {
			memcpy(&tv, CMSG_DATA(cmsg), sizeof(tv));
			got->ts[0] = (struct timespec){ tv.tv_sec, tv.tv_usec * 1000 };
		} else if (got->type == SO_TIMESTAMPNS) {
			memcpy(got->ts, CMSG_DATA(cmsg), sizeof(got->ts[0]));
		} else if (got->type == SO_TIMESTAMPING) {
			memcpy(got->ts, CMSG_DATA(cmsg), sizeof(got->ts));
		}
	}
	return n;
}

TEST_F(stamp, nobody_has_asked)
{
	struct received got;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(1, receive(fd[1], 1, 0, &got));
	EXPECT_EQ(0, got.messages);
}

TEST_F(stamp, when_it_came)
{
	static const int names[] = { SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING };
	struct received got;
	uint64_t before;
	int fd[2];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ASSERT_EQ(0, transport_pair(self->t, fd));
		ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, names[i], names[i] == SO_TIMESTAMPING ?
				     SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE : 1));
		usleep(10000);		/* the switch in the kernel is thrown by a work queue */
		before = real_ns() - 1000;
		ASSERT_EQ(3, send(fd[0], "abc", 3, 0));
		ASSERT_LT(0, wait_for(fd[1], POLLIN));
		usleep(100000);
		ASSERT_EQ(1, receive(fd[1], 1, MSG_PEEK, &got));
		EXPECT_EQ(1, got.messages);
		ASSERT_EQ(2, receive(fd[1], 2, 0, &got));
		ASSERT_EQ(1, got.messages);
		EXPECT_EQ(names[i], got.type);
		EXPECT_LE(before, ns_of(&got.ts[0]));
		/* when it came, not when it was read */
		EXPECT_GT(real_ns() - 90000000, ns_of(&got.ts[0]));
		EXPECT_EQ(0U, ns_of(&got.ts[2]));
		/* none at the end of the stream */
		ASSERT_EQ(1, receive(fd[1], 1, 0, &got));
		close(fd[0]);
		ASSERT_EQ(0, receive(fd[1], 1, 0, &got));
		EXPECT_EQ(0, got.messages);
		close(fd[1]);
	}
}

/* Of what came in several packets it is the last byte's. */
TEST_F(stamp, of_the_last_byte)
{
	struct received got;
	uint64_t between;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_TIMESTAMPNS, 1));
	usleep(10000);
	ASSERT_EQ(1, send(fd[0], "a", 1, 0));
	ASSERT_LT(0, wait_for(fd[1], POLLIN));
	usleep(50000);
	between = real_ns();
	usleep(50000);
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVLOWAT, 2));
	ASSERT_EQ(1, send(fd[0], "b", 1, 0));
	ASSERT_LT(0, wait_for(fd[1], POLLIN));
	ASSERT_EQ(2, receive(fd[1], 2, 0, &got));
	ASSERT_EQ(1, got.messages);
	EXPECT_LT(between, ns_of(&got.ts[0]));
}

TEST_F(stamp, a_flag_that_asks_for_reports)
{
	struct received got;
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	/* made, but not reported */
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE));
	usleep(10000);
	ASSERT_EQ(1, send(fd[0], "a", 1, 0));
	ASSERT_EQ(1, receive(fd[1], 1, 0, &got));
	EXPECT_EQ(0, got.messages);
}

/* What the error queue tells of sending: of each kind, the number of the last byte told of. */
struct sent {
	int32_t last[3];	/* SCM_TSTAMP_SND, _SCHED, _ACK */
	uint64_t at[3];
	int others;
	int device;			/* of IP_PKTINFO with the last one; 0: none */
};

static int reap(const struct transport *t, int fd, struct sent *sent)
{
	union { char buf[512]; struct cmsghdr align; } control;
	struct msghdr msg = { .msg_control = &control, .msg_controllen = sizeof(control) };
	bool v4 = t->family == AF_INET;
	size_t offender = v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	struct sock_extended_err ee = { 0 };
	struct timespec ts[3] = { { 0 } };
	struct cmsghdr *cmsg;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		return -1;
	sent->device = 0;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SO_TIMESTAMPING)
			memcpy(ts, CMSG_DATA(cmsg), sizeof(ts));
		else if (cmsg->cmsg_level == (v4 ? SOL_IP : SOL_IPV6) &&
			 cmsg->cmsg_type == (v4 ? IP_RECVERR : IPV6_RECVERR) &&
			 cmsg->cmsg_len == CMSG_LEN(sizeof(ee) + offender))
			memcpy(&ee, CMSG_DATA(cmsg), sizeof(ee));
		else if (cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_PKTINFO)
			sent->device = ((struct in_pktinfo *)CMSG_DATA(cmsg))->ipi_ifindex;
		else if (cmsg->cmsg_level == SOL_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO)
			sent->device = ((struct in6_pktinfo *)CMSG_DATA(cmsg))->ipi6_ifindex;
	}
	if (ee.ee_errno != ENOMSG || ee.ee_origin != SO_EE_ORIGIN_TIMESTAMPING || ee.ee_info > 2) {
		sent->others++;
		return 0;
	}
	sent->last[ee.ee_info] = ee.ee_data;
	sent->at[ee.ee_info] = ns_of(&ts[0]);
	return 0;
}

TEST_F(stamp, when_it_was_sent)
{
	static const int flags = SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE |
				 SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |
				 SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
	static const int parts[] = { 10, 5, 30000, 30000 };
	static char data[30000];
	struct sent sent;
	int fd[2], at = 0;
	uint64_t before;
	size_t i, k;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	/* what is written before counts for nothing */
	ASSERT_EQ(7, send(fd[0], data, 7, 0));
	ASSERT_EQ(0, read_all(fd[1], data, 7));
	ASSERT_EQ(1, send(fd[1], data, 1, 0));
	ASSERT_EQ(0, read_all(fd[0], data, 1));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TIMESTAMPING, flags));
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		sent = (struct sent){ { -1, -1, -1 }, { 0 }, 0, 0 };
		/* once as one packet, once as several */
		if (i == 3)
			system("ethtool -K lo tx-sctp-segmentation off > /dev/null 2>&1");
		before = real_ns() - 1000;
		ASSERT_EQ(parts[i], send(fd[0], data, parts[i], 0));
		ASSERT_EQ(0, read_all(fd[1], data, parts[i]));
		at += parts[i];
		while (sent.last[0] < 0 || sent.last[1] < 0 || sent.last[2] < 0) {
			ASSERT_LT(0, wait_for(fd[0], 0));
			ASSERT_EQ(0, reap(self->t, fd[0], &sent));
		}
		for (k = 0; k < 3; k++) {
			EXPECT_EQ(at - 1, sent.last[k]) TH_LOG("kind %zu", k);
			EXPECT_LE(before, sent.at[k]) TH_LOG("kind %zu", k);
		}
		EXPECT_EQ(0, sent.others);
	}
	/* asked for again, it counts anew */
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TIMESTAMPING, 0));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TIMESTAMPING, flags));
	sent = (struct sent){ { -1, -1, -1 }, { 0 }, 0, 0 };
	ASSERT_EQ(3, send(fd[0], data, 3, 0));
	while (sent.last[2] < 0) {
		ASSERT_LT(0, wait_for(fd[0], 0));
		ASSERT_EQ(0, reap(self->t, fd[0], &sent));
	}
	EXPECT_EQ(2, sent.last[2]);
}

/* SOF_TIMESTAMPING_OPT_CMSG: by which device it left. */
TEST_F(stamp, where_it_was_sent)
{
	bool v4 = self->t->family == AF_INET;
	struct sent sent = { { -1, -1, -1 }, { 0 }, 0, 0 };
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], v4 ? SOL_IP : SOL_IPV6,
			     v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_SOFTWARE |
			     SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			     SOF_TIMESTAMPING_OPT_CMSG));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	ASSERT_EQ(0, read_all(fd[1], &c, 1));
	ASSERT_LT(0, wait_for(fd[0], 0));
	ASSERT_EQ(0, reap(self->t, fd[0], &sent));
	EXPECT_EQ(0, sent.last[0]);
	EXPECT_EQ(0, sent.others);
	EXPECT_EQ(1, sent.device);
}

/* Of a call that took a part, it is the part's last byte. */
TEST_F(stamp, of_a_part)
{
	static const int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK |
				 SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
				 SOF_TIMESTAMPING_OPT_TSONLY;
	static char data[8 << 20];
	struct sent sent;
	ssize_t n;
	int fd[2], how;

	for (how = 0; how < 2; how++) {
		sent = (struct sent){ { -1, -1, -1 }, { 0 }, 0, 0 };
		ASSERT_EQ(0, transport_pair(self->t, fd));
		ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_SNDBUF, 1 << 16));
		ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_RCVBUF, 1 << 15));
		ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TIMESTAMPING, flags));
		ASSERT_EQ(0, set_time(fd[0], SO_SNDTIMEO, 1000));
		n = send(fd[0], data, sizeof(data), how ? 0 : MSG_DONTWAIT);
		ASSERT_LT(0, n);
		ASSERT_GT((ssize_t)sizeof(data), n);
		ASSERT_EQ(0, read_all(fd[1], data, n));
		while (sent.last[0] < 0 || sent.last[2] < 0) {
			ASSERT_LT(0, wait_for(fd[0], 0));
			ASSERT_EQ(0, reap(self->t, fd[0], &sent));
		}
		EXPECT_EQ(n - 1, sent.last[0]);
		EXPECT_EQ(n - 1, sent.last[2]);
		EXPECT_EQ(0, sent.others);
		usleep(200000);
		EXPECT_EQ(0, events_now(fd[0], 0));
		close(fd[0]);
		close(fd[1]);
	}
}

/* Of one call only. */
TEST_F(stamp, asked_for_by_a_control_message)
{
	union { char buf[CMSG_SPACE(sizeof(uint32_t))]; struct cmsghdr align; } control = { { 0 } };
	struct iovec iov = { "hello", 5 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	struct sent sent = { { -1, -1, -1 }, { 0 }, 0, 0 };
	uint32_t flags = SOF_TIMESTAMPING_TX_ACK;
	char buf[5];
	int fd[2];

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, set_int(fd[0], SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE |
			     SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SO_TIMESTAMPING;
	cmsg->cmsg_len = CMSG_LEN(sizeof(flags));
	memcpy(CMSG_DATA(cmsg), &flags, sizeof(flags));
	ASSERT_EQ(5, sendmsg(fd[0], &msg, 0));
	ASSERT_EQ(0, read_all(fd[1], buf, 5));
	ASSERT_LT(0, wait_for(fd[0], 0));
	ASSERT_EQ(0, reap(self->t, fd[0], &sent));
	EXPECT_EQ(4, sent.last[2]);
	ASSERT_EQ(5, send(fd[0], "world", 5, 0));
	ASSERT_EQ(0, read_all(fd[1], buf, 5));
	usleep(200000);
	EXPECT_EQ(0, events_now(fd[0], 0));
}

TEST_HARNESS_MAIN
