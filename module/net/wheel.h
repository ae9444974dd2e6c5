/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Things that expire, by the second. A slot holds what expires within one
 * second, and what does so a whole turn or more later. The owner has the lock
 * and the timer; times are those of xtcp_now().
 */
#ifndef _XTCP_NET_WHEEL_H
#define _XTCP_NET_WHEEL_H

#include <linux/list.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

#define XTCP_WHEEL_SLOTS	64	/* 2 MSL and the life of a cookie, 60 s, fit in one turn */

struct xtcp_wheel {
	struct list_head slot[XTCP_WHEEL_SLOTS];
	u32 len;
	u32 second;		/* up to this one everything has expired */
};

static inline u32 xtcp_wheel_second(u64 ns)
{
	return div_u64(ns, NSEC_PER_SEC);
}

static inline void xtcp_wheel_init(struct xtcp_wheel *wheel, u64 now)
{
	unsigned int i;

	for (i = 0; i < XTCP_WHEEL_SLOTS; i++)
		INIT_LIST_HEAD(&wheel->slot[i]);
	wheel->len = 0;
	wheel->second = xtcp_wheel_second(now);
}

/**
 * xtcp_wheel_add - have something expire
 * @wheel: wheel, locked by the caller
 * @at: its list head
 * @expires: ns; found expired in the second after this time
 */
static inline void xtcp_wheel_add(struct xtcp_wheel *wheel, struct list_head *at, u64 expires)
{
	u32 second = xtcp_wheel_second(expires) + 1;

	if ((s32)(second - wheel->second) <= 0)
		second = wheel->second + 1;
	list_add_tail(at, &wheel->slot[second % XTCP_WHEEL_SLOTS]);
	wheel->len++;
}

static inline void xtcp_wheel_del(struct xtcp_wheel *wheel, struct list_head *at)
{
	list_del(at);
	wheel->len--;
}

/**
 * xtcp_wheel_oldest - what expires first, to a second
 * @wheel: wheel, locked by the caller
 *
 * Return: the list head, or NULL if the wheel is empty.
 */
static inline struct list_head *xtcp_wheel_oldest(struct xtcp_wheel *wheel)
{
	unsigned int i;

	for (i = 1; i <= XTCP_WHEEL_SLOTS; i++) {
		struct list_head *slot = &wheel->slot[(wheel->second + i) % XTCP_WHEEL_SLOTS];

		if (!list_empty(slot))
			return slot->next;
	}
	return NULL;
}

/**
 * xtcp_wheel_turn - go on to the next second that is over
 * @wheel: wheel, locked by the caller
 * @now: ns
 *
 * After a long sleep each slot is visited once.
 *
 * Return: the slot to search for what has expired, or NULL.
 */
static inline struct list_head *xtcp_wheel_turn(struct xtcp_wheel *wheel, u64 now)
{
	u32 second = xtcp_wheel_second(now);

	if ((s32)(second - wheel->second) <= 0)
		return NULL;
	if (second - wheel->second > XTCP_WHEEL_SLOTS)
		wheel->second = second - XTCP_WHEEL_SLOTS;
	wheel->second++;
	return &wheel->slot[wheel->second % XTCP_WHEEL_SLOTS];
}

#endif /* _XTCP_NET_WHEEL_H */
