// SPDX-License-Identifier: GPL-2.0
/* Super-packets: their headers are cut and joined (wire-format.rst, "Super-packets"). */
#include <kselftest_harness.h>

#include <xtcp/wire.h>

#define ACK_PSH	(XTCP_ACK | XTCP_PSH)
#define PAYLOAD	1000U

/* Header of a data segment with room for options, as xtcp_put_header() makes it. */
struct image {
	u8 head[XTCP_HDR_MAX];
	u32 len;
};

static void make(struct image *i, u64 seq, u8 flags, u8 *end)
{
	const struct xtcp_head h = {
		.seq = seq, .ack = 0x1122334455667788ULL, .tag = 0xa0b0c0d0, .wnd = 65536,
		.sport = 1234, .dport = 80, .flags = flags,
	};

	i->len = end - i->head;
	xtcp_put_header(i->head, &h, i->len);
}

static void plain(struct image *i, u64 seq, u8 flags)
{
	make(i, seq, flags, i->head + XTCP_HDR_LEN);
}

/* COOKIE, ACKINFO with a range, TS and TSECHO: all that is repeated. */
static void laden(struct image *i, u64 seq, u8 flags)
{
	u8 *p = xtcp_put_cookie(i->head + XTCP_HDR_LEN, NULL);

	p = xtcp_put_ackinfo(p, 1, 2, 1);
	p = xtcp_put_range(p, 0, 10, 20);
	p = xtcp_put_ts(p, 3);
	make(i, seq, flags, xtcp_put_tsecho(p, 4, 5));
}

static bool follows(const struct image *i, const struct image *next)
{
	return xtcp_super_follows(i->head, PAYLOAD, next->head, next->len);
}

FIXTURE(super) {
	struct image i, next;
};

FIXTURE_SETUP(super)
{
	laden(&self->i, 5000, XTCP_ACK);
	laden(&self->next, 5000 + PAYLOAD, XTCP_ACK);
}

FIXTURE_TEARDOWN(super)
{
}

TEST_F(super, a_segment_starts_where_the_one_before_ends)
{
	struct image was = self->i;

	xtcp_super_cut(self->i.head, 3 * PAYLOAD, false);
	EXPECT_EQ(5000 + 3 * PAYLOAD, xtcp_get64(self->i.head + 8));
	/* everything else is repeated */
	xtcp_put64(was.head + 8, 5000 + 3 * PAYLOAD);
	EXPECT_EQ(0, memcmp(&was, &self->i, sizeof(was)));
}

TEST_F(super, sequence_numbers_have_64_bits)
{
	plain(&self->i, 0xfffffffffffffff0ULL, XTCP_ACK);
	xtcp_super_cut(self->i.head, 0x20, false);
	EXPECT_EQ(0x10, xtcp_get64(self->i.head + 8));
}

TEST_F(super, F11_PSH_and_FIN_are_the_last_segment_s)
{
	laden(&self->i, 5000, ACK_PSH | XTCP_FIN);
	xtcp_super_cut(self->i.head, 0, false);
	EXPECT_EQ(XTCP_ACK, self->i.head[29]);
	laden(&self->i, 5000, ACK_PSH | XTCP_FIN);
	xtcp_super_cut(self->i.head, PAYLOAD, true);
	EXPECT_EQ(ACK_PSH | XTCP_FIN, self->i.head[29]);
}

TEST_F(super, data_fits)
{
	EXPECT_TRUE(xtcp_super_fits(self->i.head, self->i.len));
	plain(&self->i, 5000, ACK_PSH | XTCP_FIN);
	EXPECT_TRUE(xtcp_super_fits(self->i.head, self->i.len));
}

TEST_F(super, other_flags_go_alone)
{
	static const u8 flags[] = {
		0, XTCP_SYN, XTCP_SYN | XTCP_ACK, XTCP_RST, XTCP_RST | XTCP_ACK,
		XTCP_URG | XTCP_ACK, XTCP_PSH, XTCP_FIN,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		plain(&self->i, 5000, flags[i]);
		EXPECT_FALSE(xtcp_super_fits(self->i.head, self->i.len));
	}
}

TEST_F(super, options_that_are_not_repeated_go_alone)
{
	struct image *i = &self->i;
	u8 *p = i->head + XTCP_HDR_LEN;

	make(i, 5000, XTCP_ACK, xtcp_put_dsack(p, 1, 2));
	EXPECT_FALSE(xtcp_super_fits(i->head, i->len));
	make(i, 5000, XTCP_ACK, xtcp_put_urg(p, 1));
	EXPECT_FALSE(xtcp_super_fits(i->head, i->len));
	/* an unknown one */
	make(i, 5000, XTCP_ACK, xtcp_put_ts(p, 1));
	p[0] = 9;
	EXPECT_FALSE(xtcp_super_fits(i->head, i->len));
	p[0] = XTCP_KIND_TS;
	EXPECT_TRUE(xtcp_super_fits(i->head, i->len));
}

TEST_F(super, M1_malformed_goes_alone)
{
	struct image *i = &self->i;
	u8 *p = i->head + XTCP_HDR_LEN;

	make(i, 5000, XTCP_ACK, xtcp_put_ts(p, 1));
	p[1] = 0;
	EXPECT_FALSE(xtcp_super_fits(i->head, i->len));
	p[1] = 2;
	EXPECT_FALSE(xtcp_super_fits(i->head, i->len));
	plain(i, 5000, XTCP_ACK);
	i->head[28] ^= 0xc0;
	EXPECT_FALSE(xtcp_super_fits(i->head, i->len));
}

TEST_F(super, PSH_and_FIN_end_it)
{
	EXPECT_FALSE(xtcp_super_ends(self->i.head));
	plain(&self->i, 5000, ACK_PSH);
	EXPECT_TRUE(xtcp_super_ends(self->i.head));
	plain(&self->i, 5000, XTCP_ACK | XTCP_FIN);
	EXPECT_TRUE(xtcp_super_ends(self->i.head));
}

TEST_F(super, the_next_bytes_follow)
{
	EXPECT_TRUE(follows(&self->i, &self->next));
	laden(&self->next, 5000 + PAYLOAD, ACK_PSH | XTCP_FIN);
	EXPECT_TRUE(follows(&self->i, &self->next));
	laden(&self->i, 0xffffffffffffffffULL, XTCP_ACK);
	laden(&self->next, PAYLOAD - 1, XTCP_ACK);
	EXPECT_TRUE(follows(&self->i, &self->next));
}

TEST_F(super, checksums_are_not_compared)
{
	self->next.head[XTCP_CSUM_OFFSET] ^= 0xff;
	self->next.head[XTCP_CSUM_OFFSET + 1] ^= 0xff;
	EXPECT_TRUE(follows(&self->i, &self->next));
}

/* Any other byte that differs is another packet. */
TEST_F(super, what_says_something_else_does_not_follow)
{
	u32 at;

	for (at = 0; at < self->next.len; at++) {
		if (at == XTCP_CSUM_OFFSET || at == XTCP_CSUM_OFFSET + 1)
			continue;
		self->next.head[at] ^= at == 29 ? 0x40 : 1;	/* reserved */
		EXPECT_FALSE(follows(&self->i, &self->next));
		self->next.head[at] ^= at == 29 ? 0x40 : 1;
	}
	EXPECT_TRUE(follows(&self->i, &self->next));
}

TEST_F(super, same_connection_same_ports_and_tag)
{
	u32 at;

	plain(&self->next, 1, ACK_PSH);
	EXPECT_TRUE(xtcp_super_same(self->i.head, self->next.head));
	for (at = 0; at < 8; at++) {
		self->next.head[at] ^= 1;
		EXPECT_FALSE(xtcp_super_same(self->i.head, self->next.head));
		self->next.head[at] ^= 1;
	}
}

TEST_F(super, joined_it_ends_as_its_last_segment)
{
	laden(&self->next, 5000 + PAYLOAD, ACK_PSH | XTCP_FIN);
	xtcp_super_join(self->i.head, self->next.head);
	EXPECT_EQ(ACK_PSH | XTCP_FIN, self->i.head[29]);
	EXPECT_EQ(5000, xtcp_get64(self->i.head + 8));
}

TEST_HARNESS_MAIN
