// SPDX-License-Identifier: GPL-2.0
/* The link to the machine under test. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/ipv6.h>

#include "link.h"
#include "packet.h"

#define DEVICE		"tun0"
#define TUN_FILE	"/dev/net/tun"
#define TUN_MAJOR	10		/* Documentation/admin-guide/devices.txt of the kernel */
#define TUN_MINOR	200
#define SECOND		1000000000LL

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* Nobody makes the file where there is no udev; opening it loads the module. */
static int open_tun(void)
{
	mkdir("/dev/net", 0755);
	if (mknod(TUN_FILE, S_IFCHR | 0600, makedev(TUN_MAJOR, TUN_MINOR)) && errno != EEXIST)
		return -1;
	return open(TUN_FILE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int raise_devices(int fd)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct ifreq device = { .ifr_name = DEVICE, .ifr_flags = IFF_UP };

	return ioctl(fd, SIOCSIFFLAGS, &lo) || ioctl(fd, SIOCSIFFLAGS, &device);
}

static int address4(int fd)
{
	struct ifreq ifr = { .ifr_name = DEVICE };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = (char *)DEVICE };

	sin->sin_family = AF_INET;
	place_address(AF_INET, PLACE_LOCAL, &sin->sin_addr);
	if (ioctl(fd, SIOCSIFADDR, &ifr))
		return -1;
	sin->sin_addr.s_addr = htonl(0xffffff00);
	if (ioctl(fd, SIOCSIFNETMASK, &ifr))
		return -1;
	place_address(AF_INET, PLACE_SUBNET, &sin->sin_addr);
	if (ioctl(fd, SIOCSIFBRDADDR, &ifr))
		return -1;
	route.rt_dst.sa_family = AF_INET;
	route.rt_genmask.sa_family = AF_INET;
	return ioctl(fd, SIOCADDRT, &route);
}

static int address6(int index)
{
	struct in6_ifreq addr = { .ifr6_prefixlen = 64, .ifr6_ifindex = index };
	struct in6_rtmsg route = { .rtmsg_ifindex = index, .rtmsg_flags = RTF_UP,
				   .rtmsg_metric = 1 };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	int err;

	place_address(AF_INET6, PLACE_LOCAL, &addr.ifr6_addr);
	sin6.sin6_addr = addr.ifr6_addr;
	err = ioctl(fd, SIOCSIFADDR, &addr) || ioctl(fd, SIOCADDRT, &route) ? -1 : 0;
	/* A work queue makes the address usable. */
	while (!err && bind(fd, (struct sockaddr *)&sin6, sizeof(sin6))) {
		if (errno != EADDRNOTAVAIL)
			err = -1;
		usleep(1000);
	}
	close(fd);
	return err;
}

/**
 * link_open - move to a network namespace of one's own with a link to the peer
 * @link: result
 *
 * Return: NULL, or what did not work; errno says why.
 */
const char *link_open(struct link *link)
{
	struct ifreq ifr = { .ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI };
	const char *error = NULL;
	int fd;

	STAILQ_INIT(&link->queue);
	if (unshare(CLONE_NEWNET))
		return "no network namespace";
	link->fd = open_tun();
	if (link->fd < 0)
		return "no " TUN_FILE;
	if (ioctl(link->fd, TUNSETIFF, &ifr))
		return "no tun device";
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || raise_devices(fd))
		error = "cannot set devices up";
	else if (address4(fd))
		error = "no IPv4 address";
	else if (address6(if_nametoindex(DEVICE)))
		error = "no IPv6 address";
	close(fd);
	return error;
}

/**
 * link_mtu - set what the link carries
 * @mtu: bytes
 *
 * Return: NULL, or what did not work; errno says why.
 */
const char *link_mtu(unsigned int mtu)
{
	struct ifreq ifr = { .ifr_name = DEVICE, .ifr_mtu = mtu };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err = ioctl(fd, SIOCSIFMTU, &ifr);

	close(fd);
	return err ? "cannot set the MTU" : NULL;
}

/**
 * link_send - give a packet to the machine under test
 * @link: link
 * @packet: whole IP packet
 * @len: its length
 *
 * Return: false, with errno, if it was refused.
 */
bool link_send(struct link *link, const uint8_t *packet, size_t len)
{
	return write(link->fd, packet, len) == (ssize_t)len;
}

/* Queue everything that has come. */
static void read_all(struct link *link)
{
	static uint8_t buf[PACKET_MAX];
	struct arrival *a;
	struct packet packet;
	ssize_t n;

	while ((n = read(link->fd, buf, sizeof(buf))) > 0) {
		if (!packet_read(buf, n, &packet) && !packet.segment)
			continue;	/* not of our protocol */
		a = malloc(sizeof(*a) + n);
		if (!a)
			abort();
		a->at = now_ns();
		a->len = n;
		memcpy(a->packet, buf, n);
		STAILQ_INSERT_TAIL(&link->queue, a, next);
	}
}

/**
 * link_wait - let time pass
 * @link: link; all that comes is queued
 * @until: ns; in the past: only look
 * @fd: socket to be watched too; then packets do not end the waiting. -1: none
 * @events: of poll()
 *
 * Return: what the socket reports, 0 if nothing did before the time was over;
 * without socket 1 as soon as a packet is queued.
 */
int link_wait(struct link *link, int64_t until, int fd, short events)
{
	struct pollfd wait[2] = { { link->fd, POLLIN, 0 }, { fd, events, 0 } };
	struct timespec ts = { 0 };
	int64_t left;

	for (;;) {
		read_all(link);
		if (fd < 0 && !STAILQ_EMPTY(&link->queue))
			return 1;
		left = until - now_ns();
		if (left < 0)
			left = 0;
		ts.tv_sec = left / SECOND;
		ts.tv_nsec = left % SECOND;
		if (ppoll(wait, 2, &ts, NULL) < 0 && errno != EINTR)
			return 0;
		if (wait[1].revents)
			return wait[1].revents;
		if (!wait[0].revents && !left)
			return 0;
	}
}

/**
 * link_next - the packet that came first
 * @link: link
 *
 * Return: it, or NULL.
 */
struct arrival *link_next(struct link *link)
{
	read_all(link);
	return STAILQ_FIRST(&link->queue);
}

/**
 * link_take - take the packet that came first
 * @link: link
 *
 * Return: it, to be freed, or NULL.
 */
struct arrival *link_take(struct link *link)
{
	struct arrival *a = link_next(link);

	if (a)
		STAILQ_REMOVE_HEAD(&link->queue, next);
	return a;
}
