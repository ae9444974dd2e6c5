/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A flow: what the peer knows of one connection, so that a script can speak in
 * relative numbers and leave unsaid what follows from what was before. Makes
 * segments from their description and compares segments with one.
 */
#ifndef _SELFTESTS_CONFORM_FLOW_H
#define _SELFTESTS_CONFORM_FLOW_H

#include "packet.h"
#include "script.h"
#include "segment.h"

#define TEXT_LEN	1024	/* room for a segment in words */

struct flow {
	const char *name;
	int family;
	unsigned int mtu;		/* of the link */
	enum place place;		/* where the peer is */
	uint16_t peer_port, local_port;	/* local_port 0: not known yet */
	uint64_t isn;			/* the peer's */
	uint64_t iss;			/* of the machine under test */
	uint32_t tag;			/* the peer's */
	uint32_t local_tag;		/* 0: not known yet */
	bool iss_known, cookie_known;
	uint8_t cookie[COOKIE_LEN];	/* issued by the machine under test */
	int64_t peer_nxt, local_nxt;	/* relative, as all below */
	int64_t edge;			/* right edge advertised by the machine under test */
	uint32_t ts;			/* the last one of the machine under test */
	uint32_t win;			/* what the peer advertises unless told otherwise */
	uint8_t last[PACKET_MAX];	/* last packet of the machine under test, for ICMP */
	size_t last_len;
};

void flow_init(struct flow *flow, const struct flow_spec *spec, unsigned int number, int family);
uint8_t pattern(int64_t number);

const char *flow_build(struct flow *flow, const struct segment_spec *spec, uint8_t *buf,
		       size_t *len);
bool flow_match(struct flow *flow, const struct segment_spec *spec, const struct packet *packet,
		const struct segment *seg, char *why, size_t size);
void flow_saw(struct flow *flow, const struct segment *seg, bool fresh);
void flow_describe(const struct flow *flow, const struct segment *seg, char *text, size_t size);

#endif /* _SELFTESTS_CONFORM_FLOW_H */
