// SPDX-License-Identifier: GPL-2.0
/* The words of the language that stand for numbers. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/xtcp.h>

#include "names.h"
#include "packet.h"
#include "segment.h"

#define SAME(word)	{ #word, word, 0 }

const struct name flag_names[] = {
	SAME(FIN), SAME(SYN), SAME(RST), SAME(PSH), SAME(ACK), SAME(URG), { 0 }
};

const struct name kind_names[] = {
	{ "HELLO", KIND_HELLO, 0 }, { "COOKIE", KIND_COOKIE, 0 }, { "ACKINFO", KIND_ACKINFO, 0 },
	{ "DSACK", KIND_DSACK, 0 }, { "TS", KIND_TS, 0 }, { "TSECHO", KIND_TSECHO, 0 },
	{ "URGENT", KIND_URG, 0 }, { "OPTION", 0, 0 }, { 0 }
};

const struct name place_names[] = {
	{ "local", PLACE_LOCAL, 0 }, { "peer", PLACE_PEER, 0 }, { "foreign", PLACE_FOREIGN, 0 },
	{ "router", PLACE_ROUTER, 0 }, { "broadcast", PLACE_BROADCAST, 0 },
	{ "subnet", PLACE_SUBNET, 0 }, { "multicast", PLACE_MULTICAST, 0 },
	{ "loopback", PLACE_LOOPBACK, 0 }, { 0 }
};

const struct name icmp_names[] = {
	{ "net-unreachable", ICMP_NET_UNREACHABLE, 0 },
	{ "host-unreachable", ICMP_HOST_UNREACHABLE, 0 },
	{ "protocol-unreachable", ICMP_PROTOCOL_UNREACHABLE, 0 },
	{ "port-unreachable", ICMP_PORT_UNREACHABLE, 0 },
	{ "too-big", ICMP_TOO_BIG, 0 },
	{ "ttl-exceeded", ICMP_TTL_EXCEEDED, 0 }, { 0 }
};

const struct name ecn_names[] = {
	{ "not-ect", ECN_NOT_ECT, 0 }, { "ect0", ECN_ECT0, 0 }, { "ect1", ECN_ECT1, 0 },
	{ "ce", ECN_CE, 0 }, { 0 }
};

const struct name errno_names[] = {
	SAME(EAGAIN), SAME(EALREADY), SAME(EINPROGRESS), SAME(EISCONN), SAME(ENOTCONN),
	SAME(ECONNREFUSED), SAME(ECONNRESET), SAME(ECONNABORTED), SAME(ETIMEDOUT), SAME(EPIPE),
	SAME(EHOSTUNREACH), SAME(ENETUNREACH), SAME(EMSGSIZE), SAME(EPROTO), SAME(ENOPROTOOPT),
	SAME(EADDRINUSE), SAME(EADDRNOTAVAIL), SAME(EINVAL), SAME(EOPNOTSUPP), SAME(ENOBUFS),
	SAME(EBADF), SAME(EINTR), { 0 }
};

/* What may stand where a call takes or gives a number. */
const struct name number_names[] = {
	SAME(MSG_OOB), SAME(MSG_PEEK), SAME(MSG_MORE), SAME(MSG_EOR), SAME(MSG_NOSIGNAL),
	SAME(MSG_WAITALL), SAME(MSG_TRUNC),
	SAME(POLLIN), SAME(POLLPRI), SAME(POLLOUT), SAME(POLLERR), SAME(POLLHUP),
	SAME(POLLRDHUP), SAME(POLLRDNORM), SAME(POLLWRNORM), SAME(SIGURG), SAME(SIGPIPE),
	{ "RD", SHUT_RD, 0 }, { "WR", SHUT_WR, 0 }, { "RDWR", SHUT_RDWR, 0 },
	{ 0 }
};

const struct name option_names[] = {
	{ "IP_TOS", IP_TOS, IPPROTO_IP }, { "IPV6_TCLASS", IPV6_TCLASS, IPPROTO_IPV6 },
	{ "SO_ERROR", SO_ERROR, SOL_SOCKET }, { "SO_LINGER", SO_LINGER, SOL_SOCKET },
	{ "SO_KEEPALIVE", SO_KEEPALIVE, SOL_SOCKET },
	{ "SO_OOBINLINE", SO_OOBINLINE, SOL_SOCKET },
	{ "SO_REUSEADDR", SO_REUSEADDR, SOL_SOCKET },
	{ "SO_REUSEPORT", SO_REUSEPORT, SOL_SOCKET },
	{ "SO_RCVBUF", SO_RCVBUF, SOL_SOCKET }, { "SO_SNDBUF", SO_SNDBUF, SOL_SOCKET },
	{ "SO_RCVLOWAT", SO_RCVLOWAT, SOL_SOCKET },
	{ "XTCP_NODELAY", XTCP_NODELAY, SOL_XTCP }, { "XTCP_MAXSEG", XTCP_MAXSEG, SOL_XTCP },
	{ "XTCP_CORK", XTCP_CORK, SOL_XTCP }, { "XTCP_KEEPIDLE", XTCP_KEEPIDLE, SOL_XTCP },
	{ "XTCP_KEEPINTVL", XTCP_KEEPINTVL, SOL_XTCP },
	{ "XTCP_KEEPCNT", XTCP_KEEPCNT, SOL_XTCP },
	{ "XTCP_SYNCNT", XTCP_SYNCNT, SOL_XTCP }, { "XTCP_LINGER2", XTCP_LINGER2, SOL_XTCP },
	{ "XTCP_DEFER_ACCEPT", XTCP_DEFER_ACCEPT, SOL_XTCP },
	{ "XTCP_QUICKACK", XTCP_QUICKACK, SOL_XTCP },
	{ "XTCP_NOTSENT_LOWAT", XTCP_NOTSENT_LOWAT, SOL_XTCP },
	{ "XTCP_USER_TIMEOUT", XTCP_USER_TIMEOUT, SOL_XTCP }, { 0 }
};

/* TCP's numbers; the names of RFC 9293. */
const struct name state_names[] = {
	{ "ESTABLISHED", 1, 0 }, { "SYN-SENT", 2, 0 }, { "SYN-RECEIVED", 3, 0 },
	{ "FIN-WAIT-1", 4, 0 }, { "FIN-WAIT-2", 5, 0 }, { "TIME-WAIT", 6, 0 },
	{ "CLOSED", 7, 0 }, { "CLOSE-WAIT", 8, 0 }, { "LAST-ACK", 9, 0 }, { "LISTEN", 10, 0 },
	{ "CLOSING", 11, 0 }, { 0 }
};

/**
 * name_find - look a word up
 * @table: ends with a NULL name
 * @word: word
 *
 * Return: its entry, or NULL.
 */
const struct name *name_find(const struct name *table, const char *word)
{
	for (; table->name; table++)
		if (!strcmp(table->name, word))
			return table;
	return NULL;
}

/**
 * name_of - the word for a number
 * @table: ends with a NULL name
 * @value: number
 *
 * Return: the word; "?" if there is none.
 */
const char *name_of(const struct name *table, int64_t value)
{
	for (; table->name; table++)
		if (table->value == value)
			return table->name;
	return "?";
}
