// SPDX-License-Identifier: GPL-2.0
/* What xtcp-run was told, and what it tells. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

static const char *const names[] = {
	ENV_LIBRARY, ENV_ONLY, ENV_EXCEPT, ENV_FALLBACK, ENV_VERBOSE,
};

#define NAMES	(sizeof(names) / sizeof(names[0]))

char *inherited[NAMES + 1];

static struct settings now;

/* Before the program can change its environment; a list that is not one selects nothing. */
static __attribute__((constructor)) void read_settings(void)
{
	size_t i, n = 0;

	if (now.library)
		return;
	for (i = 0; i < NAMES; i++) {
		const char *value = getenv(names[i]);

		if (value && asprintf(&inherited[n], "%s=%s", names[i], value) >= 0)
			n++;
	}
	now.library = strdup(getenv(ENV_LIBRARY) ? : "");
	now.only = getenv(ENV_ONLY) ? strdup(getenv(ENV_ONLY)) : NULL;
	now.except = getenv(ENV_EXCEPT) ? strdup(getenv(ENV_EXCEPT)) : NULL;
	now.fallback = atoi(getenv(ENV_FALLBACK) ? : "0");
	now.verbose = getenv(ENV_VERBOSE);
}

/**
 * settings - what xtcp-run was told
 *
 * Also before the constructor has run, for those of other libraries.
 */
const struct settings *settings(void)
{
	read_settings();
	return &now;
}

/**
 * selected - is XTCP to be used with an address?
 * @addr: of the peer, or to listen on
 * @len: its length
 */
bool selected(const struct sockaddr *addr, socklen_t len)
{
	const struct settings *s = settings();

	return (!s->only || rules_match(s->only, addr, len)) &&
	       !(s->except && rules_match(s->except, addr, len));
}

/**
 * say - tell the user what was changed, if he wants to know
 * @format: of printf()
 */
void say(const char *format, ...)
{
	int n, err = errno;
	char line[256];
	va_list args;

	if (!settings()->verbose)
		return;
	n = snprintf(line, sizeof(line), "xtcp-run[%d]: ", getpid());
	va_start(args, format);
	n += vsnprintf(line + n, sizeof(line) - n - 1, format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return;		/* nobody is there to hear it */
	errno = err;
}
