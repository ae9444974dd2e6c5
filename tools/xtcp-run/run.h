/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xtcp-run sets the variables below and starts a program, which loads the library;
 * the library reads them and makes XTCP of the program's TCP sockets.
 */
#ifndef _XTCP_RUN_H
#define _XTCP_RUN_H

#include <stdbool.h>
#include <sys/socket.h>

#define ENV_LIBRARY	"XTCP_RUN_LIBRARY"	/* path */
#define ENV_ONLY	"XTCP_RUN_ONLY"		/* rules */
#define ENV_EXCEPT	"XTCP_RUN_EXCEPT"	/* rules */
#define ENV_FALLBACK	"XTCP_RUN_FALLBACK"	/* ms */
#define ENV_VERBOSE	"XTCP_RUN_VERBOSE"

/* rules.c: lists of PORT, ADDRESS[/BITS], ADDRESS[/BITS]:PORT, [ADDRESS[/BITS]]:PORT */
bool rules_valid(const char *list);
bool rules_match(const char *list, const struct sockaddr *addr, socklen_t len);

/* settings.c */
struct settings {
	const char *library;
	const char *only, *except;	/* NULL: no such list */
	int fallback;			/* ms to wait for an answer; 0: never to fall back */
	bool verbose;
};

const struct settings *settings(void);
bool selected(const struct sockaddr *addr, socklen_t len);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* settings.c: "NAME=value" of what this program was started with; NULL ends it */
extern char *inherited[];

/* swap.c */
void watch_forget(int fd);
int swap_to_tcp(int fd);

/* preload.c: the C library's */
struct real {
	int (*socket)(int domain, int type, int protocol);
	int (*bind)(int fd, const struct sockaddr *addr, socklen_t len);
	int (*listen)(int fd, int backlog);
	int (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
	int (*getsockopt)(int fd, int level, int name, void *val, socklen_t *len);
};

const struct real *real(void);
bool is_xtcp(int fd);
int xtcp_socket(int domain, int type);

/* What the program sees instead of the C library's. */
#define HOOK	__attribute__((visibility("default")))

#endif /* _XTCP_RUN_H */
