// SPDX-License-Identifier: GPL-2.0
/* A peer that does whatever the test wants: see peer.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

#define TTL		64
#define PATIENCE	10000	/* ms for what has to come */

static bool v4(const struct peer *peer)
{
	return peer->family == AF_INET;
}

static size_t addr_len(const struct peer *peer)
{
	return v4(peer) ? 4 : 16;
}

static void set_up(struct peer *peer, int family)
{
	memset(peer, 0, sizeof(*peer));
	peer->family = family;
	inet_pton(family, v4(peer) ? TUN_HOST4 : TUN_HOST6, peer->host);
	inet_pton(family, v4(peer) ? TUN_PEER4 : TUN_PEER6, peer->self);
}

/**
 * peer_open - a new host, and all that it meets
 * @peer: result
 * @family: AF_INET or AF_INET6
 *
 * The caller is at the host afterwards (tun_open()).
 *
 * Return: 0 or -1 with errno set.
 */
int peer_open(struct peer *peer, int family)
{
	set_up(peer, family);
	return tun_open(&peer->tun, TUN_HOST4, TUN_HOST6, PEER_MTU);
}

/**
 * peer_open_nic - the same, at the end of a network card (tun_open_nic())
 * @peer: result
 * @family: AF_INET or AF_INET6
 *
 * Return: 0 or -1 with errno set.
 */
int peer_open_nic(struct peer *peer, int family)
{
	set_up(peer, family);
	return tun_open_nic(&peer->tun, TUN_HOST4, TUN_HOST6, PEER_MTU);
}

/**
 * peer_close - end the host's connections in silence, and the host
 * @peer: peer
 *
 * Every XTCP socket of this process is aborted, so that the host has nothing
 * left to wait for.
 */
void peer_close(struct peer *peer)
{
	const struct linger abort = { .l_onoff = 1 };
	int fd, domain, most = sysconf(_SC_OPEN_MAX);
	socklen_t len;

	for (fd = 3; fd < most; fd++) {
		len = sizeof(domain);
		if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &domain, &len) ||
		    domain != IPPROTO_XTCP)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
		close(fd);
	}
	tun_close(&peer->tun);
}

static u32 sum(const void *data, size_t len, u32 sum)
{
	const u8 *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static u16 fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The sum of the pseudo-header, which is the same for XTCP and ICMPv6. */
static u32 pseudo(const struct peer *peer, const u8 *from, u8 proto, size_t len)
{
	return sum(from, addr_len(peer), sum(peer->host, addr_len(peer), proto + len));
}

/* Where a fragment stands in its packet; NULL: it is all of it. */
struct fragment {
	u16 id, at;
	bool more;
};

static int send_ip(struct peer *peer, const u8 *from, u8 proto, const struct fragment *frag,
		   const void *data, size_t len)
{
	static u8 packet[65536];
	struct ip6_hdr *ip6 = (struct ip6_hdr *)packet;
	struct ip6_frag *part = (struct ip6_frag *)(ip6 + 1);
	struct iphdr *ip = (struct iphdr *)packet;
	size_t head = v4(peer) ? sizeof(*ip) : sizeof(*ip6) + (frag ? sizeof(*part) : 0);

	memset(packet, 0, head);
	if (v4(peer)) {
		ip->version = 4;
		ip->ihl = head / 4;
		ip->tot_len = htons(head + len);
		ip->frag_off = htons(IP_DF);
		if (frag) {
			ip->id = htons(frag->id);
			ip->frag_off = htons(frag->at / 8 | (frag->more ? IP_MF : 0));
		}
		ip->ttl = TTL;
		ip->protocol = proto;
		memcpy(&ip->saddr, from ?: peer->self, 4);
		memcpy(&ip->daddr, peer->host, 4);
		ip->check = htons(fold(sum(ip, head, 0)));
	} else {
		ip6->ip6_vfc = 6 << 4;
		ip6->ip6_plen = htons(head - sizeof(*ip6) + len);
		ip6->ip6_nxt = frag ? IPPROTO_FRAGMENT : proto;
		ip6->ip6_hlim = TTL;
		memcpy(&ip6->ip6_src, from ?: peer->self, 16);
		memcpy(&ip6->ip6_dst, peer->host, 16);
		if (frag) {
			part->ip6f_nxt = proto;
			part->ip6f_offlg = htons(frag->at | frag->more);
			part->ip6f_ident = htonl(frag->id);
		}
	}
	memcpy(packet + head, data, len);
	peer->in.packets++;
	peer->in.bytes += head + len;
	return tun_write(&peer->tun, packet, head + len);
}

/**
 * peer_raw - an IP packet for the host
 * @peer: peer
 * @from: source address; NULL: the peer's
 * @proto: protocol
 * @data: what follows the IP header
 * @len: its length
 *
 * Return: 0 or -1 with errno set.
 */
int peer_raw(struct peer *peer, const u8 *from, u8 proto, const void *data, size_t len)
{
	return send_ip(peer, from, proto, NULL, data, len);
}

/* The checksum of a segment, where it belongs. */
static void finish(const struct peer *peer, const u8 *from, u8 *seg, size_t len)
{
	if (len < XTCP_HDR_LEN)
		return;
	xtcp_put16(seg + XTCP_CSUM_OFFSET, 0);
	xtcp_put16(seg + XTCP_CSUM_OFFSET,
		   fold(sum(seg, len, pseudo(peer, from, IPPROTO_XTCP, len))));
}

/**
 * peer_bytes - a segment for the host, byte for byte
 * @peer: peer
 * @from: source address; NULL: the peer's
 * @seg: the segment; its checksum is filled in
 * @len: its length
 *
 * Return: 0 or -1 with errno set.
 */
int peer_bytes(struct peer *peer, const u8 *from, u8 *seg, size_t len)
{
	from = from ?: peer->self;
	finish(peer, from, seg, len);
	return peer_raw(peer, from, IPPROTO_XTCP, seg, len);
}

/**
 * peer_build - the bytes of a segment
 * @seg: segment
 * @bytes: result; the checksum is 0
 *
 * Return: their number.
 */
size_t peer_build(const struct peer_seg *seg, u8 *bytes)
{
	size_t head = XTCP_HDR_LEN + seg->options_len;

	xtcp_put_header(bytes, &seg->head, head);
	memcpy(bytes + XTCP_HDR_LEN, seg->options, seg->options_len);
	if (seg->len)
		memcpy(bytes + head, seg->data, seg->len);
	return head + seg->len;
}

/**
 * peer_send - a segment for the host
 * @peer: peer
 * @seg: segment
 *
 * Return: 0 or -1 with errno set.
 */
int peer_send(struct peer *peer, const struct peer_seg *seg)
{
	static u8 bytes[65536];

	return peer_bytes(peer, seg->from, bytes, peer_build(seg, bytes));
}

/**
 * peer_send_fragments - a segment for the host, in IP fragments in disorder
 * @peer: peer
 * @seg: segment
 * @unit: bytes in each of them, a multiple of 8
 *
 * Return: 0 or -1 with errno set.
 */
int peer_send_fragments(struct peer *peer, const struct peer_seg *seg, unsigned int unit)
{
	static u8 bytes[65536];
	const u8 *from = seg->from ?: peer->self;
	size_t len = peer_build(seg, bytes);
	unsigned int n = (len + unit - 1) / unit, i;
	struct fragment frag = { .id = random() };
	u16 *order = calloc(n, sizeof(*order));
	int err = 0;

	finish(peer, from, bytes, len);
	/* Fisher and Yates, from the inside out */
	for (i = 0; i < n; i++) {
		unsigned int j = random() % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < n && !err; i++) {
		size_t size = len - order[i] * unit;

		frag.at = order[i] * unit;
		frag.more = size > unit;
		err = send_ip(peer, from, IPPROTO_XTCP, &frag, bytes + frag.at,
			      frag.more ? unit : size);
	}
	free(order);
	return err;
}

/**
 * peer_icmp - an ICMP or ICMPv6 error for the host
 * @peer: peer
 * @from: source address; NULL: the peer's
 * @type: of the family
 * @code: of the family
 * @info: the four bytes after the checksum, such as an MTU
 * @quoted: the host's segment, from its XTCP header on
 * @len: bytes of it that are quoted
 *
 * The quoted packet is one from the host to the peer's address.
 *
 * Return: 0 or -1 with errno set.
 */
int peer_icmp(struct peer *peer, const u8 *from, u8 type, u8 code, u32 info, const u8 *quoted,
	      size_t len)
{
	u8 message[1280] = { type, code };
	size_t head = v4(peer) ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	struct iphdr *ip = (struct iphdr *)(message + 8);
	struct ip6_hdr *ip6 = (struct ip6_hdr *)(message + 8);
	u32 start = 0;

	from = from ?: peer->self;
	xtcp_put32(message + 4, info);
	if (v4(peer)) {
		ip->version = 4;
		ip->ihl = head / 4;
		ip->tot_len = htons(head + len);
		ip->frag_off = htons(IP_DF);
		ip->ttl = 1;
		ip->protocol = IPPROTO_XTCP;
		memcpy(&ip->saddr, peer->host, 4);
		memcpy(&ip->daddr, peer->self, 4);
	} else {
		ip6->ip6_vfc = 6 << 4;
		ip6->ip6_plen = htons(len);
		ip6->ip6_nxt = IPPROTO_XTCP;
		ip6->ip6_hlim = 1;
		memcpy(&ip6->ip6_src, peer->host, 16);
		memcpy(&ip6->ip6_dst, peer->self, 16);
		start = pseudo(peer, from, IPPROTO_ICMPV6, 8 + head + len);
	}
	memcpy(message + 8 + head, quoted, len);
	xtcp_put16(message + 2, fold(sum(message, 8 + head + len, start)));
	return peer_raw(peer, from, v4(peer) ? IPPROTO_ICMP : IPPROTO_ICMPV6, message,
			8 + head + len);
}

/* Is it one that the test is to see? */
static bool take(struct peer *peer, struct peer_got *got, size_t len)
{
	size_t head = v4(peer) ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);

	if (len < head || got->raw[0] >> 4 != (v4(peer) ? 4 : 6) ||
	    got->raw[v4(peer) ? 9 : 6] != IPPROTO_XTCP)
		return false;
	memcpy(got->to, got->raw + (v4(peer) ? 16 : 24), addr_len(peer));
	got->seg = got->raw + head;
	got->seg_len = len - head;
	peer->out.packets++;
	peer->out.bytes += len;
	if (xtcp_parse(got->seg, got->seg_len, got->seg_len, &got->pkt)) {
		fprintf(stderr, "# the host has sent what nobody can read\n");
		abort();
	}
	got->data = got->seg + got->pkt.hdr * 8;
	return true;
}

/**
 * peer_recv - the next segment that the host has sent
 * @peer: peer
 * @got: result
 * @ms: wait so long for one; -1: for ever
 *
 * Other packets of the host (neighbour discovery, ICMP, the other family's) are
 * passed over.
 *
 * Return: false if there is none.
 */
bool peer_recv(struct peer *peer, struct peer_got *got, int ms)
{
	ssize_t n;

	while ((n = tun_read(&peer->tun, got->raw, sizeof(got->raw), ms)) > 0)
		if (take(peer, got, n))
			return true;
	return false;
}

/**
 * peer_drain - throw away what the host has sent up to now
 * @peer: peer
 *
 * Return: segments.
 */
unsigned int peer_drain(struct peer *peer)
{
	static struct peer_got got;
	unsigned int n = 0;

	while (peer_recv(peer, &got, 0))
		n++;
	return n;
}

/**
 * peer_syn - the SYN that opens a connection
 * @conn: connection; iss, tag, ports and wnd are set
 *
 * Return: the segment: HELLO, and zeros as room for the cookie.
 */
struct peer_seg peer_syn(const struct peer_conn *conn)
{
	const struct xtcp_hello hello = { .mss = 1400, .tag = conn->tag };
	struct peer_seg seg = {
		.head = {
			.seq = conn->iss, .tag = conn->tag, .wnd = conn->wnd,
			.sport = conn->port, .dport = conn->host_port, .flags = XTCP_SYN,
		},
		.options_len = XTCP_HELLO_LEN + XTCP_COOKIE_LEN,
		.from = conn->from,
	};

	xtcp_put_cookie(xtcp_put_hello(seg.options, &hello), NULL);
	return seg;
}

/**
 * peer_seg - a segment of a connection, without data
 * @conn: connection
 * @flags: XTCP_ACK ...
 *
 * Return: the segment, with the right numbers.
 */
struct peer_seg peer_seg(const struct peer_conn *conn, u8 flags)
{
	return (struct peer_seg) {
		.head = {
			.seq = conn->nxt, .ack = conn->rcv_nxt, .tag = conn->host_tag,
			.wnd = conn->wnd, .sport = conn->port, .dport = conn->host_port,
			.flags = flags,
		},
		.from = conn->from,
	};
}

/**
 * peer_say - the next segment of a connection
 * @conn: connection; its numbers go on
 * @flags: XTCP_ACK ...
 * @data: payload
 * @len: its length
 *
 * Return: 0 or -1 with errno set.
 */
int peer_say(struct peer_conn *conn, u8 flags, const void *data, u32 len)
{
	struct peer_seg seg = peer_seg(conn, flags);

	seg.data = data;
	seg.len = len;
	conn->nxt += len + !!(flags & XTCP_FIN);
	return peer_send(conn->peer, &seg);
}

/* What has to come next, for this connection. */
static int expect(struct peer_conn *conn, struct peer_got *got, u8 flags)
{
	do {
		if (!peer_recv(conn->peer, got, PATIENCE)) {
			errno = ETIMEDOUT;
			return -1;
		}
	} while (got->pkt.dport != conn->port || (got->pkt.flags & ~XTCP_PSH) != flags);
	return 0;
}

/**
 * peer_ask - the first two messages of a connection to the host
 * @conn: peer, ports and from are set; a tag of 0, a first number of 0 and a
 *	window of 0 are chosen
 *
 * Return: 0 or -1 with errno set.
 */
int peer_ask(struct peer_conn *conn)
{
	static struct peer_got got;
	struct xtcp_hello hello;
	struct peer_seg syn;

	conn->tag = conn->tag ?: (u32)random() | 1;
	conn->iss = conn->iss ?: (u64)random();
	conn->wnd = conn->wnd ?: 1 << 20;
	syn = peer_syn(conn);
	if (peer_send(conn->peer, &syn) || expect(conn, &got, XTCP_SYN | XTCP_ACK))
		return -1;
	xtcp_read_hello(&got.pkt, &hello);
	memcpy(conn->cookie, got.pkt.cookie, XTCP_COOKIE_LEN);
	conn->host_tag = hello.tag;
	conn->host_wnd = got.pkt.wnd;
	conn->irs = got.pkt.seq;
	conn->rcv_nxt = got.pkt.seq + 1;
	conn->nxt = conn->iss + 1;
	return 0;
}

/**
 * peer_echo - the third message of a connection to the host
 * @conn: from peer_ask(); its numbers stay
 *
 * Return: 0 or -1 with errno set.
 */
int peer_echo(struct peer_conn *conn)
{
	struct peer_seg seg = peer_seg(conn, XTCP_ACK);

	xtcp_put_cookie(seg.options, conn->cookie);
	seg.options_len = XTCP_COOKIE_LEN;
	return peer_send(conn->peer, &seg);
}

/**
 * peer_connect - open a connection to the host
 * @conn: as for peer_ask()
 *
 * Return: 0 or -1 with errno set.
 */
int peer_connect(struct peer_conn *conn)
{
	static struct peer_got got;

	if (peer_ask(conn))
		return -1;
	usleep(conn->away * 1000);
	return peer_echo(conn) || expect(conn, &got, XTCP_ACK) ? -1 : 0;
}

/**
 * peer_answer - open a connection that the host asks for
 * @conn: peer and port are set; otherwise as for peer_ask()
 *
 * Without a cookie, so that the host has nothing to repeat, unless the first
 * byte of conn->cookie is not 0.
 *
 * Return: 0 or -1 with errno set.
 */
int peer_answer(struct peer_conn *conn)
{
	static struct peer_got got;
	struct xtcp_hello hello;
	struct peer_seg seg;

	if (expect(conn, &got, XTCP_SYN))
		return -1;
	xtcp_read_hello(&got.pkt, &hello);
	conn->host_port = got.pkt.sport;
	conn->host_tag = hello.tag;
	conn->host_wnd = got.pkt.wnd;
	conn->irs = got.pkt.seq;
	conn->rcv_nxt = got.pkt.seq + 1;
	conn->tag = conn->tag ?: (u32)random() | 1;
	conn->iss = conn->iss ?: (u64)random();
	conn->wnd = conn->wnd ?: 1 << 20;
	conn->nxt = conn->iss;

	seg = peer_seg(conn, XTCP_SYN | XTCP_ACK);
	hello = (struct xtcp_hello){ .mss = 1400, .tag = conn->tag };
	xtcp_put_hello(seg.options, &hello);
	seg.options_len = XTCP_HELLO_LEN;
	if (conn->cookie[0]) {
		xtcp_put_cookie(seg.options + XTCP_HELLO_LEN, conn->cookie);
		seg.options_len += XTCP_COOKIE_LEN;
	}
	conn->nxt++;
	return peer_send(conn->peer, &seg) || expect(conn, &got, XTCP_ACK) ? -1 : 0;
}

/**
 * peer_sockaddr - an address for the calls of a program
 * @peer: peer
 * @addr: raw address; NULL: any
 * @port: in host order
 * @to: result
 *
 * Return: its length.
 */
socklen_t peer_sockaddr(const struct peer *peer, const u8 *addr, u16 port, union peer_addr *to)
{
	memset(to, 0, sizeof(*to));
	to->sa.sa_family = peer->family;
	to->in.sin_port = htons(port);	/* which lies in the same place in both */
	if (addr)
		memcpy(v4(peer) ? (void *)&to->in.sin_addr : &to->in6.sin6_addr, addr,
		       addr_len(peer));
	return v4(peer) ? sizeof(to->in) : sizeof(to->in6);
}

/**
 * peer_host_socket - a socket of the host
 * @peer: peer, whose family it has
 * @flags: SOCK_NONBLOCK
 *
 * Return: file descriptor or -1 with errno set.
 */
int peer_host_socket(const struct peer *peer, int flags)
{
	return socket(AF_XTCP, SOCK_STREAM | flags, v4(peer) ? XTCP_IPV4 : XTCP_IPV6);
}

/**
 * peer_host_listen - the host listens
 * @peer: peer
 * @port: in host order; connections of an earlier listener do not matter
 * @backlog: of listen()
 *
 * Return: file descriptor or -1 with errno set.
 */
int peer_host_listen(const struct peer *peer, u16 port, int backlog)
{
	int fd = peer_host_socket(peer, 0);
	union peer_addr to;
	socklen_t len = peer_sockaddr(peer, NULL, port, &to);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, &to.sa, len) || listen(fd, backlog))
		return -1;
	return fd;
}

/**
 * peer_host_connect - the host begins to connect to the peer
 * @peer: peer
 * @from: its port, in host order; 0: any
 * @port: the peer's
 *
 * Return: file descriptor, of a socket that does not block, or -1 with errno set.
 */
int peer_host_connect(const struct peer *peer, u16 from, u16 port)
{
	int fd = peer_host_socket(peer, SOCK_NONBLOCK);
	union peer_addr to;
	socklen_t len = peer_sockaddr(peer, NULL, from, &to);

	if (fd < 0 || (from && bind(fd, &to.sa, len)))
		return -1;
	len = peer_sockaddr(peer, peer->self, port, &to);
	if (!connect(fd, &to.sa, len) || errno != EINPROGRESS)
		return -1;
	return fd;
}

/**
 * peer_host_info - what the host knows of a connection
 * @fd: socket
 * @info: result
 *
 * Return: 0 or -1 with errno set.
 */
int peer_host_info(int fd, struct xtcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return getsockopt(fd, SOL_XTCP, XTCP_INFO, info, &len);
}

/**
 * peer_host_set - set a setting of the host
 * @name: of net.xtcp
 * @value: as it is written
 *
 * Return: 0 or -1 with errno set.
 */
int peer_host_set(const char *name, const char *value)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/xtcp/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, value, strlen(value));
	close(fd);
	return n < 0 ? -1 : 0;
}

/**
 * peer_host_counter - a counter of the host
 * @name: of /proc/net/xtcp/snmp
 *
 * Return: its value; all ones if there is none of this name.
 */
u64 peer_host_counter(const char *name)
{
	/* not /proc/net: that is the namespace of the process's first thread */
	FILE *file = fopen("/proc/thread-self/net/xtcp/snmp", "r");
	unsigned long long value;
	char word[64];
	u64 found = ~0ULL;

	while (file && fscanf(file, "%63s %llu", word, &value) == 2)
		if (!strcmp(word, name))
			found = value;
	if (file)
		fclose(file);
	return found;
}
