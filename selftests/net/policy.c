// SPDX-License-Identifier: GPL-2.0
/* Which device and which routing table: SO_BINDTODEVICE, VRF, scopes, SO_MARK, uid. */
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>

#include "kselftest_harness.h"
#include "transport.h"

#define USER	1234

TRANSPORT_FIXTURE(policy)
TRANSPORT_SECOND_DOOR(policy);

static int run_ip(const struct transport *t, const char *what)
{
	char command[200];

	snprintf(command, sizeof(command), "ip %s %s", t->family == AF_INET ? "-4" : "-6", what);
	return system(command);
}

/* Rules of the test come before the one for local addresses. */
static int rule_first(const struct transport *t, const char *rule)
{
	char what[100];

	snprintf(what, sizeof(what), "rule add pref 50 %s", rule);
	return run_ip(t, "rule add pref 100 lookup local") || run_ip(t, "rule del pref 0") ||
	       run_ip(t, what);
}

static int to_device(int fd, const char *name)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name));
}

TEST_F(policy, MARK_chooses_the_route)
{
	int door = transport_listener(self->t, 2), fd = transport_socket(self->t, 0);

	ASSERT_EQ(0, rule_first(self->t, "fwmark 7 prohibit"));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_MARK, 7));
	EXPECT_ERRNO(EACCES, transport_connect(self->t, fd, PLACE_LOOPBACK,
					       transport_port(door)));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_MARK, 8));
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
}

TEST_F(policy, uid_chooses_the_route)
{
	int door = transport_listener(self->t, 2), fd = transport_socket(self->t, 0), status;
	pid_t child;

	ASSERT_EQ(0, rule_first(self->t, "uidrange 1234-1234 prohibit"));
	child = fork();
	if (!child) {
		if (setuid(USER))
			_exit(2);
		_exit(!(transport_connect(self->t, transport_socket(self->t, 0), PLACE_LOOPBACK,
					  transport_port(door)) && errno == EACCES));
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	/* the socket's owner counts, as fchown() says */
	EXPECT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	fd = transport_socket(self->t, 0);
	ASSERT_EQ(0, fchown(fd, USER, -1));
	EXPECT_ERRNO(EACCES, transport_connect(self->t, fd, PLACE_LOOPBACK,
					       transport_port(door)));
}

/* Does a connect() to the listener come to nothing within its time? */
static bool unanswered(const struct transport *t, int door)
{
	int fd = transport_socket(t, 0), err;

	set_time(fd, SO_SNDTIMEO, 500);
	err = transport_connect(t, fd, PLACE_LOOPBACK, transport_port(door)) ? errno : 0;
	close(fd);
	return err == EINPROGRESS;
}

/* The answer to a SYN takes the way that the listener's options say. */
TEST_F(policy, a_listeners_answer_MARK)
{
	int door = transport_listener(self->t, 2);

	ASSERT_EQ(0, rule_first(self->t, "fwmark 7 prohibit"));
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_MARK, 7));
	EXPECT_TRUE(unanswered(self->t, door));
	ASSERT_EQ(0, set_int(door, SOL_SOCKET, SO_MARK, 8));
	EXPECT_FALSE(unanswered(self->t, door));
}

TEST_F(policy, a_listeners_answer_uid)
{
	int door = transport_listener(self->t, 2);

	ASSERT_EQ(0, rule_first(self->t, "uidrange 1234-1234 prohibit"));
	EXPECT_FALSE(unanswered(self->t, door));
	ASSERT_EQ(0, fchown(door, USER, -1));
	EXPECT_TRUE(unanswered(self->t, door));
}

TEST_F(policy, a_listeners_answer_BINDTODEVICE)
{
	int door = transport_listener(self->t, 2);

	if (self->t->family == AF_INET)
		SKIP(return, "IPv4 sends by the device, whatever the rules say");
	ASSERT_EQ(0, rule_first(self->t, "oif lo prohibit"));
	EXPECT_FALSE(unanswered(self->t, door));
	ASSERT_EQ(0, to_device(door, "lo"));
	EXPECT_TRUE(unanswered(self->t, door));
}

TEST_F(policy, BINDTODEVICE)
{
	int door = transport_socket(self->t, 0), fd = transport_socket(self->t, 0), child;
	char name[IFNAMSIZ] = "";
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, system("ip link add dum type dummy && ip link set dum up"));
	EXPECT_ERRNO(ENODEV, to_device(door, "none"));
	ASSERT_EQ(0, to_device(door, "lo"));
	ASSERT_EQ(0, getsockopt(door, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_STREQ("lo", name);
	EXPECT_EQ((int)if_nametoindex("lo"), get_int(door, SOL_SOCKET, SO_BINDTOIFINDEX));
	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_ANY, 0));
	ASSERT_EQ(0, listen(door, 2));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	child = accept(door, NULL, NULL);
	ASSERT_LE(0, child);
	/* it is the listener's */
	EXPECT_EQ((int)if_nametoindex("lo"), get_int(child, SOL_SOCKET, SO_BINDTOIFINDEX));

	/* not by this device */
	door = transport_socket(self->t, 0);
	ASSERT_EQ(0, to_device(door, "dum"));
	ASSERT_EQ(0, transport_bind(self->t, door, PLACE_ANY, 0));
	ASSERT_EQ(0, listen(door, 2));
	fd = transport_socket(self->t, 0);
	EXPECT_ERRNO(ECONNREFUSED, transport_connect(self->t, fd, PLACE_LOOPBACK,
						     transport_port(door)));
}

TEST_F(policy, VRF)
{
	bool v4 = self->t->family == AF_INET;
	int in = transport_socket(self->t, 0), out = transport_socket(self->t, 0), fd, child;
	union address addr;
	socklen_t len;
	int port;
	char c;

	if (system("ip link add red type vrf table 10 2> /dev/null"))
		SKIP(return, "no VRF");
	/* the address that is elsewhere nobody's is local to the VRF */
	ASSERT_EQ(0, system("ip link set red up && ip link add dum master red up type dummy"));
	ASSERT_EQ(0, run_ip(self->t, v4 ? "addr add 192.0.2.1/24 dev dum" :
			    "addr add 2001:db8::1/64 dev dum nodad"));
	ASSERT_EQ(0, to_device(in, "red"));
	ASSERT_EQ(0, transport_bind(self->t, in, PLACE_FOREIGN, 0));
	ASSERT_EQ(0, listen(in, 2));
	port = transport_port(in);
	/* the same port outside is another */
	ASSERT_EQ(0, transport_bind(self->t, out, PLACE_ANY, port));
	ASSERT_EQ(0, listen(out, 2));

	fd = transport_socket(self->t, 0);
	ASSERT_EQ(0, to_device(fd, "red"));
	len = transport_address(self->t, PLACE_FOREIGN, port, &addr);
	ASSERT_EQ(0, connect(fd, &addr.sa, len));
	child = accept(in, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_EQ(1, send(child, "x", 1, 0));
	EXPECT_EQ(1, recv(fd, &c, 1, 0));

	/* who listens outside does not get what comes inside */
	close(in);
	fd = transport_socket(self->t, 0);
	ASSERT_EQ(0, to_device(fd, "red"));
	EXPECT_ERRNO(ECONNREFUSED, connect(fd, &addr.sa, len));
	/* and without the VRF there is no way */
	fd = transport_socket(self->t, 0);
	EXPECT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, len));
}

/* A connection between the same end points in each of two VRFs. */
TEST_F(policy, M2_a_SYN_is_for_its_own_VRF)
{
	static const char *const vrf[] = { "red", "blue" };
	bool v4 = self->t->family == AF_INET;
	int fd[2], door[2], child[2], i, port = 0, from = 0;
	union address addr;
	char what[100], c;
	socklen_t len;

	for (i = 0; i < 2; i++) {
		snprintf(what, sizeof(what), "ip link add %s up type vrf table %d 2> /dev/null",
			 vrf[i], 10 + i);
		if (system(what))
			SKIP(return, "no VRF");
		snprintf(what, sizeof(what), "link add dum%d master %s up type dummy", i, vrf[i]);
		ASSERT_EQ(0, run_ip(self->t, what));
		snprintf(what, sizeof(what), v4 ? "addr add 192.0.2.1/24 dev dum%d" :
			 "addr add 2001:db8::1/64 dev dum%d nodad", i);
		ASSERT_EQ(0, run_ip(self->t, what));
		door[i] = transport_socket(self->t, 0);
		ASSERT_EQ(0, to_device(door[i], vrf[i]));
		ASSERT_EQ(0, transport_bind(self->t, door[i], PLACE_FOREIGN, port));
		ASSERT_EQ(0, listen(door[i], 2));
		port = transport_port(door[i]);
	}
	for (i = 0; i < 2; i++) {
		fd[i] = transport_socket(self->t, 0);
		ASSERT_EQ(0, set_time(fd[i], SO_SNDTIMEO, 5000));
		ASSERT_EQ(0, to_device(fd[i], vrf[i]));
		ASSERT_EQ(0, transport_bind(self->t, fd[i], PLACE_FOREIGN, from));
		from = transport_port(fd[i]);
		len = transport_address(self->t, PLACE_FOREIGN, port, &addr);
		ASSERT_EQ(0, connect(fd[i], &addr.sa, len)) TH_LOG("%s", strerror(errno));
		child[i] = accept(door[i], NULL, NULL);
		ASSERT_LE(0, child[i]);
	}
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, send(child[i], vrf[i], 1, 0));
		EXPECT_EQ(1, recv(fd[i], &c, 1, 0));
		EXPECT_EQ(vrf[i][0], c);
	}
}

TEST_F(policy, link_local_scopes)
{
	int door = transport_socket(self->t, 0), fd = transport_socket(self->t, 0), child;
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 }, peer;
	socklen_t len = sizeof(addr);

	if (self->t->family != AF_INET6)
		SKIP(return, "IPv4 has none");
	ASSERT_EQ(0, system("ip link add dum up type dummy"));
	ASSERT_EQ(0, run_ip(self->t, "addr add fe80::77/64 dev dum nodad"));
	addr.sin6_addr.s6_addr[0] = 0xfe;
	addr.sin6_addr.s6_addr[1] = 0x80;
	addr.sin6_addr.s6_addr[15] = 0x77;
	EXPECT_ERRNO(EINVAL, bind(door, (struct sockaddr *)&addr, sizeof(addr)));
	addr.sin6_scope_id = if_nametoindex("dum");
	ASSERT_EQ(0, bind(door, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(door, 1));
	ASSERT_EQ(0, getsockname(door, (struct sockaddr *)&addr, &len));
	EXPECT_EQ(if_nametoindex("dum"), addr.sin6_scope_id);

	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	len = sizeof(peer);
	child = accept(door, (struct sockaddr *)&peer, &len);
	ASSERT_LE(0, child);
	EXPECT_EQ(if_nametoindex("dum"), peer.sin6_scope_id);
	addr.sin6_scope_id = 0;
	EXPECT_ERRNO(EINVAL, connect(transport_socket(self->t, 0), (struct sockaddr *)&addr,
				     sizeof(addr)));
}

/* In a VRF a scope is one of its devices, and narrows what SO_BINDTODEVICE says. */
TEST_F(policy, link_local_scopes_of_a_VRF)
{
	int door = transport_socket(self->t, 0), fd = transport_socket(self->t, 0);
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(addr);

	if (self->t->family != AF_INET6)
		SKIP(return, "IPv4 has none");
	if (system("ip link add red type vrf table 10 2> /dev/null"))
		SKIP(return, "no VRF");
	ASSERT_EQ(0, system("ip link set red up && ip link add dum master red up type dummy"));
	ASSERT_EQ(0, system("ip link add other up type dummy"));
	ASSERT_EQ(0, run_ip(self->t, "addr add fe80::77/64 dev dum nodad"));
	addr.sin6_addr.s6_addr[0] = 0xfe;
	addr.sin6_addr.s6_addr[1] = 0x80;
	addr.sin6_addr.s6_addr[15] = 0x77;
	addr.sin6_scope_id = if_nametoindex("dum");
	ASSERT_EQ(0, bind(door, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(door, 1));
	ASSERT_EQ(0, getsockname(door, (struct sockaddr *)&addr, &len));

	ASSERT_EQ(0, to_device(fd, "red"));
	EXPECT_EQ(0, connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		TH_LOG("%s", strerror(errno));
	EXPECT_EQ((int)if_nametoindex("dum"), get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	fd = transport_socket(self->t, 0);
	ASSERT_EQ(0, to_device(fd, "other"));
	EXPECT_ERRNO(EINVAL, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
}

/* A filter sees the segment from its header on, and what it refuses is as if lost. */
TEST_F(policy, filter)
{
	struct sock_filter none[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	struct sock_filter all[] = { { BPF_RET | BPF_K, 0, 0, 0x40000 } };
	struct sock_fprog refuse = { 1, none }, take = { 1, all };
	int fd[2];
	char c;

	ASSERT_EQ(0, transport_pair(self->t, fd));
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_FILTER, &refuse, sizeof(refuse)));
	ASSERT_EQ(1, send(fd[0], "x", 1, 0));
	usleep(300000);
	EXPECT_ERRNO(EAGAIN, recv(fd[1], &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_FILTER, &take, sizeof(take)));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));

	/* and then nobody changes it any more */
	ASSERT_EQ(0, set_int(fd[1], SOL_SOCKET, SO_LOCK_FILTER, 1));
	EXPECT_EQ(1, get_int(fd[1], SOL_SOCKET, SO_LOCK_FILTER));
	EXPECT_ERRNO(EPERM, setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_FILTER, &refuse,
				       sizeof(refuse)));
	EXPECT_ERRNO(EPERM, set_int(fd[1], SOL_SOCKET, SO_DETACH_FILTER, 0));
	EXPECT_ERRNO(EPERM, set_int(fd[1], SOL_SOCKET, SO_LOCK_FILTER, 0));
	ASSERT_EQ(1, send(fd[0], "y", 1, 0));
	EXPECT_EQ(1, recv(fd[1], &c, 1, 0));
}

/* A listener's filter is asked for those that come, and its children have it. */
TEST_F(policy, filter_of_a_listener)
{
	struct sock_filter all[] = { { BPF_RET | BPF_K, 0, 0, 0x40000 } };
	int door = transport_listener(self->t, 1), fd = transport_socket(self->t, 0), child;
	struct sock_fprog take = { 1, all };
	struct sock_filter got[8];
	socklen_t len = 8;

	ASSERT_EQ(0, setsockopt(door, SOL_SOCKET, SO_ATTACH_FILTER, &take, sizeof(take)));
	ASSERT_EQ(0, transport_connect(self->t, fd, PLACE_LOOPBACK, transport_port(door)));
	child = accept(door, NULL, NULL);
	ASSERT_LE(0, child);
	ASSERT_EQ(0, getsockopt(child, SOL_SOCKET, SO_GET_FILTER, got, &len));
	EXPECT_EQ(1U, len);
	EXPECT_EQ(0, set_int(child, SOL_SOCKET, SO_DETACH_FILTER, 0));
}

TEST_HARNESS_MAIN
