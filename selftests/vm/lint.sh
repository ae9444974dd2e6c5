#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lint.sh SERIES...: checkpatch --strict, no build products, shellcheck, kernel-doc, and for
# each kernel W=1 and sparse. Nothing may be said.

set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
source=$cache/linux-source-6.12
failed=0
cd "$top" || exit 1

# What does not apply to a tree of its own: there are no MAINTAINERS to update,
# no Kconfig to describe, and host programs are not the kernel's.
ignore=FILE_PATH_CHANGES,CONFIG_DESCRIPTION
# Lists of X() and the compat macros: complex by nature, and using only what one
# of the kernels needs.
ignore+=,COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_UNUSED,MACRO_ARG_PRECEDENCE
ignore+=,FUNCTION_ARGUMENTS
mapfile -t sources < <(git ls-files '*.[ch]')
mapfile -t kernel_sources < <(printf '%s\n' "${sources[@]}" | grep -E '^(module|include)/')
mapfile -t host_sources < <(printf '%s\n' "${sources[@]}" | grep -vE '^(module|include)/')
checkpatch()
{
	"$source/scripts/checkpatch.pl" --no-tree --strict --quiet --terse --no-summary --max-line-length=100 \
		--show-types --ignore "$1" -f "${@:2}" || failed=1
}
echo "# checkpatch --strict"
checkpatch "$ignore" "${kernel_sources[@]}"
# Names of other libraries, hex dumps in lines, what only the kernel's headers
# define, signal handlers, and bugs planted on purpose.
host=CAMELCASE,SPLIT_STRING,STRING_FRAGMENTS,MISSING_SPACE,PREFER_KERNEL_TYPES,ARRAY_SIZE,BIT_MACRO
host+=,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE,MULTISTATEMENT_MACRO_USE_DO_WHILE,AVOID_BUG
# checkpatch is wrong about these: "enum place place", a comparison of comparisons,
# strings of several lines.
host+=,REPEATED_WORD,UNNECESSARY_PARENTHESES,PARENTHESIS_ALIGNMENT
[ ${#host_sources[@]} -eq 0 ] || checkpatch "$ignore,$host" "${host_sources[@]}"

echo "# no file that .gitignore names"
git ls-files --cached --ignored --exclude-standard | grep . && failed=1

echo "# shellcheck"
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
shellcheck -x -P SCRIPTDIR -S warning "${scripts[@]}" || failed=1

echo "# kernel-doc"
"$source/scripts/kernel-doc" -none "${kernel_sources[@]}" 2>&1 | grep . && failed=1

# build SERIES ARGUMENT...: what the compiler has to say, and whether it built
build()
{
	local log

	find "build/$(readlink "$cache/kernels/$1")" -name '*.o' -delete 2> /dev/null
	# kernel-doc looked above, and is not everywhere that a kernel is built
	log=$("$here/build.sh" "$1" W=1 cmd_checkdoc=: "${@:2}" 2>&1 > /dev/null) || failed=1
	grep -E 'warning|error|\*\*\*' <<< "$log" && failed=1
}

for series; do
	echo "# W=1 and sparse, kernel $series"
	checks=()
	# A newer Debian's tree has no sparse: the older kernels' runs cover it.
	[ -e "$cache/kernels/$series/tree" ] || checks+=(C=2)
	build "$series" "${checks[@]}"
done
if [ $# -gt 0 ]; then
	echo "# each file alone, kernel $1"
	mapfile -t objects < <(sed -n 's:^#include "\(.*\)\.c":module/\1.o:p' module/build.c)
	build "$1" "${objects[@]}"
fi
exit $failed
