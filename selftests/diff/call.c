// SPDX-License-Identifier: GPL-2.0
/*
 * The calls, right and wrong ones. What a step does follows from its numbers alone, and
 * so does what it prints: a sequence of which steps are left out is the same otherwise.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/sockios.h>

#include "diff.h"

#define PORT		5001	/* and the next ones */
#define PORTS		4

#define PICK(array, n)	((array)[(n) % (sizeof(array) / sizeof((array)[0]))])

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

struct run {
	struct world *w;
	const struct step *s;
	struct result *r;
	char *text;
	size_t size;
	int fd;			/* of the step's slot */
};

static void say(struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct run *run, const char *format, ...)
{
	size_t used = strlen(run->text);
	va_list args;

	va_start(args, format);
	vsnprintf(run->text + used, run->size - used, format, args);
	va_end(args);
}

/* A result, with errno if it is -1. */
static void done(struct run *run, long ret)
{
	run->r->ret = ret;
	run->r->error = ret == -1 ? errno : 0;
}

static int family_of(int fd)
{
	int family = AF_INET;
	socklen_t len = sizeof(family);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
	return family;
}

static int port_of(int fd)
{
	union address addr = {};
	socklen_t len = sizeof(addr);

	if (fd < 0 || getsockname(fd, &addr.sa, &len))
		return 0;
	return ntohs(addr.in.sin_port);
}

/* Nobody's, a wildcard, and ones of this host; an address of the socket's family, mostly. */
static socklen_t make_address(struct run *run, uint32_t which, int port, union address *addr)
{
	static const char *const ipv4[] = { "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2",
					    "0.0.0.0", "192.0.2.1", "255.255.255.255",
					    "224.0.0.1" };
	static const char *const ipv6[] = { "::1", "::1", "::1", "::ffff:127.0.0.1",
					    "::", "2001:db8::1", "fe80::1", "ff02::1" };
	int family = family_of(run->fd);
	const char *text;

	if (which >> 8 & 0xf)
		;
	else if (which >> 12 & 1)
		family = family == AF_INET ? AF_INET6 : AF_INET;
	else
		family = which >> 13 & 1 ? AF_UNSPEC : AF_UNIX;
	memset(addr, 0, sizeof(*addr));
	addr->sa.sa_family = family;
	if (family == AF_INET6) {
		text = PICK(ipv6, which);
		inet_pton(AF_INET6, text, &addr->in6.sin6_addr);
		addr->in6.sin6_port = htons(port);
	} else {
		text = PICK(ipv4, which);
		inet_pton(AF_INET, text, &addr->in.sin_addr);
		addr->in.sin_port = htons(port);
	}
	say(run, ", %s %s port %d", family == AF_INET ? "IPv4" : family == AF_INET6 ? "IPv6" :
	    family == AF_UNSPEC ? "unspecified" : "unix", text, port);
	return family == AF_INET6 ? sizeof(addr->in6) : sizeof(addr->in);
}

static socklen_t wrong_length(struct run *run, uint32_t which, socklen_t len)
{
	static const socklen_t lens[] = { 0, 1, 2, 15, 27, 110 };

	if (which & 0xf)
		return len;
	len = PICK(lens, which >> 4);
	say(run, " of %u bytes", len);
	return len;
}

/* An address in a result: the port only if the test chose it. */
static void keep_address(struct run *run, const union address *addr, socklen_t len)
{
	union address copy = *addr;
	int port = ntohs(copy.in.sin_port);

	if (len >= sizeof(struct sockaddr_in) && (port < PORT || port >= PORT + PORTS) && port)
		copy.in.sin_port = 0xffff;
	run->r->len = len < sizeof(copy) ? len : sizeof(copy);
	memcpy(run->r->data, &copy, run->r->len);
	memcpy(run->r->data + run->r->len, &len, sizeof(len));
	run->r->len += sizeof(len);
}

static void call_socket(struct run *run)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int flags[] = { SOCK_NONBLOCK, SOCK_NONBLOCK, SOCK_NONBLOCK, 0,
				     SOCK_NONBLOCK | SOCK_CLOEXEC };
	int family = PICK(families, run->s->a), flag = PICK(flags, run->s->b);
	int fd;

	say(run, ", IPv%d, flags %#x", family == AF_INET ? 4 : 6, flag);
	world_close(run->w, run->s->slot);
	fd = socket(family, SOCK_STREAM | flag, run->w->protocol);
	done(run, fd < 0 ? -1 : 0);
	world_put(run->w, run->s->slot, fd);
}

/* A connection between two slots. */
static void call_pair(struct run *run)
{
	int v6 = run->s->a & 1, slot = run->s->slot, other = run->s->other;
	union address addr = {};
	socklen_t len = v6 ? sizeof(addr.in6) : sizeof(addr.in);
	int door, client, server;

	say(run, ", slot %d, IPv%d", other, v6 ? 6 : 4);
	if (slot == other) {
		done(run, 0);
		return;
	}
	world_close(run->w, slot);
	world_close(run->w, other);
	addr.sa.sa_family = v6 ? AF_INET6 : AF_INET;
	inet_pton(addr.sa.sa_family, v6 ? "::1" : "127.0.0.1",
		  v6 ? (void *)&addr.in6.sin6_addr : (void *)&addr.in.sin_addr);
	door = socket(addr.sa.sa_family, SOCK_STREAM, run->w->protocol);
	client = socket(addr.sa.sa_family, SOCK_STREAM, run->w->protocol);
	if (bind(door, &addr.sa, len) || listen(door, 1) || getsockname(door, &addr.sa, &len) ||
	    connect(client, &addr.sa, len))
		abort();
	server = accept4(door, NULL, NULL, SOCK_NONBLOCK);
	close(door);
	if (run->s->b % 8)
		fcntl(client, F_SETFL, O_NONBLOCK);
	else
		say(run, ", the first blocks");
	world_put(run->w, slot, client);
	world_put(run->w, other, server);
	run->w->peer[slot] = other;
	run->w->peer[other] = slot;
	done(run, server < 0 ? -1 : 0);
}

static void call_bind(struct run *run)
{
	static const int ports[] = { 0, PORT, PORT + 1, PORT + 2, PORT + 3 };
	union address addr;
	socklen_t len = make_address(run, run->s->a, PICK(ports, run->s->b), &addr);

	len = wrong_length(run, run->s->c, len);
	done(run, bind(run->fd, &addr.sa, len));
}

static void call_listen(struct run *run)
{
	static const int backlogs[] = { 0, 1, 2, 5, -1 };
	int backlog = PICK(backlogs, run->s->a);

	say(run, ", %d", backlog);
	done(run, listen(run->fd, backlog));
}

static void call_connect(struct run *run)
{
	int port = run->s->b % 8 ? port_of(run->w->fd[run->s->other]) : PORT;
	union address addr;
	socklen_t len;

	if (run->s->b % 8)
		say(run, ", to slot %d", run->s->other);
	/* what another protocol's socket has as its port is not to be seen */
	len = make_address(run, run->s->a, port, &addr);
	len = wrong_length(run, run->s->c, len);
	done(run, connect(run->fd, &addr.sa, len));
}

static void call_accept(struct run *run)
{
	static const int flags[] = { SOCK_NONBLOCK, SOCK_NONBLOCK, SOCK_NONBLOCK | SOCK_CLOEXEC,
				     0, 1 };
	int flag = PICK(flags, run->s->a), fd;
	union address addr = {};
	socklen_t len = run->s->b % 8 ? sizeof(addr) : run->s->b / 8 % 20;
	bool told = run->s->c % 4;

	say(run, ", into slot %d, flags %#x", run->s->other, flag);
	if (run->s->slot == run->s->other) {
		done(run, 0);
		return;
	}
	if (told)
		say(run, ", room for %u bytes", len);
	fd = accept4(run->fd, told ? &addr.sa : NULL, told ? &len : NULL, flag);
	done(run, fd < 0 ? -1 : 0);
	if (fd < 0)
		return;
	world_close(run->w, run->s->other);
	world_put(run->w, run->s->other, fd);
	if (told)
		keep_address(run, &addr, len);
}

/* Bytes that tell where they come from. */
static void fill(unsigned char *data, size_t len, uint32_t number)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = number * 31 + i * 7 + i / 256;
}

static const size_t lengths[] = { 0, 1, 2, 3, 10, 100, 1000, 1460, 3000, 8000 };

static int send_flags(struct run *run, uint32_t which)
{
	static const int all[] = { 0, 0, 0, MSG_DONTWAIT, MSG_OOB, MSG_MORE, MSG_EOR,
				   MSG_DONTROUTE, MSG_CONFIRM, MSG_PEEK, MSG_OOB | MSG_MORE };
	int flags = PICK(all, which) | (which >> 8 & 3 ? MSG_NOSIGNAL : 0);

	say(run, ", flags %#x", flags);
	return flags;
}

static void call_send(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);
	unsigned char data[DATA];

	fill(data, len, run->s->number);
	say(run, ", %zu bytes", len);
	done(run, send(run->fd, data, len, send_flags(run, run->s->b)));
}

static void call_send_nowhere(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);

	say(run, ", %zu bytes that are not there", len);
	done(run, send(run->fd, (void *)8, len, send_flags(run, run->s->b)));
}

static void call_sendto(struct run *run)
{
	unsigned char data[100];
	union address addr;
	socklen_t len = make_address(run, run->s->a, PORT, &addr);

	fill(data, sizeof(data), run->s->number);
	len = wrong_length(run, run->s->c, len);
	done(run, sendto(run->fd, data, sizeof(data), send_flags(run, run->s->b), &addr.sa, len));
}

static void call_sendmsg(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);
	unsigned char data[DATA];
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov[3] = { { data, len / 3 }, { NULL, 0 }, { data + len / 3, len - len / 3 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	struct cmsghdr *head = (struct cmsghdr *)control;

	fill(data, len, run->s->number);
	say(run, ", %zu bytes", len);
	if (run->s->c % 4 == 0) {
		static const int levels[] = { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6 };

		head->cmsg_len = run->s->c / 4 % 3 ? CMSG_LEN(sizeof(int)) : run->s->c / 16 % 30;
		head->cmsg_level = PICK(levels, run->s->d);
		head->cmsg_type = run->s->d / 4 % 64;
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		say(run, ", control %d/%d of %zu bytes", head->cmsg_level, head->cmsg_type,
		    head->cmsg_len);
	}
	done(run, sendmsg(run->fd, &msg, send_flags(run, run->s->b)));
}

static int recv_flags(struct run *run, uint32_t which)
{
	static const int all[] = { 0, 0, 0, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_OOB, MSG_DONTWAIT,
				   MSG_PEEK | MSG_TRUNC, MSG_OOB | MSG_PEEK, MSG_ERRQUEUE,
				   MSG_PEEK | MSG_WAITALL, MSG_CMSG_CLOEXEC, MSG_OOB | MSG_TRUNC };
	int flags = PICK(all, which);

	say(run, ", flags %#x", flags);
	return flags;
}

static void keep_data(struct run *run, const void *data, int flags)
{
	if (run->r->ret <= 0 || flags & MSG_TRUNC)
		return;
	run->r->len = run->r->ret;
	memcpy(run->r->data, data, run->r->len);
}

static void call_recv(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);
	unsigned char data[DATA];
	int flags;

	say(run, ", %zu bytes", len);
	flags = recv_flags(run, run->s->b);
	done(run, recv(run->fd, data, len, flags));
	keep_data(run, data, flags);
}

static void call_recv_nowhere(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);

	say(run, ", %zu bytes to nowhere", len);
	/* TCP would lose the urgent byte */
	done(run, recv(run->fd, (void *)8, len, recv_flags(run, run->s->b) & ~MSG_OOB));
}

static void call_recvmsg(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);
	unsigned char data[DATA];
	union address addr = {};
	char control[256];
	struct iovec iov[2] = { { data, len / 2 }, { data + len / 2, len - len / 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2, .msg_name = &addr,
			      .msg_namelen = sizeof(addr), .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int flags;

	say(run, ", %zu bytes", len);
	flags = recv_flags(run, run->s->b);
	done(run, recvmsg(run->fd, &msg, flags));
	keep_data(run, data, flags);
	if (run->r->ret < 0)
		return;
	memcpy(run->r->data + run->r->len, &msg.msg_flags, sizeof(int));
	memcpy(run->r->data + run->r->len + 4, &msg.msg_namelen, sizeof(int));
	run->r->len += 8;
}

static void call_shutdown(struct run *run)
{
	static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_WR, SHUT_RDWR, 3, -1 };
	int how = PICK(hows, run->s->a);

	say(run, ", %d", how);
	done(run, shutdown(run->fd, how));
}

static void call_close(struct run *run)
{
	world_close(run->w, run->s->slot);
	done(run, 0);
}

static void call_abort(struct run *run)
{
	world_abort(run->w, run->s->slot);
	done(run, 0);
}

static const struct option {
	int level, name;
	const char *text;
} options[] = {
#define OPTION(level, name) { level, name, #name }
	OPTION(SOL_SOCKET, SO_REUSEADDR), OPTION(SOL_SOCKET, SO_REUSEPORT),
	OPTION(SOL_SOCKET, SO_KEEPALIVE), OPTION(SOL_SOCKET, SO_OOBINLINE),
	OPTION(SOL_SOCKET, SO_OOBINLINE), OPTION(SOL_SOCKET, SO_LINGER),
	OPTION(SOL_SOCKET, SO_RCVLOWAT), OPTION(SOL_SOCKET, SO_BROADCAST),
	OPTION(SOL_SOCKET, SO_DONTROUTE), OPTION(SOL_SOCKET, SO_PRIORITY),
	OPTION(SOL_SOCKET, SO_TIMESTAMP), OPTION(SOL_SOCKET, SO_MARK),
	OPTION(IPPROTO_TCP, TCP_NODELAY), OPTION(IPPROTO_TCP, TCP_CORK),
	OPTION(IPPROTO_TCP, TCP_KEEPIDLE), OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
	OPTION(IPPROTO_TCP, TCP_KEEPCNT), OPTION(IPPROTO_TCP, TCP_SYNCNT),
	OPTION(IPPROTO_TCP, TCP_LINGER2), OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
	OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT), OPTION(IPPROTO_TCP, TCP_INQ),
	OPTION(IPPROTO_TCP, TCP_QUICKACK), OPTION(IPPROTO_IP, IP_TOS),
	OPTION(IPPROTO_IP, IP_TTL), OPTION(IPPROTO_IP, IP_RECVERR),
	OPTION(IPPROTO_IP, IP_FREEBIND), OPTION(IPPROTO_IPV6, IPV6_V6ONLY),
	OPTION(IPPROTO_IPV6, IPV6_TCLASS), OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
	/* these only tell */
	OPTION(SOL_SOCKET, SO_ERROR), OPTION(SOL_SOCKET, SO_ERROR),
	OPTION(SOL_SOCKET, SO_ACCEPTCONN), OPTION(SOL_SOCKET, SO_TYPE),
	OPTION(SOL_SOCKET, SO_DOMAIN), OPTION(SOL_SOCKET, 9999), OPTION(9999, 1),
#undef OPTION
};

static void call_setsockopt(struct run *run)
{
	static const int values[] = { 0, 1, 1, 2, -1, 7, 100, 40000 };
	static const socklen_t lens[] = { 4, 4, 4, 4, 4, 8, 8, 1, 0 };
	const struct option *option = &PICK(options, run->s->a);
	int value[2] = { PICK(values, run->s->b), run->s->c / 64 % 3 };
	socklen_t len = PICK(lens, run->s->c);

	/* less than TCP's least retransmission timeout it does not notice */
	if (option->level == IPPROTO_TCP && option->name == TCP_USER_TIMEOUT && value[0] > 0)
		value[0] *= 1000;
	say(run, ", %s = %d, %d in %u bytes", option->text, value[0], value[1], len);
	done(run, setsockopt(run->fd, option->level, option->name, value, len));
}

static void call_getsockopt(struct run *run)
{
	static const socklen_t lens[] = { 4, 4, 4, 4, 8, 16, 1, 0 };
	const struct option *option = &PICK(options, run->s->a);
	socklen_t len = PICK(lens, run->s->b);
	unsigned char value[16] = {};

	say(run, ", %s, room for %u", option->text, len);
	done(run, getsockopt(run->fd, option->level, option->name, value, &len));
	memcpy(run->r->data, value, sizeof(value));
	memcpy(run->r->data + sizeof(value), &len, sizeof(len));
	run->r->len = sizeof(value) + sizeof(len);
}

static void call_ioctl(struct run *run)
{
	static const struct {
		unsigned long request;
		const char *text;
	} all[] = { { SIOCINQ, "SIOCINQ" }, { SIOCATMARK, "SIOCATMARK" },
		    { SIOCOUTQNSD, "SIOCOUTQNSD" }, { 0x89ff, "unknown" } };
	int value = 0;

	say(run, ", %s", PICK(all, run->s->a).text);
	done(run, ioctl(run->fd, PICK(all, run->s->a).request, &value));
	memcpy(run->r->data, &value, sizeof(value));
	run->r->len = sizeof(value);
}

static void call_name(struct run *run)
{
	union address addr = {};
	socklen_t len = run->s->b % 4 ? sizeof(addr) : run->s->b / 4 % 30;
	bool peer = run->s->a & 1;

	say(run, ", %s, room for %u", peer ? "the peer's" : "its own", len);
	done(run, (peer ? getpeername : getsockname)(run->fd, &addr.sa, &len));
	if (!run->r->ret)
		keep_address(run, &addr, len);
}

static void call_wait(struct run *run)
{
	static const int ms[] = { 1, 50, 300, 3000, 20000, 70000, 130000 };
	int time = PICK(ms, run->s->a);
	struct timespec ts = { .tv_sec = time / 1000, .tv_nsec = time % 1000 * 1000000L };

	say(run, " for %d ms", time);
	nanosleep(&ts, NULL);
	done(run, 0);
}

/* Reads all that has come, up to a mark; how much that is at once is the protocol's. */
static void call_drain(struct run *run)
{
	unsigned char data[DATA];
	ssize_t n;

	while ((n = recv(run->fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		;
	done(run, n);
}

/*
 * A pair's one end takes no more, and then the other end reads it all. How much that
 * is differs, and is not compared.
 */
static void call_fill(struct run *run)
{
	int peer = run->w->peer[run->s->slot], to = peer >= 0 ? run->w->fd[peer] : -1;
	struct pollfd deaf = { .fd = to, .events = POLLRDHUP };
	unsigned char data[DATA], got[DATA];
	size_t sent = 0, before, received = 0;
	long n;

	/* of a socket that was shut down for reading TCP sends no window updates */
	if (to < 0 || poll(&deaf, 1, 0)) {
		done(run, 0);
		return;
	}
	fill(data, sizeof(data), run->s->number);
	do {
		before = sent;
		while ((n = send(run->fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
			sent += n;
		usleep(300000);
	} while (n < 0 && errno == EAGAIN && sent > before);
	done(run, n);
	do {
		before = received;
		while ((n = recv(to, got, sizeof(got), MSG_DONTWAIT)) > 0)
			received += n;
		usleep(300000);
	} while (received > before);
}

/* Of a file. */
static void call_sendfile(struct run *run)
{
	size_t len = PICK(lengths, run->s->a), have = PICK(lengths, run->s->b);
	unsigned char data[DATA];
	int file = memfd_create("differ", 0);

	fill(data, have, run->s->number);
	say(run, ", %zu bytes of %zu", len, have);
	if (write(file, data, have) != (ssize_t)have || lseek(file, 0, SEEK_SET))
		abort();
	done(run, sendfile(run->fd, file, NULL, len));
	close(file);
}

/* Out of a pipe. */
static void call_splice_out(struct run *run)
{
	size_t len = PICK(lengths, run->s->a), have = PICK(lengths, run->s->b);
	static const int all[] = { 0, 0, SPLICE_F_NONBLOCK, SPLICE_F_MORE };
	int ends[2], flags = PICK(all, run->s->c);
	unsigned char data[DATA];

	fill(data, have, run->s->number);
	say(run, ", %zu bytes of %zu, flags %#x", len, have, flags);
	if (pipe2(ends, O_NONBLOCK) || (have && write(ends[1], data, have) != (ssize_t)have))
		abort();
	close(ends[1]);
	done(run, splice(ends[0], NULL, run->fd, NULL, len, flags));
	close(ends[0]);
}

/* Into one. */
static void call_splice_in(struct run *run)
{
	size_t len = PICK(lengths, run->s->a);
	static const int all[] = { 0, 0, SPLICE_F_NONBLOCK, SPLICE_F_MORE };
	int ends[2], flags = PICK(all, run->s->c);

	say(run, ", %zu bytes, flags %#x", len, flags);
	if (pipe2(ends, O_NONBLOCK))
		abort();
	done(run, splice(run->fd, NULL, ends[1], NULL, len, flags));
	if (run->r->ret > 0) {
		run->r->len = run->r->ret;
		if (read(ends[0], run->r->data, DATA) != run->r->ret)
			abort();
	}
	close(ends[0]);
	close(ends[1]);
}

/* The first report, without the bytes that come with it. */
static void call_errqueue(struct run *run)
{
	union address addr = {};
	char control[256], byte[64];
	struct iovec iov = { byte, sizeof(byte) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_name = &addr,
			      .msg_namelen = sizeof(addr), .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *head;
	struct sock_extended_err err;

	done(run, recvmsg(run->fd, &msg, MSG_ERRQUEUE));
	if (run->r->ret < 0)
		return;
	memcpy(run->r->data, &msg.msg_flags, 4);
	memcpy(run->r->data + 4, &msg.msg_namelen, 4);
	run->r->ret = 0;
	run->r->len = 8;
	head = CMSG_FIRSTHDR(&msg);
	if (!head)
		return;
	memcpy(run->r->data + 8, &head->cmsg_level, 4);
	memcpy(run->r->data + 12, &head->cmsg_type, 4);
	memcpy(&err, CMSG_DATA(head), sizeof(err));
	memcpy(run->r->data + 16, &err, sizeof(err));
	run->r->len = 16 + sizeof(err);
}

static void call_device(struct run *run)
{
	const char *name = run->s->a % 3 ? "lo" : "";

	say(run, ", %s", name);
	done(run, setsockopt(run->fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name) + 1));
}

static void call_block(struct run *run)
{
	int flag = run->s->a & 1 ? O_NONBLOCK : 0;

	say(run, ", %s", flag ? "no" : "yes");
	done(run, fcntl(run->fd, F_SETFL, flag));
}

static const struct call {
	const char *name;
	int weight;
	void (*run)(struct run *run);
} calls[] = {
	{ "socket", 6, call_socket },
	{ "pair", 8, call_pair },
	{ "bind", 5, call_bind },
	{ "listen", 5, call_listen },
	{ "connect", 8, call_connect },
	{ "accept", 8, call_accept },
	{ "send", 14, call_send },
	{ "send", 1, call_send_nowhere },
	{ "sendto", 1, call_sendto },
	{ "sendmsg", 4, call_sendmsg },
	{ "recv", 14, call_recv },
	{ "recv", 1, call_recv_nowhere },
	{ "recvmsg", 4, call_recvmsg },
	{ "shutdown", 6, call_shutdown },
	{ "close", 4, call_close },
	{ "abort", 2, call_abort },
	{ "setsockopt", 8, call_setsockopt },
	{ "getsockopt", 6, call_getsockopt },
	{ "ioctl", 2, call_ioctl },
	{ "name", 3, call_name },
	{ "wait", 3, call_wait },
	{ "drain", 3, call_drain },
	{ "fill", 1, call_fill },
	{ "sendfile", 3, call_sendfile },
	{ "splice_out", 3, call_splice_out },
	{ "splice_in", 5, call_splice_in },
	{ "errqueue", 4, call_errqueue },
	{ "device", 2, call_device },
	{ "block", 2, call_block },
};

#define CALLS	(sizeof(calls) / sizeof(calls[0]))

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/**
 * step_make - a step of a sequence
 * @seed: of the sequence
 * @number: of the step
 */
struct step step_make(uint64_t seed, uint32_t number)
{
	uint64_t state = seed * 0x100000001b3 + number;
	struct step s = { .number = number };
	int i, sum = 0, pick;

	next(&state);
	for (i = 0; i < (int)CALLS; i++)
		sum += calls[i].weight;
	pick = next(&state) % sum;
	while (pick >= calls[s.call].weight)
		pick -= calls[s.call++].weight;
	s.slot = next(&state) % SLOTS;
	s.other = next(&state) % SLOTS;
	s.a = next(&state) >> 32;
	s.b = next(&state) >> 32;
	s.c = next(&state) >> 32;
	s.d = next(&state) >> 32;
	return s;
}

static volatile sig_atomic_t pipes;

static void on_pipe(int number)
{
	pipes++;
}

/**
 * step_run - do it
 * @w: world
 * @s: step
 * @r: result
 * @text: what it did, in words
 * @size: room in it
 */
void step_run(struct world *w, const struct step *s, struct result *r, char *text, size_t size)
{
	struct run run = { .w = w, .s = s, .r = r, .text = text, .size = size,
			   .fd = w->fd[s->slot] };

	memset(r, 0, sizeof(*r));
	*text = 0;
	pipes = 0;
	signal(SIGPIPE, on_pipe);
	say(&run, "%s slot %d", calls[s->call].name, s->slot);
	calls[s->call].run(&run);
	r->signals = pipes;
}
