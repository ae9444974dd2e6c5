// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP socket in the place of an XTCP socket that is not connected: the same
 * descriptor, with all that the program has told it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "run.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51	/* since 6.3; the C library's header is older */
#endif
#ifndef SO_TXREHASH
#define SO_TXREHASH		74	/* since 6.0 */
#endif
#ifndef IPV6_FLOWINFO
#define IPV6_FLOWINFO		11	/* the C library's header leaves it out */
#endif

/* epoll knows files, not descriptors: who waits for the old one has to hear of the new one. */
#define WATCHED	65536		/* descriptors from here on are not remembered */

static struct watch {
	int epoll;		/* plus 1; 0: none */
	struct epoll_event event;
} watches[WATCHED];

/**
 * watch_forget - a descriptor is new
 * @fd: descriptor
 */
void watch_forget(int fd)
{
	if (fd >= 0 && fd < WATCHED)
		watches[fd].epoll = 0;
}

HOOK int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	static int (*next)(int epfd, int op, int fd, struct epoll_event *event);
	int err;

	if (!next)
		next = dlsym(RTLD_NEXT, "epoll_ctl");
	err = next(epfd, op, fd, event);
	if (err || fd < 0 || fd >= WATCHED)
		return err;
	if (op == EPOLL_CTL_DEL) {
		watches[fd].epoll = 0;
	} else {
		watches[fd].epoll = epfd + 1;
		watches[fd].event = *event;
	}
	return 0;
}

static const struct option {
	int level, name;
} options[] = {
	{ SOL_SOCKET, SO_REUSEADDR }, { SOL_SOCKET, SO_REUSEPORT },
	{ SOL_SOCKET, SO_KEEPALIVE }, { SOL_SOCKET, SO_OOBINLINE }, { SOL_SOCKET, SO_LINGER },
	{ SOL_SOCKET, SO_DONTROUTE }, { SOL_SOCKET, SO_PRIORITY }, { SOL_SOCKET, SO_MARK },
	{ SOL_SOCKET, SO_RCVLOWAT }, { SOL_SOCKET, SO_RCVTIMEO }, { SOL_SOCKET, SO_SNDTIMEO },
	{ SOL_SOCKET, SO_SNDBUF }, { SOL_SOCKET, SO_RCVBUF }, { SOL_SOCKET, SO_BINDTODEVICE },
	{ SOL_SOCKET, SO_TIMESTAMP }, { SOL_SOCKET, SO_TIMESTAMPNS },
	{ SOL_SOCKET, SO_TIMESTAMPING }, { SOL_SOCKET, SO_ZEROCOPY },
	{ SOL_SOCKET, SO_MAX_PACING_RATE }, { SOL_SOCKET, SO_BUSY_POLL },
	{ SOL_SOCKET, SO_INCOMING_CPU }, { SOL_SOCKET, SO_PREFER_BUSY_POLL },
	{ SOL_SOCKET, SO_SELECT_ERR_QUEUE }, { SOL_SOCKET, SO_PEEK_OFF },
	{ SOL_SOCKET, SO_TXREHASH },
	{ SOL_TCP, TCP_NODELAY }, { SOL_TCP, TCP_CORK }, { SOL_TCP, TCP_MAXSEG },
	{ SOL_TCP, TCP_KEEPIDLE }, { SOL_TCP, TCP_KEEPINTVL }, { SOL_TCP, TCP_KEEPCNT },
	{ SOL_TCP, TCP_SYNCNT }, { SOL_TCP, TCP_LINGER2 }, { SOL_TCP, TCP_WINDOW_CLAMP },
	{ SOL_TCP, TCP_USER_TIMEOUT }, { SOL_TCP, TCP_NOTSENT_LOWAT }, { SOL_TCP, TCP_INQ },
	{ SOL_TCP, TCP_CONGESTION }, { SOL_TCP, TCP_QUICKACK }, { SOL_TCP, TCP_DEFER_ACCEPT },
	{ SOL_IP, IP_TOS }, { SOL_IP, IP_TTL }, { SOL_IP, IP_FREEBIND }, { SOL_IP, IP_RECVERR },
	{ SOL_IP, IP_BIND_ADDRESS_NO_PORT }, { SOL_IP, IP_TRANSPARENT },
	{ SOL_IP, IP_MTU_DISCOVER }, { SOL_IP, IP_MINTTL }, { SOL_IP, IP_LOCAL_PORT_RANGE },
	{ SOL_IP, IP_PKTINFO }, { SOL_IP, IP_RECVTTL }, { SOL_IP, IP_RECVTOS },
	{ SOL_IPV6, IPV6_V6ONLY }, { SOL_IPV6, IPV6_UNICAST_HOPS }, { SOL_IPV6, IPV6_TCLASS },
	{ SOL_IPV6, IPV6_RECVERR }, { SOL_IPV6, IPV6_TRANSPARENT }, { SOL_IPV6, IPV6_FREEBIND },
	{ SOL_IPV6, IPV6_MTU_DISCOVER }, { SOL_IPV6, IPV6_MINHOPCOUNT },
	{ SOL_IPV6, IPV6_AUTOFLOWLABEL }, { SOL_IPV6, IPV6_ADDR_PREFERENCES },
	{ SOL_IPV6, IPV6_RECVPKTINFO }, { SOL_IPV6, IPV6_RECVHOPLIMIT },
	{ SOL_IPV6, IPV6_RECVTCLASS }, { SOL_IPV6, IPV6_FLOWINFO },
};

/* Value of an option, zeroed behind its end; its length, or 0. */
static socklen_t read_option(int fd, const struct option *option, char val[64])
{
	socklen_t len = 64;

	memset(val, 0, 64);
	return real()->getsockopt(fd, option->level, option->name, val, &len) ? 0 : len;
}

/* What differs from a fresh socket was set by the program. */
static void carry_options(int from, int fresh, int to)
{
	char val[64], first[64];
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];
		socklen_t len = read_option(from, option, val);

		if (!len || len != read_option(fresh, option, first) || !memcmp(val, first, len))
			continue;
		if (option->level == SOL_SOCKET &&
		    (option->name == SO_SNDBUF || option->name == SO_RCVBUF)) {
			int size;

			memcpy(&size, val, sizeof(size));
			size /= 2;	/* socket(7): the kernel doubles it */
			memcpy(val, &size, sizeof(size));
		}
		setsockopt(to, option->level, option->name, val, len);
	}
}

/* Whom signals go to, and which one. O_ASYNC itself is carried with the other flags. */
static void carry_owner(int from, int to)
{
	struct f_owner_ex owner;

	if (!fcntl(from, F_GETOWN_EX, &owner) && owner.pid)
		fcntl(to, F_SETOWN_EX, &owner);
	fcntl(to, F_SETSIG, fcntl(from, F_GETSIG));
}

/* 0 or -1 with errno. */
static int carry_name(int from, int to)
{
	struct sockaddr_storage name = {}, none = {};
	socklen_t len = sizeof(name);

	if (getsockname(from, (struct sockaddr *)&name, &len))
		return -1;
	none.ss_family = name.ss_family;
	if (!memcmp(&name, &none, len))
		return 0;
	return real()->bind(to, (struct sockaddr *)&name, len);
}

/**
 * swap_to_tcp - put a TCP socket in the place of an XTCP socket
 * @fd: XTCP socket, neither connected nor listening
 *
 * Return: 0; -1 with errno, and the old socket is still there.
 */
int swap_to_tcp(int fd)
{
	int flags = fcntl(fd, F_GETFD), domain, fresh, tcp, err;
	socklen_t len = sizeof(domain);

	if (real()->getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
		return -1;
	tcp = real()->socket(domain, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (tcp < 0)
		return -1;
	fresh = xtcp_socket(domain, SOCK_STREAM | SOCK_CLOEXEC);
	if (fresh >= 0) {
		carry_options(fd, fresh, tcp);
		close(fresh);
	}
	carry_owner(fd, tcp);
	fcntl(tcp, F_SETFL, fcntl(fd, F_GETFL));
	if (carry_name(fd, tcp) || dup3(tcp, fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) {
		err = errno;
		close(tcp);
		errno = err;
		return -1;
	}
	close(tcp);
	if (fd < WATCHED && watches[fd].epoll) {
		struct epoll_event event = watches[fd].event;

		epoll_ctl(watches[fd].epoll - 1, EPOLL_CTL_ADD, fd, &event);
	}
	return 0;
}
