// SPDX-License-Identifier: GPL-2.0
/* A flow: segments from words, and words for segments. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "flow.h"
#include "names.h"

#define PEER_PORT	5000
#define LOCAL_PORT	4711
#define WINDOW		65536
#define MTU		1500

/* Near the end of the number space: every script that sends a little goes round. */
#define ISN		0xffffffffffffff00ULL

/**
 * flow_init - what the peer knows before anything was said
 * @flow: result
 * @spec: what the script says of it
 * @number: of the flow in the script: different flows get different numbers
 * @family: AF_INET or AF_INET6
 */
void flow_init(struct flow *flow, const struct flow_spec *spec, unsigned int number, int family)
{
	memset(flow, 0, sizeof(*flow));
	flow->name = spec->name;
	flow->family = family;
	flow->mtu = MTU;
	flow->place = spec->place ? spec->place : PLACE_PEER;
	flow->peer_port = spec->peer_port ? spec->peer_port : PEER_PORT;
	flow->local_port = spec->local_port;
	flow->isn = spec->isn ? spec->isn : ISN + ((uint64_t)number << 40);
	flow->tag = spec->tag ? spec->tag : 0x70000001 + number;
	flow->win = WINDOW;
}

/**
 * pattern - what the byte with this number must be
 * @number: relative sequence number, 1 for the first byte
 *
 * A different one at every distance that is likely to be wrong.
 */
uint8_t pattern(int64_t number)
{
	return (uint64_t)number * 0x9e3779b97f4a7c15ULL >> 56;
}

/* A peer that opens must know a port: there is only one that scripts listen on. */
static uint16_t local_port(struct flow *flow)
{
	if (!flow->local_port)
		flow->local_port = LOCAL_PORT;
	return flow->local_port;
}

static int64_t mss(const struct flow *flow)
{
	return flow->mtu - (flow->family == AF_INET ? 20 : 40) - HEADER_LEN;
}

static int64_t evaluate(const struct flow *flow, const struct expr *e, int64_t nxt)
{
	return e->k + e->mss * mss(flow) + e->edge * flow->edge + e->nxt * nxt + e->ts * flow->ts;
}

/* Of what is sent: nxt is that of the side whose number it is. */
static int64_t value(const struct flow *flow, const struct want *want, int64_t nxt,
		     int64_t otherwise)
{
	return want->given ? evaluate(flow, &want->lo, nxt) : otherwise;
}

/* The nth number without a name, or the one of that name. */
static const struct want *option_arg(const struct option_spec *option, const char *name,
				     unsigned int nth)
{
	unsigned int i;

	for (i = 0; i < option->args; i++)
		if (!strcmp(option->arg[i].name, name) && !nth--)
			return &option->arg[i].value;
	return NULL;
}

static int64_t option_value(const struct flow *flow, const struct option_spec *option,
			    const char *name, int64_t otherwise)
{
	const struct want *want = option_arg(option, name, 0);

	return want ? value(flow, want, flow->local_nxt, otherwise) : otherwise;
}

/* The cookie that a peer issues: nobody else can read it, so that anything will do. */
static void own_cookie(const struct flow *flow, uint8_t *p)
{
	int i;

	for (i = 2; i < COOKIE_LEN; i++)
		p[i] = pattern(i) ^ flow->tag;
}

static const char *put_cookie(const struct flow *flow, const struct option_spec *option,
			      uint8_t flags, uint8_t *p)
{
	int64_t bit = option_value(flow, option, "bit", -1);

	if ((flags & (SYN | ACK)) == (SYN | ACK)) {
		own_cookie(flow, p);
	} else if (!(flags & SYN)) {
		if (!flow->cookie_known)
			return "no cookie has come that could be echoed";
		memcpy(p + 2, flow->cookie + 2, COOKIE_LEN - 2);
	}
	if (bit >= 8 * (COOKIE_LEN - 2))
		return "a cookie has 496 bits";
	if (bit >= 0)
		p[2 + bit / 8] ^= 0x80 >> bit % 8;
	return NULL;
}

static const char *put_ackinfo(const struct flow *flow, const struct option_spec *option,
			       int64_t ack, uint8_t *p)
{
	const struct want *range;
	unsigned int i;

	put16(p + 2, option_value(flow, option, "delay", 0));
	put32(p + 4, option_value(flow, option, "ce", 0));
	for (i = 0; (range = option_arg(option, "", i)); i++) {
		p += 8;
		put32(p, evaluate(flow, &range->lo, flow->local_nxt) - ack);
		put32(p + 4, evaluate(flow, &range->hi, flow->local_nxt) - ack);
	}
	return NULL;
}

static unsigned int count_ranges(const struct option_spec *option)
{
	unsigned int n = 0;

	while (option_arg(option, "", n))
		n++;
	return n;
}

static const char *put_option(const struct flow *flow, const struct option_spec *option,
			      uint8_t flags, int64_t ack, struct segment *seg)
{
	static const uint8_t words[] = {
		[KIND_HELLO] = 2, [KIND_COOKIE] = 8, [KIND_ACKINFO] = 1, [KIND_DSACK] = 2,
		[KIND_TS] = 1, [KIND_TSECHO] = 1, [KIND_URG] = 1,
	};
	const struct want *range = option_arg(option, "", 0);
	int64_t plain = option_value(flow, option, "", 0);
	uint8_t *p;

	if (!option->kind)
		p = segment_add_option(seg, option_value(flow, option, "kind", 0),
				       option_value(flow, option, "words", 1));
	else
		p = segment_add_option(seg, option->kind, words[option->kind] +
			(option->kind == KIND_ACKINFO ? count_ranges(option) : 0));
	if (!p)
		return "the options do not fit";
	switch (option->kind) {
	case KIND_HELLO:
		put16(p + 2, option_value(flow, option, "mss", mss(flow)));
		put32(p + 4, option_value(flow, option, "tag", flow->tag));
		put32(p + 8, option_value(flow, option, "features", 0));
		put32(p + 12, option_value(flow, option, "timeout", 0));
		break;
	case KIND_COOKIE:
		return put_cookie(flow, option, flags, p);
	case KIND_ACKINFO:
		return put_ackinfo(flow, option, ack, p);
	case KIND_DSACK:
		if (!range)
			return "DSACK needs a range";
		put32(p + 4, range->hi.k - range->lo.k);
		put64(p + 8, flow->iss + plain);
		break;
	case KIND_TSECHO:
		put16(p + 2, option_value(flow, option, "delay", 0));
		put32(p + 4, plain);
		break;
	case KIND_TS:
	case KIND_URG:
		put32(p + 4, plain);
		break;
	}
	return NULL;
}

static const struct option_spec *find_option(const struct segment_spec *spec, uint8_t kind)
{
	unsigned int i;

	for (i = 0; i < spec->options; i++)
		if (spec->option[i].kind == kind)
			return &spec->option[i];
	return NULL;
}

/* Those that are said, and those that every SYN has. */
static const char *put_options(const struct flow *flow, const struct segment_spec *spec,
			       int64_t ack, struct segment *seg)
{
	const struct option_spec hello = { .kind = KIND_HELLO }, cookie = { .kind = KIND_COOKIE };
	const char *error = NULL;
	unsigned int i;

	if (spec->flags & SYN && !find_option(spec, KIND_HELLO))
		error = put_option(flow, &hello, spec->flags, ack, seg);
	if (!error && (spec->flags & (SYN | ACK)) == SYN && !find_option(spec, KIND_COOKIE))
		error = put_option(flow, &cookie, spec->flags, ack, seg);
	for (i = 0; !error && i < spec->options; i++)
		if (!spec->option[i].absent)
			error = put_option(flow, &spec->option[i], spec->flags, ack, seg);
	return error;
}

static uint32_t choose_tag(const struct flow *flow, const struct segment_spec *spec)
{
	switch (spec->tag) {
	case TAG_PEER:
		return flow->tag;
	case TAG_VALUE:
		return spec->tag_value;
	case TAG_WRONG:
		return flow->local_tag ^ 0x00010000;
	case TAG_DEFAULT:
		if ((spec->flags & (SYN | ACK)) == SYN)
			return flow->tag;
		return flow->local_tag;
	default:
		return flow->local_tag;
	}
}

/* The peer's next number is behind what it has sent without a gap. */
static void advance(int64_t *nxt, int64_t seq, int64_t end)
{
	if (seq <= *nxt && end > *nxt)
		*nxt = end;
}

/**
 * flow_build - make the segment that a script describes
 * @flow: what is left unsaid follows from it; it remembers what was sent
 * @spec: description
 * @buf: SEGMENT_MAX bytes of room; without checksum
 * @len: result: length
 *
 * Return: NULL, or why it cannot be made.
 */
const char *flow_build(struct flow *flow, const struct segment_spec *spec, uint8_t *buf,
		       size_t *len)
{
	static uint8_t payload[SEGMENT_MAX];
	struct segment seg = { .version = 1, .payload = payload };
	bool first = (spec->flags & (SYN | ACK)) == SYN;
	int64_t seq = value(flow, &spec->seq, flow->peer_nxt,
			    spec->flags & SYN ? 0 : flow->peer_nxt);
	int64_t ack = value(flow, &spec->ack, flow->local_nxt, flow->local_nxt);
	const char *error;
	int64_t i;

	seg.sport = flow->peer_port;
	seg.dport = local_port(flow);
	seg.flags = spec->flags;
	seg.len = value(flow, &spec->len, flow->peer_nxt, 0);
	if (seg.len > SEGMENT_MAX - HEADER_LEN - OPTIONS_MAX)
		return "an impossible length";
	seg.tag = choose_tag(flow, spec);
	seg.seq = flow->isn + seq;
	if (spec->ack.given || (spec->flags & ACK && !first))
		seg.ack = flow->iss + ack;
	flow->win = value(flow, &spec->win, flow->local_nxt, flow->win);
	seg.win = flow->win;
	seg.offset = HEADER_LEN / 8;
	for (i = 0; i < (int64_t)seg.len; i++)
		payload[i] = pattern(seq + i + !!(spec->flags & SYN));
	error = put_options(flow, spec, ack, &seg);
	if (error)
		return error;
	if (spec->version >= 0)
		seg.version = spec->version;
	if (spec->offset >= 0)
		seg.offset = spec->offset;
	if (spec->reserved >= 0)
		seg.reserved = spec->reserved;
	*len = segment_write(&seg, buf);
	if (spec->truncate >= 0 && (size_t)spec->truncate < *len)
		*len = spec->truncate;
	/* O9: the payload of a SYN does not count; what is broken counts nowhere. */
	if (!spec->bad_checksum && spec->version < 0 && spec->offset < 0 && spec->truncate < 0)
		advance(&flow->peer_nxt, seq, seq + (spec->flags & SYN ? 1 : (int64_t)seg.len) +
					      !!(spec->flags & FIN));
	return NULL;
}

/* Collects what does not match, a line each. */
struct report_text {
	char *text;
	size_t size, used;
};

static void complain(struct report_text *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct report_text *why, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(why->text + why->used, why->size - why->used, format, args);
	va_end(args);
	if (n > 0 && why->used + n + 1 < why->size) {
		why->used += n;
		why->text[why->used++] = '\n';
		why->text[why->used] = 0;
	}
}

/* nxt is that of the side whose number it is. */
static void match_number(const struct flow *flow, const struct want *want, int64_t nxt,
			 const char *name, int64_t got, struct report_text *why)
{
	int64_t lo, hi;

	if (!want->given)
		return;
	lo = evaluate(flow, &want->lo, nxt);
	hi = evaluate(flow, &want->hi, nxt);
	if (got >= lo && got <= hi)
		return;
	if (lo == hi)
		complain(why, "%s is %" PRId64 ", not %" PRId64, name, got, lo);
	else
		complain(why, "%s is %" PRId64 ", not %" PRId64 "..%" PRId64, name, got, lo, hi);
}

static void match_arg(const struct flow *flow, const struct option_spec *option,
		      const char *name, int64_t got, struct report_text *why)
{
	const struct want *want = option_arg(option, name, 0);

	if (want)
		match_number(flow, want, 0, *name ? name : "its number", got, why);
}

/* A range of the peer's numbers; those of ACKINFO are relative to the ACK. */
static void match_range(const struct flow *flow, const struct want *want, int64_t start,
			int64_t end, struct report_text *why)
{
	int64_t lo = evaluate(flow, &want->lo, flow->peer_nxt);
	int64_t hi = evaluate(flow, &want->hi, flow->peer_nxt);

	if (start != lo || end != hi)
		complain(why, "its range is %" PRId64 "..%" PRId64 ", not %" PRId64 "..%" PRId64,
			 start, end, lo, hi);
}

static void match_ackinfo(const struct flow *flow, const struct option_spec *option,
			  const uint8_t *p, int64_t ack, struct report_text *why)
{
	unsigned int i, n = count_ranges(option);

	match_arg(flow, option, "delay", get16(p + 2), why);
	match_arg(flow, option, "ce", get32(p + 4), why);
	if (n && n != p[1] - 1U)
		complain(why, "ACKINFO has %d ranges, not %u", p[1] - 1, n);
	for (i = 0; i < n && i < p[1] - 1U; i++)
		match_range(flow, option_arg(option, "", i), ack + get32(p + 8 * (i + 1)),
			    ack + get32(p + 8 * (i + 1) + 4), why);
}

/* On a SYN zeros; on a SYN|ACK whatever it is; elsewhere the peer's, byte for byte (O4). */
static void match_cookie(const struct flow *flow, const struct segment *seg, const uint8_t *p,
			 struct report_text *why)
{
	uint8_t wanted[COOKIE_LEN] = { 0 };

	if (p[1] != COOKIE_LEN / 8) {
		complain(why, "COOKIE has %d words", p[1]);
		return;
	}
	if ((seg->flags & (SYN | ACK)) == (SYN | ACK))
		return;
	if (!(seg->flags & SYN))
		own_cookie(flow, wanted);
	if (memcmp(wanted + 2, p + 2, COOKIE_LEN - 2))
		complain(why, "COOKIE is not the one that was issued");
}

static void match_option(const struct flow *flow, const struct option_spec *option,
			 const struct segment *seg, struct report_text *why)
{
	uint8_t kind = option->kind ? option->kind : option_value(flow, option, "kind", 0);
	const uint8_t *p = segment_option(seg, kind);
	const char *name = name_of(kind_names, option->kind);
	const struct want *range;
	int64_t start;

	if (option->absent || !p) {
		if (option->absent && p)
			complain(why, "%s is there", name);
		else if (!option->absent && !p)
			complain(why, "%s is missing", name);
		return;
	}
	switch (kind) {
	case KIND_HELLO:
		match_arg(flow, option, "mss", get16(p + 2), why);
		match_arg(flow, option, "tag", get32(p + 4), why);
		match_arg(flow, option, "features", get32(p + 8), why);
		match_arg(flow, option, "timeout", get32(p + 12), why);
		break;
	case KIND_COOKIE:
		match_cookie(flow, seg, p, why);
		break;
	case KIND_ACKINFO:
		match_ackinfo(flow, option, p, seg->ack - flow->isn, why);
		break;
	case KIND_DSACK:
		range = option_arg(option, "", 0);
		start = get64(p + 8) - flow->isn;
		if (range)
			match_range(flow, range, start, start + get32(p + 4), why);
		break;
	case KIND_TSECHO:
		match_arg(flow, option, "delay", get16(p + 2), why);
		match_arg(flow, option, "", get32(p + 4), why);
		break;
	case KIND_TS:
	case KIND_URG:
		match_arg(flow, option, "", get32(p + 4), why);
		break;
	}
}

/* Of a SYN the tag is its sender's, of all else the receiver's (section 2). */
static uint32_t expected_tag(const struct flow *flow, const struct segment_spec *spec,
			     const struct segment *seg)
{
	const uint8_t *hello = segment_option(seg, KIND_HELLO);

	switch (spec->tag) {
	case TAG_ANY:
		return seg->tag;
	case TAG_LOCAL:
		return flow->local_tag;
	case TAG_WRONG:
		return flow->local_tag ^ 0x00010000;
	case TAG_VALUE:
		return spec->tag_value;
	case TAG_DEFAULT:
		if ((seg->flags & (SYN | ACK)) == SYN)
			return hello ? get32(hello + 4) : 0;
		return flow->tag;
	default:
		return flow->tag;
	}
}

static void match_addresses(const struct flow *flow, const struct segment_spec *spec,
			    const struct packet *packet, const struct segment *seg,
			    struct report_text *why)
{
	enum place from = spec->from ? spec->from : PLACE_LOCAL;
	enum place to = spec->to ? spec->to : flow->place;

	if (packet->from != from)
		complain(why, "it comes from %s, not from %s", name_of(place_names, packet->from),
			 name_of(place_names, from));
	if (packet->to != to)
		complain(why, "it goes to %s, not to %s", name_of(place_names, packet->to),
			 name_of(place_names, to));
	if (seg->dport != flow->peer_port)
		complain(why, "it goes to port %u, not to %u", seg->dport, flow->peer_port);
	if (flow->local_port && seg->sport != flow->local_port)
		complain(why, "it comes from port %u, not from %u", seg->sport, flow->local_port);
	if (spec->ecn_given && packet->ecn != spec->ecn)
		complain(why, "ECN is %s", name_of(ecn_names, packet->ecn));
	match_number(flow, &spec->dscp, 0, "dscp", packet->dscp, why);
}

static void match_payload(const struct segment *seg, int64_t seq, struct report_text *why)
{
	size_t i;

	for (i = 0; i < seg->len; i++) {
		if (seg->payload[i] != pattern(seq + i)) {
			complain(why, "byte %" PRId64 " of the stream is wrong", seq + i);
			return;
		}
	}
}

static void match_flags(const struct segment_spec *spec, uint8_t flags, struct report_text *why)
{
	uint8_t wrong = (flags ^ spec->flags) & ~spec->maybe;
	const struct name *name;

	for (name = flag_names; !spec->any_flags && name->name; name++)
		if (wrong & name->value)
			complain(why, "%s is %s", name->name,
				 flags & name->value ? "set" : "not set");
}

/* The numbers of a SYN, and on a fresh one that they are others than before. */
static void match_syn(const struct flow *flow, const struct segment_spec *spec,
		      const struct segment *seg, struct report_text *why)
{
	const uint8_t *hello = segment_option(seg, KIND_HELLO);
	uint32_t tag = hello ? get32(hello + 4) : 0;

	if (!tag)
		complain(why, "a SYN without HELLO or tag");
	if (spec->fresh && flow->iss_known && (seg->seq == flow->iss || tag == flow->local_tag))
		complain(why, "it is not fresh: numbers or tag are those of the last SYN");
	if (!spec->fresh && flow->iss_known && tag != flow->local_tag)
		complain(why, "HELLO has another tag than the last SYN");
}

/* R4: a RST that answers a SYN has no number to start from: 0, not a relative one. */
static bool is_zero_reset(const struct segment *seg)
{
	return seg->flags & RST && !seg->seq;
}

/**
 * flow_match - is this the segment that a script expects?
 * @flow: what was before; it remembers the segment if it matches
 * @spec: description
 * @packet: packet that carries it, its addresses and checksum
 * @seg: the segment
 * @why: result: what does not match, a line each
 * @size: room
 *
 * Return: true if everything that is said matches, and what is left unsaid is
 * possible: addresses, ports, tag, payload.
 */
bool flow_match(struct flow *flow, const struct segment_spec *spec, const struct packet *packet,
		const struct segment *seg, char *why, size_t size)
{
	struct report_text text = { .text = why, .size = size };
	bool learn = seg->flags & SYN && (spec->fresh || !flow->iss_known);
	int64_t seq = seg->seq - (learn ? seg->seq : flow->iss);
	int64_t ack = seg->flags & ACK || seg->ack ? seg->ack - flow->isn : 0;
	unsigned int i;

	*why = 0;
	if (is_zero_reset(seg))
		seq = 0;
	match_flags(spec, seg->flags, &text);
	match_number(flow, &spec->seq, flow->local_nxt, "seq", seq, &text);
	match_number(flow, &spec->ack, flow->peer_nxt, "ack", ack, &text);
	if (spec->len.given)
		match_number(flow, &spec->len, flow->local_nxt, "len", seg->len, &text);
	else if (seg->len)
		complain(&text, "len is %zu, not 0", seg->len);
	match_number(flow, &spec->win, flow->peer_nxt, "win", seg->win, &text);
	if (seg->tag != expected_tag(flow, spec, seg))
		complain(&text, "tag is %#x, not %#x", seg->tag, expected_tag(flow, spec, seg));
	for (i = 0; i < spec->options; i++)
		match_option(flow, &spec->option[i], seg, &text);
	if (seg->flags & SYN)
		match_syn(flow, spec, seg, &text);
	match_addresses(flow, spec, packet, seg, &text);
	match_payload(seg, seq, &text);
	if (text.used)
		return false;
	flow_saw(flow, seg, spec->fresh);
	return true;
}

/**
 * flow_saw - remember a segment of the machine under test
 * @flow: flow
 * @seg: the segment
 * @fresh: a SYN's numbers and tag replace those that were known
 */
void flow_saw(struct flow *flow, const struct segment *seg, bool fresh)
{
	const uint8_t *hello = segment_option(seg, KIND_HELLO);
	const uint8_t *cookie = segment_option(seg, KIND_COOKIE);
	const uint8_t *ts = segment_option(seg, KIND_TS);
	int64_t seq, edge;

	if (ts)
		flow->ts = get32(ts + 4);
	if (!flow->local_port)
		flow->local_port = seg->sport;
	if (seg->flags & SYN && hello && (fresh || !flow->iss_known)) {
		flow->iss = seg->seq;
		flow->iss_known = true;
		flow->local_tag = get32(hello + 4);
		flow->local_nxt = 0;
	}
	if ((seg->flags & (SYN | ACK)) == (SYN | ACK) && cookie && cookie[1] == COOKIE_LEN / 8) {
		memcpy(flow->cookie, cookie, COOKIE_LEN);
		flow->cookie_known = true;
	}
	if (seg->flags & RST)
		return;
	seq = seg->seq - flow->iss;
	advance(&flow->local_nxt, seq, seq + seg->len + !!(seg->flags & (SYN | FIN)));
	if (!(seg->flags & ACK))
		return;
	edge = seg->ack - flow->isn + seg->win;
	if (edge > flow->edge)
		flow->edge = edge;
	if ((int64_t)(seg->ack - flow->isn) > flow->peer_nxt)
		flow->peer_nxt = seg->ack - flow->isn;
}

static void describe_option(const struct flow *flow, const struct segment *seg,
			    const uint8_t *p, char *text, size_t size)
{
	int64_t ack = seg->ack - flow->isn, start;
	size_t used = 0;
	int i;

	switch (p[0]) {
	case KIND_HELLO:
		snprintf(text, size, " HELLO(mss %u tag %#x features %u timeout %u)",
			 get16(p + 2), get32(p + 4), get32(p + 8), get32(p + 12));
		break;
	case KIND_COOKIE:
		snprintf(text, size, " COOKIE");
		break;
	case KIND_ACKINFO:
		used = snprintf(text, size, " ACKINFO(delay %u ce %u", get16(p + 2),
				get32(p + 4));
		for (i = 1; i < p[1] && used < size; i++)
			used += snprintf(text + used, size - used, ", %" PRId64 "..%" PRId64,
					 ack + get32(p + 8 * i), ack + get32(p + 8 * i + 4));
		if (used < size)
			snprintf(text + used, size - used, ")");
		break;
	case KIND_DSACK:
		start = get64(p + 8) - flow->isn;
		snprintf(text, size, " DSACK(%" PRId64 "..%" PRId64 ")", start,
			 start + get32(p + 4));
		break;
	case KIND_TSECHO:
		snprintf(text, size, " TSECHO(%u delay %u)", get32(p + 4), get16(p + 2));
		break;
	case KIND_TS:
	case KIND_URG:
		snprintf(text, size, " %s(%u)", name_of(kind_names, p[0]), get32(p + 4));
		break;
	default:
		snprintf(text, size, " OPTION(kind %u words %u)", p[0], p[1]);
	}
}

/**
 * flow_describe - a segment of the machine under test in the words of a script
 * @flow: for the relative numbers
 * @seg: segment
 * @text: result
 * @size: room, TEXT_LEN
 */
void flow_describe(const struct flow *flow, const struct segment *seg, char *text, size_t size)
{
	const uint8_t *p = seg->options, *end = p + seg->options_len;
	uint64_t iss = flow->iss_known || !(seg->flags & SYN) ? flow->iss : seg->seq;
	const char *tag = seg->tag == flow->tag ? "peer" :
			  seg->tag == flow->local_tag ? "local" : NULL;
	const struct name *flag;
	size_t used = 0;

	for (flag = flag_names; flag->name; flag++)
		if (seg->flags & flag->value)
			used += snprintf(text + used, size - used, "%s%s", used ? "|" : "",
					 flag->name);
	if (!used)
		used = snprintf(text, size, "noflags");
	used += snprintf(text + used, size - used, " seq %" PRId64 " ack %" PRId64 " len %zu"
			 " win %u tag ", is_zero_reset(seg) ? 0 : (int64_t)(seg->seq - iss),
			 seg->flags & ACK || seg->ack ? (int64_t)(seg->ack - flow->isn) : 0,
			 seg->len, seg->win);
	if (tag)
		used += snprintf(text + used, size - used, "%s", tag);
	else
		used += snprintf(text + used, size - used, "%#x", seg->tag);
	for (; p < end && used < size; p += 8 * p[1]) {
		describe_option(flow, seg, p, text + used, size - used);
		used += strlen(text + used);
	}
}
