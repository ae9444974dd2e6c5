// SPDX-License-Identifier: GPL-2.0
/*
 * One round of a load. Every stream carries the same endless pattern, so that who
 * reads knows what must come from where it is; looking at each byte costs, and only
 * rounds that are not measured do it. All others count.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../net/transport.h"
#include "load.h"

#define PERIOD	251	/* a prime: no boundary of a write or a packet repeats it */
#define EVENTS	64

static const char *pattern(size_t at)
{
	static char text[LOAD_CHUNK + PERIOD];
	size_t i;

	if (!text[1]) {
		for (i = 0; i < sizeof(text); i++)
			text[i] = i % PERIOD;
	}
	return text + at % PERIOD;
}

/* What came is what is next in this stream. */
static int arrived(struct load_side *side, struct load_conn *conn, const char *data, size_t len)
{
	if (side->verify && memcmp(data, pattern(conn->rcvd), len)) {
		errno = EBADMSG;
		return -1;
	}
	conn->rcvd += len;
	return 0;
}

static int say(struct load_conn *conn, size_t len)
{
	if (write_all(conn->fd, pattern(conn->sent), len))
		return -1;
	conn->sent += len;
	return 0;
}

static int hear(struct load_side *side, struct load_conn *conn, size_t len)
{
	static char data[LOAD_CHUNK];

	if (read_all(conn->fd, data, len))
		return -1;
	return arrived(side, conn, data, len);
}

static int stream_client(struct load_side *side)
{
	const struct load *load = side->load;
	long left = load->units;
	int i = 0;

	for (; left > 0; left -= load->size) {
		if (say(&side->conn[i], load->size))
			return -1;
		i = i + 1 < load->conns ? i + 1 : 0;
	}
	return 0;
}

/* Some bytes of a stream: how many, or -1. */
static ssize_t stream_some(struct load_side *side, struct load_conn *conn, int flags)
{
	static char data[LOAD_CHUNK];
	ssize_t n = recv(conn->fd, data, sizeof(data), flags);

	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if (!n) {
		errno = ENODATA;
		return -1;
	}
	return arrived(side, conn, data, n) ? -1 : n;
}

static int stream_server(struct load_side *side)
{
	struct epoll_event events[EVENTS];
	long left = side->load->units;
	ssize_t n;
	int i, ready;

	while (left > 0 && side->load->conns == 1) {
		n = stream_some(side, side->conn, 0);
		if (n < 0)
			return -1;
		left -= n;
	}
	while (left > 0) {
		ready = epoll_wait(side->epoll, events, EVENTS, -1);
		if (ready < 0)
			return -1;
		for (i = 0; i < ready; i++) {
			n = stream_some(side, &side->conn[events[i].data.u32], MSG_DONTWAIT);
			if (n < 0)
				return -1;
			left -= n;
		}
	}
	return 0;
}

static int trip_client(struct load_side *side)
{
	const struct load *load = side->load;
	long left = load->units;
	int i;

	for (; left > 0; left -= load->conns) {
		for (i = 0; i < load->conns; i++) {
			if (say(&side->conn[i], load->size))
				return -1;
		}
		for (i = 0; i < load->conns; i++) {
			if (hear(side, &side->conn[i], load->size))
				return -1;
		}
	}
	return 0;
}

static int answer(struct load_side *side, struct load_conn *conn)
{
	return hear(side, conn, side->load->size) || say(conn, side->load->size) ? -1 : 0;
}

static int trip_server(struct load_side *side)
{
	struct epoll_event events[EVENTS];
	long left = side->load->units;
	int i, ready;

	for (; left > 0 && side->load->conns == 1; left--) {
		if (answer(side, side->conn))
			return -1;
	}
	while (left > 0) {
		ready = epoll_wait(side->epoll, events, EVENTS, -1);
		if (ready < 0)
			return -1;
		for (i = 0; i < ready; i++) {
			if (answer(side, &side->conn[events[i].data.u32]))
				return -1;
		}
		left -= ready;
	}
	return 0;
}

static int connect_client(struct load_side *side)
{
	struct load_conn conn;
	long i;

	for (i = 0; i < side->load->units; i++) {
		conn = (struct load_conn){ .fd = side->open(side->arg) };
		if (conn.fd < 0 || say(&conn, 1) || hear(side, &conn, 1) || close(conn.fd))
			return -1;
	}
	return 0;
}

static int connect_server(struct load_side *side)
{
	struct load_conn conn;
	char c;
	long i;

	for (i = 0; i < side->load->units; i++) {
		conn = (struct load_conn){ .fd = accept(side->door, NULL, NULL) };
		if (conn.fd < 0 || hear(side, &conn, 1) || say(&conn, 1))
			return -1;
		/* The client closes first. */
		if (recv(conn.fd, &c, 1, 0)) {
			errno = EBADMSG;
			return -1;
		}
		if (close(conn.fd))
			return -1;
	}
	return 0;
}

/**
 * load_client - the client's part of a round
 * @side: what it works with
 *
 * Return: 0, or -1 with errno set; EBADMSG: what came is not what was sent.
 */
int load_client(struct load_side *side)
{
	static int (*const work[])(struct load_side *side) = {
		[LOAD_STREAM] = stream_client,
		[LOAD_TRIP] = trip_client,
		[LOAD_CONNECT] = connect_client,
	};

	return work[side->load->kind](side);
}

/**
 * load_server - the server's part of a round
 * @side: what it works with
 *
 * It ends when all of the round's bytes, questions or connections have come.
 *
 * Return: as load_client().
 */
int load_server(struct load_side *side)
{
	static int (*const work[])(struct load_side *side) = {
		[LOAD_STREAM] = stream_server,
		[LOAD_TRIP] = trip_server,
		[LOAD_CONNECT] = connect_server,
	};

	return work[side->load->kind](side);
}
