// SPDX-License-Identifier: GPL-2.0
/* Names that people know: states, services, addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"

/* As ss prints them. */
static const char *const state_names[STATE_MAX] = {
	[STATE_ESTABLISHED]	= "ESTAB",
	[STATE_SYN_SENT]	= "SYN-SENT",
	[STATE_SYN_RECV]	= "SYN-RECV",
	[STATE_FIN_WAIT_1]	= "FIN-WAIT-1",
	[STATE_FIN_WAIT_2]	= "FIN-WAIT-2",
	[STATE_TIME_WAIT]	= "TIME-WAIT",
	[STATE_CLOSED]		= "UNCONN",
	[STATE_CLOSE_WAIT]	= "CLOSE-WAIT",
	[STATE_LAST_ACK]	= "LAST-ACK",
	[STATE_LISTEN]		= "LISTEN",
	[STATE_CLOSING]		= "CLOSING",
};

/* As ss takes them, and RFC 9293's own. */
static const struct {
	const char *name;
	uint32_t states;
} state_words[] = {
	{ "established",	1U << STATE_ESTABLISHED },
	{ "estab",		1U << STATE_ESTABLISHED },
	{ "syn-sent",		1U << STATE_SYN_SENT },
	{ "syn-recv",		1U << STATE_SYN_RECV },
	{ "syn-received",	1U << STATE_SYN_RECV },
	{ "fin-wait-1",		1U << STATE_FIN_WAIT_1 },
	{ "fin-wait-2",		1U << STATE_FIN_WAIT_2 },
	{ "time-wait",		1U << STATE_TIME_WAIT },
	{ "unconnected",	1U << STATE_CLOSED },
	{ "unconn",		1U << STATE_CLOSED },
	{ "closed",		1U << STATE_CLOSED },
	{ "close",		1U << STATE_CLOSED },
	{ "close-wait",		1U << STATE_CLOSE_WAIT },
	{ "last-ack",		1U << STATE_LAST_ACK },
	{ "listening",		1U << STATE_LISTEN },
	{ "listen",		1U << STATE_LISTEN },
	{ "closing",		1U << STATE_CLOSING },
	{ "all",		STATES_ALL },
	{ "connected",		STATES_CONNECTED },
	{ "synchronized",	STATES_SYNCHRONIZED },
	{ "bucket",		STATES_BUCKET },
	{ "big",		STATES_BIG },
};

/* Services that have a name even where there is no /etc/services. */
static const struct {
	uint16_t port;
	const char *name;
} services[] = {
	{ 20, "ftp-data" },
	{ 21, "ftp" },
	{ 22, "ssh" },
	{ 23, "telnet" },
	{ 25, "smtp" },
	{ 53, "domain" },
	{ 69, "tftp" },
	{ 80, "http" },
	{ 443, "https" },
	{ 3306, "mysql" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/**
 * xtcp_state_name - name of a state, as ss prints it
 * @state: TCP's number
 *
 * Return: the name; "UNKNOWN" for a number that has none.
 */
const char *xtcp_state_name(unsigned int state)
{
	if (state >= STATE_MAX || !state_names[state])
		return "UNKNOWN";
	return state_names[state];
}

/**
 * xtcp_state_parse - states that a word of a filter names
 * @name: word, in capitals or not
 * @states: out: 1 << state for each
 *
 * Return: false if the word names none.
 */
bool xtcp_state_parse(const char *name, uint32_t *states)
{
	size_t i;

	for (i = 0; i < COUNT(state_words); i++) {
		if (!strcasecmp(name, state_words[i].name)) {
			*states = state_words[i].states;
			return true;
		}
	}
	return false;
}

static const char *find_service(uint16_t port)
{
	const struct servent *se = getservbyport(htons(port), "tcp");
	size_t i;

	if (se)
		return strdup(se->s_name);
	for (i = 0; i < COUNT(services); i++) {
		if (services[i].port == port)
			return services[i].name;
	}
	return NULL;
}

/**
 * xtcp_service_name - name of the service at a well-known port (F12)
 * @port: host order
 *
 * The system's data base is asked once per port: it may be a file that is read
 * from its beginning each time.
 *
 * Return: the name, or NULL if there is none.
 */
const char *xtcp_service_name(unsigned int port)
{
	static const char *names[65536];
	static bool asked[65536];

	if (!port || port >= COUNT(names))
		return NULL;
	if (!asked[port]) {
		asked[port] = true;
		names[port] = find_service(port);
	}
	return names[port];
}

/**
 * xtcp_port_parse - number of a port given as number or service name
 * @text: text
 * @port: out: host order
 *
 * Return: false if it is neither.
 */
bool xtcp_port_parse(const char *text, uint16_t *port)
{
	const struct servent *se;
	unsigned long n;
	char *end;
	size_t i;

	if (*text >= '0' && *text <= '9') {
		errno = 0;
		n = strtoul(text, &end, 10);
		if (errno || *end || n > 65535)
			return false;
		*port = n;
		return true;
	}
	se = getservbyname(text, "tcp");
	if (se) {
		*port = ntohs(se->s_port);
		return true;
	}
	for (i = 0; i < COUNT(services); i++) {
		if (!strcmp(text, services[i].name)) {
			*port = services[i].port;
			return true;
		}
	}
	return false;
}

static bool is_any(int family, const uint8_t *addr)
{
	static const uint8_t any[16];

	return !memcmp(addr, any, family == AF_INET ? 4 : 16);
}

/**
 * xtcp_address - an address as ss prints it
 * @buf: out: text
 * @size: its room; XTCP_ADDRESS_LEN is enough
 * @family: AF_INET or AF_INET6
 * @addr: 4 or 16 bytes
 * @ifindex: interface the socket is bound to; 0: none
 * @any_family: print the address "any" as *, as the socket takes IPv4 as well
 *
 * An interface that has gone is printed by its number.
 */
void xtcp_address(char *buf, size_t size, int family, const uint8_t *addr, uint32_t ifindex,
		  bool any_family)
{
	char text[INET6_ADDRSTRLEN], name[IF_NAMESIZE + 1] = "";

	if (ifindex) {
		name[0] = '%';
		if (!if_indextoname(ifindex, name + 1))
			snprintf(name + 1, sizeof(name) - 1, "%u", ifindex);
	}
	if (any_family && is_any(family, addr)) {
		snprintf(buf, size, "*%s", name);
		return;
	}
	if (!inet_ntop(family == AF_INET ? AF_INET : AF_INET6, addr, text, sizeof(text)))
		snprintf(text, sizeof(text), "?");
	if (family == AF_INET)
		snprintf(buf, size, "%s%s", text, name);
	else
		snprintf(buf, size, "[%s]%s", text, name);
}
