// SPDX-License-Identifier: GPL-2.0
/* The sockets of one protocol, and what can be seen of them. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "diff.h"

#define EVENTS	(POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLRDBAND | POLLWRNORM)

/**
 * world_open - a world without sockets
 * @w: world
 * @name: of its protocol
 * @protocol: of socket()
 */
void world_open(struct world *w, const char *name, int protocol)
{
	int slot;

	memset(w, 0, sizeof(*w));
	w->name = name;
	w->protocol = protocol;
	for (slot = 0; slot < SLOTS; slot++) {
		w->fd[slot] = -1;
		w->peer[slot] = -1;
	}
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0)
		abort();
}

/**
 * world_close - no socket in a slot any more
 * @w: world
 * @slot: slot, empty perhaps
 */
void world_close(struct world *w, int slot)
{
	if (w->fd[slot] >= 0)
		close(w->fd[slot]);
	w->fd[slot] = -1;
	w->seen[slot] = 0;
	if (w->peer[slot] >= 0)
		w->peer[w->peer[slot]] = -1;
	w->peer[slot] = -1;
}

/**
 * world_abort - the same, without an orderly end
 * @w: world
 * @slot: slot, empty perhaps
 */
void world_abort(struct world *w, int slot)
{
	struct linger now = { .l_onoff = 1 };

	if (w->fd[slot] >= 0)
		setsockopt(w->fd[slot], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	world_close(w, slot);
}

/**
 * world_put - a socket into a slot that is empty
 * @w: world
 * @slot: slot
 * @fd: socket, or -1
 *
 * A call that blocks does it for a second, of virtual time.
 */
void world_put(struct world *w, int slot, int fd)
{
	struct epoll_event event = { .events = EVENTS | EPOLLET, .data.u32 = slot };
	struct timeval second = { .tv_sec = 1 };

	w->fd[slot] = fd;
	if (fd < 0)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second)) ||
	    epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event))
		abort();
}

static int ask(int fd, unsigned long request)
{
	int value = 0;

	return ioctl(fd, request, &value) ? -errno : value;
}

/**
 * world_look - what there is to see of a socket
 * @w: world
 * @slot: slot
 * @sight: result
 */
void world_look(const struct world *w, int slot, struct sight *sight)
{
	struct pollfd p = { .fd = w->fd[slot], .events = EVENTS };
	uint8_t state = 0;
	socklen_t len = sizeof(state);

	memset(sight, 0, sizeof(*sight));
	if (w->fd[slot] < 0)
		return;
	if (poll(&p, 1, 0) >= 0)
		sight->events = p.revents;
	sight->readable = ask(p.fd, SIOCINQ);
	sight->unacked = ask(p.fd, SIOCOUTQ);
	sight->mark = ask(p.fd, SIOCATMARK);
	if (!getsockopt(p.fd, IPPROTO_TCP, TCP_INFO, &state, &len))
		sight->state = state;
	/*
	 * What TCP's disconnecting adds to numbers each time, two and a window, is none of
	 * the program's bytes.
	 */
	if (state == TCP_CLOSE && (sight->unacked <= 6 || sight->unacked >= 4 * DATA))
		sight->unacked = 0;
}

/**
 * world_edges - has epoll told of every readiness that is new?
 * @w: world
 * @missed: result: what it has not told of, for each slot
 */
bool world_edges(struct world *w, short missed[SLOTS])
{
	struct epoll_event told[SLOTS];
	short events[SLOTS] = {};
	int i, n = epoll_wait(w->epoll, told, SLOTS, 0);
	struct sight sight;
	bool all = true;

	for (i = 0; i < n; i++)
		events[told[i].data.u32] = told[i].events;
	for (i = 0; i < SLOTS; i++) {
		world_look(w, i, &sight);
		missed[i] = sight.events & ~w->seen[i] & ~events[i];
		w->seen[i] = sight.events;
		all = all && !missed[i];
	}
	return all;
}
