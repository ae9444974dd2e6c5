// SPDX-License-Identifier: GPL-2.0
/*
 * The scenarios: what programs do, and what may go wrong. Small ones that end
 * before all is tried stand beside large ones that are cut off; each is cut
 * off at a length of its own in the short run.
 */
#include "explore.h"

#define SMOKE		4000
#define FULL		1500000

#define TABLES		.halves = 1, .tombs = 1, .backlog = 1, .smoke = SMOKE, .full = FULL

const struct ex_scenario ex_scenarios[] = {
	{
		.name = "clean", .about = "a byte each way; nothing goes wrong",
		.opens = { { "wsrc" } }, .server = "grwsc",
		.rcvbuf = 100, TABLES,
	}, {
		.name = "path", .about = "a byte each way; loss, doubles, overtaking, early timers",
		.opens = { { "wsrc" } }, .server = "grwsc",
		.limit = { [EX_LOSS] = 2, [EX_DUP] = 1, [EX_REORDER] = 2, [EX_TIMER] = 2 },
		.faults = 3, .rcvbuf = 100, TABLES,
	}, {
		.name = "speaks", .about = "the server speaks first; no half-open table",
		.opens = { { "grsc" } }, .server = "wsrc",
		.limit = { [EX_LOSS] = 3, [EX_DUP] = 1, [EX_REORDER] = 2, [EX_TIMER] = 2 },
		.faults = 3, .rcvbuf = 100, .tombs = 1, .backlog = 1, .smoke = SMOKE, .full = FULL,
	}, {
		.name = "stream", .about = "three bytes in three segments",
		.opens = { { "wwwsrc" } }, .server = "rsc",
		.limit = { [EX_LOSS] = 2, [EX_DUP] = 1, [EX_REORDER] = 2, [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 100, TABLES,
	}, {
		.name = "both", .about = "both close at once",
		.opens = { { "scr" } }, .server = "ssrc",
		.limit = { [EX_LOSS] = 2, [EX_DUP] = 1, [EX_REORDER] = 1, [EX_TIMER] = 2 },
		.faults = 3, .rcvbuf = 100, TABLES,
	}, {
		.name = "cross", .about = "both open at once (O6)",
		.opens = { { "wsrc" }, { "rwsc" } }, .at_once = true,
		.limit = { [EX_LOSS] = 2, [EX_DUP] = 1, [EX_REORDER] = 2, [EX_TIMER] = 2 },
		.faults = 2, .rcvbuf = 100, TABLES,
	}, {
		.name = "cross-old", .about = "the same, and segments of earlier attempts",
		.opens = { { "sc", "src" }, { "rsc", "rsc" } }, .at_once = true,
		.limit = { [EX_STALE] = 1, [EX_LOSS] = 1, [EX_CRASH] = 1, [EX_LONG] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, .ends_badly = true, TABLES,
	}, {
		.name = "cross-server", .about = "the same; one listens to a second attempt",
		.opens = { { "sc", "wsrc" }, { "rsc" } }, .server = "rsc", .at_once = true,
		.limit = { [EX_STALE] = 1, [EX_LOSS] = 1, [EX_TIMER] = 1, [EX_REORDER] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "cross-end", .about = "programs that leave before it is open",
		.opens = { { "a" }, { "sc" } }, .at_once = true,
		.limit = { [EX_LOSS] = 1, [EX_DUP] = 1, [EX_REORDER] = 1, [EX_LONG] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, .ends_badly = true, TABLES,
	}, {
		.name = "stale", .about = "two on one 4-tuple, and a segment that comes late",
		.opens = { { "sc", "wsrc" } }, .server = "rsc",
		.limit = { [EX_STALE] = 1, [EX_LOSS] = 1, [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 100, TABLES,
	}, {
		.name = "ghost", .about = "servers that abort, and a third message that comes late",
		.opens = { { "rc", "rc", "rc" } }, .server = "a",
		.limit = { [EX_STALE] = 1, [EX_FORGE] = 1 },
		.faults = 2, .rcvbuf = 100, .ends_badly = true, .keepalive = true, TABLES,
	}, {
		.name = "graveless", .about = "the same with no room for tombstones",
		.opens = { { "rc", "rc" } }, .server = "a",
		.limit = { [EX_STALE] = 1, [EX_DUP] = 1 },
		.faults = 2, .rcvbuf = 100, .ends_badly = true, .keepalive = true,
		.backlog = 1, .smoke = SMOKE, .full = FULL,
	}, {
		.name = "aged", .about = "cookies grow old",
		.opens = { { "a", "sc" } }, .server = "rc",
		.limit = { [EX_STALE] = 1, [EX_AGE] = 1, [EX_LOSS] = 1 },
		.faults = 3, .rcvbuf = 100, .ends_badly = true, .keepalive = true, TABLES,
	}, {
		.name = "tail", .about = "what comes too late for a connection that is over",
		.opens = { { "src" } }, .server = "rwsc",
		.limit = { [EX_DUP] = 1, [EX_LOSS] = 1, [EX_FORGE] = 1, [EX_AGE] = 1,
			   [EX_STALE] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "late", .about = "what comes when even TIME-WAIT is over",
		.opens = { { "src" } }, .server = "rsc",
		.limit = { [EX_STALE] = 1, [EX_AGE] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "broken", .about = "a connection that ends with bytes out of order",
		.opens = { { "wwa" } }, .server = "rc",
		.limit = { [EX_REORDER] = 2, [EX_LOSS] = 1 },
		.faults = 2, .rcvbuf = 100, .ends_badly = true, .keepalive = true, TABLES,
	}, {
		.name = "deaf", .about = "a listener that is closed",
		.opens = { { "rsc", "sa" } }, .server = "srlc",
		.limit = { [EX_STALE] = 1, [EX_DUP] = 1, [EX_REORDER] = 1, [EX_LOSS] = 1,
			   [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 100, .ends_badly = true, .keepalive = true, TABLES,
	}, {
		.name = "defer", .about = "a connection that has nothing to say does not open yet",
		.opens = { { "wsrc", "src" } }, .server = "rwsc", .defer = true,
		.limit = { [EX_STALE] = 1, [EX_DUP] = 1, [EX_REORDER] = 1, [EX_LOSS] = 1,
			   [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "table", .about = "only what is in the half-open table opens",
		.opens = { { "wsrc", "src" } }, .server = "rwsc", .use = XTCP_HALF_NEEDED,
		.limit = { [EX_STALE] = 1, [EX_DUP] = 1, [EX_LOSS] = 1, [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, .halves = 2,
		.tombs = 1, .backlog = 1, .smoke = SMOKE, .full = FULL,
	}, {
		.name = "table-lost", .about = "the same; the table loses its entry",
		.opens = { { "src" } }, .server = "rsc", .use = XTCP_HALF_NEEDED,
		.limit = { [EX_HALF] = 1, [EX_DUP] = 1, [EX_LOSS] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, .ends_badly = true, TABLES,
	}, {
		.name = "tableless", .about = "no half-open table at all",
		.opens = { { "wsrc", "src" } }, .server = "rwsc", .use = XTCP_HALF_NEVER,
		.limit = { [EX_STALE] = 1, [EX_DUP] = 1, [EX_LOSS] = 1, [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true,
		.tombs = 1, .backlog = 1, .smoke = SMOKE, .full = FULL,
	}, {
		.name = "crash", .about = "a host restarts in the middle",
		.opens = { { "wsrc", "wsrc" } }, .server = "wrsc",
		.limit = { [EX_CRASH] = 1, [EX_LOSS] = 1, [EX_STALE] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "forge", .about = "an attacker adds a segment",
		.opens = { { "wsrc" } }, .server = "wrsc",
		.limit = { [EX_FORGE] = 1, [EX_LOSS] = 1, [EX_STALE] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "forge-end", .about = "the same without data",
		.opens = { { "src" } }, .server = "rsc",
		.limit = { [EX_FORGE] = 1, [EX_LOSS] = 1, [EX_DUP] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "memory", .about = "nodes, buffers and transmissions fail",
		.opens = { { "wwwsrc" } }, .server = "wrsc",
		.limit = { [EX_SPARE] = 2, [EX_ROOM] = 1, [EX_PRUNE] = 1, [EX_XMIT] = 2,
			   [EX_LOSS] = 1, [EX_REORDER] = 1 },
		.faults = 2, .rcvbuf = 100, TABLES,
	}, {
		.name = "window", .about = "a buffer of two bytes",
		.opens = { { "wwwsrc" } }, .server = "rsc",
		.limit = { [EX_LOSS] = 2, [EX_DUP] = 1, [EX_TIMER] = 2, [EX_REORDER] = 1 },
		.faults = 2, .rcvbuf = 2, TABLES,
	}, {
		.name = "probe", .about = "a buffer of one byte, and transmissions fail",
		.opens = { { "wwc" } }, .server = "rc",
		.limit = { [EX_LOSS] = 1, [EX_XMIT] = 1, [EX_TIMER] = 1 },
		.faults = 2, .rcvbuf = 1, TABLES,
	}, {
		.name = "shrink", .about = "a buffer that is made smaller",
		.opens = { { "wwwc" } }, .server = "bgbrc",
		.limit = { [EX_LOSS] = 1, [EX_REORDER] = 1 },
		.faults = 1, .rcvbuf = 4, TABLES,
	}, {
		.name = "nagle", .about = "small segments wait for company (D12)",
		.opens = { { "wwwsrc" } }, .server = "rsc",
		.limit = { [EX_LOSS] = 1, [EX_TIMER] = 1, [EX_XMIT] = 1 },
		.faults = 2, .rcvbuf = 100, .nagle = true, TABLES,
	}, {
		.name = "abort", .about = "programs that do not read, linger 0, or are killed",
		.opens = { { "wc", "sa", "wkc" } }, .server = "wc",
		.limit = { [EX_LOSS] = 1, [EX_DUP] = 1, [EX_LONG] = 1, [EX_REORDER] = 1,
			   [EX_STALE] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, .ends_badly = true, TABLES,
	}, {
		.name = "unread", .about = "a server that does not read",
		.opens = { { "wrc" } }, .server = "c",
		.limit = { [EX_LOSS] = 1, [EX_REORDER] = 1 },
		.faults = 2, .rcvbuf = 100, .ends_badly = true, .keepalive = true, TABLES,
	}, {
		.name = "unheard", .about = "a program that reads no more while its peer writes",
		.opens = { { "wdsrc" } }, .server = "wrwsc",
		.limit = { [EX_LOSS] = 1, [EX_DUP] = 1, [EX_REORDER] = 1 },
		.faults = 2, .rcvbuf = 100, .ends_badly = true, .keepalive = true, TABLES,
	}, {
		.name = "minutes", .about = "timers of minutes, TIME-WAITs that go early",
		.opens = { { "wsrc", "src" } }, .server = "rwsc",
		.limit = { [EX_LONG] = 1, [EX_EVICT] = 1, [EX_AGE] = 1, [EX_STALE] = 1,
			   [EX_LOSS] = 1, [EX_HALF] = 1 },
		.faults = 2, .rcvbuf = 100, .keepalive = true, TABLES,
	}, {
		.name = "refused", .about = "nobody listens",
		.opens = { { "wc", "kc" } },
		.limit = { [EX_LOSS] = 1, [EX_DUP] = 1, [EX_STALE] = 1, [EX_FORGE] = 1,
			   [EX_XMIT] = 1 },
		.faults = 3, .rcvbuf = 100, .ends_badly = true, TABLES,
	},
};

const u32 ex_scenario_count = ARRAY_SIZE(ex_scenarios);
