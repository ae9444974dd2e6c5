// SPDX-License-Identifier: GPL-2.0
/* What the language of scripts says, and how a mistake in it is reported. */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "script.h"
#include "segment.h"

FIXTURE(language) {
	struct script script;
};

FIXTURE_SETUP(language)
{
}

FIXTURE_TEARDOWN(language)
{
	script_free(&self->script);
}

/* Read a script; its first step, or NULL. */
static const struct step *parse(struct script *script, const char *lines)
{
	static char text[2048];

	snprintf(text, sizeof(text), "%s", lines);
	return script_parse(script, "s", text) ? NULL : script->step;
}

TEST_F(language, a_segment_that_is_sent)
{
	const struct step *step = parse(&self->script,
					"peer: SYN|ACK seq 1 ack 2+mss len 3 win 0 tag wrong"
					" COOKIE(bit 7) to multicast # why\n");

	ASSERT_NE(NULL, step) TH_LOG("%s", self->script.error);
	EXPECT_EQ(1, self->script.steps);
	EXPECT_EQ(STEP_PEER, step->kind);
	EXPECT_EQ(SYN | ACK, step->segment.flags);
	EXPECT_TRUE(step->segment.seq.given);
	EXPECT_EQ(1, step->segment.seq.lo.k);
	EXPECT_EQ(2, step->segment.ack.lo.k);
	EXPECT_EQ(1, step->segment.ack.lo.mss);
	EXPECT_EQ(3, step->segment.len.lo.k);
	EXPECT_TRUE(step->segment.win.given);
	EXPECT_EQ(0, step->segment.win.lo.k);
	EXPECT_EQ(TAG_WRONG, step->segment.tag);
	EXPECT_EQ(PLACE_MULTICAST, step->segment.to);
	ASSERT_EQ(1, step->segment.options);
	EXPECT_EQ(KIND_COOKIE, step->segment.option[0].kind);
	EXPECT_STREQ("bit", step->segment.option[0].arg[0].name);
	EXPECT_EQ(7, step->segment.option[0].arg[0].value.lo.k);
}

TEST_F(language, a_segment_that_is_expected)
{
	const struct step *step = parse(&self->script, "mark m\n"
					"local: ACK|PSH? seq nxt-1 ack edge len 1..9 win any no TS ACKINFO(ce 3, 5..7, 9..11)"
					" after 1.5s..2min since m\n");

	ASSERT_NE(NULL, step) TH_LOG("%s", self->script.error);
	step++;
	EXPECT_EQ(STEP_LOCAL, step->kind);
	EXPECT_EQ(ACK, step->segment.flags);
	EXPECT_EQ(PSH, step->segment.maybe);
	EXPECT_EQ(1, step->segment.seq.lo.nxt);
	EXPECT_EQ(-1, step->segment.seq.lo.k);
	EXPECT_EQ(1, step->segment.ack.lo.edge);
	EXPECT_EQ(1, step->segment.len.lo.k);
	EXPECT_EQ(9, step->segment.len.hi.k);
	EXPECT_GT(0, step->segment.win.lo.k);
	EXPECT_LT(UINT32_MAX, step->segment.win.hi.k);
	EXPECT_TRUE(step->segment.option[0].absent);
	EXPECT_EQ(3, step->segment.option[1].args);
	EXPECT_EQ(11, step->segment.option[1].arg[2].value.hi.k);
	EXPECT_EQ(1500 * MSEC, step->when.lo);
	EXPECT_EQ(120 * SEC, step->when.hi);
	EXPECT_EQ(0, step->when.mark);
}

TEST_F(language, a_call)
{
	const struct step *step = parse(&self->script,
					"app: setsockopt(c, XTCP_KEEPIDLE, -5) = EINVAL\n"
					"app: s = accept(l) after 1s\n"
					"app: recv(s, 10, MSG_PEEK|MSG_OOB) = 3..7 at 12\n");

	ASSERT_NE(NULL, step) TH_LOG("%s", self->script.error);
	EXPECT_EQ(CALL_SETSOCKOPT, step->call.id);
	EXPECT_STREQ("c", step->call.socket);
	EXPECT_EQ(-5, step->call.arg[1]);
	EXPECT_EQ(RESULT_ERRNO, step->call.expect);
	EXPECT_EQ(EINVAL, step->call.lo);
	step++;
	EXPECT_STREQ("s", step->call.result);
	EXPECT_STREQ("l", step->call.socket);
	EXPECT_EQ(SEC - 100 * MSEC, step->when.lo);
	EXPECT_EQ(SEC + 100 * MSEC, step->when.hi);
	step++;
	EXPECT_EQ(MSG_PEEK | MSG_OOB, step->call.arg[1]);
	EXPECT_EQ(3, step->call.lo);
	EXPECT_EQ(7, step->call.hi);
	EXPECT_EQ(12, step->call.at);
}

TEST_F(language, repeats_nest)
{
	const struct step *step = parse(&self->script, "repeat 3\nrepeat 2\nmark m\nend\nend\n");

	ASSERT_NE(NULL, step) TH_LOG("%s", self->script.error);
	EXPECT_EQ(3, step[0].other);
	EXPECT_EQ(1, step[3].other);
	EXPECT_EQ(0, step[4].other);
}

/* Every mistake: what it is, and its line. */
static const struct {
	const char *text, *error;
} mistakes[] = {
	{ "", "s:1: an empty script" },
	{ "peer: SYN\nhello\n", "s:2: unknown line \"hello\"" },
	{ "peer SYN\n", "s:1: \":\" expected, not \"SYN\"" },
	{ "peer: SIN\n", "s:1: a flag (SYN, ACK, FIN, RST, PSH, URG) expected, not \"SIN\"" },
	{ "peer: SYN seq x\n", "s:1: a number, mss, edge, nxt or ts expected, not \"x\"" },
	{ "peer: SYN seq\n", "s:1: a number, mss, edge, nxt or ts expected, not \"\"" },
	{ "peer: SYN seq 1z\n", "s:1: a number expected, not \"1z\"" },
	{ "peer: SYN version 4\n", "s:1: 4 is not between 0 and 3" },
	{ "peer: SYN tag 4294967296\n", "s:1: 4294967296 is not between 0 and 4294967295" },
	{ "peer: SYN TS(1 2)\n", "s:1: too many numbers" },
	{ "peer: SYN HELLO(size 2)\n", "s:1: this option has no \"size\"" },
	{ "peer: SYN HELLO(mss 2\n", "s:1: \")\" expected, not \"\"" },
	{ "peer: SYN seq 1..2\n", "s:1: what is sent has one number, not several" },
	{ "peer: SYN len any\n", "s:1: what is sent has one number, not several" },
	{ "peer: SYN|ACK?\n", "s:1: what is sent has flags or has not" },
	{ "peer: SYN after 1s\n", "s:1: an option expected, not \"after\"" },
	{ "peer: SYN fresh\n", "s:1: an option expected, not \"fresh\"" },
	{ "local: ACK fresh\n", "s:1: only a SYN can be fresh" },
	{ "local: SYN checksum bad\n", "s:1: an option expected, not \"checksum\"" },
	{ "local: SYN after 1\n",
	  "s:1: a time like 10ms, 1.5s, 15min or 2h expected, not \"1\"" },
	{ "local: SYN after 1s since never\n", "s:1: no mark \"never\" above" },
	{ "local: nothing\n", "s:1: \"for\" expected, not \"\"" },
	{ "local@two: SYN\n", "s:1: no flow \"two\" above" },
	{ "app: connct(c)\n", "s:1: no call \"connct\"" },
	{ "app: connect()\n", "s:1: connect() of which socket?" },
	{ "app: bind(l)\n", "s:1: bind() does not take 0 arguments" },
	{ "app: close(l, 1)\n", "s:1: close() does not take 1 arguments" },
	{ "app: socket()\n", "s:1: the new socket needs a name" },
	{ "app: c = connect(d)\n", "s:1: connect() makes no socket" },
	{ "app: bind(l, 1) after 1s\n", "s:1: bind() cannot be waited for" },
	{ "app: send(c, 1) = EWHAT\n", "s:1: a number or a name of one expected, not \"EWHAT\"" },
	{ "app: setsockopt(c, SO_WHAT, 1)\n",
	  "s:1: a number or a name of one expected, not \"SO_WHAT\"" },
	{ "app: setsockopt(c, 1, 1)\n", "s:1: unknown socket option" },
	{ "app: close(c) now\n", "s:1: \"now\" makes no sense here" },
	{ "states DEAD\n", "s:1: a state expected, not \"DEAD\"" },
	{ "counter InSegs 1\n", "s:1: \"=\" expected, not \"1\"" },
	{ "mark m\nend\n", "s:2: no repeat above" },
	{ "repeat 2\nmark m\n", "s:1: this repeat has no end" },
	{ "only IPX\n", "s:1: \"IPv6\" expected, not \"IPX\"" },
	{ "use nothing.inc\n", "s:1: cannot read ./nothing.inc" },
};

TEST_F(language, mistakes_are_reported_with_their_line)
{
	size_t i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		EXPECT_EQ(NULL, parse(&self->script, mistakes[i].text))
			TH_LOG("%s", mistakes[i].text);
		EXPECT_STREQ(mistakes[i].error, self->script.error);
		script_free(&self->script);
	}
}

TEST(every_script_can_be_read)
{
	struct script script;
	glob_t files;
	size_t i;

	ASSERT_EQ(0, glob(SCRIPTS "/*.xtcp", 0, NULL, &files));
	EXPECT_LE(12, files.gl_pathc);
	for (i = 0; i < files.gl_pathc; i++) {
		EXPECT_EQ(0, script_read(&script, files.gl_pathv[i])) TH_LOG("%s", script.error);
		script_free(&script);
	}
	globfree(&files);
}

TEST_HARNESS_MAIN
