#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run a command on the debug kernel with the module loaded, and say whether the
# kernel was content: see usage() below.

set -u

me=uml-run
# shellcheck source=selftests/vm/runner.sh
. "$(dirname "${BASH_SOURCE[0]}")/runner.sh"

usage()
{
	cat <<USAGE
usage: uml-run.sh [OPTION]... [--] COMMAND [ARGUMENT]...

Builds xtcp.ko for the debug kernel (User Mode Linux: KASAN, lockdep, ...),
boots that kernel on this machine's file system, loads the module, runs COMMAND
as root in the current folder, unloads the module and looks through the kernel's
log.  The guest's root is writable but forgotten afterwards; only the folder
\$XTCP_RESULTS is kept (with --results).  The default of --timeout is $timeout.

  --time-travel       skip idle time: sleeping costs nothing
  --path              without those checks, and time passes only while all wait:
                      for measuring on emulated paths, where nothing is to cost
                      time but the path
  --kmemleak          look for leaked memory, too (implies --time-travel)
$common_usage
USAGE
}

timeout=120
series=uml
option()
{
	taken=1
	case $1 in
	--time-travel)	append+=(time-travel) ;;
	--path)		series=path; append+=(time-travel=inf-cpu) ;;
	--kmemleak)	kmemleak=yes; append+=(time-travel) ;;
	*)		return 1 ;;
	esac
}
read_options "$@"

kernel=$("$here/debug-build.sh" $series) || exit 122
begin $series
modules=$kernel/modules/lib/modules
instruct "$run" XTCP_UML 1

[ "$kmemleak" = yes ] || append+=(kmemleak=off)

cc -O2 -Wall -Wextra -shared -fPIC -o "$run/uml-ptrace.so" "$here/uml-ptrace.c" || exit 122

claim_cpu
boot "${pin[@]}" env LD_PRELOAD="$run/uml-ptrace.so" "$kernel/linux" \
	mem="$mem" umid=guest uml_dir="$run/" quiet ignore_loglevel \
	rootfstype=hostfs rootflags=/ ro init="$here/uml-init.sh" \
	con0=null,fd:2 con1=null,fd:1 "${append[@]}" XTCP_RUN="$run"
conclude
