/* SPDX-License-Identifier: GPL-2.0 */
/* A script runs. */
#ifndef _SELFTESTS_CONFORM_RUN_H
#define _SELFTESTS_CONFORM_RUN_H

#include "script.h"

bool run_script(const struct script *script, int family, bool verbose);

#endif /* _SELFTESTS_CONFORM_RUN_H */
