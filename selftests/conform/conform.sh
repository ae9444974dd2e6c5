#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All conformance scripts, or those that are named. XTCP_FAMILY=4 or 6: over one
# family only.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A script waits for hours where a timer does.
if [ -z "${XTCP_VM:-}${XTCP_UML:-}" ]; then
	echo "1..0 # SKIP not in virtual time: run selftests/vm/vm-run.sh"
	exit 4
fi
[ $# -gt 0 ] || set -- "$here"/scripts/*.xtcp

# User Mode Linux's clock runs on while the processor works, which the host's other
# work makes longer, so that a timer may come between two lines of a script: what fails
# by chance is tried again, and what is wrong fails each time. The other kernels' clock
# counts the instructions.
slack=0 more=0
[ -z "${XTCP_UML:-}" ] || slack=100 more=3
# shellcheck disable=SC2086 # or nothing
exec "$here/conform" ${XTCP_FAMILY:+-$XTCP_FAMILY} -s $slack -r $more "$@"
