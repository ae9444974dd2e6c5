// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what makes the state of a connection change, as a table for
 * Documentation/state-machine.rst: every event in every state is tried on the
 * core, and each change is a row. check.sh compares.
 */
#include <stdio.h>
#include <stdlib.h>

#include "drive.h"

#define MSS	1008U
#define RCVBUF	65536U
#define SECOND		XTCP_SEC
#define PATIENCE	(3 * 3600 * SECOND)	/* longer than every timer */

static const char *const names[XTCP_STATES] = {
	[XTCP_CLOSED]		= "CLOSED",
	[XTCP_SYN_SENT]		= "SYN-SENT",
	[XTCP_SYN_RECEIVED]	= "SYN-RECEIVED",
	[XTCP_ESTABLISHED]	= "ESTABLISHED",
	[XTCP_FIN_WAIT_1]	= "FIN-WAIT-1",
	[XTCP_FIN_WAIT_2]	= "FIN-WAIT-2",
	[XTCP_CLOSE_WAIT]	= "CLOSE-WAIT",
	[XTCP_CLOSING]		= "CLOSING",
	[XTCP_LAST_ACK]		= "LAST-ACK",
	[XTCP_TIME_WAIT]	= "TIME-WAIT",
};

/* The states of a TCB in the order of the table; from the fourth on: synchronized. */
static const enum xtcp_state states[] = {
	XTCP_CLOSED, XTCP_SYN_SENT, XTCP_SYN_RECEIVED, XTCP_ESTABLISHED, XTCP_FIN_WAIT_1,
	XTCP_FIN_WAIT_2, XTCP_CLOSE_WAIT, XTCP_CLOSING, XTCP_LAST_ACK,
};

#define STATES	(sizeof(states) / sizeof(states[0]))
#define SYNCHRONIZED	3

/* Events; false: there is no such thing in the TCB's state. */

static bool call_connect(struct drive *d)
{
	if (d->t.state != XTCP_CLOSED)
		return false;
	drive_act(d, xtcp_connect(&d->t, d->iss, DRIVE_TAG, d->now), NULL);
	return true;
}

static bool call_shutdown(struct drive *d)
{
	drive_act(d, xtcp_shutdown(&d->t, d->now), NULL);
	return true;
}

static bool call_close(struct drive *d)
{
	drive_act(d, xtcp_close(&d->t, false, false, d->now), NULL);
	return true;
}

static bool close_unread(struct drive *d)
{
	drive_act(d, xtcp_close(&d->t, true, false, d->now), NULL);
	return true;
}

static bool close_linger_0(struct drive *d)
{
	drive_act(d, xtcp_close(&d->t, false, true, d->now), NULL);
	return true;
}

static bool get_syn(struct drive *d)
{
	const struct xtcp_hello hello = { .mss = 1400, .tag = DRIVE_PEER_TAG };
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);

	pkt.flags = XTCP_SYN;
	pkt.tag = hello.tag;
	pkt.ack = 0;
	pkt.has = XTCP_HAS_HELLO;
	xtcp_put_hello(d->options, &hello);
	pkt.hello = d->options + 2;	/* body: behind kind and length */
	pkt.hdr += (XTCP_HELLO_LEN + XTCP_COOKIE_LEN) / 8;
	drive_in(d, &pkt);
	return true;
}

static bool get_syn_ack(struct drive *d)
{
	drive_syn_ack(d, true);
	return true;
}

static bool get_ack_of_syn(struct drive *d)
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	drive_in(d, &pkt);
	return true;
}

/* O6: the FIN that the program asked for waits for the connection. */
static bool get_ack_after_shutdown(struct drive *d)
{
	if (d->t.state != XTCP_SYN_RECEIVED)
		return false;
	call_shutdown(d);
	return get_ack_of_syn(d);
}

static bool get_refusal(struct drive *d)
{
	struct xtcp_pkt pkt = drive_pkt(d, -1, 0, 0);

	pkt.seq -= BIT_ULL(40);	/* 0, and not by chance in the window */
	pkt.flags = XTCP_RST | XTCP_ACK;
	drive_in(d, &pkt);
	return true;
}

static bool get_rst(struct drive *d)
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	pkt.seq = d->t.rcv.nxt;
	pkt.flags = XTCP_RST;
	drive_in(d, &pkt);
	return true;
}

static bool get_mirrored_rst(struct drive *d)
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 0);

	pkt.seq = d->t.rcv.nxt;
	pkt.tag = DRIVE_PEER_TAG;
	pkt.flags = XTCP_RST;
	drive_in(d, &pkt);
	return true;
}

/* In SYN-RECEIVED nothing of the peer's is known that a FIN could follow. */
static bool get_fin(struct drive *d)
{
	drive_fin(d, 0);
	return true;
}

static bool fin_outstanding(const struct drive *d)
{
	return d->t.fin_sent && d->t.snd.una != d->t.snd.nxt;
}

static bool get_fin_and_ack(struct drive *d)
{
	struct xtcp_pkt pkt = drive_pkt(d, 0, 0, 1);

	if (!fin_outstanding(d))
		return false;
	pkt.flags |= XTCP_FIN;
	drive_in(d, &pkt);
	return true;
}

static bool get_ack_of_fin(struct drive *d)
{
	if (!fin_outstanding(d))
		return false;
	drive_ack(d, 1);
	return true;
}

static bool get_icmp(struct drive *d)
{
	drive_act(d, xtcp_icmp(&d->t, XTCP_ICMP_ERROR, ECONNREFUSED, 0, d->now), NULL);
	return true;
}

/* Time goes by until the state changes. */
static bool silence(struct drive *d)
{
	u64 end = d->now + PATIENCE;
	u8 state = d->t.state;

	while (!d->dead && d->t.state == state && d->t.timer_next <= end) {
		drive_forget(d);
		drive_run(d, d->t.timer_next);
	}
	return true;
}

static bool silence_to_data(struct drive *d)
{
	if (d->t.state != XTCP_ESTABLISHED && d->t.state != XTCP_CLOSE_WAIT)
		return false;
	drive_write(d, 10, XTCP_WRITE_PUSH);
	return silence(d);
}

static bool silence_to_keepalive(struct drive *d)
{
	if (d->t.state != XTCP_ESTABLISHED && d->t.state != XTCP_CLOSE_WAIT &&
	    d->t.state != XTCP_FIN_WAIT_2)
		return false;
	d->t.tune.keepalive = 1;
	drive_act(d, xtcp_tuned(&d->t, d->now), NULL);
	return silence(d);
}

/* Where close() alone changes nothing. */
static bool silence_to_orphan(struct drive *d)
{
	u8 state = d->t.state;

	call_close(d);
	return !d->dead && d->t.state == state && silence(d);
}

static const struct event {
	const char *name;	/* %s: how long it took */
	bool (*happen)(struct drive *d);
} events[] = {
	{ "connect()", call_connect },
	{ "SYN", get_syn },
	{ "SYN|ACK of our SYN", get_syn_ack },
	{ "ACK of our SYN", get_ack_of_syn },
	{ "shutdown(), then this ACK", get_ack_after_shutdown },
	{ "RST|ACK of our SYN", get_refusal },
	{ "FIN", get_fin },
	{ "ACK of our FIN", get_ack_of_fin },
	{ "FIN with the ACK of our FIN", get_fin_and_ack },
	{ "RST with our tag", get_rst },
	{ "RST with the peer's tag", get_mirrored_rst },
	{ "ICMP: refused", get_icmp },
	{ "shutdown(SHUT_WR)", call_shutdown },
	{ "close()", call_close },
	{ "close() with unread data", close_unread },
	{ "close() with SO_LINGER 0", close_linger_0 },
	{ "no answer for %s", silence },
	{ "no ACK of data for %s", silence_to_data },
	{ "keepalive: silence for %s", silence_to_keepalive },
	{ "closed, no answer for %s", silence_to_orphan },
};

#define EVENTS	(sizeof(events) / sizeof(events[0]))

/* What came of an event in a state; to: 0 if the state is the same. */
struct outcome {
	enum xtcp_state to;
	char event[64];
	const char *sent;
};

static void enter(struct drive *d, enum xtcp_state state)
{
	switch (state) {
	case XTCP_CLOSED:
		drive_init(d, MSS, RCVBUF);
		break;
	case XTCP_SYN_SENT:
		drive_connect(d, MSS, RCVBUF);
		break;
	case XTCP_SYN_RECEIVED:
		drive_connect(d, MSS, RCVBUF);
		get_syn(d);
		break;
	default:
		drive_open(d, MSS, RCVBUF);
	}
	if (state == XTCP_CLOSE_WAIT || state == XTCP_LAST_ACK)
		get_fin(d);
	if (state == XTCP_FIN_WAIT_1 || state == XTCP_FIN_WAIT_2 || state == XTCP_CLOSING ||
	    state == XTCP_LAST_ACK)
		call_shutdown(d);
	if (state == XTCP_FIN_WAIT_2)
		get_ack_of_fin(d);
	if (state == XTCP_CLOSING)
		get_fin(d);
	if (d->t.state != state || d->dead) {
		fprintf(stderr, "no way into %s\n", names[state]);
		exit(1);
	}
	drive_forget(d);
	d->refused = 0;
}

static const char *name_of(const struct drive_sent *sent)
{
	u8 flags = sent->pkt.flags;
	bool cookie = sent->pkt.has & XTCP_HAS_COOKIE;

	if (flags & XTCP_FIN)
		return "FIN";
	if (flags & XTCP_SYN)
		return flags & XTCP_ACK ? "SYN|ACK" : "SYN";
	return cookie ? "ACK with the cookie" : "ACK";
}

static struct outcome try(enum xtcp_state state, const struct event *event)
{
	struct drive *d = calloc(1, sizeof(*d));
	struct outcome o = { .sent = "" };
	char took[32];
	u64 start;

	if (!d)
		abort();
	enter(d, state);
	start = d->now;
	if (!event->happen(d))
		goto out;
	snprintf(took, sizeof(took), "%u s", (u32)((d->now - start + SECOND / 2) / SECOND));
	snprintf(o.event, sizeof(o.event), event->name, took);
	if (d->timewait)
		o.to = XTCP_TIME_WAIT;
	else if (d->t.state != state)
		o.to = d->t.state;
	if (d->resets || d->refused)
		o.sent = "RST";
	else if (d->sent)
		o.sent = name_of(drive_last(d));
out:
	drive_end(d);
	free(d);
	return o;
}

static void row(const char *from, const struct outcome *o)
{
	char line[128];
	size_t len = snprintf(line, sizeof(line), "%-12s  %-30s  %-12s  %s", from, o->event,
			      names[o->to], o->sent);

	while (len && line[len - 1] == ' ')
		line[--len] = 0;
	puts(line);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->to == b->to && !strcmp(a->event, b->event) && !strcmp(a->sent, b->sent);
}

/* It does the same in every synchronized state. */
static bool general(struct outcome (*table)[EVENTS], size_t event)
{
	size_t i;

	for (i = SYNCHRONIZED + 1; i < STATES; i++)
		if (!same(&table[i][event], &table[SYNCHRONIZED][event]))
			return false;
	return table[SYNCHRONIZED][event].to;
}

int main(void)
{
	static const char rule[] =
		"============  ==============================  ============  ===================";
	static struct outcome table[STATES][EVENTS];
	size_t i, k;

	for (i = 0; i < STATES; i++)
		for (k = 0; k < EVENTS; k++)
			table[i][k] = try(states[i], &events[k]);

	printf("%s\n%-12s  %-30s  %-12s  %s\n%s\n", rule, "from", "event", "to", "sent", rule);
	for (i = 0; i < STATES; i++)
		for (k = 0; k < EVENTS; k++)
			if (table[i][k].to && (i < SYNCHRONIZED || !general(table, k)))
				row(names[states[i]], &table[i][k]);
	for (k = 0; k < EVENTS; k++)
		if (general(table, k))
			row("synchronized", &table[SYNCHRONIZED][k]);
	puts(rule);
	return 0;
}
