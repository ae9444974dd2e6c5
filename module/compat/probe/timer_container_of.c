// SPDX-License-Identifier: GPL-2.0
/* from_timer() has become timer_container_of(). */
#include <linux/timer.h>

struct probe_timer_container_of {
	struct timer_list timer;
};

struct probe_timer_container_of *probe_timer_container_of(struct timer_list *t);

struct probe_timer_container_of *probe_timer_container_of(struct timer_list *t)
{
	struct probe_timer_container_of *p = timer_container_of(p, t, timer);

	return p;
}
