// SPDX-License-Identifier: GPL-2.0
/* The link to the machine under test. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "link.h"
#include "packet.h"

#define DEVICE	"tun0"
#define MTU	1500
#define SECOND	1000000000LL

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* A subnet, so that it has a broadcast address. */
static int make_subnet(void)
{
	struct ifreq ifr = { .ifr_name = DEVICE };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err;

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0xffffff00);
	err = ioctl(fd, SIOCSIFNETMASK, &ifr);
	place_address(AF_INET, PLACE_SUBNET, &sin->sin_addr);
	err = err || ioctl(fd, SIOCSIFBRDADDR, &ifr) ? -1 : 0;
	close(fd);
	return err;
}

/**
 * link_open - move to a network namespace of one's own with a link to the peer
 * @link: result
 *
 * Return: 0, or -1 with errno set.
 */
int link_open(struct link *link)
{
	STAILQ_INIT(&link->queue);
	return tun_open(&link->tun, TUN_HOST4, TUN_HOST6, MTU) || make_subnet() ? -1 : 0;
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
	return !tun_write(&link->tun, packet, len);
}

/* Queue everything that has come. */
static void read_all(struct link *link)
{
	static uint8_t buf[PACKET_MAX];
	struct arrival *a;
	struct packet packet;
	ssize_t n;

	while ((n = tun_read(&link->tun, buf, sizeof(buf), 0)) > 0) {
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
	struct pollfd wait[2] = { { link->tun.fd, POLLIN, 0 }, { fd, events, 0 } };
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
