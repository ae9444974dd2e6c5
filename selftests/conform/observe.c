// SPDX-License-Identifier: GPL-2.0
/* Settings, counters, states, of the network namespace that the caller is in. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <lib/diag.h>

#include "names.h"
#include "observe.h"

#define STATES	16

/**
 * observe_sysctl - change a setting
 * @step: which, and its value
 * @why: result: what did not work
 * @size: room
 *
 * Return: true if it was changed.
 */
bool observe_sysctl(const struct step *step, char *why, size_t size)
{
	char path[128] = "/proc/sys/";
	char *dot = path + strlen(path);
	FILE *file;
	bool done;

	snprintf(dot, path + sizeof(path) - dot, "%s", step->setting.name);
	while ((dot = strchr(dot, '.')))
		*dot = '/';
	file = fopen(path, "w");
	done = file && fputs(step->setting.value, file) >= 0;
	if (file && fclose(file))
		done = false;
	if (!done)
		snprintf(why, size, "%s: %s\n", path, strerror(errno));
	return done;
}

/**
 * observe_counter - compare a counter of /proc/net/xtcp/snmp
 * @step: its name, and the values it may have
 * @why: result: what does not match
 * @size: room
 *
 * Return: true if it is among them.
 */
bool observe_counter(const struct step *step, char *why, size_t size)
{
	/* of this thread's namespace, not of the one that the process began in */
	FILE *file = fopen("/proc/thread-self/net/xtcp/snmp", "r");
	char name[64];
	long value;

	if (!file) {
		snprintf(why, size, "no counters: %s\n", strerror(errno));
		return false;
	}
	while (fscanf(file, "%63s %ld", name, &value) == 2) {
		if (strcmp(name, step->setting.name))
			continue;
		fclose(file);
		if (value >= step->setting.lo && value <= step->setting.hi)
			return true;
		snprintf(why, size, "it is %ld\n", value);
		return false;
	}
	fclose(file);
	snprintf(why, size, "no such counter\n");
	return false;
}

/**
 * observe_states - compare the states of all connections, as sock_diag shows them
 * @step: states, in any order; each as often as it must be there
 * @why: result: what does not match
 * @size: room
 *
 * Return: true if there are exactly these.
 */
bool observe_states(const struct step *step, char *why, size_t size)
{
	struct xtcp_diag_req req = { .sdiag_family = AF_XTCP, .states = ~0U };
	struct xtcp_table table = { 0 };
	int count[STATES] = { 0 };
	size_t used, k;
	unsigned int i;
	bool same = true;
	int err;

	err = xtcp_dump(&req, &table);
	if (err) {
		snprintf(why, size, "no dump: %s\n", strerror(-err));
		return false;
	}
	for (k = 0; k < table.n; k++)
		count[table.entry[k].msg.state % STATES]++;
	for (i = 0; i < step->states.n; i++)
		count[step->states.state[i]] -= step->states.count[i];
	for (i = 0; i < STATES; i++)
		same = same && !count[i];
	used = snprintf(why, size, "there are:");
	for (k = 0; k < table.n && used < size; k++)
		used += snprintf(why + used, size - used, " %s",
				 name_of(state_names, table.entry[k].msg.state));
	if (used < size)
		snprintf(why + used, size - used, "%s\n", table.n ? "" : " none");
	xtcp_table_free(&table);
	return same;
}
