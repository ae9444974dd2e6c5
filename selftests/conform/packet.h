/* SPDX-License-Identifier: GPL-2.0 */
/* IP packets: addresses by name, headers, fragments, ICMP errors. */
#ifndef _SELFTESTS_CONFORM_PACKET_H
#define _SELFTESTS_CONFORM_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX	(65535 + 40)

/* Addresses by what they are good for, in either family. */
enum place {
	PLACE_NONE,		/* not said */
	PLACE_LOCAL,		/* the machine under test */
	PLACE_PEER,		/* on its link */
	PLACE_FOREIGN,		/* reached by a router */
	PLACE_ROUTER,
	PLACE_BROADCAST,	/* 255.255.255.255; IPv4 only */
	PLACE_SUBNET,		/* the subnet's broadcast address; IPv4 only */
	PLACE_MULTICAST,	/* all hosts */
	PLACE_LOOPBACK,
	PLACES
};

enum ecn { ECN_NOT_ECT, ECN_ECT1, ECN_ECT0, ECN_CE };

struct packet {
	int family;			/* AF_INET, AF_INET6 */
	enum place from, to;
	enum ecn ecn;
	uint8_t dscp;			/* of RFC 2474: the upper six bits beside ECN */
	bool bad_checksum;
	const uint8_t *segment;
	size_t len;
};

/* What is reported of a packet, named as RFC 792 and RFC 4443 do. */
enum icmp {
	ICMP_NONE,
	ICMP_NET_UNREACHABLE,
	ICMP_HOST_UNREACHABLE,
	ICMP_PROTOCOL_UNREACHABLE,
	ICMP_PORT_UNREACHABLE,
	ICMP_TOO_BIG,
	ICMP_TTL_EXCEEDED,
	ICMPS
};

struct report {
	enum icmp what;
	uint32_t mtu;			/* ICMP_TOO_BIG */
	const uint8_t *quoted;		/* packet of the machine under test */
	size_t len;
};

bool place_exists(int family, enum place place);
void place_address(int family, enum place place, void *addr);
size_t address_len(int family);

size_t packet_write(const struct packet *packet, uint8_t *buf);
size_t packet_fragment(const uint8_t *packet, size_t len, unsigned int part, unsigned int parts,
		       uint8_t *buf);
size_t packet_report(int family, const struct report *report, uint8_t *buf);
const char *packet_read(const uint8_t *buf, size_t len, struct packet *packet);

#endif /* _SELFTESTS_CONFORM_PACKET_H */
