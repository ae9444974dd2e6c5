// SPDX-License-Identifier: GPL-2.0
/*
 * The builder: the only code that makes a packet of a connection. Buffers of
 * the write queue hold page fragments only and are never changed: what goes
 * out shares their pages. Where these are a program's (zero-copy), it also shares
 * the buffer's uarg, which keeps the program waiting.
 */
#include <linux/mm.h>

#include "offload.h"
#include "output.h"
#include "path.h"
#include "../sock.h"
#include "../socket/stamp.h"

/**
 * xtcp_buffer_of - the buffer that holds a byte
 * @sk: connection, locked by the caller
 * @seq: its number, within what was written and not yet acknowledged
 *
 * Return: the buffer on sk_write_queue, or NULL.
 */
struct sk_buff *xtcp_buffer_of(struct sock *sk, u64 seq)
{
	struct sk_buff *skb = xtcp_sk(sk)->unsent;

	if (!skb || xtcp_before(seq, XTCP_SKB_CB(skb)->seq))
		skb = skb_peek(&sk->sk_write_queue);
	if (!skb)
		return NULL;
	skb_queue_walk_from(&sk->sk_write_queue, skb) {
		const struct xtcp_skb_cb *cb = XTCP_SKB_CB(skb);

		if (xtcp_before(seq, cb->seq + cb->len))
			return skb;
	}
	return NULL;
}

/* The whole buffer, for the first time: its own head has room for the header. */
static struct sk_buff *clone_whole(struct sock *sk, const struct xtcp_tx *tx, struct sk_buff *buf)
{
	const struct xtcp_skb_cb *cb = XTCP_SKB_CB(buf);

	if (tx->why != XTCP_WHY_NEW || cb->sent || cb->seq != tx->seq || cb->len != tx->len)
		return NULL;
	if (skb_headroom(buf) < xtcp_path_headroom(sk) + tx->hdr || skb_cloned(buf))
		return NULL;
	if (!buf->nohdr)
		__skb_header_release(buf);	/* the clone alone writes headers */
	buf = skb_clone(buf, GFP_ATOMIC | __GFP_NOWARN);
	if (buf)
		skb_push(buf, tx->hdr);
	return buf;
}

/* Add [off, off + len) of buf as page references; bytes added. */
static u32 refer_pages(struct sk_buff *skb, const struct sk_buff *buf, u32 off, u32 len)
{
	u32 added = 0;
	int i;

	for (i = 0; i < skb_shinfo(buf)->nr_frags && added < len; i++) {
		const skb_frag_t *frag = &skb_shinfo(buf)->frags[i];
		u32 size = skb_frag_size(frag), n;

		if (off >= size) {
			off -= size;
			continue;
		}
		if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS)
			break;
		n = min(size - off, len - added);
		get_page(skb_frag_page(frag));
		skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, skb_frag_page(frag),
				   skb_frag_off(frag) + off, n);
		added += n;
		off = 0;
	}
	skb_shinfo(skb)->flags |= skb_shinfo(buf)->flags & SKBFL_SHARED_FRAG;
	skb->len += added;
	skb->data_len += added;
	skb->truesize += added;
	return added;
}

/* A packet can tell one uarg that the pages are free, not two. */
static bool refer_uarg(struct sk_buff *skb, struct sk_buff *buf)
{
	struct ubuf_info *mine = skb_zcopy(skb), *its = skb_zcopy(buf);

	if (mine && its && mine != its)
		return false;
	skb_zcopy_set(skb, its, NULL);
	return true;
}

/* A fresh head and references to the pages of as many buffers as it takes. */
static struct sk_buff *refer(struct sock *sk, struct xtcp_tx *tx, struct sk_buff *buf)
{
	unsigned int room = xtcp_path_headroom(sk);
	struct sk_buff *skb = alloc_skb(room + tx->hdr, GFP_ATOMIC | __GFP_NOWARN);
	u32 len = 0;

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, tx->hdr);
	if (!tx->len)
		return skb;

	skb_queue_walk_from(&sk->sk_write_queue, buf) {
		const struct xtcp_skb_cb *cb = XTCP_SKB_CB(buf);
		u32 off = tx->seq + len - cb->seq;
		u32 want = min(tx->len - len, cb->len - off);
		u32 added = refer_uarg(skb, buf) ? refer_pages(skb, buf, off, want) : 0;

		len += added;
		if (unlikely(skb_shinfo(buf)->tx_flags) && off + added == cb->len)
			xtcp_stamp_as(skb, buf);
		if (added < want || len == tx->len)
			break;
	}
	/* too many pieces: whole wire packets of it go now */
	if (len < tx->len && len > tx->mss) {
		len -= len % tx->mss;
		if (pskb_trim(skb, tx->hdr + len))
			len = 0;
	}
	if (!len) {
		kfree_skb(skb);
		return NULL;
	}
	if (len < tx->len)
		xtcp_cut(tx, len);
	return skb;
}

/**
 * xtcp_build_skb - make the packet that the core wants sent
 * @sk: connection, locked by the caller
 * @tx: what; may be cut short
 * @buf: buffer that holds tx->seq; NULL if tx->len is 0
 * @now: ns
 *
 * Return: a packet at its XTCP header, charged to sk_wmem_alloc, or NULL.
 */
struct sk_buff *xtcp_build_skb(struct sock *sk, struct xtcp_tx *tx, struct sk_buff *buf, u64 now)
{
	struct sk_buff *skb = buf ? clone_whole(sk, tx, buf) : NULL;

	if (!skb)
		skb = refer(sk, tx, buf);
	if (!skb)
		return NULL;
	xtcp_build(&xtcp_sk(sk)->tcb, tx, now, skb->data);
	xtcp_gso_mark(skb, tx);
	skb_set_owner_w(skb, sk);	/* sock_wfree() is core text: safe at unload */
	return skb;
}
