// SPDX-License-Identifier: GPL-2.0
/*
 * Prints every XTCP segment that passes an interface, one a line, from the
 * bytes of the packet alone: this decoder shares no code with the module.
 * Sequence and acknowledgment numbers are shown relative to the initial ones,
 * as soon as a SYN of their direction was seen. SIGTERM ends it, after all that
 * the interface has passed by then; nothing at all for ten minutes is a failure.
 *
 * Usage: capture INTERFACE
 */
#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xtcp.h>

/* One direction of a connection. */
struct flow {
	uint16_t sport, dport;
	uint64_t iss;
};

static struct flow flows[4096];
static unsigned int flow_count;

static uint16_t get16(const uint8_t *p) { return p[0] << 8 | p[1]; }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static uint64_t get64(const uint8_t *p) { return (uint64_t)get32(p) << 32 | get32(p + 4); }

static struct flow *flow_find(uint16_t sport, uint16_t dport)
{
	unsigned int i;

	for (i = 0; i < flow_count; i++)
		if (flows[i].sport == sport && flows[i].dport == dport)
			return &flows[i];
	return NULL;
}

static void flow_start(uint16_t sport, uint16_t dport, uint64_t iss)
{
	struct flow *f = flow_find(sport, dport);

	if (!f && flow_count < sizeof(flows) / sizeof(flows[0]))
		f = &flows[flow_count++];
	if (f)
		*f = (struct flow){ sport, dport, iss };
}

static uint32_t sum_bytes(const uint8_t *p, size_t len, uint32_t sum)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	return len ? sum + (p[0] << 8) : sum;
}

static const char *checksum(const uint8_t *addrs, size_t alen, const uint8_t *seg, size_t len)
{
	uint32_t sum = sum_bytes(addrs, alen, IPPROTO_XTCP + len);

	sum = sum_bytes(seg, len, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? "good" : "bad";
}

static void print_options(const uint8_t *p, const uint8_t *end)
{
	static const char *const names[] = { "0", "HELLO", "COOKIE", "ACKINFO", "DSACK", "TS",
					     "TSECHO", "URG" };
	const char *comma = "";

	printf(" opts=");
	while (p < end) {
		size_t len = 8 * p[1];

		if (!len || len > (size_t)(end - p)) {
			printf("%sbroken", comma);
			break;
		}
		if (p[0] < sizeof(names) / sizeof(names[0]))
			printf("%s%s", comma, names[p[0]]);
		else
			printf("%s%u", comma, p[0]);
		comma = ",";
		p += len;
	}
	if (!*comma)
		printf("-");
}

static void print_segment(const uint8_t *addrs, size_t alen, const uint8_t *seg, size_t len,
			  bool unset)
{
	static const char letters[] = "FSRPAU";
	uint16_t sport, dport;
	uint64_t seq, ack;
	const struct flow *f;
	unsigned int off, i;
	char flags[8] = "";
	size_t n = 0;

	if (len < 32) {
		printf("short len=%zu\n", len);
		return;
	}
	sport = get16(seg);
	dport = get16(seg + 2);
	seq = get64(seg + 8);
	ack = get64(seg + 16);
	off = (seg[28] & 0x3f) * 8;
	if (off < 32 || off > len) {
		printf("broken off=%u len=%zu\n", off, len);
		return;
	}
	for (i = 0; i < 6; i++)
		if (seg[29] & 1 << i)
			flags[n++] = letters[i];
	if (seg[29] & 2)
		flow_start(sport, dport, seq);
	f = flow_find(sport, dport);
	if (f)
		seq -= f->iss;
	f = flow_find(dport, sport);
	if (f && seg[29] & 0x10)
		ack -= f->iss;
	printf("sport=%u dport=%u flags=%s seq=%" PRIu64 " ack=%" PRIu64, sport, dport,
	       n ? flags : "-", seq, ack);
	printf(" len=%zu win=%u tag=%08x ver=%u off=%u rsv=%u csum=%s", len - off,
	       get32(seg + 24), get32(seg + 4), seg[28] >> 6, off, seg[29] >> 6,
	       unset ? "unset" : checksum(addrs, alen, seg, len));
	print_options(seg + 32, seg + off);
	printf("\n");
}

static void print_packet(const uint8_t *p, size_t len, uint16_t proto, bool unset)
{
	size_t ihl, total;

	if (proto == ETH_P_IP && len >= 20 && p[9] == IPPROTO_XTCP) {
		ihl = (p[0] & 15) * 4;
		total = get16(p + 2);
		if (total >= ihl && total <= len)
			print_segment(p + 12, 8, p + ihl, total - ihl, unset);
	} else if (proto == ETH_P_IPV6 && len >= 40 && p[6] == IPPROTO_XTCP) {
		total = get16(p + 4);
		if (total <= len - 40)
			print_segment(p + 8, 32, p + 40, total, unset);
	}
}

int main(int argc, char **argv)
{
	static uint8_t buf[1 << 17];
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec iov = { buf, sizeof(buf) };
	struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct pollfd wait[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int fd, on = 1, room = 64 << 20;
	sigset_t end;

	if (argc != 2)
		errx(2, "usage: capture INTERFACE");
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	wait[1].fd = signalfd(-1, &end, 0);
	if (wait[1].fd < 0)
		err(1, "signalfd");
	fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "AF_PACKET");
	from.sll_ifindex = if_nametoindex(argv[1]);
	if (!from.sll_ifindex || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&from, sizeof(from)))
		err(1, "%s", argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# ready\n");
	wait[0].fd = fd;
	for (;;) {
		struct msghdr msg = {
			.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
			.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
		};
		struct tpacket_auxdata aux = { 0 };
		struct cmsghdr *cmsg;
		ssize_t n;

		n = poll(wait, 2, 600 * 1000);
		if (n < 0)
			err(1, "poll");
		if (!n)
			errx(1, "%s: silent, and nobody ends this", argv[1]);
		if (!(wait[0].revents & POLLIN))
			return 0;
		n = recvmsg(fd, &msg, 0);
		if (n < 0)
			err(1, "recvmsg");
		for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
			if (cmsg->cmsg_level == SOL_PACKET && cmsg->cmsg_type == PACKET_AUXDATA)
				memcpy(&aux, CMSG_DATA(cmsg), sizeof(aux));
		print_packet(buf, n, ntohs(from.sll_protocol),
			     aux.tp_status & TP_STATUS_CSUMNOTREADY);
	}
}
