/* SPDX-License-Identifier: GPL-2.0 */
/* The first bytes of an input of the fuzz target parse: what the look-ups found. */
#ifndef _XTCP_SELFTESTS_SCENE_H
#define _XTCP_SELFTESTS_SCENE_H

#define SCENE_BYTES	2	/* the bits below; the state of a live TCB */

#define SCENE_DOOR	0x01	/* a listener */
#define SCENE_FULL	0x02	/* whose accept queue is full */
#define SCENE_HALF	0x04	/* a half-open entry that fits the segment */
#define SCENE_TW	0x08	/* a TIME-WAIT that fits it */
#define SCENE_TOMB	0x10	/* a tombstone */
#define SCENE_SIGNED	0x20	/* the cookie of the segment is genuine */
#define SCENE_OFF	0x40	/* its numbers, or the entry's, are not the segment's */

#endif /* _XTCP_SELFTESTS_SCENE_H */
