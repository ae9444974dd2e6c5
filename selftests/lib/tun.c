// SPDX-License-Identifier: GPL-2.0
/* Hosts whose cable is this program: see tun.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
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

/* The address of the card, and of everybody: there is no ARP. */
static const unsigned char MAC[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

static int up(int fd, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_RUNNING };

	if (!strcmp(name, DEVICE))
		ifr.ifr_flags |= IFF_NOARP;
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

static int set_mac(int fd)
{
	struct ifreq ifr = { .ifr_name = DEVICE, .ifr_hwaddr.sa_family = ARPHRD_ETHER };

	memcpy(ifr.ifr_hwaddr.sa_data, MAC, sizeof(MAC));
	return ioctl(fd, SIOCSIFHWADDR, &ifr);
}

static int open_device(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && !system("modprobe -q tun"))
		fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd;
}

static int open_as(struct tun *tun, short flags, const char *addr4, const char *addr6,
		   unsigned int mtu)
{
	struct ifreq ifr = { .ifr_name = DEVICE, .ifr_flags = flags | IFF_NO_PI };
	int fd, err;

	if (unshare(CLONE_NEWNET))
		return -1;
	tun->nic = flags & IFF_TAP;
	tun->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	tun->fd = open_device();
	if (tun->ns < 0 || tun->fd < 0 || ioctl(tun->fd, TUNSETIFF, &ifr))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	err = set(fd, SIOCSIFMTU, mtu) || set(fd, SIOCSIFTXQLEN, QUEUE) ||
	      no_super_packets(fd) || (tun->nic && set_mac(fd)) ? -1 : 0;
	close(fd);
	return err || configure4(addr4) || configure6(addr6) ? -1 : 0;
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
	return open_as(tun, IFF_TUN, addr4, addr6, mtu);
}

/**
 * tun_open_nic - the same, with a device that is like a network card
 * @tun: result
 * @addr4: its IPv4 address
 * @addr6: its IPv6 address
 * @mtu: of its only device
 *
 * Return: 0 or -1 with errno set.
 */
int tun_open_nic(struct tun *tun, const char *addr4, const char *addr6, unsigned int mtu)
{
	return open_as(tun, IFF_TAP | IFF_NAPI, addr4, addr6, mtu);
}

/**
 * tun_hold - let GRO wait for more, instead of handing over packet by packet
 * @tun: host, of tun_open_nic()
 * @us: so long, but not longer than a tick
 *
 * To be called once. The caller has a /sys of its own afterwards, which shows this host's devices.
 *
 * Return: 0 or -1 with errno set.
 */
int tun_hold(const struct tun *tun, unsigned int us)
{
	FILE *file;
	int err;

	if (!tun->nic || unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		return -1;
	file = fopen("/sys/class/net/" DEVICE "/gro_flush_timeout", "w");
	if (!file)
		return -1;
	err = fprintf(file, "%u", us * 1000) < 0;
	return fclose(file) || err ? -1 : 0;
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
	struct ethhdr eth = { .h_proto = htons(*(const unsigned char *)packet >> 4 == 4 ?
						ETH_P_IP : ETH_P_IPV6) };
	const struct iovec part[] = {
		{ &eth, sizeof(eth) }, { (void *)packet, len },
	};

	if (!tun->nic)
		return write(tun->fd, packet, len) == (ssize_t)len ? 0 : -1;
	memcpy(eth.h_dest, MAC, sizeof(MAC));
	memcpy(eth.h_source, MAC, sizeof(MAC));
	return writev(tun->fd, part, 2) == (ssize_t)(sizeof(eth) + len) ? 0 : -1;
}

static ssize_t read_packet(const struct tun *tun, void *packet, size_t room)
{
	struct ethhdr eth;
	const struct iovec part[] = { { &eth, sizeof(eth) }, { packet, room } };
	ssize_t n;

	if (!tun->nic)
		return read(tun->fd, packet, room);
	n = readv(tun->fd, part, 2);
	return n < (ssize_t)sizeof(eth) ? n : n - (ssize_t)sizeof(eth);
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

	n = read_packet(tun, packet, room);
	if (n < 0 && errno == EAGAIN && ms) {
		n = poll(&p, 1, ms);
		if (n <= 0)
			return n;
		n = read_packet(tun, packet, room);
	}
	return n < 0 && errno == EAGAIN ? 0 : n;
}
