#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# guest-tests.sh FOLDER:PROGRAM...: run kselftests that are built, in a guest that
# has neither compiler nor make, by kselftest's own runner; TAP, a stream for each
# folder. XTCP_LEAVE_OUT in the environment names variants (selftests/net/transport.h)
# that the C programs of net leave out.

selftests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
runner=$XTCP_CACHE/linux-source-6.12/tools/testing/selftests/kselftest/runner.sh

# In virtual time a test that waits for ever reaches any limit at once; one that
# spins is stopped by the limit on its processor time.
export kselftest_override_timeout=${XTCP_TEST_TIMEOUT:-604800}
ulimit -t 300
export BASE_DIR=$selftests
# shellcheck disable=SC1090
. "$runner" || exit
# Its own looks for a program where our tests are.
# shellcheck disable=SC2317 # the runner calls it
tap_prefix() { sed -u 's/^/# /'; }

for test; do
	test=${test#net:}
	[[ $test = *[:.]* ]] || [ -z "${XTCP_LEAVE_OUT:-}" ] ||
		export "KSELFTEST_${test^^}_ARGS=-V ${XTCP_LEAVE_OUT// / -V }"
done

failed=0
folders=$(printf '%s\n' "$@" | cut -d: -f1 | uniq)
for folder in $folders; do
	cd "$selftests/$folder" || exit
	mapfile -t programs < <(printf '%s\n' "$@" | sed -n "s/^$folder://p")
	run_many "${programs[@]}" | tee /tmp/guest-tests.tap
	! grep -q '^not ok' /tmp/guest-tests.tap || failed=1
done
exit $failed
