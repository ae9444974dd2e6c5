// SPDX-License-Identifier: GPL-2.0
/*
 * Where XTCP is meant to differ from TCP: Documentation/porting.rst lists the same. All
 * else is an error.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "diff.h"

static bool is(const char *text, const char *call)
{
	size_t len = strlen(call);

	return !strncmp(text, call, len) && text[len] == ' ';
}

/* Port 0xffff stands for one that the kernel chose: call.c. */
static bool port_left(const struct result *r)
{
	return r->len >= 4 && r->data[2] == 0xff && r->data[3] == 0xff;
}

static int unsent(const struct result *r)
{
	int bytes;

	memcpy(&bytes, r->data, sizeof(bytes));
	return bytes;
}

/**
 * intended_result - may the results of a call differ in this way?
 * @s: step
 * @text: what the step did
 * @t: of TCP
 * @x: of XTCP
 *
 * Return: the difference's name, or NULL.
 */
const char *intended_result(const struct step *s, const char *text, const struct result *t,
			    const struct result *x)
{
	if (is(text, "bind") && x->error == EADDRNOTAVAIL &&
	    (strstr(text, "IPv4 224.0.0.1") || strstr(text, "IPv4 255.255.255.255")))
		return "nothing is bound to multicast and broadcast addresses (M1)";
	if (is(text, "getsockopt") && strstr(text, "TCP_QUICKACK"))
		return "TCP_QUICKACK says what was set";
	if (is(text, "getsockopt") && (strstr(text, "TCP_SYNCNT") || strstr(text, "TCP_KEEPCNT")))
		return "XTCP has settings of its own, with defaults of their own";
	if (is(text, "name") && t->len == x->len && port_left(t) && !port_left(x))
		return "TCP shows the port of a socket that is disconnected and has none";
	if (is(text, "ioctl") && strstr(text, "SIOCOUTQNSD") && !t->ret && !x->ret &&
	    unsent(x) == 0 && (unsent(t) <= 6 || unsent(t) >= 4 * DATA))
		return "TCP counts the SYN or FIN of a connection that has failed, and a window";
	return NULL;
}

/**
 * intended_sight - may sockets look different in this way, for ever?
 * @t: of TCP
 * @x: of XTCP
 *
 * Return: the difference's name, or NULL.
 */
const char *intended_sight(const struct sight *t, const struct sight *x)
{
	struct sight same = *x;

	same.events |= POLLPRI;
	if (!memcmp(&same, t, sizeof(same)) && t->state == TCP_CLOSE)
		return "TCP looks at the urgent byte before it refuses data that nobody reads (C5)";
	same = *x;
	same.unacked = t->unacked;
	if (!memcmp(&same, t, sizeof(same)) && t->state == TCP_CLOSE &&
	    t->unacked == x->unacked + 1)
		return "TCP counts the FIN of a connection that has failed as a byte";
	return NULL;
}
