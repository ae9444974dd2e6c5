// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that this one starts load the library too, also with an environment
 * that was made for them. Nothing is allocated: this may run in a child of vfork().
 */
#include <dlfcn.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define PRELOAD	"LD_PRELOAD="
#define MORE	8	/* entries added at most: those of inherited[], LD_PRELOAD, the end */

/* name: with "=" */
static const char *value_of(char *const envp[], const char *name)
{
	for (; envp && *envp; envp++)
		if (!strncmp(*envp, name, strlen(name)))
			return *envp + strlen(name);
	return NULL;
}

static const char *preload_of(char *const envp[])
{
	return value_of(envp, PRELOAD);
}

static bool kept(char *const envp[])
{
	const char *preload = preload_of(envp);

	return preload && strstr(preload, settings()->library) &&
	       value_of(envp, ENV_LIBRARY "=");
}

static size_t count(char *const envp[])
{
	size_t n = 0;

	while (envp && envp[n])
		n++;
	return n;
}

/* Room for LD_PRELOAD: ours in front of theirs. */
static size_t preload_size(char *const envp[])
{
	const char *preload = preload_of(envp);

	return strlen(PRELOAD) + strlen(settings()->library) + 1 +
	       (preload ? strlen(preload) : 0) + 1;
}

static void complete(char *const envp[], char **to, char *preload, size_t size)
{
	const char *old = preload_of(envp);
	size_t i, n = 0;

	for (; envp && *envp; envp++)
		if (strncmp(*envp, PRELOAD, strlen(PRELOAD)) &&
		    strncmp(*envp, "XTCP_RUN_", strlen("XTCP_RUN_")))
			to[n++] = *envp;
	for (i = 0; inherited[i]; i++)
		to[n++] = inherited[i];
	snprintf(preload, size, PRELOAD "%s%s%s", settings()->library, old && *old ? ":" : "",
		 old ? : "");
	to[n++] = preload;
	to[n] = NULL;
}

/* Calls next with the arguments in front of and the environment that @envp becomes. */
#define WITH_LIBRARY(envp, call) ({						\
	size_t size_ = preload_size(envp);					\
	char *room_[count(envp) + MORE], preload_[size_];			\
	char *const *env_ = (envp);						\
										\
	if (!kept(envp)) {							\
		complete(envp, room_, preload_, size_);				\
		env_ = room_;							\
	}									\
	call;									\
})

/* The C library's function. */
#define NEXT(name)	((typeof(name) *)dlsym(RTLD_NEXT, #name))

HOOK int execve(const char *path, char *const argv[], char *const envp[])
{
	return WITH_LIBRARY(envp, NEXT(execve)(path, argv, env_));
}

HOOK int execvpe(const char *file, char *const argv[], char *const envp[])
{
	return WITH_LIBRARY(envp, NEXT(execvpe)(file, argv, env_));
}

HOOK int fexecve(int fd, char *const argv[], char *const envp[])
{
	return WITH_LIBRARY(envp, NEXT(fexecve)(fd, argv, env_));
}

HOOK int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	return WITH_LIBRARY(envp, NEXT(execveat)(dir, path, argv, env_, flags));
}

/* These take the program's own environment, which it may have emptied. */
HOOK int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

HOOK int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

/*
 * Calls with what a call lists as the new program's arguments, in an array; behind them
 * in args_ is what follows. The C library's would not come to execve() above.
 */
#define WITH_ARGUMENTS(arg, call) ({						\
	va_list args_;								\
	size_t n_, i_;								\
	int err_;								\
										\
	va_start(args_, arg);							\
	for (n_ = 1; va_arg(args_, char *); n_++)				\
		;								\
	va_end(args_);								\
	char *argv_[n_ + 1];							\
										\
	va_start(args_, arg);							\
	argv_[0] = (char *)(arg);						\
	for (i_ = 1; i_ <= n_; i_++)						\
		argv_[i_] = va_arg(args_, char *);				\
	err_ = call;								\
	va_end(args_);								\
	err_;									\
})

HOOK int execl(const char *path, const char *arg, ...)
{
	return WITH_ARGUMENTS(arg, execv(path, argv_));
}

HOOK int execlp(const char *file, const char *arg, ...)
{
	return WITH_ARGUMENTS(arg, execvp(file, argv_));
}

HOOK int execle(const char *path, const char *arg, ...)
{
	return WITH_ARGUMENTS(arg, execve(path, argv_, va_arg(args_, char *const *)));
}

HOOK int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		     const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	return WITH_LIBRARY(envp, NEXT(posix_spawn)(pid, path, actions, attr, argv, env_));
}

HOOK int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	return WITH_LIBRARY(envp, NEXT(posix_spawnp)(pid, file, actions, attr, argv, env_));
}

/* Writes @text as one word of the shell. */
static void put_quoted(FILE *to, const char *text)
{
	putc('\'', to);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", to);
		putc(*text, to);
	}
	putc('\'', to);
}

/* A command of the shell that hands on what the environment lacks; NULL: no memory. */
static char *with_exports(const char *command)
{
	char preload[preload_size(environ)], *room[count(environ) + MORE], **entry = room;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	complete(environ, room, preload, sizeof(preload));
	for (; *entry; entry++) {
		if (!strncmp(*entry, PRELOAD, strlen(PRELOAD)) ||
		    !strncmp(*entry, "XTCP_RUN_", strlen("XTCP_RUN_"))) {
			fputs("export ", to);
			put_quoted(to, *entry);
			fputs("; ", to);
		}
	}
	fputs(command, to);
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}

/* The C library's start a shell by themselves, with the program's own environment, too. */
HOOK int system(const char *command)
{
	char *longer = command && !kept(environ) ? with_exports(command) : NULL;
	int ret = NEXT(system)(longer ? : command);

	free(longer);
	return ret;
}

HOOK FILE *popen(const char *command, const char *mode)
{
	char *longer = kept(environ) ? NULL : with_exports(command);
	FILE *pipe = NEXT(popen)(longer ? : command, mode);

	free(longer);
	return pipe;
}
