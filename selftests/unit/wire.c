// SPDX-License-Identifier: GPL-2.0
/* The wire format: golden vectors, both ways, and what M1 drops. */
#include <kselftest_harness.h>

#include <xtcp/mib.h>
#include <xtcp/wire.h>

#include "wire_vectors.h"

#define ROOM	1024

/* A segment in memory of exactly its size, so that the sanitizer sees every byte too far. */
struct image {
	u8 *bytes;
	u32 len;
	struct xtcp_pkt pkt;
};

FIXTURE(wire) {
	struct image i;
};

FIXTURE_SETUP(wire)
{
	self->i.bytes = NULL;
}

FIXTURE_TEARDOWN(wire)
{
	free(self->i.bytes);
}

static void put(struct image *i, const u8 *bytes, u32 len)
{
	free(i->bytes);
	i->bytes = malloc(len ? len : 1);
	memcpy(i->bytes, bytes, len);
	i->len = len;
}

static int parse(struct image *i)
{
	memset(&i->pkt, 0xa5, sizeof(i->pkt));
	return xtcp_parse(i->bytes, i->len, i->len, &i->pkt);
}

static int parse_hex(struct image *i, const char *hex)
{
	u8 bytes[ROOM];
	int len = wire_hex(hex, bytes, sizeof(bytes));

	if (len < 0)
		return -1;
	put(i, bytes, len);
	return parse(i);
}

/* A segment with these flags and options given in hexadecimal; tag 0x0a0b0c0d, no data. */
static int parse_options(struct image *i, u8 flags, const char *hex)
{
	struct xtcp_head h = { .tag = 0x0a0b0c0d, .flags = flags, .seq = 1, .ack = 2 };
	u8 bytes[ROOM];
	int len = wire_hex(hex, bytes + XTCP_HDR_LEN, sizeof(bytes) - XTCP_HDR_LEN);

	if (len < 0)
		return -1;
	xtcp_put_header(bytes, &h, XTCP_HDR_LEN + len);
	put(i, bytes, XTCP_HDR_LEN + len);
	return parse(i);
}

#define HELLO	"01 02 05a8 0a0b0c0d 00000000 00000000"
#define COOKIE	"02 08 000000000000 0000000000000000 0000000000000000 0000000000000000" \
		"0000000000000000 0000000000000000 0000000000000000 0000000000000000"

TEST_F(wire, F2_every_header_field)
{
	const struct xtcp_pkt *p = &self->i.pkt;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_header]));
	EXPECT_EQ(0x1234, p->sport);
	EXPECT_EQ(0x5678, p->dport);
	EXPECT_EQ(0x9abcdef0U, p->tag);
	EXPECT_EQ(0x0102030405060708ULL, p->seq);
	EXPECT_EQ(0x1112131415161718ULL, p->ack);
	EXPECT_EQ(0x71727374U, p->wnd);
	EXPECT_EQ(4, p->hdr);
	EXPECT_EQ(XTCP_ACK | XTCP_PSH, p->flags);
	EXPECT_EQ(3, p->len);
	EXPECT_EQ(0, p->has);
	EXPECT_EQ(1, p->wire);
	EXPECT_EQ(0, p->ce);
	EXPECT_EQ(0, p->drop);
	EXPECT_EQ(NULL, p->buf);
	EXPECT_EQ(30, XTCP_CSUM_OFFSET);
}

TEST_F(wire, F2_every_flag)
{
	EXPECT_EQ(0x01, XTCP_FIN);
	EXPECT_EQ(0x02, XTCP_SYN);
	EXPECT_EQ(0x04, XTCP_RST);
	EXPECT_EQ(0x08, XTCP_PSH);
	EXPECT_EQ(0x10, XTCP_ACK);
	EXPECT_EQ(0x20, XTCP_URG);
}

TEST_F(wire, F2_write_header)
{
	static const struct xtcp_head h = {
		.sport = 0x1234, .dport = 0x5678, .tag = 0x9abcdef0,
		.seq = 0x0102030405060708ULL, .ack = 0x1112131415161718ULL,
		.wnd = 0x71727374, .flags = XTCP_ACK | XTCP_PSH,
	};
	u8 want[ROOM], got[XTCP_HDR_LEN];

	ASSERT_EQ(XTCP_HDR_LEN + 3, wire_hex(wire_vectors[WIRE_header], want, sizeof(want)));
	memset(got, 0xa5, sizeof(got));
	xtcp_put_header(got, &h, XTCP_HDR_LEN);
	EXPECT_EQ(0, memcmp(want, got, sizeof(got)));
}

TEST_F(wire, F3_sequence_numbers_count_bytes)
{
	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_data]));
	EXPECT_EQ(301, self->i.pkt.seq);
	EXPECT_EQ(1, self->i.pkt.len);
	/* The rest of the payload need not be in the linear part. */
	ASSERT_EQ(0, xtcp_parse(self->i.bytes, self->i.len, XTCP_HDR_LEN + 100, &self->i.pkt));
	EXPECT_EQ(401, self->i.pkt.seq + self->i.pkt.len);
}

TEST_F(wire, O1_syn_options)
{
	const struct xtcp_pkt *p = &self->i.pkt;
	struct xtcp_hello hello;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_syn]));
	EXPECT_EQ(120, self->i.len);
	EXPECT_EQ(XTCP_SYN, p->flags);
	EXPECT_EQ(XTCP_HAS_HELLO | XTCP_HAS_COOKIE | XTCP_HAS_TS, p->has);
	xtcp_read_hello(p, &hello);
	EXPECT_EQ(1448, hello.mss);
	EXPECT_EQ(0x0a0b0c0dU, hello.tag);
	EXPECT_EQ(0, hello.features);
	EXPECT_EQ(3000, hello.user_timeout);
	EXPECT_EQ(self->i.bytes + 48, p->cookie);
	EXPECT_EQ(0x11223344U, p->ts);
	EXPECT_EQ(0, p->len);
}

TEST_F(wire, O1_write_syn)
{
	static const struct xtcp_head h = {
		.sport = 40000, .dport = 80, .tag = 0x0a0b0c0d, .seq = 1000,
		.wnd = 65536, .flags = XTCP_SYN,
	};
	static const struct xtcp_hello hello = {
		.mss = 1448, .tag = 0x0a0b0c0d, .user_timeout = 3000,
	};
	u8 want[ROOM], got[ROOM], *p = got + XTCP_HDR_LEN;

	memset(got, 0xa5, sizeof(got));
	p = xtcp_put_hello(p, &hello);
	p = xtcp_put_cookie(p, NULL);
	p = xtcp_put_ts(p, 0x11223344);
	xtcp_put_header(got, &h, p - got);
	ASSERT_EQ(p - got, wire_hex(wire_vectors[WIRE_syn], want, sizeof(want)));
	EXPECT_EQ(0, memcmp(want, got, p - got));
}

TEST_F(wire, O2_synack_options)
{
	const struct xtcp_pkt *p = &self->i.pkt;
	struct xtcp_hello hello;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_synack]));
	EXPECT_EQ(XTCP_HAS_HELLO | XTCP_HAS_COOKIE | XTCP_HAS_TSECHO, p->has);
	xtcp_read_hello(p, &hello);
	EXPECT_EQ(536, hello.mss);
	EXPECT_EQ(0x51525354U, hello.tag);
	EXPECT_EQ(7, p->ts_delay);
	EXPECT_EQ(0x11223344U, p->tsecho);
	EXPECT_EQ(2000, p->seq);
	EXPECT_EQ(1001, p->ack);
}

TEST_F(wire, O4_cookie_echoed_byte_for_byte)
{
	u8 echo[XTCP_COOKIE_LEN + 1];

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_synack]));
	echo[XTCP_COOKIE_LEN] = 0xa5;
	EXPECT_EQ(echo + XTCP_COOKIE_LEN, xtcp_put_cookie(echo, self->i.pkt.cookie));
	EXPECT_EQ(0, memcmp(echo, self->i.bytes + 48, XTCP_COOKIE_LEN));
	EXPECT_EQ(0xa5, echo[XTCP_COOKIE_LEN]);
}

TEST_F(wire, O4_third_message)
{
	u8 cookie[XTCP_COOKIE_LEN];

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_synack]));
	memcpy(cookie, self->i.pkt.cookie, sizeof(cookie));
	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_echo]));
	EXPECT_EQ(XTCP_HAS_COOKIE | XTCP_HAS_TS, self->i.pkt.has);
	EXPECT_EQ(0, memcmp(cookie, self->i.pkt.cookie, sizeof(cookie)));
	EXPECT_EQ(0x51525354U, self->i.pkt.tag);
	EXPECT_EQ(0x55667788U, self->i.pkt.ts);
	EXPECT_EQ(5, self->i.pkt.len);
}

TEST_F(wire, D6_ackinfo_and_dsack)
{
	const struct xtcp_pkt *p = &self->i.pkt;
	u64 start, end;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_ackinfo]));
	EXPECT_EQ(XTCP_HAS_ACKINFO | XTCP_HAS_DSACK, p->has);
	EXPECT_EQ(0x102, p->ack_delay);
	EXPECT_EQ(3, p->ce_echo);
	ASSERT_EQ(3, p->ranges);
	xtcp_read_range(p, 0, &start, &end);
	EXPECT_EQ(0, start);
	EXPECT_EQ(0x100, end);
	xtcp_read_range(p, 1, &start, &end);
	EXPECT_EQ(0x300, start);
	EXPECT_EQ(0x301, end);
	xtcp_read_range(p, 2, &start, &end);
	EXPECT_EQ(0xfffffefeULL, start);
	EXPECT_EQ(0xfffffeffULL, end);
	EXPECT_EQ(1448, p->dsack_len);
	EXPECT_EQ(0xfffffffffffffff0ULL, p->dsack);
	EXPECT_EQ(XTCP_WINDOW_MAX, p->wnd);
}

TEST_F(wire, D6_write_ackinfo_and_dsack)
{
	static const struct xtcp_head h = {
		.sport = 80, .dport = 40000, .tag = 0x0a0b0c0d, .seq = 1,
		.ack = 0xffffffffffffff00ULL, .wnd = 0x7fffffff, .flags = XTCP_ACK,
	};
	u8 want[ROOM], got[ROOM], *p = got + XTCP_HDR_LEN;

	memset(got, 0xa5, sizeof(got));
	p = xtcp_put_ackinfo(p, 0x102, 3, 3);
	p = xtcp_put_range(p, h.ack, 0, 0x100);
	p = xtcp_put_range(p, h.ack, 0x300, 0x301);
	p = xtcp_put_range(p, h.ack, 0xfffffefeULL, 0xfffffeffULL);
	p = xtcp_put_dsack(p, 0xfffffffffffffff0ULL, 1448);
	xtcp_put_header(got, &h, p - got);
	ASSERT_EQ(p - got, wire_hex(wire_vectors[WIRE_ackinfo], want, sizeof(want)));
	EXPECT_EQ(0, memcmp(want, got, p - got));
}

TEST_F(wire, D6_most_ranges_a_header_holds)
{
	char hex[2 * XTCP_HDR_MAX] = "033b000000000000";
	int i;

	for (i = 0; i < 58; i++)
		strcat(hex, "0000000100000002");
	ASSERT_EQ(0, parse_options(&self->i, XTCP_ACK, hex));
	EXPECT_EQ(XTCP_HDR_MAX, self->i.len);
	EXPECT_EQ(58, self->i.pkt.ranges);
}

TEST_F(wire, D6_at_most_four_ranges_with_data)
{
	static const char hex[] = "03 06 0000 00000000" "0000000100000002" "0000000300000004"
		"0000000500000006" "0000000700000008" "000000090000000a";

	ASSERT_EQ(0, parse_options(&self->i, XTCP_ACK, hex));
	EXPECT_EQ(5, self->i.pkt.ranges);
	ASSERT_EQ(0, xtcp_parse(self->i.bytes, self->i.len, self->i.len + 1, &self->i.pkt));
	EXPECT_EQ(XTCP_RANGES_WITH_DATA, self->i.pkt.ranges);
}

TEST_F(wire, D8_urg_option)
{
	u8 option[XTCP_URG_LEN];

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_urgent]));
	EXPECT_EQ(XTCP_HAS_URG, self->i.pkt.has);
	EXPECT_EQ(4, self->i.pkt.urg);
	EXPECT_EQ(4, self->i.pkt.len);
	EXPECT_EQ(0, self->i.pkt.wnd);
	EXPECT_EQ(option + XTCP_URG_LEN, xtcp_put_urg(option, 4));
	EXPECT_EQ(0, memcmp(option, self->i.bytes + XTCP_HDR_LEN, XTCP_URG_LEN));
}

TEST_F(wire, D9_write_tsecho)
{
	u8 option[XTCP_TSECHO_LEN];

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_synack]));
	EXPECT_EQ(option + XTCP_TSECHO_LEN, xtcp_put_tsecho(option, 7, 0x11223344));
	EXPECT_EQ(0, memcmp(option, self->i.bytes + 112, XTCP_TSECHO_LEN));
}

TEST_F(wire, M1_short)
{
	u32 len;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_syn]));
	for (len = 0; len < 120; len++) {
		EXPECT_EQ(XTCP_DROP_SHORT, xtcp_parse(self->i.bytes, len, 120, &self->i.pkt));
		EXPECT_EQ(XTCP_DROP_SHORT, xtcp_parse(self->i.bytes, 120, len, &self->i.pkt));
	}
}

TEST_F(wire, M1_version)
{
	unsigned int version;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_fin]));
	for (version = 0; version < 4; version++) {
		self->i.bytes[28] = version << 6 | 4;
		EXPECT_EQ(version == 1 ? 0 : XTCP_DROP_VERSION, parse(&self->i));
	}
}

TEST_F(wire, M1_offset)
{
	unsigned int words;

	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_fin]));
	for (words = 0; words < 64; words++) {
		self->i.bytes[28] = 1 << 6 | words;
		EXPECT_EQ(words < 4 ? -EINVAL : (int)(8 * words), xtcp_header_len(self->i.bytes));
		EXPECT_EQ(words < 4 ? XTCP_DROP_OFFSET : words == 4 ? 0 : XTCP_DROP_SHORT,
			  parse(&self->i));
	}
}

TEST_F(wire, M1_tag_zero)
{
	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_fin]));
	memset(self->i.bytes + 4, 0, 4);
	EXPECT_EQ(XTCP_DROP_TAG0, parse(&self->i));
	/* A tag that our segments would have to carry. */
	EXPECT_EQ(XTCP_DROP_TAG0,
		  parse_options(&self->i, XTCP_SYN | XTCP_ACK,
				"01 02 05a8 00000000 00000000 00000000"));
	/* Only a SYN without ACK carries the sender's own tag. */
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_SYN, "01 02 05a8 0a0b0c0e 00000000 00000000"));
	EXPECT_EQ(0, parse_options(&self->i, XTCP_SYN | XTCP_ACK,
				   "01 02 05a8 0a0b0c0e 00000000 00000000"));
}

/* "SYN with FIN or RST, none of SYN, ACK, RST"; every one of the 256 flag bytes. */
TEST_F(wire, M1_flags)
{
	unsigned int flags;
	bool bad;

	for (flags = 0; flags < 256; flags++) {
		ASSERT_NE(-1, parse_options(&self->i, 0, HELLO "07 01 0000 00000001"));
		self->i.bytes[29] = flags;
		bad = flags & XTCP_SYN ? flags & (XTCP_FIN | XTCP_RST) :
			!(flags & (XTCP_ACK | XTCP_RST));
		EXPECT_EQ(bad ? XTCP_DROP_FLAGS : 0, parse(&self->i)) {
			TH_LOG("flags %#x", flags);
		}
		/* "Rsv (2 bits): sent 0, ignored." */
		EXPECT_EQ(flags & 0x3f, self->i.pkt.flags);
	}
}

TEST_F(wire, M1_hello_missing)
{
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_SYN, COOKIE));
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_SYN | XTCP_ACK, COOKIE));
	EXPECT_EQ(0, parse_options(&self->i, XTCP_SYN, HELLO));
	EXPECT_EQ(0, parse_options(&self->i, XTCP_ACK, ""));
}

TEST_F(wire, M1_option_length)
{
	/* never 0 */
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "05 00 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "63 00 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "00 00 0000 00000000"));
	/* leaves the header */
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "05 02 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "63 02 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "63 ff 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_ACK, "05 01 0000 00000000 63 02 0000 00000000"));
}

TEST_F(wire, M1_option_shorter_than_body)
{
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_SYN, "01 01 05a8 0a0b0c0d 0000000000000000"));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_ACK,
				"02 07 000000000000 0000000000000000 0000000000000000"
				"0000000000000000 0000000000000000 0000000000000000"
				"0000000000000000"));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_ACK, "04 01 0000 00000001 05 01 0000 00000000"));
	/* misplaced does not excuse it */
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, "01 01 05a8 0a0b0c0d"));
}

TEST_F(wire, M1_option_twice)
{
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_SYN, HELLO HELLO));
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK, COOKIE COOKIE));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_ACK, "03 01 0000 00000000 03 01 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_ACK, "05 01 0000 00000000 05 01 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_ACK, "06 01 0000 00000000 06 01 0000 00000000"));
	/* unknown ones may be */
	EXPECT_EQ(0, parse_options(&self->i, XTCP_ACK, "63 01 0000 00000000 63 01 0000 00000000"));
}

TEST_F(wire, M1_longer_option_rest_ignored)
{
	ASSERT_EQ(0, parse_options(&self->i, XTCP_ACK,
				   "05 02 0000 00000007 ffffffffffffffff 06 01 0001 00000002"));
	EXPECT_EQ(XTCP_HAS_TS | XTCP_HAS_TSECHO, self->i.pkt.has);
	EXPECT_EQ(7, self->i.pkt.ts);
	EXPECT_EQ(2, self->i.pkt.tsecho);
}

TEST_F(wire, M1_unknown_option_skipped)
{
	/* kinds 0 and 127 are as unknown as any other, RESUME comes later */
	ASSERT_EQ(0, parse_options(&self->i, XTCP_ACK,
				   "00 01 0000 00000000 7f 01 0000 00000000 08 01 0000 00000000"
				   "05 01 0000 00000009"));
	EXPECT_EQ(XTCP_HAS_TS, self->i.pkt.has);
	EXPECT_EQ(9, self->i.pkt.ts);
}

TEST_F(wire, M1_unknown_critical_option)
{
	EXPECT_EQ(XTCP_DROP_CRITICAL, parse_options(&self->i, XTCP_ACK, "80 01 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_CRITICAL, parse_options(&self->i, XTCP_ACK, "ff 01 0000 00000000"));
	/* of a SYN all is known that its RST needs */
	ASSERT_EQ(XTCP_DROP_CRITICAL,
		  parse_options(&self->i, XTCP_SYN, "83 01 0000 00000000" HELLO));
	EXPECT_EQ(0x0a0b0c0dU, self->i.pkt.tag);
	EXPECT_EQ(1, self->i.pkt.seq);
	EXPECT_EQ(XTCP_SYN, self->i.pkt.flags);
	/* but not of one that is malformed as well */
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_SYN, "83 01 0000 00000000"));
	EXPECT_EQ(XTCP_DROP_OPTION,
		  parse_options(&self->i, XTCP_SYN, "83 01 0000 00000000" HELLO HELLO));
}

TEST_F(wire, M1_misplaced_option_ignored)
{
	/* HELLO without SYN */
	ASSERT_EQ(0, parse_options(&self->i, XTCP_ACK, HELLO));
	EXPECT_EQ(0, self->i.pkt.has);
	/* reports of what was received, before anything could be */
	ASSERT_EQ(0, parse_options(&self->i, XTCP_SYN,
				   HELLO "03 02 0000 00000001 0000000100000002"
				   "04 02 0000 00000001 0000000000000001 06 01 0000 00000001"));
	EXPECT_EQ(XTCP_HAS_HELLO, self->i.pkt.has);
	EXPECT_EQ(0, self->i.pkt.ranges);
	/* a RST carries nothing */
	ASSERT_EQ(0, parse_options(&self->i, XTCP_RST | XTCP_ACK,
				   COOKIE "05 01 0000 00000001 06 01 0000 00000001"
				   "03 01 0000 00000001"));
	EXPECT_EQ(0, self->i.pkt.has);
	/* URG without its flag */
	ASSERT_EQ(0, parse_options(&self->i, XTCP_ACK, "07 01 0000 00000001"));
	EXPECT_EQ(0, self->i.pkt.has);
}

TEST_F(wire, M1_urg_flag_without_option)
{
	EXPECT_EQ(XTCP_DROP_OPTION, parse_options(&self->i, XTCP_ACK | XTCP_URG, ""));
	EXPECT_EQ(0, parse_options(&self->i, XTCP_ACK | XTCP_URG, "07 01 0000 00000001"));
}

TEST_F(wire, M1_window_above_the_limit)
{
	ASSERT_EQ(0, parse_hex(&self->i, wire_vectors[WIRE_fin]));
	memset(self->i.bytes + 24, 0xff, 4);
	ASSERT_EQ(0, parse(&self->i));
	EXPECT_EQ(XTCP_WINDOW_MAX, self->i.pkt.wnd);
}

TEST_HARNESS_MAIN
