#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lint.sh SERIES...: checkpatch --strict, shellcheck, and for each kernel W=1
# and sparse. Nothing may be said.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
source=$cache/linux-source-6.12
failed=0
cd "$top" || exit 1

# What does not apply to a tree of its own: there are no MAINTAINERS to update,
# no Kconfig to describe, and host programs are not the kernel's.
ignore=FILE_PATH_CHANGES,CONFIG_DESCRIPTION,SPDX_LICENSE_TAG
mapfile -t sources < <(git ls-files '*.[ch]')
mapfile -t kernel_sources < <(printf '%s\n' "${sources[@]}" | grep -E '^(module|include)/')
mapfile -t host_sources < <(printf '%s\n' "${sources[@]}" | grep -vE '^(module|include)/')
checkpatch()
{
	"$source/scripts/checkpatch.pl" --no-tree --strict --quiet --terse --max-line-length=100 \
		--show-types --ignore "$1" -f "${@:2}" || failed=1
}
echo "# checkpatch --strict"
checkpatch "$ignore" "${kernel_sources[@]}"
# CAMELCASE: names of other libraries; macros of the harness define functions.
[ ${#host_sources[@]} -eq 0 ] ||
	checkpatch "$ignore,CAMELCASE,MACRO_ARG_REUSE,SPLIT_STRING,PREFER_KERNEL_TYPES" "${host_sources[@]}"

echo "# shellcheck"
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
shellcheck -x "${scripts[@]}" || failed=1

for series; do
	echo "# W=1 and sparse, kernel $series"
	find "build/$(readlink "$cache/kernels/$series")" -name '*.o' -delete 2> /dev/null
	checks=(W=1)
	# The Debian 13 tree has no sparse: the older kernels' runs cover it.
	[ -e "$cache/kernels/$series/trixie" ] || checks+=(C=2)
	"$here/build.sh" "$series" "${checks[@]}" 2>&1 > /dev/null |
		grep -E 'warning|error' && failed=1
done
exit $failed
