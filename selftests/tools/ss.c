// SPDX-License-Identifier: GPL-2.0
/* xtcp-ss without a kernel: messages go in, text and JSON come out. */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "kselftest_harness.h"
#include "lib/diag.h"
#include "lib/json.h"
#include "lib/names.h"
#include "lib/owners.h"
#include "xtcp-ss/xtcp-ss.h"

#define SEQ	1

/* What the kernel would send, in one buffer. */
struct stream {
	char buf[16384];
	size_t len;
};

static struct nlmsghdr *put_header(struct stream *s, int type, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(s->buf + s->len);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_MULTI | flags;
	nlh->nlmsg_seq = SEQ;
	return nlh;
}

static struct xtcp_diag_msg *put_msg(struct stream *s, struct nlmsghdr **nlh, int flags,
				     uint32_t cookie)
{
	struct xtcp_diag_msg *msg;

	*nlh = put_header(s, SOCK_DIAG_BY_FAMILY, flags);
	msg = mnl_nlmsg_put_extra_header(*nlh, sizeof(*msg));
	msg->family = AF_INET;
	msg->state = STATE_ESTABLISHED;
	msg->id.cookie[0] = cookie;
	return msg;
}

static void end_msg(struct stream *s, const struct nlmsghdr *nlh)
{
	s->len += nlh->nlmsg_len;
}

static void put_done(struct stream *s, int flags, int err)
{
	struct nlmsghdr *nlh = put_header(s, NLMSG_DONE, flags);

	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = err;
	end_msg(s, nlh);
}

static void put_bare(struct stream *s, uint32_t cookie, int flags)
{
	struct nlmsghdr *nlh;

	put_msg(s, &nlh, flags, cookie);
	end_msg(s, nlh);
}

static void put_listener(struct stream *s)
{
	struct xtcp_diag_msg *msg;
	struct nlmsghdr *nlh;

	msg = put_msg(s, &nlh, 0, 1);
	msg->family = AF_INET6;
	msg->state = STATE_LISTEN;
	msg->id.sport = htons(80);
	msg->wqueue = 128;
	msg->inode = 77;
	mnl_attr_put_u8(nlh, XTCP_DIAG_V6ONLY, 0);
	end_msg(s, nlh);
}

static void put_connection(struct stream *s)
{
	struct xtcp_info info = {
		.xtcpi_confirmed = 1, .xtcpi_mss = 1448, .xtcpi_rto = 240500, .xtcpi_rtt = 1500,
		.xtcpi_cwnd = 14480, .xtcpi_snd_wnd = 65536, .xtcpi_rcv_wnd = 131072,
		.xtcpi_bytes_acked = 5000000000ULL, .xtcpi_cc = "reno",
		.xtcpi_pacing_rate = 2000000, .xtcpi_delivery_rate = 1500000,
		.xtcpi_delivery_limited = 1,
	};
	uint32_t mem[SK_MEMINFO_VARS] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct xtcp_diag_tags tags = { .tag = 0xabcd, .peer_tag = 0x12345678 };
	struct xtcp_diag_msg *msg;
	struct nlmsghdr *nlh;

	msg = put_msg(s, &nlh, 0, 2);
	msg->id.sport = htons(40000);
	msg->id.dport = htons(3306);
	memcpy(msg->id.src, "\x0a\0\0\1", 4);
	memcpy(msg->id.dst, "\x0a\0\0\2", 4);
	msg->id.cookie[1] = 1;
	msg->timer = XTCP_DIAG_TIMER_ON;
	msg->expires = 240;
	msg->retrans = 2;
	msg->rqueue = 5;
	msg->wqueue = 1234567;
	msg->uid = 1000;
	msg->inode = 78;
	mnl_attr_put(nlh, XTCP_DIAG_INFO, sizeof(info), &info);
	mnl_attr_put(nlh, XTCP_DIAG_MEMINFO, sizeof(mem), mem);
	mnl_attr_put(nlh, XTCP_DIAG_TAGS, sizeof(tags), &tags);
	mnl_attr_put_u8(nlh, XTCP_DIAG_SHUTDOWN, 2);
	end_msg(s, nlh);
}

static void put_timewait(struct stream *s)
{
	struct xtcp_diag_msg *msg;
	struct nlmsghdr *nlh;

	msg = put_msg(s, &nlh, 0, 3);
	msg->family = AF_INET6;
	msg->state = STATE_TIME_WAIT;
	msg->id.sport = htons(22);
	msg->id.dport = htons(50000);
	inet_pton(AF_INET6, "2001:db8::1", msg->id.src);
	inet_pton(AF_INET6, "::ffff:10.0.0.9", msg->id.dst);
	msg->timer = XTCP_DIAG_TIMER_TIMEWAIT;
	msg->expires = 59123;
	end_msg(s, nlh);
}

static void feed(struct xtcp_table *table, const struct stream *s)
{
	if (!table->pass)
		table->pass = 1;
	xtcp_table_feed(table, s->buf, s->len, SEQ);
}

/* A scene with one of each, and the processes that hold two of them. */
struct scene {
	struct xtcp_table table;
	struct xtcp_owners owners;
};

static void set_scene(struct scene *scene)
{
	static const struct xtcp_owner owners[] = {
		{ .inode = 78, .pid = 9, .fd = 4, .name = "cl\"ie\x1bnt\xff" },
		{ .inode = 77, .pid = 12, .fd = 3, .name = "web" },
		{ .inode = 77, .pid = 7, .fd = 3, .name = "web" },
	};
	struct stream s = { };
	size_t i;

	memset(scene, 0, sizeof(*scene));
	put_listener(&s);
	put_connection(&s);
	put_timewait(&s);
	put_done(&s, 0, 0);
	feed(&scene->table, &s);
	for (i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		xtcp_owners_add(&scene->owners, &owners[i]);
	xtcp_owners_sort(&scene->owners);
}

static void clear_scene(struct scene *scene)
{
	xtcp_table_free(&scene->table);
	xtcp_owners_free(&scene->owners);
}

static char *shown(const struct view *view)
{
	struct scene scene;
	char *text = NULL;
	size_t size;
	FILE *out;

	set_scene(&scene);
	out = open_memstream(&text, &size);
	if (view->json)
		show_json(out, view, &scene.table, &scene.owners);
	else
		show_text(out, view, &scene.table, &scene.owners);
	fclose(out);
	clear_scene(&scene);
	return text;
}

TEST(text__columns)
{
	char *text = shown(&(struct view) { .header = true, .numeric = true });

	ASSERT_STREQ(text,
"State     Recv-Q  Send-Q Local Address:Port       Peer Address:Port\n"
"LISTEN         0     128             *:80                    *:*\n"
"ESTAB          5 1234567      10.0.0.1:40000          10.0.0.2:3306\n"
"TIME-WAIT      0       0 [2001:db8::1]:22    [::ffff:10.0.0.9]:50000\n");
	free(text);
}

TEST(text__services_and_no_header)
{
	char *text = shown(&(struct view) { });

	ASSERT_EQ(text, strstr(text, "LISTEN"));
	ASSERT_NE(NULL, strstr(text, "*:http "));
	ASSERT_NE(NULL, strstr(text, "10.0.0.2:mysql\n"));
	ASSERT_NE(NULL, strstr(text, "[2001:db8::1]:ssh "));
	free(text);
}

TEST(text__everything)
{
	char *text = shown(&(struct view) {
		.numeric = true, .processes = true, .extended = true, .info = true,
		.memory = true, .timers = true });

	ASSERT_NE(NULL, strstr(text, " users:((\"web\",pid=7,fd=3),(\"web\",pid=12,fd=3)) ino:77"));
	ASSERT_NE(NULL, strstr(text, " users:((\"cl\\x22ie\\x1bnt\\xff\",pid=9,fd=4))"));
	ASSERT_NE(NULL, strstr(text, " timer:(on,240ms,2)"));
	ASSERT_NE(NULL, strstr(text, " timer:(timewait,59sec,0)"));
	ASSERT_NE(NULL, strstr(text, " uid:1000 ino:78 sk:100000002"
			       " tag:0000abcd peer_tag:12345678 shutdown:wr"));
	ASSERT_NE(NULL, strstr(text, " skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8,d9)"));
	ASSERT_NE(NULL, strstr(text, "\n\treno rto:240.500 rtt:1.500 rttvar:0 mss:1448 cwnd:14480"
			       " snd_wnd:65536 rcv_wnd:131072 bytes_acked:5000000000"
			       " pacing_rate:2000000 delivery_rate:1500000 app_limited\n"));
	free(text);
}

TEST(json__values)
{
	char *text = shown(&(struct view) { .json = true, .extended = true, .timers = true });

	ASSERT_NE(NULL, strstr(text,
		"{\"family\":\"inet\",\"state\":\"ESTAB\",\"recv_q\":5,\"send_q\":1234567,"
		"\"local\":{\"address\":\"10.0.0.1\",\"port\":40000},"
		"\"peer\":{\"address\":\"10.0.0.2\",\"port\":3306,\"service\":\"mysql\"},"
		"\"cookie\":\"100000002\","
		"\"timer\":{\"name\":\"on\",\"expires_ms\":240,\"retrans\":2},"
		"\"uid\":1000,\"inode\":78,\"tag\":43981,\"peer_tag\":305419896,"
		"\"shutdown_rd\":false,\"shutdown_wr\":true}"));
	free(text);
}

/* Another program's judgment: is it JSON, and does it say the same? */
TEST(json__valid)
{
	static const char check[] =
		"import json, sys\n"
		"t = json.load(sys.stdin)\n"
		"assert [s['state'] for s in t] == ['LISTEN', 'ESTAB', 'TIME-WAIT'], t\n"
		"assert t[1]['processes'][0]['name'] == 'cl\"ie\\x1bnt\\ufffd', t\n"
		"assert t[1]['info']['bytes_acked'] == 5000000000, t\n"
		"assert t[1]['skmem']['bl'] == 8, t\n"
		"assert t[2]['local']['address'] == '2001:db8::1', t\n";
	char *text = shown(&(struct view) {
		.json = true, .processes = true, .extended = true, .info = true,
		.memory = true, .timers = true });
	char command[2048];
	FILE *python;

	ASSERT_LT(snprintf(command, sizeof(command), "exec python3 -c \"$CHECK\""),
		  (int)sizeof(command));
	setenv("CHECK", check, 1);
	python = popen(command, "w");
	ASSERT_NE(NULL, python);
	fputs(text, python);
	ASSERT_EQ(0, pclose(python));
	free(text);
}

TEST(json__empty)
{
	struct xtcp_owners owners = { };
	struct xtcp_table table = { };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	show_json(out, &(struct view) { .json = true }, &table, &owners);
	fclose(out);
	ASSERT_STREQ("[\n]\n", text);
	free(text);
}

TEST(F12_well_known_ports)
{
	static const struct {
		uint16_t port;
		const char *name;
	} known[] = {
		{ 20, "ftp-data" }, { 21, "ftp" }, { 22, "ssh" }, { 23, "telnet" },
		{ 25, "smtp" }, { 53, "domain" }, { 69, "tftp" }, { 80, "http" },
		{ 3306, "mysql" },
	};
	uint16_t port;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		ASSERT_STREQ(known[i].name, xtcp_service_name(known[i].port));
		ASSERT_TRUE(xtcp_port_parse(known[i].name, &port));
		ASSERT_EQ(known[i].port, port);
	}
	ASSERT_EQ(NULL, xtcp_service_name(0));
	ASSERT_EQ(NULL, xtcp_service_name(65536));
	ASSERT_FALSE(xtcp_port_parse("65536", &port));
	ASSERT_FALSE(xtcp_port_parse("80x", &port));
	ASSERT_FALSE(xtcp_port_parse("", &port));
	ASSERT_FALSE(xtcp_port_parse("no-such-service", &port));
}

TEST(states__names)
{
	uint32_t states;
	unsigned int i;

	for (i = 1; i < STATE_MAX; i++) {
		ASSERT_STRNE("UNKNOWN", xtcp_state_name(i));
		ASSERT_TRUE(xtcp_state_parse(xtcp_state_name(i), &states));
		ASSERT_EQ(1U << i, states);
	}
	ASSERT_STREQ("UNKNOWN", xtcp_state_name(0));
	ASSERT_STREQ("UNKNOWN", xtcp_state_name(STATE_MAX));
	ASSERT_STREQ("UNKNOWN", xtcp_state_name(255));
	ASSERT_TRUE(xtcp_state_parse("SYN-RECEIVED", &states));
	ASSERT_EQ(1U << STATE_SYN_RECV, states);
	ASSERT_FALSE(xtcp_state_parse("open", &states));
}

/* Every cut of a message: what is missing is noticed or 0, and nothing beyond is read. */
TEST(parse__truncated)
{
	struct stream s = { };
	struct xtcp_entry e;
	struct nlmsghdr *nlh;
	uint32_t len, full;

	put_connection(&s);
	full = ((struct nlmsghdr *)s.buf)->nlmsg_len;
	for (len = sizeof(*nlh); len <= full; len++) {
		nlh = malloc(len);
		ASSERT_NE(NULL, nlh);
		memcpy(nlh, s.buf, len);
		nlh->nlmsg_len = len;
		ASSERT_EQ(len < sizeof(*nlh) + sizeof(e.msg) ? -EBADMSG : 0,
			  xtcp_entry_parse(nlh, &e));
		free(nlh);
	}
	ASSERT_EQ(78, e.msg.inode);
	ASSERT_EQ(2, e.shutdown);
}

/* Any bytes whatever, read and shown: no crash (the sanitizers watch). */
TEST(parse__random)
{
	struct xtcp_owners owners = { };
	struct view view = { .info = true, .memory = true, .extended = true, .timers = true };
	FILE *out = fopen("/dev/null", "w");
	struct xtcp_table table;
	unsigned int round, i;
	struct stream s;
	char *copy;

	ASSERT_NE(NULL, out);
	srandom(1);
	for (round = 0; round < 5000; round++) {
		memset(&s, 0, sizeof(s));
		memset(&table, 0, sizeof(table));
		put_listener(&s);
		put_connection(&s);
		put_timewait(&s);
		for (i = 0; i < 1 + round % 16; i++)
			s.buf[random() % s.len] = random();
		s.len -= random() % 64;
		copy = malloc(s.len);
		ASSERT_NE(NULL, copy);
		memcpy(copy, s.buf, s.len);
		table.pass = 1;
		xtcp_table_feed(&table, copy, s.len, SEQ);
		ASSERT_EQ(0, xtcp_table_finish(&table));
		show_text(out, &view, &table, &owners);
		show_json(out, &view, &table, &owners);
		xtcp_table_free(&table);
		free(copy);
	}
	fclose(out);
}

/* A younger kernel: longer info, unknown attributes. */
TEST(parse__appended)
{
	char longer[sizeof(struct xtcp_info) + 24] = { };
	struct stream s = { };
	struct xtcp_diag_msg *msg;
	struct nlmsghdr *nlh;
	struct xtcp_entry e;

	memset(longer + sizeof(struct xtcp_info), 0xff, 24);
	((struct xtcp_info *)longer)->xtcpi_mss = 512;
	msg = put_msg(&s, &nlh, 0, 1);
	msg->uid = 4;
	mnl_attr_put(nlh, XTCP_DIAG_INFO, sizeof(longer), longer);
	mnl_attr_put_u32(nlh, XTCP_DIAG_MAX + 1, 99);
	ASSERT_EQ(0, xtcp_entry_parse(nlh, &e));
	ASSERT_EQ(512, e.info.xtcpi_mss);
	ASSERT_EQ(XTCP_DIAG_EXT(XTCP_DIAG_INFO), e.has);
	ASSERT_EQ(0, e.mem[0]);
}

TEST(dump__once_each)
{
	struct xtcp_table table = { };
	struct stream s = { };

	put_bare(&s, 5, 0);
	put_bare(&s, 3, 0);
	put_bare(&s, 5, 0);
	put_done(&s, 0, 0);
	feed(&table, &s);
	ASSERT_TRUE(table.done);
	ASSERT_FALSE(table.interrupted);
	ASSERT_EQ(0, xtcp_table_finish(&table));
	ASSERT_EQ(2, table.n);
	ASSERT_EQ(3, table.entry[0].msg.id.cookie[0]);
	ASSERT_EQ(5, table.entry[1].msg.id.cookie[0]);
	xtcp_table_free(&table);
}

/* An interrupted pass is followed by a complete one, which alone counts. */
TEST(dump__interrupted_then_complete)
{
	struct stream first = { }, second = { };
	struct xtcp_table table = { };

	put_bare(&first, 1, 0);
	put_bare(&first, 2, NLM_F_DUMP_INTR);
	put_done(&first, 0, 0);
	feed(&table, &first);
	ASSERT_TRUE(table.interrupted);

	put_bare(&second, 2, 0);
	put_bare(&second, 3, 0);
	put_done(&second, 0, 0);
	table.pass = 2;
	table.interrupted = false;
	table.done = false;
	feed(&table, &second);
	ASSERT_EQ(0, xtcp_table_finish(&table));
	ASSERT_EQ(2, table.n);
	ASSERT_EQ(2, table.entry[0].msg.id.cookie[0]);
	ASSERT_EQ(3, table.entry[1].msg.id.cookie[0]);
	xtcp_table_free(&table);
}

/* Interrupted to the end: whatever any pass saw, once. */
TEST(dump__interrupted_always)
{
	struct stream first = { }, second = { };
	struct xtcp_table table = { };

	put_bare(&first, 1, 0);
	put_bare(&first, 2, 0);
	put_done(&first, NLM_F_DUMP_INTR, 0);
	feed(&table, &first);
	ASSERT_TRUE(table.interrupted);
	put_bare(&second, 2, NLM_F_DUMP_INTR);
	put_done(&second, 0, 0);
	table.pass = 2;
	table.done = false;
	feed(&table, &second);
	ASSERT_EQ(0, xtcp_table_finish(&table));
	ASSERT_EQ(2, table.n);
	ASSERT_EQ(1, table.entry[0].msg.id.cookie[0]);
	ASSERT_EQ(2, table.entry[1].msg.id.cookie[0]);
	ASSERT_EQ(2, table.entry[1].pass);
	xtcp_table_free(&table);
}

TEST(dump__errors)
{
	struct xtcp_table table = { };
	struct stream s = { };
	struct nlmsghdr *nlh;

	put_done(&s, 0, -ENOENT);
	feed(&table, &s);
	ASSERT_EQ(-ENOENT, table.err);

	/* the answer to somebody else's request */
	memset(&table, 0, sizeof(table));
	((struct nlmsghdr *)s.buf)->nlmsg_seq = SEQ + 1;
	feed(&table, &s);
	ASSERT_FALSE(table.done);

	/* an error message without its error */
	memset(&s, 0, sizeof(s));
	nlh = put_header(&s, NLMSG_ERROR, 0);
	end_msg(&s, nlh);
	feed(&table, &s);
	ASSERT_EQ(-EBADMSG, table.err);
}

static bool filter(struct filter *f, const char *text)
{
	char *word = strdup(text), why[256] = "";
	bool ok;

	memset(f, 0, sizeof(*f));
	ok = filter_parse(f, 1, &word, why, sizeof(why));
	free(word);
	return ok && !*why;
}

TEST(filter__accepted)
{
	struct filter f;

	ASSERT_TRUE(filter(&f, ""));
	ASSERT_EQ(0, f.states);
	ASSERT_TRUE(filter(&f, "state established state time-wait"));
	ASSERT_EQ(1U << STATE_ESTABLISHED | 1U << STATE_TIME_WAIT, f.states);
	ASSERT_TRUE(filter(&f, "exclude listen exclude time-wait"));
	ASSERT_EQ(STATES_ALL & ~(1U << STATE_LISTEN | 1U << STATE_TIME_WAIT), f.states);
	ASSERT_TRUE(filter(&f, "state all sport = :http and dport eq 4000"));
	ASSERT_EQ(STATES_ALL, f.states);
	ASSERT_EQ(80, f.sport);
	ASSERT_EQ(4000, f.dport);
	ASSERT_TRUE(filter(&f, "dport == :ssh sport = 1"));
	ASSERT_EQ(22, f.dport);
	ASSERT_EQ(1, f.sport);
}

TEST(filter__refused)
{
	static const char *const bad[] = {
		"state", "state open", "exclude", "state listen exclude listen", "sport",
		"sport =", "sport 80", "sport = :", "sport = :0", "sport = :70000",
		"sport = 1 sport = 2", "sport != 80", "sport = 1 or dport = 2", "and",
		"sport = 1 and", "sport = 1 and and dport = 2", "state all and sport = 1",
		"sport = 1 state all", "src 10.0.0.1", "( sport = 1 )", NULL
	};
	struct filter f;
	size_t i;

	for (i = 0; bad[i]; i++) {
		EXPECT_FALSE(filter(&f, bad[i]))
			TH_LOG("accepted: filter %zu", i);
	}
}

static int parse(struct options *o, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	optind = 0;
	return options_parse(o, argc, argv);
}

#define PARSE(o, ...) parse(o, (char *[]) { "xtcp-ss", __VA_ARGS__, NULL })

TEST(options__requests)
{
	struct options o;

	ASSERT_EQ(-1, PARSE(&o, "-H"));
	ASSERT_EQ(STATES_DEFAULT, o.req.states);
	ASSERT_FALSE(o.view.header);
	ASSERT_EQ(AF_XTCP, o.req.sdiag_family);
	ASSERT_EQ(0, o.req.family);
	ASSERT_EQ(-1, PARSE(&o, "-ln4"));
	ASSERT_EQ(1U << STATE_LISTEN, o.req.states);
	ASSERT_EQ(AF_INET, o.req.family);
	ASSERT_EQ(-1, PARSE(&o, "-a", "-4", "-6", "--sport", "http"));
	ASSERT_EQ(STATES_ALL, o.req.states);
	ASSERT_EQ(0, o.req.family);
	ASSERT_EQ(htons(80), o.req.id.sport);
	ASSERT_EQ(-1, PARSE(&o, "-a6im", "state", "syn-recv", "dport", "=", ":22"));
	ASSERT_EQ(1U << STATE_SYN_RECV, o.req.states);
	ASSERT_EQ(AF_INET6, o.req.family);
	ASSERT_EQ(htons(22), o.req.id.dport);
	ASSERT_EQ(XTCP_DIAG_EXT(XTCP_DIAG_INFO) | XTCP_DIAG_EXT(XTCP_DIAG_MEMINFO) |
		  XTCP_DIAG_EXT(XTCP_DIAG_V6ONLY), o.req.ext);
	ASSERT_EQ(NULL, o.netns);
	ASSERT_EQ(-1, PARSE(&o, "-aN", "one"));
	ASSERT_STREQ("one", o.netns);
	ASSERT_EQ(EXIT_USAGE, PARSE(&o, "--sport", "0"));
	ASSERT_EQ(EXIT_USAGE, PARSE(&o, "--nonsense"));
	ASSERT_EQ(EXIT_USAGE, PARSE(&o, "state", "nonsense"));
}

/* A /proc of our own: one process with two sockets and a file, one without. */
TEST(owners__scan)
{
	char dir[] = "/tmp/xtcp-ss-XXXXXX", path[128], command[64];
	struct xtcp_owners owners = { };
	const struct xtcp_owner *owner;
	FILE *comm;
	size_t n;

	ASSERT_NE(NULL, mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/42", dir);
	ASSERT_EQ(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/43", dir);
	ASSERT_EQ(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/self", dir);
	ASSERT_EQ(0, symlink("42", path));
	snprintf(path, sizeof(path), "%s/42/comm", dir);
	comm = fopen(path, "w");
	ASSERT_NE(NULL, comm);
	fputs("a name\n", comm);
	fclose(comm);
	snprintf(path, sizeof(path), "%s/42/fd", dir);
	ASSERT_EQ(0, mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/42/fd/0", dir);
	ASSERT_EQ(0, symlink("/dev/null", path));
	snprintf(path, sizeof(path), "%s/42/fd/5", dir);
	ASSERT_EQ(0, symlink("socket:[900]", path));
	snprintf(path, sizeof(path), "%s/42/fd/3", dir);
	ASSERT_EQ(0, symlink("socket:[901]", path));

	ASSERT_EQ(0, xtcp_owners_scan(&owners, dir));
	ASSERT_EQ(2, owners.n);
	owner = xtcp_owners_find(&owners, 900, &n);
	ASSERT_EQ(1, n);
	ASSERT_EQ(42, owner->pid);
	ASSERT_EQ(5, owner->fd);
	ASSERT_STREQ("a name", owner->name);
	ASSERT_EQ(NULL, xtcp_owners_find(&owners, 902, &n));
	ASSERT_EQ(0, n);
	ASSERT_EQ(NULL, xtcp_owners_find(&owners, 0, &n));
	xtcp_owners_free(&owners);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ASSERT_EQ(0, system(command));
}

TEST_HARNESS_MAIN
