/* SPDX-License-Identifier: GPL-2.0 */
/* What both examples need: a socket of either protocol, and copying. */
#ifndef XTCP_EXAMPLES_STREAM_H
#define XTCP_EXAMPLES_STREAM_H

#include <stdbool.h>

int stream_socket(int family, bool tcp);
long long stream_copy(int from, const char *from_name, int to, const char *to_name);
void stream_write(int to, const char *to_name, const void *data, size_t len);

#endif /* XTCP_EXAMPLES_STREAM_H */
