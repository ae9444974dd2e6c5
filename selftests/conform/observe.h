/* SPDX-License-Identifier: GPL-2.0 */
/* What an operator sees of the machine under test: settings, counters, states. */
#ifndef _SELFTESTS_CONFORM_OBSERVE_H
#define _SELFTESTS_CONFORM_OBSERVE_H

#include "script.h"

bool observe_sysctl(const struct step *step, char *why, size_t size);
bool observe_counter(const struct step *step, char *why, size_t size);
bool observe_states(const struct step *step, char *why, size_t size);

#endif /* _SELFTESTS_CONFORM_OBSERVE_H */
