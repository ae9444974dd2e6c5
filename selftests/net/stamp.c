// SPDX-License-Identifier: GPL-2.0
/* Times of packets: SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING. */
#include <poll.h>
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

TEST_HARNESS_MAIN
