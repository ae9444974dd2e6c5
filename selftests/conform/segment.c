// SPDX-License-Identifier: GPL-2.0
/* The bytes of a segment. */
#include <string.h>

#include "segment.h"

/**
 * segment_add_option - append an option of zeros
 * @seg: segment; its offset follows
 * @kind: kind
 * @words: what its length says; 0 takes one word of room all the same
 *
 * Return: the option's first byte, or NULL if there is no room.
 */
uint8_t *segment_add_option(struct segment *seg, uint8_t kind, uint8_t words)
{
	uint8_t *p = seg->options + seg->options_len;
	size_t len = 8 * (words ? words : 1);

	if (len > OPTIONS_MAX - seg->options_len)
		return NULL;
	memset(p, 0, len);
	p[0] = kind;
	p[1] = words;
	seg->options_len += len;
	seg->offset = (HEADER_LEN + seg->options_len) / 8;
	return p;
}

/**
 * segment_option - find an option
 * @seg: segment
 * @kind: kind
 *
 * Return: its first byte; its length has been checked. NULL: it is not there.
 */
const uint8_t *segment_option(const struct segment *seg, uint8_t kind)
{
	const uint8_t *p = seg->options, *end = p + seg->options_len;

	for (; p < end; p += 8 * p[1])
		if (p[0] == kind)
			return p;
	return NULL;
}

/**
 * segment_write - put a segment into a buffer
 * @seg: segment
 * @buf: SEGMENT_MAX bytes of room
 *
 * The checksum is 0.
 *
 * Return: length in bytes.
 */
size_t segment_write(const struct segment *seg, uint8_t *buf)
{
	put16(buf, seg->sport);
	put16(buf + 2, seg->dport);
	put32(buf + 4, seg->tag);
	put64(buf + 8, seg->seq);
	put64(buf + 16, seg->ack);
	put32(buf + 24, seg->win);
	buf[28] = seg->version << 6 | seg->offset;
	buf[29] = seg->reserved << 6 | seg->flags;
	put16(buf + 30, 0);
	memcpy(buf + HEADER_LEN, seg->options, seg->options_len);
	memcpy(buf + HEADER_LEN + seg->options_len, seg->payload, seg->len);
	return HEADER_LEN + seg->options_len + seg->len;
}

/**
 * segment_read - take a segment apart
 * @buf: its bytes; the payload is not copied
 * @len: how many
 * @seg: result
 *
 * Return: NULL, or what is wrong with it, which no XTCP sends.
 */
const char *segment_read(const uint8_t *buf, size_t len, struct segment *seg)
{
	size_t at, header;

	memset(seg, 0, sizeof(*seg));
	if (len < HEADER_LEN)
		return "shorter than a header";
	seg->sport = get16(buf);
	seg->dport = get16(buf + 2);
	seg->tag = get32(buf + 4);
	seg->seq = get64(buf + 8);
	seg->ack = get64(buf + 16);
	seg->win = get32(buf + 24);
	seg->version = buf[28] >> 6;
	seg->offset = buf[28] & 0x3f;
	seg->reserved = buf[29] >> 6;
	seg->flags = buf[29] & 0x3f;
	header = 8 * seg->offset;
	if (seg->version != 1)
		return "version is not 1";
	if (seg->reserved)
		return "reserved bits are set";
	if (header < HEADER_LEN || header > len)
		return "impossible data offset";
	for (at = HEADER_LEN; at < header; at += 8 * buf[at + 1])
		if (!buf[at + 1] || 8U * buf[at + 1] > header - at)
			return "an option leaves the header";
	seg->options_len = header - HEADER_LEN;
	memcpy(seg->options, buf + HEADER_LEN, seg->options_len);
	seg->payload = buf + header;
	seg->len = len - header;
	return NULL;
}

/**
 * sum_bytes - add bytes to an Internet checksum (RFC 1071)
 * @p: bytes, the first one at an even place
 * @len: how many
 * @sum: of what was before
 *
 * Return: the sum, to be folded.
 */
uint32_t sum_bytes(const uint8_t *p, size_t len, uint32_t sum)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	return len ? sum + (p[0] << 8) : sum;
}

/**
 * sum_fold - end an Internet checksum
 * @sum: from sum_bytes()
 *
 * Return: 16 bits; 0xffff over a packet whose checksum is right.
 */
uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}
