// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of a program that make a TCP socket and give it an address. What the C
 * library calls for itself (name resolution) stays as it is.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/xtcp.h>

#include "run.h"

#define TYPE_MASK	0xf	/* of the second argument of socket(): the rest are flags */

/**
 * real - the functions that the library's stand in front of
 */
const struct real *real(void)
{
	static struct real found;

	if (!found.getsockopt) {
		found.socket = dlsym(RTLD_NEXT, "socket");
		found.bind = dlsym(RTLD_NEXT, "bind");
		found.listen = dlsym(RTLD_NEXT, "listen");
		found.connect = dlsym(RTLD_NEXT, "connect");
		found.getsockopt = dlsym(RTLD_NEXT, "getsockopt");
	}
	return &found;
}

/**
 * is_xtcp - is a descriptor an XTCP socket?
 * @fd: any descriptor
 *
 * By an option that only it has: its protocol's number may be another, and who opened
 * it another program.
 */
bool is_xtcp(int fd)
{
	int val, err = errno;
	socklen_t len = sizeof(val);
	bool has = !real()->getsockopt(fd, SOL_XTCP, XTCP_SHORTCUT, &val, &len);

	errno = err;
	return has;
}

/**
 * xtcp_socket - a new XTCP socket
 * @domain: AF_INET or AF_INET6
 * @type: SOCK_STREAM and flags
 *
 * Through the second door, which also opens where only inet sockets are allowed;
 * the first is for a module that has another number of the protocol.
 *
 * Return: descriptor; -1 with errno.
 */
int xtcp_socket(int domain, int type)
{
	int fd = real()->socket(domain, type, IPPROTO_XTCP);

	if (fd >= 0 || (errno != EPROTONOSUPPORT && errno != ESOCKTNOSUPPORT))
		return fd;
	return real()->socket(AF_XTCP, type, domain == AF_INET6 ? XTCP_IPV6 : XTCP_IPV4);
}

HOOK int socket(int domain, int type, int protocol)
{
	int fd;

	if ((domain != AF_INET && domain != AF_INET6) || (type & TYPE_MASK) != SOCK_STREAM ||
	    (protocol != 0 && protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP))
		return real()->socket(domain, type, protocol);

	fd = xtcp_socket(domain, type);
	if (fd >= 0) {
		watch_forget(fd);
		say("descriptor %d: XTCP instead of TCP", fd);
	} else if (settings()->fallback &&
		   (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT ||
		    errno == EAFNOSUPPORT)) {
		fd = real()->socket(domain, type, protocol);
		say("descriptor %d: TCP, for XTCP is not there", fd);
	} else {
		say("no XTCP: %s", strerror(errno));
	}
	return fd;
}

/* The program sees TCP. */
HOOK int getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	int err = real()->getsockopt(fd, level, name, val, len), tcp = IPPROTO_TCP;

	if (!err && level == SOL_SOCKET && name == SO_PROTOCOL && *len == sizeof(tcp) &&
	    is_xtcp(fd))
		memcpy(val, &tcp, sizeof(tcp));
	return err;
}

static bool has_peer(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int saved = errno, err = getpeername(fd, (struct sockaddr *)&peer, &len);

	errno = saved;
	return !err;
}

/* An XTCP socket of which nothing is decided yet, and an address that may decide. */
static bool undecided(int fd, const struct sockaddr *addr, socklen_t len)
{
	return addr && len >= sizeof(addr->sa_family) &&
	       (addr->sa_family == AF_INET || addr->sa_family == AF_INET6) &&
	       is_xtcp(fd) && !has_peer(fd);
}

static bool any_port(const struct sockaddr *addr)
{
	return !((const struct sockaddr_in *)addr)->sin_port;	/* in the same place for both */
}

HOOK int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	/* without a port it is the peer that decides */
	if ((settings()->only || settings()->except) && len >= sizeof(struct sockaddr_in) &&
	    undecided(fd, addr, len) && !any_port(addr) && !selected(addr, len)) {
		if (swap_to_tcp(fd))
			return -1;
		say("descriptor %d: TCP, as its address says", fd);
	}
	return real()->bind(fd, addr, len);
}

/* Who listens without a port that it has chosen has no peer to decide either. */
HOOK int listen(int fd, int backlog)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);

	if ((settings()->only || settings()->except) && is_xtcp(fd) && !has_peer(fd) &&
	    !getsockname(fd, (struct sockaddr *)&name, &len) &&
	    !selected((struct sockaddr *)&name, len)) {
		if (swap_to_tcp(fd))
			return -1;
		say("descriptor %d: TCP, as where it listens says", fd);
	}
	return real()->listen(fd, backlog);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The result of a connect() under way: 0 or -errno; -ETIMEDOUT after @ms. */
static int wait_connected(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	long end = now_ms() + ms, left = ms;
	socklen_t len = sizeof(int);
	int err = 0, n;

	do {
		n = poll(&p, 1, left);
		left = end - now_ms();
	} while (n < 0 && errno == EINTR && left > 0);
	if (n <= 0)
		return -ETIMEDOUT;
	real()->getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return -err;
}

/* The peer, or somebody on the way, has no XTCP, or nobody says anything. */
static bool worth_tcp(int err)
{
	switch (err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ETIMEDOUT:
	case ENOPROTOOPT:	/* ICMP: protocol unreachable */
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EACCES:
	case EPERM:
	case EPROTO:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

/* The socket keeps the address and the port that the program has chosen, and no other. */
static void disconnect(int fd)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	real()->connect(fd, &nobody, sizeof(nobody));
}

/*
 * Whether the peer answers is known only later, when a program that does not wait
 * has its socket in use: it waits here.
 */
static int connect_or_tcp(int fd, const struct sockaddr *addr, socklen_t len)
{
	int flags = fcntl(fd, F_GETFL), err;

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	err = real()->connect(fd, addr, len) ? errno : 0;
	if (err == EINPROGRESS)
		err = -wait_connected(fd, settings()->fallback);
	fcntl(fd, F_SETFL, flags);
	if (!err)
		return 0;
	if (!worth_tcp(err)) {
		errno = err;
		return -1;
	}
	/* what the program has not bound TCP chooses: XTCP's port may be in use there */
	disconnect(fd);
	if (swap_to_tcp(fd))
		return -1;
	say("descriptor %d: TCP instead of XTCP: %s", fd, strerror(err));
	return real()->connect(fd, addr, len);
}

/* A port that bind() has had XTCP choose may be in use by TCP, which then chooses another. */
static int swap_for_peer(int fd)
{
	if (!swap_to_tcp(fd))
		return 0;
	if (errno != EADDRINUSE)
		return -1;
	disconnect(fd);
	return swap_to_tcp(fd);
}

HOOK int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct settings *s = settings();

	if ((!s->only && !s->except && !s->fallback) || !undecided(fd, addr, len))
		return real()->connect(fd, addr, len);
	if (!selected(addr, len)) {
		if (swap_for_peer(fd))
			return -1;
		say("descriptor %d: TCP, as the peer's address says", fd);
		return real()->connect(fd, addr, len);
	}
	return s->fallback ? connect_or_tcp(fd, addr, len) : real()->connect(fd, addr, len);
}
