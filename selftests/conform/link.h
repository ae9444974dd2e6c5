/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link to the machine under test: a network namespace of its own, in which
 * a tun device is the only way out. Packets that come are queued with the time.
 */
#ifndef _SELFTESTS_CONFORM_LINK_H
#define _SELFTESTS_CONFORM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "../lib/tun.h"

/* A packet of the machine under test. */
struct arrival {
	STAILQ_ENTRY(arrival) next;
	int64_t at;			/* ns */
	size_t len;
	uint8_t packet[];
};

STAILQ_HEAD(arrivals, arrival);

struct link {
	struct tun tun;
	struct arrivals queue;
};

int64_t now_ns(void);
int link_open(struct link *link);
const char *link_mtu(unsigned int mtu);
bool link_send(struct link *link, const uint8_t *packet, size_t len);
int link_wait(struct link *link, int64_t until, int fd, short events);
struct arrival *link_next(struct link *link);
struct arrival *link_take(struct link *link);

#endif /* _SELFTESTS_CONFORM_LINK_H */
