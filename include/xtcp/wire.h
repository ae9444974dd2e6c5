/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire format: header, options, and the parsed form of a segment.
 * Documentation/wire-format.rst is the specification; module/core/wire.c and
 * super.c are the only code that reads or writes these bytes.
 */
#ifndef _XTCP_WIRE_H
#define _XTCP_WIRE_H

#include <xtcp/env.h>

/*
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-------------------------------+-------------------------------+
 *  |          Source Port          |       Destination Port        |  0
 *  |                        Connection Tag                         |  4
 *  |                     Sequence Number (64)                      |  8
 *  |                  Acknowledgment Number (64)                   | 16
 *  |                     Window (32, in bytes)                     | 24
 *  |Ver|Data Offset|Rsv|U|A|P|R|S|F|           Checksum            | 28
 *  |              Options, multiple of 8 bytes ... | Data ...      | 32
 *  +---------------------------------------------------------------+
 */
#define XTCP_VERSION		1
#define XTCP_HDR_LEN		32	/* without options */
#define XTCP_HDR_MAX		(63 * 8)
#define XTCP_TAG_AT		4
#define XTCP_SEQ_AT		8
#define XTCP_ACK_AT		16
#define XTCP_WND_AT		24
#define XTCP_OFFSET_AT		28	/* the version is in its two highest bits */
#define XTCP_FLAGS_AT		29
#define XTCP_CSUM_OFFSET	30
#define XTCP_WINDOW_MAX		S32_MAX

#define XTCP_FIN		0x01
#define XTCP_SYN		0x02
#define XTCP_RST		0x04
#define XTCP_PSH		0x08
#define XTCP_ACK		0x10
#define XTCP_URG		0x20
#define XTCP_FLAGS_MASK	0x3f	/* the two bits above are reserved: ignored */

/*
 * Options: kind, length in 8-byte words, body; fields of 32 bits are aligned.
 * Kinds below 128 are skipped when unknown. Dots are bytes sent as 0 and ignored.
 *
 *            0     1     2     3     4     5     6     7
 *  HELLO     1     2     MSS         own tag                then: features, user timeout (ms)
 *  COOKIE    2     8     62 bytes that only their issuer understands
 *  ACKINFO   3     1+n   ACK delay   CE-marked packets      then: n times start, end (ACK+)
 *  DSACK     4     2     .     .     length                 then: start (64)
 *  TS        5     1     .     .     value
 *  TSECHO    6     1     delay       value
 *  URG       7     1     .     .     offset
 */
enum xtcp_kind {
	XTCP_KIND_HELLO		= 1,
	XTCP_KIND_COOKIE	= 2,
	XTCP_KIND_ACKINFO	= 3,
	XTCP_KIND_DSACK		= 4,
	XTCP_KIND_TS		= 5,
	XTCP_KIND_TSECHO	= 6,
	XTCP_KIND_URG		= 7,
};

#define XTCP_KIND_CRITICAL	128	/* from here on an unknown option kills the segment */

#define XTCP_HELLO_LEN		16
#define XTCP_COOKIE_LEN		64
#define XTCP_ACKINFO_LEN(n)	(8 * (1 + (n)))
#define XTCP_DSACK_LEN		16
#define XTCP_TS_LEN		8
#define XTCP_TSECHO_LEN		8
#define XTCP_URG_LEN		8

#define XTCP_RANGES_WITH_DATA	4	/* ACKINFO ranges on a segment that carries data */
#define XTCP_MSS_MIN		512	/* a smaller MSS in HELLO is read as this */
#define XTCP_PAYLOAD_MIN	256	/* what ICMP can never push a segment below (D10) */
#define XTCP_DELAY_UNIT		8000	/* ns: unit of ACKINFO's and TSECHO's delay */

/* Bits of xtcp_pkt.has and xtcp_tx.opts: which options are present. */
#define XTCP_HAS(kind)		(1U << (kind))
#define XTCP_HAS_HELLO		XTCP_HAS(XTCP_KIND_HELLO)
#define XTCP_HAS_COOKIE		XTCP_HAS(XTCP_KIND_COOKIE)
#define XTCP_HAS_ACKINFO	XTCP_HAS(XTCP_KIND_ACKINFO)
#define XTCP_HAS_DSACK		XTCP_HAS(XTCP_KIND_DSACK)
#define XTCP_HAS_TS		XTCP_HAS(XTCP_KIND_TS)
#define XTCP_HAS_TSECHO		XTCP_HAS(XTCP_KIND_TSECHO)
#define XTCP_HAS_URG		XTCP_HAS(XTCP_KIND_URG)

/* Body of HELLO, in host order. */
struct xtcp_hello {
	u16 mss;		/* as announced; readers raise it to XTCP_MSS_MIN */
	u32 tag;
	u32 features;
	u32 user_timeout;	/* ms; a hint; 0 = none */
};

/* HELLO's features: what both sides offer is used; unknown bits are sent as 0. */
#define XTCP_FEATURE_ECN	BIT(0)	/* CE marks are read and reported: ECT may be sent */

/*
 * One parsed segment, or a super-packet that GRO merged. Lives on the stack of
 * whoever handles the packet; the pointers lead into the packet's linear head
 * and every length behind them has been checked by xtcp_parse().
 */
struct xtcp_pkt {
	u64 seq, ack;
	u32 len;		/* payload bytes */
	u32 wnd;
	u32 tag;
	u32 has;		/* XTCP_HAS_*: options present */
	u16 sport, dport;	/* host order */
	u16 wire;		/* wire packets merged into this one (caller, after xtcp_parse()) */
	u16 mss;		/* if several: payload bytes of each but the last (as wire) */
	u16 ce;			/* how many of them were CE-marked (as wire) */
	bool no_room;		/* the payload cannot be kept: use the rest (caller; D11) */
	u8 flags;		/* XTCP_FIN ... XTCP_URG */
	u8 hdr;			/* header length in 8-byte words */
	u8 ranges;		/* ACKINFO: number of ranges */
	u16 ack_delay;		/* ACKINFO, XTCP_DELAY_UNIT */
	u16 ts_delay;		/* TSECHO, XTCP_DELAY_UNIT */
	u32 ce_echo;		/* ACKINFO */
	u32 ts, tsecho, urg;
	u64 dsack;		/* DSACK: start */
	u32 dsack_len;
	const u8 *ackinfo;	/* first range */
	const u8 *hello;	/* body */
	const u8 *cookie;	/* the whole option, XTCP_COOKIE_LEN bytes */

	/* results of xtcp_input() and xtcp_demux() */
	u32 skip, take;		/* the payload bytes wanted: [skip, skip + take) */
	u8 drop;		/* enum xtcp_drop: why nothing of it was used */
	void *buf;		/* the buffer (caller, as wire); in a run when XTCP_HELD */
};

/* Does it ask for a connection? A SYN|ACK answers one. */
static inline bool xtcp_is_syn(const struct xtcp_pkt *pkt)
{
	return (pkt->flags & (XTCP_SYN | XTCP_ACK)) == XTCP_SYN;
}

int xtcp_header_len(const u8 *head);
int xtcp_parse(const u8 *head, u32 linear, u32 total, struct xtcp_pkt *pkt);
void xtcp_read_hello(const struct xtcp_pkt *pkt, struct xtcp_hello *hello);
void xtcp_read_range(const struct xtcp_pkt *pkt, unsigned int i, u64 *start, u64 *end);

/* Header fields of a segment to be written. */
struct xtcp_head {
	u64 seq, ack;
	u32 tag, wnd;
	u16 sport, dport;	/* host order */
	u8 flags;
};

void xtcp_put_header(u8 *head, const struct xtcp_head *h, u32 len);
u8 *xtcp_put_hello(u8 *p, const struct xtcp_hello *hello);
u8 *xtcp_put_cookie(u8 *p, const u8 *cookie);
u8 *xtcp_put_ackinfo(u8 *p, u16 delay, u32 ce, unsigned int ranges);
u8 *xtcp_put_range(u8 *p, u64 ack, u64 start, u64 end);
u8 *xtcp_put_dsack(u8 *p, u64 start, u32 len);
u8 *xtcp_put_ts(u8 *p, u32 value);
u8 *xtcp_put_tsecho(u8 *p, u16 delay, u32 value);
u8 *xtcp_put_urg(u8 *p, u32 offset);

/* core/super.c */
void xtcp_super_cut(u8 *head, u32 before, bool last);
bool xtcp_super_fits(const u8 *head, u32 len);
bool xtcp_super_ends(const u8 *head);
bool xtcp_super_same(const u8 *head, const u8 *other);
bool xtcp_super_follows(const u8 *head, u32 payload, const u8 *next, u32 len);
void xtcp_super_join(u8 *head, const u8 *next);

/* Big-endian access; the bytes need not be aligned. */
static inline u16 xtcp_get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline u32 xtcp_get32(const u8 *p)
{
	return (u32)xtcp_get16(p) << 16 | xtcp_get16(p + 2);
}

static inline u64 xtcp_get64(const u8 *p)
{
	return (u64)xtcp_get32(p) << 32 | xtcp_get32(p + 4);
}

static inline void xtcp_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void xtcp_put32(u8 *p, u32 v)
{
	xtcp_put16(p, v >> 16);
	xtcp_put16(p + 2, v);
}

static inline void xtcp_put64(u8 *p, u64 v)
{
	xtcp_put32(p, v >> 32);
	xtcp_put32(p + 4, v);
}

#endif /* _XTCP_WIRE_H */
