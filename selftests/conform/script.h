/* SPDX-License-Identifier: GPL-2.0 */
/* A script as it was read: steps. Documentation/conformance.rst is the language. */
#ifndef _SELFTESTS_CONFORM_SCRIPT_H
#define _SELFTESTS_CONFORM_SCRIPT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

#define NAME_MAX_LEN	24
#define OPTIONS_SPEC	6
#define ARGS_MAX	10
#define CALL_ARGS	4
#define FLOWS_MAX	16
#define MARKS_MAX	8
#define STATES_LISTED	8

#define MSEC		1000000LL
#define SEC		(1000 * MSEC)

/* A number that is known when the script runs: k + mss * MSS + ... */
struct expr {
	int64_t k;
	int32_t mss;		/* what a segment holds: MTU less IP header less 32 */
	int32_t edge;		/* right edge that the machine under test has advertised */
	int32_t nxt;		/* next number of the sender of the segment */
	int32_t ts;		/* the last TS of the machine under test */
};

/* One number, or those from lo to hi. */
struct want {
	bool given;
	struct expr lo, hi;
};

enum tag_kind { TAG_DEFAULT, TAG_PEER, TAG_LOCAL, TAG_WRONG, TAG_VALUE, TAG_ANY };

struct option_arg {
	char name[NAME_MAX_LEN];	/* "" for one without a name */
	struct want value;
};

struct option_spec {
	uint8_t kind;		/* 0: OPTION(kind ..., words ...) */
	bool absent;
	unsigned int args;
	struct option_arg arg[ARGS_MAX];
};

/* A segment to be sent, or what is expected of one. */
struct segment_spec {
	uint8_t flags, maybe;	/* must be there; may be there */
	bool any_flags;
	bool fresh;		/* of a SYN: numbers and tag that were not seen before */
	struct want seq, ack, len, win, dscp;
	enum tag_kind tag;
	uint32_t tag_value;
	unsigned int options;
	struct option_spec option[OPTIONS_SPEC];
	enum place from, to;
	bool ecn_given;
	enum ecn ecn;
	/* only to be sent: */
	bool bad_checksum;
	int version, offset, reserved, truncate;	/* -1: as it should be */
	unsigned int fragments;
	enum icmp icmp;
	uint32_t mtu;
};

/* When something must happen, in ns since the step before or since a mark. */
struct timing {
	bool given;
	int64_t lo, hi;
	int mark;		/* -1: the step before */
};

enum call_id {
	CALL_SOCKET, CALL_BIND, CALL_LISTEN, CALL_ACCEPT, CALL_CONNECT, CALL_DISCONNECT,
	CALL_SEND, CALL_RECV, CALL_SHUTDOWN, CALL_CLOSE, CALL_SETSOCKOPT, CALL_GETSOCKOPT,
	CALL_POLL, CALL_STATE, CALL_INFO, CALL_INQ, CALL_OUTQ, CALL_ATMARK, CALL_OWN,
	CALL_SIGNALS, CALLS
};

enum result_kind { RESULT_SUCCESS, RESULT_NUMBER, RESULT_ERRNO };

struct call {
	enum call_id id;
	char socket[NAME_MAX_LEN];	/* what it is done to */
	char result[NAME_MAX_LEN];	/* the name that the new socket gets */
	int64_t arg[CALL_ARGS];
	unsigned int args;
	bool option;			/* arg[0] is a socket option: of this level */
	int level;
	int64_t at;			/* recv: number of the first byte; 0: the next */
	enum result_kind expect;
	int64_t lo, hi;
	char word[NAME_MAX_LEN];	/* the field of info() */
};

enum step_kind {
	STEP_PEER, STEP_LOCAL, STEP_NOTHING, STEP_ANYTHING, STEP_APP, STEP_SYSCTL,
	STEP_COUNTER, STEP_STATES, STEP_MARK, STEP_REPEAT, STEP_END, STEP_MTU,
};

struct step {
	const char *file;
	unsigned int line;
	const char *text;
	enum step_kind kind;
	unsigned int flow;
	struct timing when;
	union {
		struct segment_spec segment;	/* PEER, LOCAL */
		struct call call;		/* APP */
		int64_t duration;		/* NOTHING, ANYTHING */
		int64_t number;			/* MTU; MARK and REPEAT: see other */
		struct {
			char name[64];
			char value[64];
			int64_t lo, hi;
		} setting;			/* SYSCTL, COUNTER */
		struct {
			unsigned int n;
			int state[STATES_LISTED];
			int count[STATES_LISTED];
		} states;
	};
	size_t other;		/* MARK: its number; REPEAT: times; END: step of its REPEAT */
};

/* What is known of a flow before the script runs; 0: the default. */
struct flow_spec {
	char name[NAME_MAX_LEN];
	uint16_t peer_port, local_port;
	uint64_t isn;
	uint32_t tag;
	enum place place;
};

struct script {
	char name[64];
	bool ipv4, ipv6;
	struct flow_spec flow[FLOWS_MAX];
	unsigned int flows;
	char mark[MARKS_MAX][NAME_MAX_LEN];
	unsigned int marks;
	struct step *step;
	size_t steps;
	char error[512];
	/* owned */
	char **text;
	size_t texts;
};

int script_read(struct script *script, const char *path);
void script_loosen(struct script *script, int64_t slack);
int script_parse(struct script *script, const char *file, char *text);
void script_free(struct script *script);

#endif /* _SELFTESTS_CONFORM_SCRIPT_H */
