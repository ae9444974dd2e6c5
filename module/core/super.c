// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets, as far as headers go: one header that stands for many wire
 * packets is cut into theirs (GSO), and theirs become one (GRO). Protocol.rst,
 * section 3: COOKIE, ACKINFO, TS and TSECHO are repeated in every segment, PSH and
 * FIN stand only in the last, what has URG or DSACK goes alone.
 */
#include <xtcp/wire.h>

#define LAST_ONLY	(XTCP_PSH | XTCP_FIN)

/**
 * xtcp_super_cut - turn a copy of a super-packet's header into a segment's
 * @head: header; its checksum is the caller's business
 * @before: payload bytes of the super-packet in front of the segment's own
 * @last: it is the last segment
 */
void xtcp_super_cut(u8 *head, u32 before, bool last)
{
	xtcp_put64(head + XTCP_SEQ_AT, xtcp_get64(head + XTCP_SEQ_AT) + before);
	if (!last)
		head[XTCP_FLAGS_AT] &= ~LAST_ONLY;
}

/* An option that must not be repeated, or that nobody can read. */
static bool goes_alone(const u8 *head, u32 len)
{
	u32 at, size;

	for (at = XTCP_HDR_LEN; at < len; at += size) {
		size = head[at + 1] * 8;
		if (!size || size > len - at)
			return true;
		switch (head[at]) {
		case XTCP_KIND_COOKIE:
		case XTCP_KIND_ACKINFO:
		case XTCP_KIND_TS:
		case XTCP_KIND_TSECHO:
			break;
		default:
			return true;
		}
	}
	return false;
}

/**
 * xtcp_super_fits - can a segment be part of a super-packet?
 * @head: its header, whole
 * @len: length of the header, from xtcp_header_len()
 *
 * Return: false if it goes alone.
 */
bool xtcp_super_fits(const u8 *head, u32 len)
{
	return head[XTCP_OFFSET_AT] >> 6 == XTCP_VERSION &&
	       (head[XTCP_FLAGS_AT] & XTCP_FLAGS_MASK & ~LAST_ONLY) == XTCP_ACK &&
	       !goes_alone(head, len);
}

/**
 * xtcp_super_ends - does a segment end its super-packet?
 * @head: its header
 *
 * Return: true if nothing may follow it: PSH is to be delivered at once (F11).
 */
bool xtcp_super_ends(const u8 *head)
{
	return head[XTCP_FLAGS_AT] & LAST_ONLY;
}

/**
 * xtcp_super_follows - is a segment the continuation of another?
 * @head: header of a segment or a super-packet that nothing ends
 * @payload: its payload, bytes
 * @next: header of a segment that fits
 * @len: header length of @next
 *
 * They must say the same, but for the sequence number: ports, tag, ACK, window,
 * header length, reserved bits, options. Addresses and ECN are the network layer's.
 *
 * Return: true if it can be appended.
 */
bool xtcp_super_follows(const u8 *head, u32 payload, const u8 *next, u32 len)
{
	return !memcmp(head, next, XTCP_SEQ_AT) &&
	       xtcp_get64(head + XTCP_SEQ_AT) + payload == xtcp_get64(next + XTCP_SEQ_AT) &&
	       !memcmp(head + XTCP_ACK_AT, next + XTCP_ACK_AT, XTCP_FLAGS_AT - XTCP_ACK_AT) &&
	       !((head[XTCP_FLAGS_AT] ^ next[XTCP_FLAGS_AT]) & ~LAST_ONLY) &&
	       !memcmp(head + XTCP_HDR_LEN, next + XTCP_HDR_LEN, len - XTCP_HDR_LEN);
}

/**
 * xtcp_super_same - are two segments of one connection and direction?
 * @head: header
 * @other: header of a segment between the same addresses
 *
 * Return: true if ports and tag are equal.
 */
bool xtcp_super_same(const u8 *head, const u8 *other)
{
	return !memcmp(head, other, XTCP_SEQ_AT);
}

/**
 * xtcp_super_join - note in a super-packet's header that a segment was appended
 * @head: header of the super-packet
 * @next: header of the segment
 */
void xtcp_super_join(u8 *head, const u8 *next)
{
	head[XTCP_FLAGS_AT] |= next[XTCP_FLAGS_AT] & LAST_ONLY;
}
