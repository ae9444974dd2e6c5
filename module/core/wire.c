// SPDX-License-Identifier: GPL-2.0
/*
 * The wire format: the only code that reads or writes the bytes of a segment.
 * xtcp_parse() is the only door: whatever passes it has lengths and flags that
 * the rest of the core can rely on.
 */
#include <xtcp/mib.h>
#include <xtcp/wire.h>

#define XTCP_WORD	8	/* unit of header and option lengths, bytes */

/*
 * What is known of each kind (protocol.md section 3, "Options"): the length
 * below which it is malformed, and on which segments it means something.
 * Elsewhere it is misplaced and ignored, as if it were unknown.
 */
static const struct {
	u8 words;		/* at least */
	u8 with, without;	/* flags that must be set, and clear */
} known_options[] = {
	[XTCP_KIND_HELLO]	= { XTCP_HELLO_LEN / XTCP_WORD, XTCP_SYN, 0 },
	[XTCP_KIND_COOKIE]	= { XTCP_COOKIE_LEN / XTCP_WORD, 0, XTCP_RST },
	[XTCP_KIND_ACKINFO]	= { 1, XTCP_ACK, XTCP_SYN | XTCP_RST },
	[XTCP_KIND_DSACK]	= { XTCP_DSACK_LEN / XTCP_WORD, XTCP_ACK, XTCP_SYN | XTCP_RST },
	[XTCP_KIND_TS]		= { XTCP_TS_LEN / XTCP_WORD, 0, XTCP_RST },
	[XTCP_KIND_TSECHO]	= { XTCP_TSECHO_LEN / XTCP_WORD, XTCP_ACK, XTCP_RST },
	[XTCP_KIND_URG]		= { XTCP_URG_LEN / XTCP_WORD, XTCP_URG, 0 },
};

/* A known option in its place: note what it says. */
static void xtcp_take_option(struct xtcp_pkt *pkt, const u8 *p, u8 words)
{
	switch (p[0]) {
	case XTCP_KIND_HELLO:
		pkt->hello = p + 2;
		break;
	case XTCP_KIND_COOKIE:
		pkt->cookie = p;
		break;
	case XTCP_KIND_ACKINFO:
		pkt->ack_delay = xtcp_get16(p + 2);
		pkt->ce_echo = xtcp_get32(p + 4);
		pkt->ackinfo = p + XTCP_ACKINFO_LEN(0);
		pkt->ranges = words - 1;
		if (pkt->len)
			pkt->ranges = min_t(u8, pkt->ranges, XTCP_RANGES_WITH_DATA);
		break;
	case XTCP_KIND_DSACK:
		pkt->dsack_len = xtcp_get32(p + 4);
		pkt->dsack = xtcp_get64(p + 8);
		break;
	case XTCP_KIND_TS:
		pkt->ts = xtcp_get32(p + 4);
		break;
	case XTCP_KIND_TSECHO:
		pkt->ts_delay = xtcp_get16(p + 2);
		pkt->tsecho = xtcp_get32(p + 4);
		break;
	case XTCP_KIND_URG:
		pkt->urg = xtcp_get32(p + 4);
		break;
	}
	pkt->has |= XTCP_HAS(p[0]);
}

/*
 * "Unknown kind < 128: skip it. Unknown kind >= 128: drop the segment. A length
 * that leaves the header, a known option shorter than its body or given twice:
 * drop (M1). A longer one: ignore the rest. A misplaced one: ignore it."
 * A malformed option outranks an unknown critical one, whatever their order:
 * the first is dropped in silence, the second may be answered.
 */
static enum xtcp_drop xtcp_parse_options(struct xtcp_pkt *pkt, const u8 *p, const u8 *end)
{
	enum xtcp_drop drop = XTCP_DROP_NONE;
	u32 seen = 0;
	u8 kind, words;

	for (; p < end; p += words * XTCP_WORD) {
		kind = p[0];
		words = p[1];
		if (!words || words * XTCP_WORD > end - p)
			return XTCP_DROP_OPTION;
		if (kind >= ARRAY_SIZE(known_options) || !known_options[kind].words) {
			if (kind >= XTCP_KIND_CRITICAL)
				drop = XTCP_DROP_CRITICAL;
			continue;
		}
		if (words < known_options[kind].words || seen & XTCP_HAS(kind))
			return XTCP_DROP_OPTION;
		seen |= XTCP_HAS(kind);
		if ((pkt->flags & known_options[kind].with) == known_options[kind].with &&
		    !(pkt->flags & known_options[kind].without))
			xtcp_take_option(pkt, p, words);
	}
	return drop;
}

/* "SYN with FIN or RST, none of SYN, ACK, RST": M1; the latter is D3 as well. */
static bool xtcp_flags_valid(u8 flags)
{
	if (flags & XTCP_SYN)
		return !(flags & (XTCP_FIN | XTCP_RST));
	return flags & (XTCP_ACK | XTCP_RST);
}

/*
 * What must go with the flags. "HELLO: mandatory on every SYN (missing: drop)".
 * Its tag is one that segments will have to carry, so never 0, and on a SYN
 * without ACK the header has the same one (section 2, "Connection Tag").
 * "URG: present exactly when the URG flag is": the flag alone is malformed, the
 * option alone was misplaced.
 */
static enum xtcp_drop xtcp_check_options(const struct xtcp_pkt *pkt)
{
	struct xtcp_hello hello;

	if (pkt->flags & XTCP_URG && !(pkt->has & XTCP_HAS_URG))
		return XTCP_DROP_OPTION;
	if (!(pkt->flags & XTCP_SYN))
		return XTCP_DROP_NONE;
	if (!(pkt->has & XTCP_HAS_HELLO))
		return XTCP_DROP_OPTION;
	xtcp_read_hello(pkt, &hello);
	if (!hello.tag)
		return XTCP_DROP_TAG0;
	if (!(pkt->flags & XTCP_ACK) && hello.tag != pkt->tag)
		return XTCP_DROP_OPTION;
	return XTCP_DROP_NONE;
}

/**
 * xtcp_header_len - length of a segment's header, options included
 * @head: the first XTCP_HDR_LEN bytes of a segment
 *
 * For the caller to know how many bytes must be in one piece before
 * xtcp_parse().
 *
 * Return: bytes, between XTCP_HDR_LEN and XTCP_HDR_MAX; -EINVAL if the offset
 * field cannot be (M1: XTCP_DROP_OFFSET).
 */
int xtcp_header_len(const u8 *head)
{
	int len = (head[XTCP_OFFSET_AT] & 0x3f) * XTCP_WORD;

	return len < XTCP_HDR_LEN ? -EINVAL : len;
}

/**
 * xtcp_parse - read a segment (M1)
 * @head: its first byte; must stay where it is as long as @pkt is used
 * @linear: bytes that may be read at @head
 * @total: bytes of header and payload
 * @pkt: result; every field is written
 *
 * The checksum and the addresses are the caller's to check. @pkt->wire is 1,
 * mss and ce 0 and buf NULL afterwards: the caller sets them if it knows better. A
 * window above XTCP_WINDOW_MAX is read as that.
 *
 * On XTCP_DROP_CRITICAL @pkt is filled as on success, since a SYN without ACK
 * must be answered then (xtcp_refuse()); on all others the segment must be
 * dropped in silence and @pkt may be incomplete.
 *
 * Return: 0 or the reason (enum xtcp_drop, positive) to drop the segment.
 */
int xtcp_parse(const u8 *head, u32 linear, u32 total, struct xtcp_pkt *pkt)
{
	enum xtcp_drop drop, wrong;
	int hdr;

	memset(pkt, 0, sizeof(*pkt));
	pkt->wire = 1;

	/* M1: "Bad checksum, version, offset or option, ... tag 0, ..." */
	linear = min(linear, total);
	if (linear < XTCP_HDR_LEN)
		return XTCP_DROP_SHORT;
	if (head[XTCP_OFFSET_AT] >> 6 != XTCP_VERSION)
		return XTCP_DROP_VERSION;
	hdr = xtcp_header_len(head);
	if (hdr < 0)
		return XTCP_DROP_OFFSET;
	if (linear < (u32)hdr)
		return XTCP_DROP_SHORT;

	pkt->sport = xtcp_get16(head);
	pkt->dport = xtcp_get16(head + 2);
	pkt->tag = xtcp_get32(head + XTCP_TAG_AT);
	pkt->seq = xtcp_get64(head + XTCP_SEQ_AT);
	pkt->ack = xtcp_get64(head + XTCP_ACK_AT);
	pkt->wnd = min_t(u32, xtcp_get32(head + XTCP_WND_AT), XTCP_WINDOW_MAX);
	pkt->flags = head[XTCP_FLAGS_AT] & XTCP_FLAGS_MASK;
	pkt->hdr = hdr / XTCP_WORD;
	pkt->len = total - hdr;

	if (!pkt->tag)
		return XTCP_DROP_TAG0;
	if (!xtcp_flags_valid(pkt->flags))
		return XTCP_DROP_FLAGS;
	drop = xtcp_parse_options(pkt, head + XTCP_HDR_LEN, head + hdr);
	if (drop == XTCP_DROP_OPTION)
		return drop;
	wrong = xtcp_check_options(pkt);
	return wrong ? wrong : drop;
}

/**
 * xtcp_read_hello - read the HELLO of a SYN
 * @pkt: parsed segment that has one (XTCP_HAS_HELLO)
 * @hello: result, the MSS as announced
 */
void xtcp_read_hello(const struct xtcp_pkt *pkt, struct xtcp_hello *hello)
{
	hello->mss = xtcp_get16(pkt->hello);
	hello->tag = xtcp_get32(pkt->hello + 2);
	hello->features = xtcp_get32(pkt->hello + 6);
	hello->user_timeout = xtcp_get32(pkt->hello + 10);
}

/**
 * xtcp_read_range - read a range of ACKINFO
 * @pkt: parsed segment
 * @i: which, below @pkt->ranges
 * @start: result, absolute sequence number
 * @end: result, behind the last byte; nothing says that it is after @start
 */
void xtcp_read_range(const struct xtcp_pkt *pkt, unsigned int i, u64 *start, u64 *end)
{
	const u8 *p = pkt->ackinfo + i * XTCP_WORD;

	*start = pkt->ack + xtcp_get32(p);
	*end = pkt->ack + xtcp_get32(p + 4);
}

/**
 * xtcp_put_header - write a segment's header
 * @head: XTCP_HDR_LEN bytes of room
 * @h: what it says
 * @len: length of the header with options in bytes, a multiple of 8 up to
 *	XTCP_HDR_MAX
 *
 * The checksum is written as 0: the caller has the addresses.
 */
void xtcp_put_header(u8 *head, const struct xtcp_head *h, u32 len)
{
	xtcp_put16(head, h->sport);
	xtcp_put16(head + 2, h->dport);
	xtcp_put32(head + XTCP_TAG_AT, h->tag);
	xtcp_put64(head + XTCP_SEQ_AT, h->seq);
	xtcp_put64(head + XTCP_ACK_AT, h->ack);
	xtcp_put32(head + XTCP_WND_AT, h->wnd);
	head[XTCP_OFFSET_AT] = XTCP_VERSION << 6 | len / XTCP_WORD;
	head[XTCP_FLAGS_AT] = h->flags;
	xtcp_put16(head + XTCP_CSUM_OFFSET, 0);
}

/* Kind, length, and the two bytes that many options leave unused. */
static void xtcp_put_kind(u8 *p, enum xtcp_kind kind, u32 len, u16 first)
{
	p[0] = kind;
	p[1] = len / XTCP_WORD;
	xtcp_put16(p + 2, first);
}

/**
 * xtcp_put_hello - write HELLO
 * @p: XTCP_HELLO_LEN bytes of room
 * @hello: what it says
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_hello(u8 *p, const struct xtcp_hello *hello)
{
	xtcp_put_kind(p, XTCP_KIND_HELLO, XTCP_HELLO_LEN, hello->mss);
	xtcp_put32(p + 4, hello->tag);
	xtcp_put32(p + 8, hello->features);
	xtcp_put32(p + 12, hello->user_timeout);
	return p + XTCP_HELLO_LEN;
}

/**
 * xtcp_put_cookie - write COOKIE
 * @p: XTCP_COOKIE_LEN bytes of room
 * @cookie: the option as it was received or issued; NULL: zeros, as on a SYN
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_cookie(u8 *p, const u8 *cookie)
{
	if (cookie)
		memcpy(p, cookie, XTCP_COOKIE_LEN);
	else
		memset(p, 0, XTCP_COOKIE_LEN);
	/* A received one may have been longer: what is echoed is the part we know. */
	p[0] = XTCP_KIND_COOKIE;
	p[1] = XTCP_COOKIE_LEN / XTCP_WORD;
	return p + XTCP_COOKIE_LEN;
}

/**
 * xtcp_put_ackinfo - write ACKINFO up to its ranges
 * @p: XTCP_ACKINFO_LEN(@ranges) bytes of room
 * @delay: how long the ACK was held, XTCP_DELAY_UNIT
 * @ce: CE-marked packets received
 * @ranges: how many calls of xtcp_put_range() follow
 *
 * Return: where the first range goes.
 */
u8 *xtcp_put_ackinfo(u8 *p, u16 delay, u32 ce, unsigned int ranges)
{
	xtcp_put_kind(p, XTCP_KIND_ACKINFO, XTCP_ACKINFO_LEN(ranges), delay);
	xtcp_put32(p + 4, ce);
	return p + XTCP_ACKINFO_LEN(0);
}

/**
 * xtcp_put_range - write one range of ACKINFO
 * @p: 8 bytes of room
 * @ack: acknowledgment number of the segment
 * @start: first number received
 * @end: behind the last; less than 2^32 after @ack
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_range(u8 *p, u64 ack, u64 start, u64 end)
{
	xtcp_put32(p, start - ack);
	xtcp_put32(p + 4, end - ack);
	return p + XTCP_WORD;
}

/**
 * xtcp_put_dsack - write DSACK
 * @p: XTCP_DSACK_LEN bytes of room
 * @start: sequence number of the data received twice
 * @len: how many bytes
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_dsack(u8 *p, u64 start, u32 len)
{
	xtcp_put_kind(p, XTCP_KIND_DSACK, XTCP_DSACK_LEN, 0);
	xtcp_put32(p + 4, len);
	xtcp_put64(p + 8, start);
	return p + XTCP_DSACK_LEN;
}

/**
 * xtcp_put_ts - write TS
 * @p: XTCP_TS_LEN bytes of room
 * @value: to be echoed; in whatever unit the sender likes
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_ts(u8 *p, u32 value)
{
	xtcp_put_kind(p, XTCP_KIND_TS, XTCP_TS_LEN, 0);
	xtcp_put32(p + 4, value);
	return p + XTCP_TS_LEN;
}

/**
 * xtcp_put_tsecho - write TSECHO
 * @p: XTCP_TSECHO_LEN bytes of room
 * @delay: since the TS arrived, XTCP_DELAY_UNIT
 * @value: of that TS
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_tsecho(u8 *p, u16 delay, u32 value)
{
	xtcp_put_kind(p, XTCP_KIND_TSECHO, XTCP_TSECHO_LEN, delay);
	xtcp_put32(p + 4, value);
	return p + XTCP_TSECHO_LEN;
}

/**
 * xtcp_put_urg - write URG
 * @p: XTCP_URG_LEN bytes of room
 * @offset: from the sequence number to the byte behind the urgent data
 *
 * Return: the byte behind it.
 */
u8 *xtcp_put_urg(u8 *p, u32 offset)
{
	xtcp_put_kind(p, XTCP_KIND_URG, XTCP_URG_LEN, 0);
	xtcp_put32(p + 4, offset);
	return p + XTCP_URG_LEN;
}
