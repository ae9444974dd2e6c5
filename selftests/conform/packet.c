// SPDX-License-Identifier: GPL-2.0
/* IP packets. */
#include <arpa/inet.h>
#include <string.h>

#include <linux/xtcp.h>

#include "../lib/tun.h"
#include "packet.h"
#include "segment.h"

#define IP4_LEN		20
#define IP6_LEN		40
#define IP4_DF		0x4000
#define IP4_MF		0x2000
#define FRAGMENT_LEN	8	/* IPv6's fragment header */
#define FRAGMENT_NEXT	44
#define TTL		64
#define REPORT_LEN	8	/* header of an ICMP error */
#define QUOTE_MAX	576	/* RFC 1812: as much as fits */

static const struct {
	const char *ipv4, *ipv6;
} places[PLACES] = {
	[PLACE_NONE]		= { "0.0.0.0", "::" },
	[PLACE_LOCAL]		= { TUN_HOST4, TUN_HOST6 },
	[PLACE_PEER]		= { TUN_PEER4, TUN_PEER6 },
	[PLACE_FOREIGN]		= { "198.51.100.7", "2001:db8:f::7" },
	[PLACE_ROUTER]		= { "192.0.2.254", "2001:db8::fe" },
	[PLACE_BROADCAST]	= { "255.255.255.255", NULL },
	[PLACE_SUBNET]		= { "192.0.2.255", NULL },
	[PLACE_MULTICAST]	= { "224.0.0.1", "ff02::1" },
	[PLACE_LOOPBACK]	= { "127.0.0.1", "::1" },
};

static const struct {
	uint8_t type4, code4, type6, code6;
} reports[ICMPS] = {
	[ICMP_NET_UNREACHABLE]		= { 3, 0, 1, 0 },
	[ICMP_HOST_UNREACHABLE]		= { 3, 1, 1, 3 },
	[ICMP_PROTOCOL_UNREACHABLE]	= { 3, 2, 4, 1 },
	[ICMP_PORT_UNREACHABLE]		= { 3, 3, 1, 4 },
	[ICMP_TOO_BIG]			= { 3, 4, 2, 0 },
	[ICMP_TTL_EXCEEDED]		= { 11, 0, 3, 0 },
};

/**
 * place_exists - does a family have such an address?
 * @family: AF_INET or AF_INET6
 * @place: which
 */
bool place_exists(int family, enum place place)
{
	return family == AF_INET || places[place].ipv6;
}

/**
 * place_address - the bytes of an address
 * @family: AF_INET or AF_INET6
 * @place: one that exists
 * @addr: result, 4 or 16 bytes of it
 */
void place_address(int family, enum place place, void *addr)
{
	inet_pton(family, family == AF_INET ? places[place].ipv4 : places[place].ipv6, addr);
}

/**
 * address_len - length of an address
 * @family: AF_INET or AF_INET6
 */
size_t address_len(int family)
{
	return family == AF_INET ? 4 : 16;
}

static enum place place_find(int family, const uint8_t *addr)
{
	uint8_t known[16];
	int i;

	for (i = PLACE_LOCAL; i < PLACES; i++) {
		if (!place_exists(family, i))
			continue;
		place_address(family, i, known);
		if (!memcmp(known, addr, address_len(family)))
			return i;
	}
	return PLACE_NONE;
}

/* Header of a packet that carries len bytes of protocol; the addresses follow one another. */
static uint8_t *write_header(uint8_t *buf, const struct packet *packet, uint8_t protocol,
			     size_t len)
{
	static uint16_t id;
	size_t alen = address_len(packet->family);
	uint8_t *addrs;

	if (packet->family == AF_INET) {
		memset(buf, 0, IP4_LEN);
		buf[0] = 0x45;
		buf[1] = packet->dscp << 2 | packet->ecn;
		put16(buf + 2, IP4_LEN + len);
		put16(buf + 4, ++id);
		put16(buf + 6, IP4_DF);
		buf[8] = TTL;
		buf[9] = protocol;
		addrs = buf + 12;
	} else {
		memset(buf, 0, IP6_LEN);
		buf[0] = 0x60 | packet->dscp >> 2;
		buf[1] = packet->dscp << 6 | packet->ecn << 4;
		put16(buf + 4, len);
		buf[6] = protocol;
		buf[7] = TTL;
		addrs = buf + 8;
	}
	place_address(packet->family, packet->from, addrs);
	place_address(packet->family, packet->to, addrs + alen);
	if (packet->family == AF_INET)
		put16(buf + 10, ~sum_fold(sum_bytes(buf, IP4_LEN, 0)));
	return addrs + 2 * alen;
}

/* With the pseudo-header; the addresses lie in front of the payload in both families. */
static uint16_t checksum(int family, const uint8_t *payload, size_t len, uint8_t protocol)
{
	size_t alen = 2 * address_len(family);
	uint32_t sum = sum_bytes(payload - alen, alen, protocol + len);

	return sum_fold(sum_bytes(payload, len, sum));
}

/**
 * packet_write - make a packet that carries a segment
 * @packet: what it says; both addresses exist in its family
 * @buf: PACKET_MAX bytes of room
 *
 * Return: length in bytes.
 */
size_t packet_write(const struct packet *packet, uint8_t *buf)
{
	uint8_t *seg = write_header(buf, packet, IPPROTO_XTCP, packet->len);
	uint16_t sum;

	memcpy(seg, packet->segment, packet->len);
	if (packet->len >= HEADER_LEN) {
		sum = ~checksum(packet->family, seg, packet->len, IPPROTO_XTCP);
		put16(seg + 30, packet->bad_checksum ? sum ^ 0x0100 : sum);
	}
	return seg + packet->len - buf;
}

/**
 * packet_fragment - one fragment of a packet
 * @packet: from packet_write()
 * @len: its length
 * @part: which, from 0
 * @parts: how many there are
 * @buf: PACKET_MAX bytes of room
 *
 * Return: length in bytes.
 */
size_t packet_fragment(const uint8_t *packet, size_t len, unsigned int part, unsigned int parts,
		       uint8_t *buf)
{
	bool v4 = packet[0] >> 4 == 4, last = part + 1 == parts;
	size_t header = v4 ? IP4_LEN : IP6_LEN;
	size_t all = len - header;
	size_t step = (all / parts + 7) & ~7UL;
	size_t at = part * step;
	size_t bytes = last ? all - at : step;

	memcpy(buf, packet, header);
	if (v4) {
		put16(buf + 2, IP4_LEN + bytes);
		put16(buf + 6, at / 8 | (last ? 0 : IP4_MF));
		put16(buf + 10, 0);
		put16(buf + 10, ~sum_fold(sum_bytes(buf, IP4_LEN, 0)));
	} else {
		put16(buf + 4, FRAGMENT_LEN + bytes);
		buf[6] = FRAGMENT_NEXT;
		memset(buf + header, 0, FRAGMENT_LEN);
		buf[header] = packet[6];
		put16(buf + header + 2, at | !last);
		put32(buf + header + 4, len);	/* any number: the same in all parts */
		header += FRAGMENT_LEN;
	}
	memcpy(buf + header, packet + len - all + at, bytes);
	return header + bytes;
}

/**
 * packet_report - make an ICMP error
 * @family: AF_INET or AF_INET6
 * @report: what it says
 * @buf: PACKET_MAX bytes of room
 *
 * Return: length in bytes.
 */
size_t packet_report(int family, const struct report *report, uint8_t *buf)
{
	struct packet packet = {
		.family = family, .from = PLACE_ROUTER, .to = PLACE_LOCAL,
	};
	size_t quoted = report->len < QUOTE_MAX ? report->len : QUOTE_MAX;
	size_t len = REPORT_LEN + quoted;
	bool v4 = family == AF_INET;
	uint8_t *p = write_header(buf, &packet, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, len);

	memset(p, 0, REPORT_LEN);
	p[0] = v4 ? reports[report->what].type4 : reports[report->what].type6;
	p[1] = v4 ? reports[report->what].code4 : reports[report->what].code6;
	if (report->what == ICMP_TOO_BIG)
		put32(p + 4, report->mtu);
	memcpy(p + REPORT_LEN, report->quoted, quoted);
	if (v4)
		put16(p + 2, ~sum_fold(sum_bytes(p, len, 0)));
	else
		put16(p + 2, ~checksum(family, p, len, IPPROTO_ICMPV6));
	return p + len - buf;
}

/* Which packets of the machine under test are none of the scripts' business. */
static bool is_noise(uint8_t protocol, const uint8_t *payload, size_t len)
{
	/* Neighbour and listener discovery; errors are not. */
	return protocol == 0 || (protocol == IPPROTO_ICMPV6 && len && payload[0] >= 128);
}

/**
 * packet_read - what the machine under test has sent
 * @buf: packet
 * @len: its length
 * @packet: result; segment is NULL if it is none of the scripts' business;
 *	places that have no name are PLACE_NONE
 *
 * Return: NULL, or what is wrong with it.
 */
const char *packet_read(const uint8_t *buf, size_t len, struct packet *packet)
{
	size_t header, total;
	uint8_t protocol;

	memset(packet, 0, sizeof(*packet));
	if (len >= IP4_LEN && buf[0] >> 4 == 4) {
		packet->family = AF_INET;
		packet->from = place_find(AF_INET, buf + 12);
		packet->to = place_find(AF_INET, buf + 16);
		packet->ecn = buf[1] & 3;
		packet->dscp = buf[1] >> 2;
		protocol = buf[9];
		header = 4 * (buf[0] & 15);
		total = get16(buf + 2);
	} else if (len >= IP6_LEN && buf[0] >> 4 == 6) {
		packet->family = AF_INET6;
		packet->from = place_find(AF_INET6, buf + 8);
		packet->to = place_find(AF_INET6, buf + 24);
		packet->ecn = buf[1] >> 4 & 3;
		packet->dscp = (buf[0] & 15) << 2 | buf[1] >> 6;
		protocol = buf[6];
		header = IP6_LEN;
		total = header + get16(buf + 4);
	} else {
		return "no IP packet";
	}
	if ((buf[0] >> 4 == 4 && header != IP4_LEN) || header > total || total != len)
		return "length of the IP packet";
	if (is_noise(protocol, buf + header, len - header))
		return NULL;
	packet->segment = buf + header;
	packet->len = len - header;
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return "an ICMP error";
	if (protocol != IPPROTO_XTCP)
		return "another protocol or a fragment";
	if (packet->family == AF_INET && (get16(buf + 6) & ~0x8000) != IP4_DF)
		return "DF is not set, or a fragment";
	packet->bad_checksum = checksum(packet->family, packet->segment, packet->len,
					IPPROTO_XTCP) != 0xffff;
	if (packet->bad_checksum)
		return "bad checksum";
	return NULL;
}
