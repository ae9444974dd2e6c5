// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs on demand, one per parameter value: uml-selftest.sh loads this module
 * instead of the real one and expects uml-run.sh to report each of them.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <net/net_namespace.h>

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "name of the bug to plant");

static struct kmem_cache *plant_cache;

static void plant_use_after_free(void)
{
	u8 *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[8], 1);
}

static void plant_out_of_bounds(void)
{
	u8 *p = kmalloc(61, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[61], 1);
	kfree(p);
}

static DEFINE_SPINLOCK(plant_a);
static DEFINE_SPINLOCK(plant_b);

static void plant_lock_order(void)
{
	spin_lock(&plant_a);
	spin_lock(&plant_b);
	spin_unlock(&plant_b);
	spin_unlock(&plant_a);

	spin_lock(&plant_b);
	spin_lock(&plant_a);
	spin_unlock(&plant_a);
	spin_unlock(&plant_b);
}

static void plant_timer_fn(struct timer_list *unused)
{
	spin_lock(&plant_a);
	spin_unlock(&plant_a);
}

/* Taken in a timer, and by a process that does not keep the timer away. */
static void plant_softirq_lock(void)
{
	static DEFINE_TIMER(timer, plant_timer_fn);

	mod_timer(&timer, jiffies);
	msleep(50);
	timer_delete_sync(&timer);
	spin_lock(&plant_a);
	spin_unlock(&plant_a);
}

static void plant_atomic_sleep(void)
{
	spin_lock(&plant_a);
	msleep(20);
	spin_unlock(&plant_a);
}

static void plant_rcu(void)
{
	static int value;
	static int __rcu *pointer = (int __rcu __force *)&value;

	WRITE_ONCE(value, *rcu_dereference(pointer));
}

static void plant_active_timer(void)
{
	struct plant {
		struct timer_list timer;
	} *p = kmalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return;
	timer_setup(&p->timer, plant_timer_fn, 0);
	mod_timer(&p->timer, jiffies + HZ);
	kfree(p);
}

static void plant_refcount(void)
{
	refcount_t ref = REFCOUNT_INIT(0);

	refcount_inc(&ref);
}

static void plant_list(void)
{
	LIST_HEAD(head);
	struct list_head item;

	list_add(&item, &head);
	list_add(&item, &head);
}

static void plant_bug(void)
{
	BUG();
}

/* The count is right, but one holder never said that it let go. */
static void plant_netns_reference(void)
{
	static netns_tracker tracker;

	get_net_track(current->nsproxy->net_ns, &tracker, GFP_KERNEL);
	put_net(current->nsproxy->net_ns);
}

static void plant_shift(void)
{
	int by = 40;

	OPTIMIZER_HIDE_VAR(by);
	pr_info("%d\n", 1 << by);
}

static void plant_leak(void)
{
	void *p = kmalloc(200, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

/* The cache is destroyed with an object in it, when the module goes. */
static void plant_slab(void)
{
	plant_cache = kmem_cache_create("plant", 256, 0, SLAB_NO_MERGE, NULL);
	if (plant_cache)
		kmem_cache_alloc(plant_cache, GFP_KERNEL);
}

static void plant_busy(void)
{
	__module_get(THIS_MODULE);
}

static void plant_panic(void)
{
	panic("planted");
}

static void plant_spin(void)
{
	for (;;)
		cpu_relax();
}

static void plant_none(void)
{
}

static const struct {
	const char *name;
	void (*plant)(void);
} plants[] = {
	{ "none", plant_none },
	{ "use-after-free", plant_use_after_free },
	{ "out-of-bounds", plant_out_of_bounds },
	{ "lock-order", plant_lock_order },
	{ "softirq-lock", plant_softirq_lock },
	{ "atomic-sleep", plant_atomic_sleep },
	{ "rcu", plant_rcu },
	{ "active-timer", plant_active_timer },
	{ "refcount", plant_refcount },
	{ "list", plant_list },
	{ "bug", plant_bug },
	{ "netns-reference", plant_netns_reference },
	{ "shift", plant_shift },
	{ "leak", plant_leak },
	{ "slab", plant_slab },
	{ "busy", plant_busy },
	{ "panic", plant_panic },
	{ "spin", plant_spin },
};

static int __init plant_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(plants); i++) {
		if (!strcmp(plants[i].name, bug)) {
			plants[i].plant();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit plant_exit(void)
{
	kmem_cache_destroy(plant_cache);
}

module_init(plant_init);
module_exit(plant_exit);
MODULE_DESCRIPTION("Planted bugs for the debug kernel's self-test");
MODULE_LICENSE("GPL");
