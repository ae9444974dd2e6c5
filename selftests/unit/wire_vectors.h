/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments as they are on the wire, written by hand from the specification
 * (Documentation/wire-format.rst) and not by the code they test; the fuzzer
 * starts from them too. In hexadecimal, one row per 8 bytes, then what the
 * fields mean. The checksum is 0: it is the shell's.
 */
#ifndef _XTCP_SELFTESTS_WIRE_VECTORS_H
#define _XTCP_SELFTESTS_WIRE_VECTORS_H

enum wire_vector {
	WIRE_header,
	WIRE_syn,
	WIRE_synack,
	WIRE_echo,
	WIRE_ackinfo,
	WIRE_urgent,
	WIRE_fin,
	WIRE_refusal,
	WIRE_data,
	WIRE_VECTOR_MAX
};

static const char *const wire_vectors[WIRE_VECTOR_MAX] = {
	/* F2: every field of the header at its place, no option, 3 bytes of data */
	[WIRE_header] =
		"1234 5678 9abcdef0"	/* ports 4660, 22136; tag */
		"0102030405060708"	/* SEQ */
		"1112131415161718"	/* ACK */
		"71727374 44 18 0000"	/* window; version 1, 4 words; ACK PSH */
		"616263",
	/* O1: HELLO, zero COOKIE, TS */
	[WIRE_syn] =
		"9c40 0050 0a0b0c0d"	/* ports 40000, 80 */
		"00000000000003e8"	/* SEQ 1000 */
		"0000000000000000"
		"00010000 4f 02 0000"	/* window 65536; 15 words; SYN */
		"01 02 05a8 0a0b0c0d"	/* HELLO: MSS 1448, own tag */
		"00000000 00000bb8"	/* no features, user timeout 3000 ms */
		"02 08 000000000000"	/* COOKIE */
		"0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		"0000000000000000 0000000000000000 0000000000000000"
		"05 01 0000 11223344",	/* TS */
	/* O2: HELLO, COOKIE, TSECHO */
	[WIRE_synack] =
		"0050 9c40 0a0b0c0d"
		"00000000000007d0"	/* SEQ 2000 */
		"00000000000003e9"	/* ACK 1001 */
		"00020000 4f 12 0000"	/* SYN ACK */
		"01 02 0218 51525354"	/* HELLO: MSS 536, the server's tag */
		"00000000 00000000"
		"02 08 a1a2a3a4a5a6"	/* COOKIE: anything */
		"b0b1b2b3b4b5b6b7 c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 e0e1e2e3e4e5e6e7"
		"f0f1f2f3f4f5f6f7 8081828384858687 9091929394959697"
		"06 01 0007 11223344",	/* TSECHO: delay 7 */
	/* O4: the third message, which echoes the cookie, with TS and the first bytes of data */
	[WIRE_echo] =
		"9c40 0050 51525354"	/* the server's tag */
		"00000000000003e9"	/* SEQ 1001 */
		"00000000000007d1"	/* ACK 2001 */
		"00010000 4d 18 0000"	/* 13 words; ACK PSH */
		"02 08 a1a2a3a4a5a6"
		"b0b1b2b3b4b5b6b7 c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 e0e1e2e3e4e5e6e7"
		"f0f1f2f3f4f5f6f7 8081828384858687 9091929394959697"
		"05 01 0000 55667788"
		"68656c6c6f",
	/* D6: ACKINFO with three ranges, DSACK, no data */
	[WIRE_ackinfo] =
		"0050 9c40 0a0b0c0d"
		"0000000000000001"
		"ffffffffffffff00"	/* ACK near the wrap */
		"7fffffff 4a 10 0000"	/* largest window; 10 words; ACK */
		"03 04 0102 00000003"	/* ACKINFO: delay 258, 3 CE marks */
		"00000100 00000200"	/* ACK+256 = 0 to 256 */
		"00000400 00000401"	/* ACK+1024 to ACK+1025 */
		"fffffffe ffffffff"	/* the farthest */
		"04 02 0000 000005a8"	/* DSACK: 1448 bytes */
		"fffffffffffffff0",	/* from there */
	/* D8, F11: urgent data */
	[WIRE_urgent] =
		"0050 9c40 0a0b0c0d"
		"0000000000000001"
		"0000000000000002"
		"00000000 45 30 0000"	/* zero window; 5 words; URG ACK */
		"07 01 0000 00000004"	/* URG: behind the fourth byte */
		"31323334",
	/* C1: FIN */
	[WIRE_fin] =
		"0050 9c40 0a0b0c0d"
		"0000000000000001"
		"0000000000000002"
		"00000400 44 11 0000",
	/* R4: the RST|ACK that refuses the SYN above */
	[WIRE_refusal] =
		"0050 9c40 0a0b0c0d"
		"0000000000000000"
		"00000000000003e9"
		"00000000 44 14 0000",
	/* F3: 100 bytes from 301 are followed by 401 (the payload's first byte only) */
	[WIRE_data] =
		"0050 9c40 0a0b0c0d"
		"000000000000012d"
		"0000000000000001"
		"00000400 44 10 0000"
		"2a",
};

/* How many bytes the digits of a vector make; -1 if they are no whole bytes. */
static inline int wire_hex(const char *hex, unsigned char *out, unsigned int room)
{
	unsigned int digits = 0, digit;

	for (; *hex; hex++) {
		if (*hex >= '0' && *hex <= '9')
			digit = *hex - '0';
		else if (*hex >= 'a' && *hex <= 'f')
			digit = *hex - 'a' + 10;
		else
			continue;
		if (digits / 2 >= room)
			return -1;
		if (digits++ % 2 == 0)
			out[digits / 2] = digit << 4;
		else
			out[digits / 2 - 1] |= digit;
	}
	return digits % 2 ? -1 : (int)(digits / 2);
}

#endif /* _XTCP_SELFTESTS_WIRE_VECTORS_H */
