/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of a segment, written and read without a line of the module's: what
 * both sides agree on is the specification (Documentation/wire-format.rst).
 */
#ifndef _SELFTESTS_CONFORM_SEGMENT_H
#define _SELFTESTS_CONFORM_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIN		0x01
#define SYN		0x02
#define RST		0x04
#define PSH		0x08
#define ACK		0x10
#define URG		0x20

#define HEADER_LEN	32
#define OPTIONS_MAX	(63 * 8 - HEADER_LEN)
#define SEGMENT_MAX	65535
#define COOKIE_LEN	64

enum kind {
	KIND_HELLO = 1,
	KIND_COOKIE,
	KIND_ACKINFO,
	KIND_DSACK,
	KIND_TS,
	KIND_TSECHO,
	KIND_URG,
};

/* Fields as they are on the wire, in host order. */
struct segment {
	uint64_t seq, ack;
	uint32_t tag, win;
	uint16_t sport, dport;
	uint8_t version, offset;	/* offset in words of 8 bytes */
	uint8_t reserved, flags;
	uint8_t options[OPTIONS_MAX];
	size_t options_len;
	const uint8_t *payload;
	size_t len;			/* of the payload */
};

static inline uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline void put64(uint8_t *p, uint64_t v)
{
	put32(p, v >> 32);
	put32(p + 4, v);
}

uint8_t *segment_add_option(struct segment *seg, uint8_t kind, uint8_t words);
const uint8_t *segment_option(const struct segment *seg, uint8_t kind);
size_t segment_write(const struct segment *seg, uint8_t *buf);
const char *segment_read(const uint8_t *buf, size_t len, struct segment *seg);

uint32_t sum_bytes(const uint8_t *p, size_t len, uint32_t sum);
uint16_t sum_fold(uint32_t sum);

#endif /* _SELFTESTS_CONFORM_SEGMENT_H */
