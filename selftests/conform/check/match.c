// SPDX-License-Identifier: GPL-2.0
/*
 * Does the tool see what is wrong? Each test has a segment that matches, spoils
 * one thing of it, and looks for the complaint.
 */
#include <string.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "flow.h"

#define ISS	0x1122334455667788ULL
#define TAG	0xcafe0001

FIXTURE(match) {
	struct flow flow;
	struct packet packet;
	struct segment seg;
	uint8_t payload[100];
	char why[1024];
};

FIXTURE_SETUP(match)
{
	static const struct flow_spec spec;
	uint8_t *hello;
	size_t i;

	flow_init(&self->flow, &spec, 0, AF_INET);
	/* A SYN|ACK has been seen. */
	self->seg = (struct segment){
		.version = 1, .flags = SYN | ACK, .seq = ISS, .ack = self->flow.isn + 1,
		.win = 1000, .tag = self->flow.tag, .sport = 4711, .dport = 5000,
	};
	hello = segment_add_option(&self->seg, KIND_HELLO, 2);
	put32(hello + 4, TAG);
	flow_saw(&self->flow, &self->seg, false);

	/* What is expected: ACK seq 11 ack 1 len 100, the next of the stream. */
	self->flow.local_nxt = 11;
	for (i = 0; i < sizeof(self->payload); i++)
		self->payload[i] = pattern(11 + i);
	self->seg = (struct segment){
		.version = 1, .flags = ACK, .seq = ISS + 11, .ack = self->flow.isn + 1,
		.win = 1000, .tag = self->flow.tag, .sport = 4711, .dport = 5000,
		.payload = self->payload, .len = sizeof(self->payload),
	};
	self->packet = (struct packet){ .from = PLACE_LOCAL, .to = PLACE_PEER };
}

FIXTURE_TEARDOWN(match)
{
}

/* Does the segment match this line? */
static bool match(struct flow *flow, const struct packet *packet, const struct segment *seg,
		  const char *line, char *why, size_t size)
{
	struct script script;
	char text[512];
	bool good;

	snprintf(text, sizeof(text), "%s", line);
	good = !script_parse(&script, "s", text);
	if (good)
		good = flow_match(flow, &script.step[0].segment, packet, seg, why, size);
	else
		snprintf(why, size, "%s", script.error);
	script_free(&script);
	return good;
}

#define matches(self, line)							\
	match(&(self)->flow, &(self)->packet, &(self)->seg, line, (self)->why,	\
	      sizeof((self)->why))

#define GOOD "local: ACK seq 11 ack 1 len 100 win 1000 dscp 0 no COOKIE"

TEST_F(match, a_good_segment)
{
	EXPECT_TRUE(matches(self, GOOD)) TH_LOG("%s", self->why);
	EXPECT_EQ(111, self->flow.local_nxt);
	EXPECT_EQ(1001, self->flow.edge);
}

TEST_F(match, names_for_numbers)
{
	EXPECT_TRUE(matches(self, "local: ACK|PSH? seq nxt ack 0..2 len mss-1348 win any"))
		TH_LOG("%s", self->why);
}

#define SPOILED(name, action, complaint)			\
TEST_F(match, name)						\
{								\
	action;							\
	EXPECT_FALSE(matches(self, GOOD));			\
	EXPECT_STREQ(complaint "\n", self->why);		\
}

SPOILED(flag_too_many, self->seg.flags |= PSH, "PSH is set")
SPOILED(flag_missing, self->seg.flags = PSH, "PSH is set\nACK is not set")
SPOILED(wrong_ack, self->seg.ack++, "ack is 2, not 1")
SPOILED(wrong_length, self->seg.len--, "len is 99, not 100")
SPOILED(wrong_window, self->seg.win--, "win is 999, not 1000")
SPOILED(wrong_tag, self->seg.tag = TAG, "tag is 0xcafe0001, not 0x70000001")
SPOILED(option_too_many, segment_add_option(&self->seg, KIND_COOKIE, 8), "COOKIE is there")
SPOILED(wrong_byte, self->payload[7] ^= 1, "byte 18 of the stream is wrong")
SPOILED(wrong_source, self->packet.from = PLACE_FOREIGN, "it comes from foreign, not from local")
SPOILED(wrong_destination, self->packet.to = PLACE_ROUTER, "it goes to router, not to peer")
SPOILED(wrong_dscp, self->packet.dscp = 1, "dscp is 1, not 0")
SPOILED(wrong_port, self->seg.dport = 1, "it goes to port 1, not to 5000")
SPOILED(wrong_source_port, self->seg.sport = 1, "it comes from port 1, not from 4711")

TEST_F(match, wrong_seq)
{
	EXPECT_FALSE(matches(self, "local: ACK seq 12 len any"));
	EXPECT_STREQ("seq is 11, not 12\n", self->why);
	EXPECT_FALSE(matches(self, "local: ACK seq 12..20 len any"));
	EXPECT_STREQ("seq is 11, not 12..20\n", self->why);
}

TEST_F(match, data_must_be_said)
{
	EXPECT_FALSE(matches(self, "local: ACK"));
	EXPECT_STREQ("len is 100, not 0\n", self->why);
}

TEST_F(match, options)
{
	uint8_t *p = segment_add_option(&self->seg, KIND_ACKINFO, 3);

	put32(p + 4, 7);
	put32(p + 8, 10);
	put32(p + 12, 20);
	put32(p + 16, 30);
	put32(p + 20, 40);
	EXPECT_TRUE(matches(self, "local: ACK len any ACKINFO(ce 7, 11..21, 31..41)"))
		TH_LOG("%s", self->why);
	EXPECT_FALSE(matches(self, "local: ACK len any ACKINFO(11..21)"));
	EXPECT_STREQ("ACKINFO has 2 ranges, not 1\n", self->why);
	EXPECT_FALSE(matches(self, "local: ACK len any ACKINFO(11..21, 31..42)"));
	EXPECT_STREQ("its range is 31..41, not 31..42\n", self->why);
	EXPECT_FALSE(matches(self, "local: ACK len any ACKINFO(ce 8)"));
	EXPECT_STREQ("ce is 7, not 8\n", self->why);
	EXPECT_FALSE(matches(self, "local: ACK len any TS"));
	EXPECT_STREQ("TS is missing\n", self->why);
}

TEST_F(match, the_cookie_is_echoed_byte_for_byte)
{
	static const char line[] = "local: ACK len any COOKIE";
	struct segment_spec spec = {
		.flags = SYN | ACK, .options = 1, .option = { { .kind = KIND_COOKIE } },
		.version = -1, .offset = -1, .reserved = -1, .truncate = -1,
	};
	uint8_t buf[SEGMENT_MAX], *p;
	struct segment synack;
	size_t len;

	ASSERT_EQ(NULL, flow_build(&self->flow, &spec, buf, &len));
	ASSERT_EQ(NULL, segment_read(buf, len, &synack));
	p = segment_add_option(&self->seg, KIND_COOKIE, 8);
	memcpy(p, segment_option(&synack, KIND_COOKIE), COOKIE_LEN);
	EXPECT_TRUE(matches(self, line)) TH_LOG("%s", self->why);
	p[63] ^= 1;
	EXPECT_FALSE(matches(self, line));
	EXPECT_STREQ("COOKIE is not the one that was issued\n", self->why);
}

TEST_F(match, a_fresh_SYN_is_another_one)
{
	uint8_t *hello;

	self->seg.len = 0;
	self->seg.flags = SYN | ACK;
	self->seg.seq = ISS;
	hello = segment_add_option(&self->seg, KIND_HELLO, 2);
	put32(hello + 4, TAG);
	EXPECT_TRUE(matches(self, "local: SYN|ACK seq 0")) TH_LOG("%s", self->why);
	EXPECT_FALSE(matches(self, "local: SYN|ACK fresh seq 0"));
	put32(hello + 4, TAG + 1);
	EXPECT_FALSE(matches(self, "local: SYN|ACK seq 0"));
	EXPECT_STREQ("HELLO has another tag than the last SYN\n", self->why);
	self->seg.seq = ISS + 100000;
	EXPECT_TRUE(matches(self, "local: SYN|ACK fresh seq 0")) TH_LOG("%s", self->why);
	EXPECT_EQ(TAG + 1, self->flow.local_tag);
}

/* What is sent comes back as it was, over either family, with a good checksum or not. */
TEST_F(match, packets)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const uint8_t segment[40] = { [28] = 0x45, [39] = 1 };
	uint8_t buf[PACKET_MAX];
	struct packet back;
	size_t len, i;

	for (i = 0; i < 2; i++) {
		struct packet packet = {
			.family = families[i], .from = PLACE_PEER, .to = PLACE_LOCAL,
			.ecn = ECN_CE, .dscp = 46, .segment = segment, .len = sizeof(segment),
		};

		len = packet_write(&packet, buf);
		EXPECT_EQ(NULL, packet_read(buf, len, &back));
		EXPECT_EQ(PLACE_PEER, back.from);
		EXPECT_EQ(PLACE_LOCAL, back.to);
		EXPECT_EQ(ECN_CE, back.ecn);
		EXPECT_EQ(46, back.dscp);
		EXPECT_EQ(sizeof(segment), back.len);
		packet.bad_checksum = true;
		len = packet_write(&packet, buf);
		EXPECT_STREQ("bad checksum", packet_read(buf, len, &back));
		EXPECT_STREQ("length of the IP packet", packet_read(buf, len - 1, &back));
	}
}

TEST_HARNESS_MAIN
