// SPDX-License-Identifier: GPL-2.0
/* Which addresses and ports: the lists of --only and --except. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* IPv4 addresses are v4-mapped ones here. */
struct rule {
	struct in6_addr addr;
	int bits;		/* of addr that count */
	int port;		/* 0: any */
};

static bool number(const char *text, int least, int most, int *result)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || n < least || n > most)
		return false;
	*result = n;
	return true;
}

static void map(const struct in_addr *from, struct in6_addr *to)
{
	memset(to, 0, sizeof(*to));
	to->s6_addr[10] = 0xff;
	to->s6_addr[11] = 0xff;
	memcpy(&to->s6_addr[12], from, sizeof(*from));
}

/* ADDRESS or ADDRESS/BITS */
static bool parse_address(char *text, struct rule *rule)
{
	char *slash = strchr(text, '/');
	struct in_addr v4;

	if (slash)
		*slash++ = 0;
	if (inet_pton(AF_INET, text, &v4) == 1) {
		map(&v4, &rule->addr);
		rule->bits = 32;
		if (slash && !number(slash, 0, 32, &rule->bits))
			return false;
		rule->bits += 96;
		return true;
	}
	rule->bits = 128;
	return inet_pton(AF_INET6, text, &rule->addr) == 1 &&
	       (!slash || number(slash, 0, 128, &rule->bits));
}

static bool parse(char *text, struct rule *rule)
{
	char *colon;

	memset(rule, 0, sizeof(*rule));
	if (number(text, 1, 65535, &rule->port))
		return true;
	if (*text == '[') {
		char *end = strchr(++text, ']');

		if (!end)
			return false;
		*end++ = 0;
		return parse_address(text, rule) &&
		       (!*end || (*end == ':' && number(end + 1, 1, 65535, &rule->port)));
	}
	colon = strchr(text, ':');
	if (colon && colon == strrchr(text, ':')) {	/* an IPv6 address has two at least */
		*colon = 0;
		if (!number(colon + 1, 1, 65535, &rule->port))
			return false;
	}
	return parse_address(text, rule);
}

/* The next rule of a list, which moves on; 0: none is left, -1: it is none. */
static int next(const char **list, struct rule *rule)
{
	size_t len = strcspn(*list, ",");
	char text[128];

	if (!**list)
		return 0;
	if (!len || len >= sizeof(text))
		return -1;
	memcpy(text, *list, len);
	text[len] = 0;
	*list += len + ((*list)[len] == ',');
	return parse(text, rule) ? 1 : -1;
}

/**
 * rules_valid - is this a list of rules?
 * @list: text
 */
bool rules_valid(const char *list)
{
	struct rule rule;
	int err;

	if (!*list)
		return false;
	do {
		err = next(&list, &rule);
	} while (err > 0);
	return !err;
}

static bool same_bits(const struct in6_addr *a, const struct in6_addr *b, int bits)
{
	int bytes = bits / 8, mask = 0xff00 >> bits % 8 & 0xff;

	return !memcmp(a, b, bytes) &&
	       (!mask || !((a->s6_addr[bytes] ^ b->s6_addr[bytes]) & mask));
}

/**
 * rules_match - is one of the rules true of an address?
 * @list: valid
 * @sa: address
 * @len: its length
 */
bool rules_match(const char *list, const struct sockaddr *sa, socklen_t len)
{
	struct in6_addr addr;
	struct rule rule;
	int port;

	if (sa->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

		map(&in->sin_addr, &addr);
		port = ntohs(in->sin_port);
	} else if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

		addr = in6->sin6_addr;
		port = ntohs(in6->sin6_port);
	} else {
		return false;
	}
	while (next(&list, &rule) > 0)
		if ((!rule.port || rule.port == port) && same_bits(&rule.addr, &addr, rule.bits))
			return true;
	return false;
}
