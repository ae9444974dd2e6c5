/* SPDX-License-Identifier: GPL-2.0 */
/* Names that people know: states, services, addresses. */
#ifndef XTCP_LIB_NAMES_H
#define XTCP_LIB_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TCP's numbers of the states, as in a diag message. */
enum {
	STATE_ESTABLISHED = 1,
	STATE_SYN_SENT,
	STATE_SYN_RECV,
	STATE_FIN_WAIT_1,
	STATE_FIN_WAIT_2,
	STATE_TIME_WAIT,
	STATE_CLOSED,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LISTEN,
	STATE_CLOSING,
	STATE_MAX
};

#define STATES_ALL		((1U << STATE_MAX) - 2)
#define STATES_SYNCHRONIZED	(STATES_ALL & ~(1U << STATE_LISTEN | 1U << STATE_CLOSED | \
						1U << STATE_SYN_SENT))
#define STATES_CONNECTED	(STATES_ALL & ~(1U << STATE_LISTEN | 1U << STATE_CLOSED))
#define STATES_BUCKET		(1U << STATE_SYN_RECV | 1U << STATE_TIME_WAIT)
#define STATES_BIG		(STATES_ALL & ~STATES_BUCKET)

/* What is shown if nothing else is asked for. */
#define STATES_DEFAULT		(STATES_CONNECTED & ~STATES_BUCKET)

const char *xtcp_state_name(unsigned int state);
bool xtcp_state_parse(const char *name, uint32_t *states);

const char *xtcp_service_name(unsigned int port);
bool xtcp_port_parse(const char *text, uint16_t *port);

#define XTCP_ADDRESS_LEN	80	/* longest address with brackets and interface */

void xtcp_address(char *buf, size_t size, int family, const uint8_t *addr, uint32_t ifindex,
		  bool any_family);

#endif /* XTCP_LIB_NAMES_H */
