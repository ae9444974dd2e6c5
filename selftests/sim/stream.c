// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes that travel: a function of seed, side and offset, so that every
 * delivered byte is checked and none is stored.
 */
#include <endian.h>

#include "sim.h"

static u64 word(const struct sim_world *w, u8 from, u64 index)
{
	u64 z = (w->seed << 1 | from) * 0x9e3779b97f4a7c15ULL + index * 0xd1b54a32d192ed03ULL;

	z = (z ^ z >> 32) * 0xbf58476d1ce4e5b9ULL;
	return z ^ z >> 29;
}

static u8 byte(const struct sim_world *w, u8 from, u64 offset)
{
	return word(w, from, offset / 8) >> (8 * (offset % 8));
}

/**
 * sim_fill - produce bytes of the stream
 * @w: the world
 * @from: who writes it
 * @offset: of the first byte
 * @to: where they go
 * @len: how many
 */
void sim_fill(const struct sim_world *w, u8 from, u64 offset, u8 *to, u32 len)
{
	u64 v;

	for (; len && offset % 8; len--)
		*to++ = byte(w, from, offset++);
	for (; len >= 8; len -= 8, offset += 8, to += 8) {
		v = word(w, from, offset / 8);
		v = htole64(v);
		memcpy(to, &v, 8);
	}
	while (len--)
		*to++ = byte(w, from, offset++);
}

/**
 * sim_urgent - is a byte of the stream urgent, if a write ends there?
 * @w: the world
 * @from: who writes it
 * @end: offset behind the byte
 *
 * Return: true for as many as the side's profile says.
 */
bool sim_urgent(const struct sim_world *w, u8 from, u64 end)
{
	return (u32)word(w, from, ~end) % 1000 < w->p.side[from].urgent;
}

/**
 * sim_same - check bytes of the stream
 * @w: the world
 * @from: who wrote it
 * @offset: of the first byte
 * @bytes: what came
 * @len: how many
 *
 * Return: true if they are the bytes that were written.
 */
bool sim_same(const struct sim_world *w, u8 from, u64 offset, const u8 *bytes, u32 len)
{
	u8 want[4096];
	u32 part;

	for (; len; len -= part, offset += part, bytes += part) {
		part = min_t(u32, len, sizeof(want));
		sim_fill(w, from, offset, want, part);
		if (memcmp(want, bytes, part))
			return false;
	}
	return true;
}
