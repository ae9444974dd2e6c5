// SPDX-License-Identifier: GPL-2.0
/* Cookies: what goes in comes out, and nothing else does. */
#include <kselftest_harness.h>

#include <xtcp/door.h>

#include "host.h"

#define NOW	(500 * XTCP_SEC)
#define LPORT	80
#define RPORT	40000

static const struct xtcp_keys keys = {
	.key = { { 0x0123456789abcdefULL, 0xfedcba9876543210ULL },
		 { 0x1111111111111111ULL, 0x2222222222222222ULL } },
	.epoch = 0x8877665544332211ULL,
	.serial = 0,	/* the older one has 255 */
};

static const struct xtcp_addrs addrs = {
	.local = { [10] = 0xff, 0xff, 10, 0, 0, 1 },
	.remote = { [10] = 0xff, 0xff, 10, 0, 0, 2 },
};

static const struct xtcp_ends ends = {
	.addrs = &addrs, .domain = 7, .lport = LPORT, .rport = RPORT,
};

static const struct xtcp_cookie content = {
	.born = NOW, .iss = 0x0102030405060708ULL, .irs = 0xf1f2f3f4f5f6f7f8ULL,
	.tag = 0x11121314, .peer_tag = 0x21222324, .wnd = 0x31323334,
	.features = 0x41424344, .user_timeout = 0x51525354, .mss = 0x6162,
};

FIXTURE(cookie) {
	u8 option[XTCP_COOKIE_LEN];
	struct xtcp_cookie read;
};

FIXTURE_SETUP(cookie)
{
	ASSERT_TRUE(host_mac_works());
	memset(self, 0xa5, sizeof(*self));
	xtcp_cookie_issue(&keys, &ends, &content, self->option);
}

FIXTURE_TEARDOWN(cookie)
{
}

#define OPEN(now) \
	xtcp_cookie_open(&keys, &ends, self->option, now, &self->read)

#define OPEN_AT(ends) \
	xtcp_cookie_open(&keys, &(ends), self->option, NOW, &self->read)

TEST_F(cookie, O3_holds_everything)
{
	EXPECT_EQ(XTCP_KIND_COOKIE, self->option[0]);
	EXPECT_EQ(8, self->option[1]);
	ASSERT_EQ(0, OPEN(NOW));
	EXPECT_EQ(content.born, self->read.born);
	EXPECT_EQ(content.iss, self->read.iss);
	EXPECT_EQ(content.irs, self->read.irs);
	EXPECT_EQ(content.tag, self->read.tag);
	EXPECT_EQ(content.peer_tag, self->read.peer_tag);
	EXPECT_EQ(content.wnd, self->read.wnd);
	EXPECT_EQ(content.features, self->read.features);
	EXPECT_EQ(content.user_timeout, self->read.user_timeout);
	EXPECT_EQ(content.mss, self->read.mss);
}

/* How long this host has run is nobody's business. */
TEST_F(cookie, O3_does_not_tell_the_clock)
{
	struct xtcp_keys other = keys;
	u8 again[XTCP_COOKIE_LEN];

	EXPECT_EQ(NOW + keys.epoch, xtcp_get64(self->option + 8));
	other.epoch++;
	xtcp_cookie_issue(&other, &ends, &content, again);
	EXPECT_NE(0, memcmp(self->option + 8, again + 8, 8));
	ASSERT_EQ(0, xtcp_cookie_open(&other, &ends, again, NOW, &self->read));
	EXPECT_EQ(NOW, self->read.born);
}

TEST_F(cookie, O3_tag)
{
	EXPECT_EQ(content.tag, xtcp_cookie_tag(self->option));
}

TEST_F(cookie, O3_every_byte_is_written)
{
	u8 again[XTCP_COOKIE_LEN];

	memset(again, 0x5a, sizeof(again));
	xtcp_cookie_issue(&keys, &ends, &content, again);
	EXPECT_EQ(0, memcmp(again, self->option, sizeof(again)));
}

/* Kind and length are the parser's; each of the other 496 bits must be right. */
TEST_F(cookie, O3_every_flipped_bit_is_refused)
{
	unsigned int bit;

	for (bit = 16; bit < 8 * XTCP_COOKIE_LEN; bit++) {
		self->option[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(-EBADMSG, OPEN(NOW)) {
			TH_LOG("bit %u", bit);
		}
		self->option[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT_EQ(0, OPEN(NOW));
}

TEST_F(cookie, O3_only_for_its_addresses_and_ports)
{
	struct xtcp_addrs other;
	struct xtcp_ends others = ends;
	unsigned int bit;

	others.addrs = &other;
	for (bit = 0; bit < 8 * sizeof(other); bit++) {
		other = addrs;
		((u8 *)&other)[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(-EBADMSG, OPEN_AT(others));
	}
	for (bit = 0; bit < 16; bit++) {
		others = ends;
		others.lport ^= 1 << bit;
		EXPECT_EQ(-EBADMSG, OPEN_AT(others));
		others = ends;
		others.rport ^= 1 << bit;
		EXPECT_EQ(-EBADMSG, OPEN_AT(others));
	}
	/* not even for the same ones the other way round */
	others = ends;
	others.lport = RPORT;
	others.rport = LPORT;
	EXPECT_EQ(-EBADMSG, OPEN_AT(others));
}

/* The same addresses in another VRF, or link-local ones on another link, are others. */
TEST_F(cookie, O3_only_for_its_domain)
{
	struct xtcp_ends others = ends;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		others.domain = ends.domain ^ 1U << bit;
		EXPECT_EQ(-EBADMSG, OPEN_AT(others));
	}
	others.domain = 0;
	EXPECT_EQ(-EBADMSG, OPEN_AT(others));
	EXPECT_EQ(0, OPEN(NOW));
}

TEST_F(cookie, O3_lives_60_s)
{
	EXPECT_EQ(0, OPEN(NOW + 60 * XTCP_SEC));
	EXPECT_EQ(-ETIME, OPEN(NOW + 60 * XTCP_SEC + 1));
	EXPECT_EQ(-ETIME, OPEN(XTCP_NEVER));
}

TEST_F(cookie, O3_not_from_the_future)
{
	EXPECT_EQ(-ETIME, OPEN(NOW - 1));
	EXPECT_EQ(-ETIME, OPEN(0));
}

TEST_F(cookie, O3_key_rotation)
{
	struct xtcp_keys next = {
		.key = { { 3, 4 }, { keys.key[0][0], keys.key[0][1] } },
		.epoch = keys.epoch,
		.serial = keys.serial + 1,
	};

	EXPECT_EQ(0, xtcp_cookie_open(&next, &ends, self->option, NOW, &self->read));
	/* twice rotated: its key is gone */
	next.serial++;
	EXPECT_EQ(-EBADMSG, xtcp_cookie_open(&next, &ends, self->option, NOW, &self->read));
	/* a serial number that wraps */
	next = keys;
	next.serial = 255;
	xtcp_cookie_issue(&next, &ends, &content, self->option);
	memcpy(next.key[1], next.key[0], sizeof(next.key[1]));
	next.key[0][0] = 9;
	next.serial = 0;
	EXPECT_EQ(0, xtcp_cookie_open(&next, &ends, self->option, NOW, &self->read));
}

TEST_F(cookie, O3_refused_leaves_no_content)
{
	struct xtcp_cookie before = self->read;

	self->option[63] ^= 1;
	EXPECT_EQ(-EBADMSG, OPEN(NOW));
	EXPECT_EQ(0, memcmp(&before, &self->read, sizeof(before)));
}

TEST_HARNESS_MAIN
