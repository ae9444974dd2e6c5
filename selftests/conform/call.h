/* SPDX-License-Identifier: GPL-2.0 */
/* The program of a script: its sockets and the calls that it makes. */
#ifndef _SELFTESTS_CONFORM_CALL_H
#define _SELFTESTS_CONFORM_CALL_H

#include "link.h"
#include "script.h"

#define SOCKETS_MAX	32

/* A socket by its name, and the numbers of the next bytes of its streams. */
struct app_socket {
	char name[NAME_MAX_LEN];
	int fd;
	int64_t written, read;
};

struct app {
	int family;
	struct app_socket socket[SOCKETS_MAX];
	unsigned int sockets;
	uint16_t peer_port;		/* of the first flow */
};

void app_init(struct app *app, int family, uint16_t peer_port);
bool app_call(struct app *app, struct link *link, const struct step *step, int64_t base,
	      char *why, size_t size);
void app_end(struct app *app);

#endif /* _SELFTESTS_CONFORM_CALL_H */
