/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host whose cable is this program: a network namespace with a tun device
 * that leads everywhere. What is written to the device arrives at the host at
 * once, from whatever address it claims to come; what the host sends is read
 * from it.
 *
 * With tun_open_nic() the device is like a network card: what arrives lies in pages, and
 * packets that are written between tun_hold() and its end are joined by GRO.
 */
#ifndef _XTCP_SELFTESTS_TUN_H
#define _XTCP_SELFTESTS_TUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The host's own addresses, and those of a neighbour that nobody is. */
#define TUN_HOST4	"192.0.2.1"
#define TUN_HOST6	"2001:db8::1"
#define TUN_PEER4	"192.0.2.2"
#define TUN_PEER6	"2001:db8::2"

struct tun {
	int fd;		/* a packet for each read() and write(), from its IP header on */
	int ns;		/* the host's network namespace */
	bool nic;	/* and before the IP header an Ethernet header, which tun.c hides */
};

int tun_open(struct tun *tun, const char *addr4, const char *addr6, unsigned int mtu);
int tun_open_nic(struct tun *tun, const char *addr4, const char *addr6, unsigned int mtu);
int tun_hold(const struct tun *tun, unsigned int us);
int tun_enter(const struct tun *tun);
void tun_close(struct tun *tun);
int tun_write(const struct tun *tun, const void *packet, size_t len);
ssize_t tun_read(const struct tun *tun, void *packet, size_t room, int ms);

#endif /* _XTCP_SELFTESTS_TUN_H */
