// SPDX-License-Identifier: GPL-2.0
/* hrtimer_setup() sets the function too. */
#include <linux/hrtimer.h>

void probe_hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *));

void probe_hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *))
{
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
}
