// SPDX-License-Identifier: GPL-2.0
/* Hosts whose cable is this program: see tun.h. */
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
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>

#include "tun.h"

#define DEVICE	"tun0"
#define QUEUE	8000	/* packets that the device holds for us */

/* What <linux/ipv6.h> says, which does not go with <netinet/in.h>. */
struct in6_ifreq {
	struct in6_addr addr;
	uint32_t prefixlen;
	int ifindex;
};

static int up(int fd, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_RUNNING };

	memcpy(ifr.ifr_name, name, strlen(name));
	return ioctl(fd, SIOCSIFFLAGS, &ifr);
}

static int set(int fd, unsigned long request, int value)
{
	struct ifreq ifr = { .ifr_name = DEVICE };

	if (request == SIOCSIFMTU)
		ifr.ifr_mtu = value;
	else
		ifr.ifr_qlen = value;
	return ioctl(fd, request, &ifr);
}

/* What is read is what a segment is on a wire, and not a super-packet cut into several. */
static int no_super_packets(int fd)
{
	struct ethtool_value off = { .cmd = ETHTOOL_SGSO };
	struct ifreq ifr = { .ifr_name = DEVICE };

	ifr.ifr_data = (char *)&off;
	return ioctl(fd, SIOCETHTOOL, &ifr);
}

/* An address, and the way to everywhere. */
static int configure4(const char *addr)
{
	struct ifreq ifr = { .ifr_name = DEVICE };
	struct sockaddr_in *in = (struct sockaddr_in *)&ifr.ifr_addr;
	struct rtentry route = { .rt_dev = (char *)DEVICE, .rt_flags = RTF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	in->sin_family = AF_INET;
	inet_pton(AF_INET, addr, &in->sin_addr);
	route.rt_dst.sa_family = AF_INET;
	route.rt_genmask.sa_family = AF_INET;
	err = up(fd, "lo") || ioctl(fd, SIOCSIFADDR, &ifr) || up(fd, DEVICE) ||
	      ioctl(fd, SIOCADDRT, &route) ? -1 : 0;
	close(fd);
	return err;
}

static int configure6(const char *addr)
{
	struct in6_ifreq ifr = { .prefixlen = 128, .ifindex = if_nametoindex(DEVICE) };
	struct in6_rtmsg route = {
		.rtmsg_metric = 1, .rtmsg_flags = RTF_UP, .rtmsg_ifindex = ifr.ifindex,
	};
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), err;

	inet_pton(AF_INET6, addr, &ifr.addr);
	in6.sin6_addr = ifr.addr;
	err = ioctl(fd, SIOCSIFADDR, &ifr) || ioctl(fd, SIOCADDRT, &route) ? -1 : 0;
	/* A work queue makes the new address usable. */
	while (!err && bind(fd, (struct sockaddr *)&in6, sizeof(in6))) {
		if (errno != EADDRNOTAVAIL)
			err = -1;
		usleep(1000);
	}
	close(fd);
	return err;
}

static int open_device(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && !system("modprobe -q tun"))
		fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd;
}

/**
 * tun_open - move to a new host
 * @tun: result
 * @addr4: its IPv4 address
 * @addr6: its IPv6 address
 * @mtu: of its only device
 *
 * The caller is in the new namespace afterwards.
 *
 * Return: 0 or -1 with errno set.
 */
int tun_open(struct tun *tun, const char *addr4, const char *addr6, unsigned int mtu)
{
	struct ifreq ifr = { .ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd, err;

	if (unshare(CLONE_NEWNET))
		return -1;
	tun->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	tun->fd = open_device();
	if (tun->ns < 0 || tun->fd < 0 || ioctl(tun->fd, TUNSETIFF, &ifr))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	err = set(fd, SIOCSIFMTU, mtu) || set(fd, SIOCSIFTXQLEN, QUEUE) ||
	      no_super_packets(fd) ? -1 : 0;
	close(fd);
	return err || configure4(addr4) || configure6(addr6) ? -1 : 0;
}

/**
 * tun_enter - move to a host
 * @tun: host
 *
 * Return: 0 or -1 with errno set.
 */
int tun_enter(const struct tun *tun)
{
	return setns(tun->ns, CLONE_NEWNET);
}

/**
 * tun_close - take a host's cable away
 * @tun: host; it lives on as long as somebody is there
 */
void tun_close(struct tun *tun)
{
	close(tun->fd);
	close(tun->ns);
	tun->fd = -1;
	tun->ns = -1;
}

/**
 * tun_write - a packet for the host
 * @tun: host
 * @packet: from its IP header on
 * @len: its length
 *
 * Unless a program holds the socket that it is for, it has been handled, and its
 * answer can be read, when this returns.
 *
 * Return: 0 or -1 with errno set.
 */
int tun_write(const struct tun *tun, const void *packet, size_t len)
{
	return write(tun->fd, packet, len) == (ssize_t)len ? 0 : -1;
}

/**
 * tun_read - a packet that the host has sent
 * @tun: host
 * @packet: result, from its IP header on
 * @room: for so many bytes
 * @ms: wait so long for one; -1: for ever
 *
 * Return: its length; 0 if there is none; -1 with errno set.
 */
ssize_t tun_read(const struct tun *tun, void *packet, size_t room, int ms)
{
	struct pollfd p = { .fd = tun->fd, .events = POLLIN };
	ssize_t n;

	n = read(tun->fd, packet, room);
	if (n < 0 && errno == EAGAIN && ms) {
		n = poll(&p, 1, ms);
		if (n <= 0)
			return n;
		n = read(tun->fd, packet, room);
	}
	return n < 0 && errno == EAGAIN ? 0 : n;
}
