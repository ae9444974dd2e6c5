// SPDX-License-Identifier: GPL-2.0
/* net.xtcp.* and /proc/net/xtcp/snmp: per namespace, within bounds. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "namespace.h"

/* 0 or -errno. */
static int put(const char *name, const char *value)
{
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/xtcp/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static const char *get(const char *name)
{
	static char value[128];
	char path[128];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/xtcp/%s", name);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, value, sizeof(value) - 1);
		close(fd);
	}
	if (n <= 0)
		return "";
	value[n] = 0;
	value[strcspn(value, "\n")] = 0;
	return value;
}

/* A counter; -1: there is none of this name. */
static long count(const char *name)
{
	FILE *f = fopen("/proc/net/xtcp/snmp", "r");
	char line[64];
	long value, found = -1;

	if (!f)
		return -1;
	while (fscanf(f, "%63s %ld", line, &value) == 2) {
		if (!strcmp(line, name))
			found = value;
	}
	fclose(f);
	return found;
}

static const struct {
	const char *name, *value, *low, *high;	/* low, high: just refused */
	const char *other;	/* a good value */
} settings[] = {
	{ "msl",		"30",		"0",	"3601",	"7" },
	{ "fin_timeout",	"60",		"0",	"3601",	"7" },
	{ "user_timeout",	"900000",	"0",	"2147483648",	"7" },
	{ "keepalive_time",	"7200",		"0",	"32768",	"7" },
	{ "keepalive_intvl",	"75",		"0",	"32768",	"7" },
	{ "keepalive_probes",	"10",		"0",	"128",	"7" },
	{ "rst_rate",		"1000",		"-1",	"2147483648",	"7" },
	{ "max_orphans",	"8192",		"-1",	"2147483648",	"7" },
	{ "max_tw_buckets",	"65536",	"-1",	"2147483648",	"7" },
	{ "max_syn_backlog",	"4096",		"-1",	"2147483648",	"7" },
	{ "max_tombstones",	"16384",	"0",	"2147483648",	"7" },
	{ "syncookies",		"1",		"-1",	"3",		"2" },
	{ "shortcut",		"1",		"-1",	"2",		"0" },
	{ "ecn",		"1",		"-1",	"3",		"2" },
	{ "mtu_probing",	"1",		"-1",	"3",		"2" },
	{ "path_cache",		"1",		"-1",	"3",		"2" },
	{ "path_cache_max",	"4096",		"-1",	"2147483648",	"7" },
	{ "path_cache_life",	"3600",		"0",	"86401",	"7" },
	{ "slow_start_after_idle", "1",		"-1",	"2",		"0" },
	{ "autocorking",	"1",		"-1",	"2",		"0" },
};

#define COUNT (sizeof(settings) / sizeof(settings[0]))

TEST(defaults_and_bounds)
{
	size_t i;

	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	for (i = 0; i < COUNT; i++) {
		EXPECT_STREQ(settings[i].value, get(settings[i].name));
		EXPECT_EQ(-EINVAL, put(settings[i].name, settings[i].low));
		EXPECT_EQ(-EINVAL, put(settings[i].name, settings[i].high));
		EXPECT_EQ(-EINVAL, put(settings[i].name, "x"));
		EXPECT_STREQ(settings[i].value, get(settings[i].name));
		EXPECT_EQ(0, put(settings[i].name, settings[i].other));
		EXPECT_STREQ(settings[i].other, get(settings[i].name));
	}
}

/* Another namespace keeps its own; what is not there cannot be chosen. */
TEST(congestion_control)
{
	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	EXPECT_STREQ("cubic reno dctcp bbr", get("available_congestion_control"));
	EXPECT_EQ(-EACCES, put("available_congestion_control", "reno"));
	EXPECT_STREQ("cubic", get("congestion_control"));
	EXPECT_EQ(-ENOENT, put("congestion_control", "vegas"));
	EXPECT_EQ(0, put("congestion_control", "reno"));
	EXPECT_STREQ("reno", get("congestion_control"));
	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	EXPECT_STREQ("cubic", get("congestion_control"));
}

/* Two numbers: what a buffer begins with, and the most. */
TEST(buffers)
{
	static const struct {
		const char *name, *value;
	} buffers[] = {
		{ "rmem", "131072\t33554432" },
		{ "wmem", "16384\t33554432" },
	};
	int value, fd, option[] = { SO_RCVBUF, SO_SNDBUF };
	socklen_t len = sizeof(value);
	size_t i;

	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	for (i = 0; i < 2; i++) {
		EXPECT_STREQ(buffers[i].value, get(buffers[i].name));
		EXPECT_EQ(-EINVAL, put(buffers[i].name, "4095 8192"));
		EXPECT_EQ(0, put(buffers[i].name, "65536 131072"));
		EXPECT_STREQ("65536\t131072", get(buffers[i].name));
	}
	fd = socket(AF_XTCP, SOCK_STREAM, XTCP_IPV4);
	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, option[i], &value, &len));
		EXPECT_EQ(65536, value);
	}
	close(fd);
}

TEST(each_namespace_has_its_own)
{
	size_t i;

	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	for (i = 0; i < COUNT; i++)
		ASSERT_EQ(0, put(settings[i].name, settings[i].other));
	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	for (i = 0; i < COUNT; i++)
		EXPECT_STREQ(settings[i].value, get(settings[i].name));
}

TEST(mem_belongs_to_the_first)
{
	char before[128];

	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	snprintf(before, sizeof(before), "%s", get("mem"));
	EXPECT_LT(0, strlen(before));
	EXPECT_EQ(-EACCES, put("mem", "1 2 3"));
	EXPECT_STREQ(before, get("mem"));
}

/* Root of a user namespace may not spend more of the kernel's memory. */
TEST(user_namespace)
{
	ASSERT_EQ(0, namespace_new(CLONE_NEWUSER | CLONE_NEWNET));
	EXPECT_EQ(-EACCES, put("max_orphans", "7"));
	EXPECT_EQ(-EACCES, put("max_tw_buckets", "7"));
	EXPECT_EQ(-EACCES, put("max_syn_backlog", "7"));
	EXPECT_EQ(-EACCES, put("max_tombstones", "7"));
	EXPECT_EQ(-EACCES, put("path_cache_max", "7"));
	EXPECT_EQ(-EACCES, put("mem", "1 2 3"));
	/* nor make an algorithm everybody's that is unfair to others: TCP's errno */
	EXPECT_EQ(-EPERM, put("congestion_control", "dctcp"));
	EXPECT_EQ(0, put("congestion_control", "reno"));
}

TEST(counters)
{
	int listener, fd[2];

	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	EXPECT_EQ(0, count("ActiveOpens"));
	EXPECT_EQ(0, count("InSegs"));
	EXPECT_EQ(-1, count("NoSuchCounter"));
	listener = open_listener(XTCP_IPV4, 80, 7);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, open_pair(XTCP_IPV4, listener, fd));
	EXPECT_EQ(1, count("ActiveOpens"));
	EXPECT_EQ(1, count("PassiveOpens"));
	EXPECT_EQ(1, count("SynAcksSent"));
	EXPECT_LE(3, count("InSegs"));
	EXPECT_LE(3, count("OutSegs"));
	EXPECT_EQ(0, count("DropChecksum"));

	/* somebody else's */
	ASSERT_EQ(0, namespace_new(CLONE_NEWNET));
	EXPECT_EQ(0, count("ActiveOpens"));
	EXPECT_EQ(0, count("InSegs"));
	close(fd[0]);
	close(fd[1]);
	close(listener);
}

TEST_HARNESS_MAIN
