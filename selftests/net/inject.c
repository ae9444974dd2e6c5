// SPDX-License-Identifier: GPL-2.0
/*
 * Sends one XTCP segment of a chosen kind from a raw socket: what no XTCP
 * would send. The bytes are built here; no code is shared with the module.
 *
 * Usage: inject SOURCE DESTINATION SPORT DPORT KIND [COUNT]
 * Of several, all come from the same port but for syn-flood, which counts up. A
 * DESTINATION may be a broadcast or multicast address; ff02::1%eth0 names a device.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xtcp.h>

#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define PSH	0x08
#define ACK	0x10

#define TAG	0x12345678u

static uint8_t seg[2048];
static size_t seg_len;

static void put16(size_t at, uint16_t v)
{
	seg[at] = v >> 8;
	seg[at + 1] = v;
}

static void put32(size_t at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v);
}

/* An option of zeros after those that are there. */
static size_t option(uint8_t kind, uint8_t words)
{
	size_t at = seg_len;

	seg[at] = kind;
	seg[at + 1] = words;
	seg_len += 8 * words;
	seg[28] = (seg[28] & 0xc0) | seg_len / 8;
	return at;
}

static void start(uint8_t flags)
{
	memset(seg, 0, sizeof(seg));
	put32(4, TAG);
	put32(12, 1000);
	put32(24, 65536);
	seg[28] = 1 << 6 | 4;
	seg[29] = flags;
	seg_len = 32;
}

static void hello(void)
{
	size_t at = option(1, 2);

	put16(at + 2, 1448);
	put32(at + 4, TAG);
}

static void good_syn(void)
{
	start(SYN);
	hello();
	option(2, 8);
	option(5, 1);
}

/* Another connection each time. */
static void syn_flood(void)
{
	uint32_t tag = random() | 1;

	good_syn();
	put32(4, tag);
	put32(36, tag);
	put32(16, random());
}

static void checksum_bad(void)
{
	good_syn();
	seg[30] = 1;	/* a wrong start of the sum: see finish() */
}

static void version(void)
{
	good_syn();
	seg[28] = 2 << 6 | (seg[28] & 0x3f);
}

static void offset_small(void)
{
	good_syn();
	seg[28] = 1 << 6 | 3;
}

static void offset_big(void)
{
	good_syn();
	seg[28] = 1 << 6 | 63;
}

static void truncated(void)
{
	good_syn();
	seg_len = 20;
}

static void empty_option(void)
{
	good_syn();
	seg[option(99, 1) + 1] = 0;
}

static void long_option(void)
{
	good_syn();
	seg[option(99, 1) + 1] = 2;
}

static void short_option(void)
{
	start(SYN);
	option(1, 1);
	option(2, 8);
}

static void option_twice(void)
{
	good_syn();
	option(5, 1);
}

static void no_hello(void)
{
	start(SYN);
	option(2, 8);
}

static void critical_option(void)
{
	start(ACK);
	option(200, 1);
}

static void critical_syn(void)
{
	good_syn();
	option(200, 1);
}

static void unknown_option(void)
{
	good_syn();
	option(99, 2);
}

static void zero_tag(void)
{
	start(ACK);
	put32(4, 0);
}

static void syn_fin(void)
{
	good_syn();
	seg[29] = SYN | FIN;
}

static void syn_rst(void)
{
	good_syn();
	seg[29] = SYN | RST;
}

static void no_flags(void)
{
	start(0);
}

static void short_syn(void)
{
	start(SYN);
	hello();
}

static void stray_ack(void)
{
	start(ACK);
	put32(20, 77);
}

static void stray_rst(void)
{
	start(RST | ACK);
}

static void forged_cookie(void)
{
	start(ACK);
	memset(seg + option(2, 8) + 2, 0x5a, 62);
}

static void noise(void)
{
	size_t i;

	seg_len = random() % 200;
	for (i = 0; i < sizeof(seg); i++)
		seg[i] = random();
	/* Half of them get past the first checks. */
	if (random() & 1) {
		seg_len = 32 + random() % 60 * 8;
		seg[28] = 1 << 6 | (random() % (seg_len / 8 - 3) + 4);
		put16(30, 0);
	}
}

static const struct {
	const char *name;
	void (*make)(void);
} kinds[] = {
	{ "syn", good_syn },
	{ "syn-flood", syn_flood },
	{ "checksum", checksum_bad },
	{ "version", version },
	{ "offset-small", offset_small },
	{ "offset-big", offset_big },
	{ "truncated", truncated },
	{ "empty-option", empty_option },
	{ "long-option", long_option },
	{ "short-option", short_option },
	{ "option-twice", option_twice },
	{ "no-hello", no_hello },
	{ "critical-option", critical_option },
	{ "critical-syn", critical_syn },
	{ "unknown-option", unknown_option },
	{ "zero-tag", zero_tag },
	{ "syn-fin", syn_fin },
	{ "syn-rst", syn_rst },
	{ "no-flags", no_flags },
	{ "short-syn", short_syn },
	{ "stray-ack", stray_ack },
	{ "stray-rst", stray_rst },
	{ "forged-cookie", forged_cookie },
	{ "noise", noise },
};

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t parse(const char *text, union address *addr)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_RAW };
	struct addrinfo *found;
	socklen_t len;

	if (getaddrinfo(text, NULL, &hints, &found))
		errx(2, "%s: no address", text);
	memset(addr, 0, sizeof(*addr));
	len = found->ai_addrlen;
	memcpy(addr, found->ai_addr, len);
	freeaddrinfo(found);
	return len;
}

static uint32_t sum(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

/* Ports and checksum; what stands in the checksum's place stays in the sum. */
static void finish(const union address *src, const union address *dst, int sport, int dport)
{
	uint32_t s = IPPROTO_XTCP + seg_len;

	put16(0, sport);
	put16(2, dport);
	if (seg_len < 32)
		return;
	if (src->sa.sa_family == AF_INET)
		s = sum(&dst->in.sin_addr, 4, sum(&src->in.sin_addr, 4, s));
	else
		s = sum(&dst->in6.sin6_addr, 16, sum(&src->in6.sin6_addr, 16, s));
	s = sum(seg, seg_len, s);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	put16(30, ~s);
}

int main(int argc, char **argv)
{
	union address src, dst;
	socklen_t len;
	size_t i;
	int fd, n, sport, on = 1;

	if (argc < 6 || argc > 7)
		errx(2, "usage: inject SOURCE DESTINATION SPORT DPORT KIND [COUNT]");
	parse(argv[1], &src);
	len = parse(argv[2], &dst);
	for (i = 0; strcmp(kinds[i].name, argv[5]);)
		if (++i == sizeof(kinds) / sizeof(kinds[0]))
			errx(2, "%s: no such kind", argv[5]);
	fd = socket(dst.sa.sa_family, SOCK_RAW, IPPROTO_XTCP);
	if (fd < 0)
		err(1, "raw socket");
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)))
		err(1, "SO_BROADCAST");
	if (bind(fd, &src.sa, len))
		err(1, "%s", argv[1]);
	srandom(1);
	sport = atoi(argv[3]);
	for (n = argc == 7 ? atoi(argv[6]) : 1; n > 0; n--) {
		kinds[i].make();
		finish(&src, &dst, sport, atoi(argv[4]));
		if (sendto(fd, seg, seg_len, 0, &dst.sa, len) != (ssize_t)seg_len)
			err(1, "%s", argv[2]);
		if (kinds[i].make == syn_flood)
			sport++;
	}
	return 0;
}
