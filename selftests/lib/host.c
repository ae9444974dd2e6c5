// SPDX-License-Identifier: GPL-2.0
/*
 * The core's surroundings in a host program: xtcp_mac() is SipHash-2-4 written
 * from its specification (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012), checked against the test vector of its appendix A.
 */
#include "host.h"

static u64 rotl(u64 v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

static u64 load_le(const u8 *p, u32 len)
{
	u64 v = 0;
	u32 i;

	for (i = 0; i < len; i++)
		v |= (u64)p[i] << (8 * i);
	return v;
}

static void sip_rounds(u64 v[4], unsigned int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

u64 xtcp_mac(const u64 key[2], const void *p, u32 len)
{
	u64 v[4] = {
		key[0] ^ 0x736f6d6570736575ULL,
		key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL,
		key[1] ^ 0x7465646279746573ULL,
	};
	const u8 *byte = p;
	u32 at;
	u64 m;

	for (at = 0; at + 8 <= len; at += 8) {
		m = load_le(byte + at, 8);
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	m = load_le(byte + at, len - at) | (u64)len << 56;
	v[3] ^= m;
	sip_rounds(v, 2);
	v[0] ^= m;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/**
 * host_mac_works - check xtcp_mac() against the published vector
 *
 * Return: true if key 00..0f over message 00..0e gives the paper's result.
 */
bool host_mac_works(void)
{
	static const u64 key[2] = { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL };
	u8 message[15];
	u32 i;

	for (i = 0; i < sizeof(message); i++)
		message[i] = i;
	return xtcp_mac(key, message, sizeof(message)) == 0xa129ca6149be45e5ULL;
}

/**
 * host_random - next number of a seeded sequence
 * @r: the sequence
 *
 * SplitMix64 (Steele, Lea, Flood, 2014): every seed gives a good sequence.
 *
 * Return: 64 random bits.
 */
u64 host_random(struct host_random *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/**
 * host_below - random number below a limit
 * @r: the sequence
 * @limit: at least 1
 *
 * Return: a number in [0, limit), near enough to evenly distributed.
 */
u64 host_below(struct host_random *r, u64 limit)
{
	return host_random(r) % limit;
}

/**
 * host_between - random number in a range
 * @r: the sequence
 * @low: smallest result
 * @high: largest result
 *
 * Return: a number in [low, high].
 */
u64 host_between(struct host_random *r, u64 low, u64 high)
{
	return low + host_below(r, high - low + 1);
}

/**
 * host_chance - throw a coin
 * @r: the sequence
 * @per_mille: how often, of 1000
 *
 * Return: true with that chance.
 */
bool host_chance(struct host_random *r, u32 per_mille)
{
	return per_mille && host_below(r, 1000) < per_mille;
}

u64 xtcp_div(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}
