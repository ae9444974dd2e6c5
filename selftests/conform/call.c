// SPDX-License-Identifier: GPL-2.0
/* The program of a script. No call blocks: a script says how long it waits. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>
#include <linux/xtcp.h>

#include "call.h"
#include "flow.h"
#include "names.h"

#define BUFFER	(1 << 20)
#define SIGNALS	64

static volatile sig_atomic_t signals[SIGNALS];
static uint8_t buffer[BUFFER];

static void count_signal(int number)
{
	signals[number]++;
}

/**
 * app_init - a program that has no socket yet
 * @app: result
 * @family: AF_INET or AF_INET6
 * @peer_port: where connect() goes
 */
void app_init(struct app *app, int family, uint16_t peer_port)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };

	memset(app, 0, sizeof(*app));
	app->family = family;
	app->peer_port = peer_port;
	sigaction(SIGURG, &action, NULL);
	sigaction(SIGPIPE, &action, NULL);
}

static struct app_socket *find(struct app *app, const char *name)
{
	unsigned int i;

	for (i = 0; i < app->sockets; i++)
		if (!strcmp(app->socket[i].name, name))
			return &app->socket[i];
	return NULL;
}

/* Give a new socket its name, which may have been another's that is closed. */
static int keep(struct app *app, const char *name, int fd)
{
	struct app_socket *s = find(app, name);

	if (fd < 0)
		return fd;
	if (!s) {
		if (app->sockets == SOCKETS_MAX) {
			close(fd);
			errno = EMFILE;
			return -1;
		}
		s = &app->socket[app->sockets++];
	}
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->fd = fd;
	s->written = 1;
	s->read = 1;
	return 0;
}

static socklen_t address(const struct app *app, enum place place, uint16_t port,
			 struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *sin = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = app->family;
	sin->sin_port = htons(port);	/* the same place in both */
	if (app->family == AF_INET) {
		place_address(AF_INET, place, &sin->sin_addr);
		return sizeof(*sin);
	}
	place_address(AF_INET6, place, &sin6->sin6_addr);
	return sizeof(*sin6);
}

static int64_t do_bind(struct app *app, struct app_socket *s, const struct call *call)
{
	struct sockaddr_storage addr;
	socklen_t len = address(app, PLACE_NONE, call->arg[0], &addr);

	return bind(s->fd, (struct sockaddr *)&addr, len);
}

static int64_t do_connect(struct app *app, struct app_socket *s, const struct call *call)
{
	struct sockaddr_storage addr;
	socklen_t len = address(app, PLACE_PEER, call->args ? call->arg[0] : app->peer_port,
				&addr);

	return connect(s->fd, (struct sockaddr *)&addr, len);
}

static int64_t do_disconnect(struct app_socket *s)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	return connect(s->fd, &addr, sizeof(addr));
}

static int64_t do_send(struct app_socket *s, const struct call *call)
{
	ssize_t n, i;

	for (i = 0; i < call->arg[0] && i < BUFFER; i++)
		buffer[i] = pattern(s->written + i);
	n = send(s->fd, buffer, i, call->arg[1]);
	if (n > 0)
		s->written += n;
	return n;
}

/* What was read must be what the peer sent there. */
static int64_t do_recv(struct app_socket *s, const struct call *call, char *why, size_t size)
{
	size_t room = call->arg[0] < BUFFER ? call->arg[0] : BUFFER;
	int64_t first = call->at ? call->at : s->read;
	ssize_t n = recv(s->fd, buffer, room, call->arg[1]), i;

	for (i = 0; i < n && (size_t)i < room; i++) {
		if (buffer[i] != pattern(first + i)) {
			snprintf(why, size, "byte %" PRId64 " of the stream is wrong\n", first + i);
			break;
		}
	}
	if (n > 0 && !(call->arg[1] & (MSG_PEEK | MSG_OOB)))
		s->read = first + n;
	return n;
}

static int64_t do_setsockopt(struct app_socket *s, const struct call *call)
{
	struct linger linger = { .l_onoff = call->arg[1] >= 0, .l_linger = call->arg[1] };
	int value = call->arg[1];

	if (call->level == SOL_SOCKET && call->arg[0] == SO_LINGER)
		return setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return setsockopt(s->fd, call->level, call->arg[0], &value, sizeof(value));
}

static int64_t do_getsockopt(struct app_socket *s, const struct call *call)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(s->fd, call->level, call->arg[0], &value, &len) ? -1 : value;
}

static int64_t do_poll(struct app_socket *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN | POLLPRI | POLLOUT | POLLRDHUP };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

#define FIELD(name)	{ #name, offsetof(struct xtcp_info, xtcpi_##name),		\
			  sizeof(((struct xtcp_info *)0)->xtcpi_##name) }

/* What info() can tell of struct xtcp_info. */
static const struct {
	const char *name;
	size_t at, size;
} fields[] = {
	FIELD(state), FIELD(confirmed), FIELD(recovery), FIELD(backoff),
	FIELD(mss), FIELD(path_mss), FIELD(route_mss), FIELD(probe_mss),
	FIELD(cwnd), FIELD(ssthresh), FIELD(snd_wnd), FIELD(rcv_wnd),
	FIELD(unacked), FIELD(notsent), FIELD(sacked), FIELD(lost), FIELD(ooo), FIELD(ce),
	FIELD(delivered_ce), FIELD(ecn),
	FIELD(retrans), FIELD(timeouts), FIELD(dsacks), FIELD(rcv_ooo),
};

static int64_t do_info(struct app_socket *s, const char *field, char *why, size_t size)
{
	struct xtcp_info info;
	socklen_t len = sizeof(info);
	uint64_t value = 0;
	size_t i;

	memset(&info, 0, sizeof(info));
	if (getsockopt(s->fd, SOL_XTCP, XTCP_INFO, &info, &len))
		return -1;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(field, fields[i].name))
			continue;
		/* what is shorter fills the low bytes */
		memcpy(&value, (const char *)&info + fields[i].at, fields[i].size);
		return le64toh(value);
	}
	snprintf(why, size, "info() knows no \"%s\"\n", field);
	return -1;
}

static int64_t do_ioctl(struct app_socket *s, unsigned long what)
{
	int value;

	return ioctl(s->fd, what, &value) ? -1 : value;
}

static int64_t do_close(struct app_socket *s)
{
	int err = close(s->fd);

	s->fd = -1;
	return err;
}

static int64_t perform(struct app *app, struct app_socket *s, const struct call *call, char *why,
		       size_t size)
{
	switch (call->id) {
	case CALL_SOCKET:
		return keep(app, call->result,
			    socket(AF_XTCP, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				   app->family == AF_INET ? XTCP_IPV4 : XTCP_IPV6));
	case CALL_BIND:
		return do_bind(app, s, call);
	case CALL_LISTEN:
		return listen(s->fd, call->arg[0]);
	case CALL_ACCEPT:
		return keep(app, call->result,
			    accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	case CALL_CONNECT:
		return do_connect(app, s, call);
	case CALL_DISCONNECT:
		return do_disconnect(s);
	case CALL_SEND:
		return do_send(s, call);
	case CALL_RECV:
		return do_recv(s, call, why, size);
	case CALL_SHUTDOWN:
		return shutdown(s->fd, call->arg[0]);
	case CALL_CLOSE:
		return do_close(s);
	case CALL_SETSOCKOPT:
		return do_setsockopt(s, call);
	case CALL_GETSOCKOPT:
		return do_getsockopt(s, call);
	case CALL_POLL:
		return do_poll(s);
	case CALL_STATE:
		return do_info(s, "state", why, size);
	case CALL_INFO:
		return do_info(s, call->word, why, size);
	case CALL_INQ:
		return do_ioctl(s, SIOCINQ);
	case CALL_OUTQ:
		return do_ioctl(s, SIOCOUTQ);
	case CALL_ATMARK:
		return do_ioctl(s, SIOCATMARK);
	case CALL_OWN:
		return fcntl(s->fd, F_SETOWN, getpid());
	case CALL_SIGNALS:
		return signals[call->arg[0] % SIGNALS];
	default:
		return -1;
	}
}

static bool as_expected(const struct call *call, int64_t result, int error)
{
	switch (call->expect) {
	case RESULT_NUMBER:
		return result >= call->lo && result <= call->hi;
	case RESULT_ERRNO:
		/* SO_ERROR is an errno, too */
		return (result == -1 && error == call->lo) ||
		       (call->option && result == call->lo);
	default:
		return result >= 0;
	}
}

/* What a call waits for. */
static short awaited(const struct call *call)
{
	switch (call->id) {
	case CALL_CONNECT:
	case CALL_SEND:
		return POLLOUT;
	case CALL_GETSOCKOPT:
		return 0;		/* POLLERR and POLLHUP come unasked */
	default:
		return POLLIN;
	}
}

/* Wait until the call can be made. Return: whether that was neither too early nor too late. */
static bool wait_until_ready(struct link *link, const struct app_socket *s,
			     const struct step *step, int64_t base, char *why, size_t size)
{
	short events = awaited(&step->call);
	int64_t after;

	if (link_wait(link, base + step->when.hi, s->fd, events)) {
		after = now_ns() - base;
		if (after >= step->when.lo)
			return true;
		snprintf(why, size, "ready after %.3f s, not before %.3f s\n", after / 1e9,
			 step->when.lo / 1e9);
	} else {
		snprintf(why, size, "not ready after %.3f s\n", (now_ns() - base) / 1e9);
	}
	return false;
}

/**
 * app_call - make a call and compare its result
 * @app: program
 * @link: packets that come while it waits are queued there
 * @step: call; step->when: how long it may wait
 * @base: what that is counted from, ns
 * @why: result: what does not match, a line each
 * @size: room
 *
 * Return: true if all is as expected.
 */
bool app_call(struct app *app, struct link *link, const struct step *step, int64_t base,
	      char *why, size_t size)
{
	const struct call *call = &step->call;
	struct app_socket *s = NULL;
	int64_t result;
	int error;

	*why = 0;
	if (*call->socket) {
		s = find(app, call->socket);
		if (!s || s->fd < 0) {
			snprintf(why, size, "no socket \"%s\"\n", call->socket);
			return false;
		}
	}
	if (step->when.given && !wait_until_ready(link, s, step, base, why, size))
		return false;
	errno = 0;
	result = perform(app, s, call, why, size);
	error = errno;
	if (*why)
		return false;
	if (as_expected(call, result, error))
		return true;
	if (result == -1)
		snprintf(why, size, "it failed: %s\n", strerror(error));
	else if (call->id == CALL_STATE)
		snprintf(why, size, "it is %s\n", name_of(state_names, result));
	else if (call->option && call->expect == RESULT_ERRNO)
		snprintf(why, size, "it gave %" PRId64 " (%s)\n", result, strerror(result));
	else
		snprintf(why, size, "it gave %" PRId64 " (%#" PRIx64 ")\n", result, result);
	return false;
}

/**
 * app_end - abort all connections that the program still has
 * @app: program
 *
 * So that none of them outlives the script and keeps its namespace alive.
 */
void app_end(struct app *app)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	unsigned int i;

	for (i = 0; i < app->sockets; i++) {
		if (app->socket[i].fd < 0)
			continue;
		setsockopt(app->socket[i].fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(app->socket[i].fd);
	}
}
