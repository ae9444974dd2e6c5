// SPDX-License-Identifier: GPL-2.0
/*
 * The shortcut, and what TCP does not have: which way the bytes of a connection go, who
 * makes them go the other, and when they go on after they had to wait.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/if_link.h>

#include "kselftest_harness.h"
#include "shortcut.h"

FIXTURE(way) {
	const struct transport *t;
	int fd[2];
};

FIXTURE_VARIANT(way) {
	struct transport t;
};

FIXTURE_VARIANT_ADD(way, ipv4) {
	.t = { AF_XTCP, XTCP_IPV4, AF_INET, SOL_XTCP },
};

FIXTURE_VARIANT_ADD(way, ipv6) {
	.t = { AF_XTCP, XTCP_IPV6, AF_INET6, SOL_XTCP },
};

FIXTURE_SETUP(way)
{
	self->t = &variant->t;
	ASSERT_EQ(0, transport_isolate());
	ASSERT_EQ(0, settled_pair(self->t, self->fd));
}

FIXTURE_TEARDOWN(way)
{
}

TEST_F(way, no_packet_carries_data)
{
	EXPECT_EQ(0, packets(self->fd));
	EXPECT_LE(2, counter("ShortcutTaken"));
	EXPECT_EQ(0, counter("ShortcutLeft"));
}

static long segments_in(int fd)
{
	struct xtcp_info info = {};
	socklen_t len = sizeof(info);

	return getsockopt(fd, SOL_XTCP, XTCP_INFO, &info, &len) ? -1 :
	       (long)info.xtcpi_data_segs_in;
}

TEST_F(way, small_writes_are_gathered)
{
	long before = segments_in(self->fd[1]);
	char data[64] = "";
	int i;

	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, write_all(self->fd[0], data, sizeof(data)));
	EXPECT_GE(5, segments_in(self->fd[1]) - before);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, read_all(self->fd[1], data, sizeof(data)));
}

TEST_F(way, sysctl_switches_it_off_and_on)
{
	ASSERT_EQ(0, set_shortcut(0));
	EXPECT_LE(200, packets(self->fd));
	ASSERT_EQ(0, set_shortcut(1));
	EXPECT_EQ(0, packets(self->fd));
	ASSERT_EQ(0, set_shortcut(0));
	EXPECT_LE(200, packets(self->fd));
	EXPECT_EQ(4, counter("ShortcutLeft"));
}

TEST_F(way, either_end_can_switch_it_off)
{
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, get_int(self->fd[i], SOL_XTCP, XTCP_SHORTCUT));
		ASSERT_EQ(0, set_int(self->fd[i], SOL_XTCP, XTCP_SHORTCUT, 0));
		EXPECT_EQ(0, get_int(self->fd[i], SOL_XTCP, XTCP_SHORTCUT));
		EXPECT_LE(200, packets(self->fd));
		ASSERT_EQ(0, set_int(self->fd[i], SOL_XTCP, XTCP_SHORTCUT, 1));
		EXPECT_EQ(0, packets(self->fd));
	}
	EXPECT_ERRNO(EINVAL, set_int(self->fd[0], SOL_XTCP, XTCP_SHORTCUT, 2));
}

TEST_F(way, tap_sees_every_packet)
{
	int sniffer;

	EXPECT_EQ(0, packets(self->fd));
	sniffer = tap();
	ASSERT_LE(0, sniffer);
	EXPECT_LE(200, packets(self->fd));
	close(sniffer);
	EXPECT_EQ(0, packets(self->fd));
}

TEST_F(way, raw_socket_sees_every_packet)
{
	int raw;

	EXPECT_EQ(0, packets(self->fd));
	raw = socket(self->t->family, SOCK_RAW, IPPROTO_XTCP);
	ASSERT_LE(0, raw);
	EXPECT_LE(200, packets(self->fd));
	close(raw);
	EXPECT_EQ(0, packets(self->fd));
}

TEST_F(way, socket_filter_sees_every_packet)
{
	int i, none = 0;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, attach(self->fd[i]));
		EXPECT_LE(200, packets(self->fd));
		ASSERT_EQ(0, setsockopt(self->fd[i], SOL_SOCKET, SO_DETACH_FILTER, &none,
					sizeof(none)));
		EXPECT_EQ(0, packets(self->fd));
	}
}

/* Programs of the machine that look at packets: how they come and go. */
static const char *const looks[][2] = {
	{ "nft add table inet t; nft add chain inet t o '{ type filter hook output priority 0; }'",
	  "nft flush ruleset" },
	{ "nft add table inet t; nft add chain inet t i '{ type filter hook input priority 0; }'",
	  "nft flush ruleset" },
	/* where AppArmor has its hook, which does not count */
	{ "nft add table inet t; "
	  "nft add chain inet t p '{ type filter hook postrouting priority -225; }'",
	  "nft flush ruleset" },
	{ "tc qdisc add dev lo root fq_codel", "tc qdisc del dev lo root" },
	{ "ip xfrm policy add dir in", "ip xfrm policy flush" },
};

/* Each rule is a program that has to be started. */
TEST_F_TIMEOUT(way, rules_and_queues_see_every_packet, 600)
{
	unsigned int i;

	EXPECT_EQ(0, packets(self->fd));
	for (i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		ASSERT_EQ(0, system(looks[i][0])) TH_LOG("%s", looks[i][0]);
		EXPECT_LE(200, packets(self->fd)) TH_LOG("%s", looks[i][0]);
		ASSERT_EQ(0, system(looks[i][1])) TH_LOG("%s", looks[i][1]);
		EXPECT_EQ(0, packets(self->fd)) TH_LOG("%s", looks[i][1]);
	}
}

/* From 6.6 on (include/uapi/linux/bpf.h); Debian 12's headers are older. */
#define TCX_INGRESS	46
#define TCX_EGRESS	47

/* A BPF program with one answer, attached to a device or a group; it goes with the file. */
static int watch(int type, int where, int target, int answer)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = type,
		.expected_attach_type = where,
		.insns = (unsigned long)code,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
	};
	union bpf_attr link = {
		.link_create.target_fd = target,
		.link_create.attach_type = where,
		.link_create.flags = where == BPF_XDP ? XDP_FLAGS_SKB_MODE : 0,
	};
	int fd;

	link.link_create.prog_fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	if ((int)link.link_create.prog_fd < 0)
		return -1;
	fd = syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof(link));
	close(link.link_create.prog_fd);
	return fd;
}

TEST_F(way, programs_see_every_packet)
{
	static const struct {
		int type, where, answer;
	} programs[] = {
		{ BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, 1 },
		{ BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, 1 },
		{ BPF_PROG_TYPE_XDP, BPF_XDP, XDP_PASS },
		{ BPF_PROG_TYPE_SCHED_CLS, TCX_INGRESS, 0 },
		{ BPF_PROG_TYPE_SCHED_CLS, TCX_EGRESS, 0 },
	};
	const char *group = "/tmp/xtcp-local-cgroup";
	int dir, link;
	unsigned int i;

	mkdir(group, 0700);
	ASSERT_EQ(0, mount("none", group, "cgroup2", 0, NULL)) TH_LOG("no cgroup2");
	dir = open(group, O_RDONLY | O_DIRECTORY);
	umount2(group, MNT_DETACH);
	ASSERT_LE(0, dir);
	EXPECT_EQ(0, packets(self->fd));
	for (i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		bool tcx = programs[i].type == BPF_PROG_TYPE_SCHED_CLS;

		link = watch(programs[i].type, programs[i].where,
			     programs[i].type == BPF_PROG_TYPE_CGROUP_SKB ? dir : 1,
			     programs[i].answer);
		if (link < 0 && tcx)
			continue;	/* before 6.6 there is none */
		ASSERT_LE(0, link) TH_LOG("program %u: %s", i, strerror(errno));
		EXPECT_LE(200, packets(self->fd)) TH_LOG("program %u", i);
		close(link);
		EXPECT_EQ(0, packets(self->fd)) TH_LOG("program %u", i);
	}
	close(dir);
}

TEST_F(way, pace_is_kept)
{
	ASSERT_EQ(0, set_int(self->fd[0], SOL_SOCKET, SO_MAX_PACING_RATE, 1000000000));
	EXPECT_LE(100, packets(self->fd));
}

TEST_F(way, bytes_that_wait_go_when_the_way_changes)
{
	static char data[1 << 16];
	ssize_t sent, got, all = 0;

	sent = fill(self->fd[0]);
	ASSERT_EQ(0, set_shortcut(0));
	while (all < sent) {
		got = recv(self->fd[1], data, sizeof(data), 0);
		ASSERT_LT(0, got);
		all += got;
	}
	EXPECT_EQ(sent, all);
}

static long probes(void)
{
	return counter("WindowProbes");
}

/*
 * As many bytes as the other end has room for, and not one more: then a FIN, before they
 * are read or after it, which waits for no probe once there is room.
 */
TEST_F(way, end_behind_the_last_byte_that_fits)
{
	static char data[1 << 20];
	struct xtcp_info info;
	socklen_t len;
	int late, fd[2];
	long before;

	for (late = 0; late < 2; late++) {
		ASSERT_EQ(0, settled_pair(self->t, fd));
		len = sizeof(info);
		ASSERT_EQ(0, getsockopt(fd[1], SOL_XTCP, XTCP_INFO, &info, &len));
		ASSERT_GT(sizeof(data), info.xtcpi_rcv_wnd);
		ASSERT_EQ(0, write_all(fd[0], data, info.xtcpi_rcv_wnd));
		if (!late)
			ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
		sleep(3);
		before = probes();
		ASSERT_EQ(0, read_all(fd[1], data, info.xtcpi_rcv_wnd));
		if (late)
			ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
		EXPECT_EQ(0, recv(fd[1], data, 1, 0));
		EXPECT_EQ(before, probes()) TH_LOG("late %d", late);
	}
}

/* The first byte that could go round the wire finds no room: who makes some fetches it. */
TEST_F(way, no_room_for_the_first_byte)
{
	static char data[20000];
	int sniffer = tap();

	ASSERT_LE(0, sniffer);
	ASSERT_EQ(0, ping_pong(self->fd, 10));
	ASSERT_EQ(0, write_all(self->fd[0], data, sizeof(data)));
	ASSERT_EQ(0, set_int(self->fd[1], SOL_SOCKET, SO_RCVBUF, 4096));
	usleep(300000);
	close(sniffer);
	ASSERT_EQ(0, write_all(self->fd[0], data, 1));
	sleep(3);
	ASSERT_EQ(0, read_all(self->fd[1], data, sizeof(data)));
	EXPECT_EQ(1, recv(self->fd[1], data, 1, MSG_DONTWAIT));
}

/* What is left in the buffer is less than the program waits for: it reads, and gets more. */
TEST_F(way, high_mark_with_bytes_left)
{
	static char data[1 << 16];
	int i;

	ASSERT_EQ(0, set_int(self->fd[1], SOL_SOCKET, SO_RCVBUF, 65536));
	ASSERT_EQ(0, set_int(self->fd[1], SOL_SOCKET, SO_RCVLOWAT, 40000));
	for (i = 0; i < 50; i++) {
		fill(self->fd[0]);
		ASSERT_EQ(POLLIN, wait_for(self->fd[1], POLLIN));
		ASSERT_EQ(0, read_all(self->fd[1], data, 32768));
		EXPECT_EQ(POLLIN, events_now(self->fd[1], POLLIN)) TH_LOG("round %d", i);
	}
}

/* Who has bound itself to another device gets nothing that comes over loopback. */
TEST_F(way, other_device_keeps_it_out)
{
	ASSERT_EQ(0, system("ip link add other type dummy; ip link set other up"));
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_BINDTODEVICE, "other", 6));
	ASSERT_EQ(0, write_all(self->fd[0], "a", 1));
	usleep(300000);
	EXPECT_EQ(0, events_now(self->fd[1], POLLIN));
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_BINDTODEVICE, "", 1));
	EXPECT_EQ(POLLIN, wait_for(self->fd[1], POLLIN));
}

/* What is peeked at is taken, but stays; more comes behind it. TCP has the offset from 6.9 on. */
TEST_F(way, peek_offset_goes_on_in_what_comes_later)
{
	int *fd = self->fd;
	char data[8];

	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_PEEK_OFF, 0));
	ASSERT_EQ(0, write_all(fd[0], "abcd", 4));
	ASSERT_EQ(3, recv(fd[1], data, 3, MSG_PEEK));
	EXPECT_EQ(0, memcmp("abc", data, 3));
	ASSERT_EQ(0, write_all(fd[0], "ef", 2));
	ASSERT_EQ(3, recv(fd[1], data, sizeof(data), MSG_PEEK));
	EXPECT_EQ(0, memcmp("def", data, 3));
	EXPECT_ERRNO(EAGAIN, recv(fd[1], data, 1, MSG_PEEK | MSG_DONTWAIT));
	ASSERT_EQ(2, recv(fd[1], data, 2, MSG_TRUNC));
	EXPECT_EQ(4, get_int(fd[1], SOL_SOCKET, SO_PEEK_OFF));
	ASSERT_EQ(0, write_all(fd[0], "g", 1));
	ASSERT_EQ(1, recv(fd[1], data, sizeof(data), MSG_PEEK));
	EXPECT_EQ('g', data[0]);
	ASSERT_EQ(5, recv(fd[1], data, sizeof(data), 0));
	EXPECT_EQ(0, memcmp("cdefg", data, 5));
	EXPECT_EQ(0, packets(fd));
}

/* Each write is an edge, also one that joins another that was not read. */
TEST_F(way, every_write_is_an_edge)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0), i;

	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd[1], &event));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, write_all(self->fd[0], "abc", 3));
		EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
		EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	}
	EXPECT_EQ(0, packets(self->fd));
}

TEST_F(way, numbers_of_a_dump)
{
	struct xtcp_info out, in;
	socklen_t len = sizeof(out);
	char data[10000] = "";
	int bytes;

	ASSERT_EQ(0, write_all(self->fd[0], data, sizeof(data)));
	ASSERT_EQ(0, ioctl(self->fd[1], FIONREAD, &bytes));
	EXPECT_EQ((int)sizeof(data), bytes);
	ASSERT_EQ(0, getsockopt(self->fd[0], SOL_XTCP, XTCP_INFO, &out, &len));
	ASSERT_EQ(0, getsockopt(self->fd[1], SOL_XTCP, XTCP_INFO, &in, &len));
	EXPECT_EQ(sizeof(data) + 10, out.xtcpi_bytes_sent);
	EXPECT_EQ(sizeof(data) + 10, out.xtcpi_bytes_acked);
	EXPECT_EQ(sizeof(data) + 10, in.xtcpi_bytes_received);
	EXPECT_EQ(0U, out.xtcpi_unacked);
	EXPECT_EQ(0U, out.xtcpi_notsent);
}

TEST_HARNESS_MAIN
