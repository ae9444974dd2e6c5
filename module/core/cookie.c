// SPDX-License-Identifier: GPL-2.0
/*
 * Cookies (O2, O3): the option that lets a connection open without any memory
 * of its SYN. Its content is the issuer's business alone:
 *
 *     0  kind, length   2  MSS           4  key's serial number, 3 bytes of zeros
 *     8  issue time, ns, plus a random number: nobody learns how long this host has run
 *    16  our initial number
 *    24  the peer's initial number
 *    32  our tag                        36  the peer's tag
 *    40  window that we advertised      44  features
 *    48  the peer's user timeout, ms    52  zeros
 *    56  MAC over addresses, the domain that they belong to, ports and bytes 2 to 55
 */
#include <xtcp/door.h>

#define COOKIE_MSS_AT		2
#define COOKIE_SERIAL_AT	4
#define COOKIE_BORN_AT		8
#define COOKIE_ISS_AT		16
#define COOKIE_IRS_AT		24
#define COOKIE_TAG_AT		32
#define COOKIE_PEER_TAG_AT	36
#define COOKIE_WND_AT		40
#define COOKIE_FEATURES_AT	44
#define COOKIE_TIMEOUT_AT	48
#define COOKIE_MAC_AT		56

#define COOKIE_BODY_AT		2
#define COOKIE_BODY_LEN		(COOKIE_MAC_AT - COOKIE_BODY_AT)

/* What the MAC covers: both ends and the body. Bytes only, so no padding. */
struct xtcp_cookie_message {
	struct xtcp_addrs addrs;
	u8 domain[4];
	u8 lport[2], rport[2];
	u8 body[COOKIE_BODY_LEN];
};

static u64 cookie_mac(const u64 key[2], const struct xtcp_ends *ends, const u8 *option)
{
	struct xtcp_cookie_message m;

	BUILD_BUG_ON(sizeof(m) != sizeof(m.addrs) + 8 + COOKIE_BODY_LEN);
	BUILD_BUG_ON(COOKIE_MAC_AT + sizeof(u64) != XTCP_COOKIE_LEN);
	m.addrs = *ends->addrs;
	xtcp_put32(m.domain, ends->domain);
	xtcp_put16(m.lport, ends->lport);
	xtcp_put16(m.rport, ends->rport);
	memcpy(m.body, option + COOKIE_BODY_AT, sizeof(m.body));
	return xtcp_mac(key, &m, sizeof(m));
}

/**
 * xtcp_cookie_issue - write a COOKIE option that xtcp_cookie_open() will open
 * @keys: the namespace's keys; the younger one signs
 * @ends: of the SYN that it answers
 * @cookie: content
 * @option: XTCP_COOKIE_LEN bytes of room
 */
void xtcp_cookie_issue(const struct xtcp_keys *keys, const struct xtcp_ends *ends,
		       const struct xtcp_cookie *cookie, u8 *option)
{
	xtcp_put_cookie(option, NULL);
	xtcp_put16(option + COOKIE_MSS_AT, cookie->mss);
	option[COOKIE_SERIAL_AT] = keys->serial;
	xtcp_put64(option + COOKIE_BORN_AT, cookie->born + keys->epoch);
	xtcp_put64(option + COOKIE_ISS_AT, cookie->iss);
	xtcp_put64(option + COOKIE_IRS_AT, cookie->irs);
	xtcp_put32(option + COOKIE_TAG_AT, cookie->tag);
	xtcp_put32(option + COOKIE_PEER_TAG_AT, cookie->peer_tag);
	xtcp_put32(option + COOKIE_WND_AT, cookie->wnd);
	xtcp_put32(option + COOKIE_FEATURES_AT, cookie->features);
	xtcp_put32(option + COOKIE_TIMEOUT_AT, cookie->user_timeout);
	xtcp_put64(option + COOKIE_MAC_AT, cookie_mac(keys->key[0], ends, option));
}

/**
 * xtcp_cookie_read - read a cookie that is known to be genuine
 * @keys: the namespace's keys
 * @option: the COOKIE option, XTCP_COOKIE_LEN bytes, as xtcp_cookie_open() has
 *	accepted it
 * @cookie: result
 */
void xtcp_cookie_read(const struct xtcp_keys *keys, const u8 *option,
		      struct xtcp_cookie *cookie)
{
	cookie->born = xtcp_get64(option + COOKIE_BORN_AT) - keys->epoch;
	cookie->iss = xtcp_get64(option + COOKIE_ISS_AT);
	cookie->irs = xtcp_get64(option + COOKIE_IRS_AT);
	cookie->tag = xtcp_get32(option + COOKIE_TAG_AT);
	cookie->peer_tag = xtcp_get32(option + COOKIE_PEER_TAG_AT);
	cookie->wnd = xtcp_get32(option + COOKIE_WND_AT);
	cookie->features = xtcp_get32(option + COOKIE_FEATURES_AT);
	cookie->user_timeout = xtcp_get32(option + COOKIE_TIMEOUT_AT);
	cookie->mss = xtcp_get16(option + COOKIE_MSS_AT);
}

/**
 * xtcp_cookie_tag - whose connection is a cookie?
 * @option: the COOKIE option, XTCP_COOKIE_LEN bytes
 *
 * Return: the issuer's tag, if it is genuine.
 */
u32 xtcp_cookie_tag(const u8 *option)
{
	return xtcp_get32(option + COOKIE_TAG_AT);
}

/**
 * xtcp_cookie_open - check and read a COOKIE option that a peer has echoed (O3)
 * @keys: the namespace's keys
 * @ends: of the segment
 * @option: the option, XTCP_COOKIE_LEN bytes
 * @now: time, ns
 * @cookie: result; written only on success
 *
 * "MAC good, age <= 60 s". The MACs are compared as one number, so that the
 * time it takes says nothing about how much of a guess was right.
 *
 * Return: 0; -EBADMSG if we never issued it between these ends, or with a key
 * that is gone; -ETIME if it is too old, or from a future that this clock has
 * not seen.
 */
int xtcp_cookie_open(const struct xtcp_keys *keys, const struct xtcp_ends *ends,
		     const u8 *option, u64 now, struct xtcp_cookie *cookie)
{
	u8 age = keys->serial - option[COOKIE_SERIAL_AT];
	u64 born;

	if (age >= ARRAY_SIZE(keys->key))
		return -EBADMSG;
	if (cookie_mac(keys->key[age], ends, option) ^ xtcp_get64(option + COOKIE_MAC_AT))
		return -EBADMSG;
	born = xtcp_get64(option + COOKIE_BORN_AT) - keys->epoch;
	if (born > now || now - born > XTCP_COOKIE_LIFE)
		return -ETIME;
	xtcp_cookie_read(keys, option, cookie);
	return 0;
}
