#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run a command on the debug kernel with the module loaded, and say whether the
# kernel was content: see usage() below.

set -u

usage()
{
	cat <<'USAGE'
usage: uml-run.sh [OPTION]... [--] COMMAND [ARGUMENT]...

Builds xtcp.ko for the debug kernel (User Mode Linux: KASAN, lockdep, ...),
boots that kernel on this machine's file system, loads the module, runs COMMAND
as root in the current folder, unloads the module and looks through the kernel's
log.  The guest's root is writable but forgotten afterwards; only the folder
$XTCP_RESULTS is kept (with --results).

  --time-travel       skip idle time: sleeping costs nothing
  --kmemleak          look for leaked memory instead of watching locks
                      (implies --time-travel)
  --timeout SECONDS   kill the guest after so long (default 120)
  --unload-wait SECS  how long rmmod may find the module in use (default 5)
  --no-insmod         neither build nor load the module
  --module FILE.ko    load this module instead of building xtcp.ko
  --insmod-args ARGS  parameters for the module
  --with FOLDER       build the module of this folder of the project too; it lies
                      beside xtcp.ko
  --results DIR       keep the results there: console, dmesg, kmemleak, status
  --append ARGS       more arguments for the kernel
  --mem SIZE          the guest's memory (default 1G)
  --verbose           show the kernel's log as it comes

The exit code is the command's, or
  122  the debug kernel or the module could not be built
  123  the guest died, or the module could not be loaded
  124  it took too long
  125  the kernel complained, memory leaked, or the module could not be unloaded
USAGE
}

say() { echo "uml-run: $*" >&2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/vm/verdict.sh
. "$here/verdict.sh"

kmemleak=no
timeout=120
unload_wait=5
insmod=build
insmod_args=
with=()
results=
append=()
mem=1G
verbose=

while [ $# -gt 0 ]; do
	case $1 in
	--time-travel)	append+=(time-travel) ;;
	--kmemleak)	kmemleak=yes; append+=(time-travel) ;;
	--timeout)	timeout=$2; shift ;;
	--unload-wait)	unload_wait=$2; shift ;;
	--no-insmod)	insmod= ;;
	--module)	insmod=$(realpath "$2") || exit 122; shift ;;
	--insmod-args)	insmod_args=$2; shift ;;
	--with)		with+=("$2"); shift ;;
	--results)	results=$2; shift ;;
	--append)	read -ra more <<< "$2"; append+=("${more[@]}"); shift ;;
	--mem)		mem=$2; shift ;;
	--verbose)	verbose=yes ;;
	--help)		usage; exit 0 ;;
	--)		shift; break ;;
	-*)		usage >&2; exit 2 ;;
	*)		break ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2; exit 2; }

kernel=$("$here/uml-build.sh") || exit 122

run=$(mktemp -d "${TMPDIR:-/tmp}/xtcp-uml.XXXXXX") || exit 122
guest=
log=
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	[ -z "$guest" ] || kill -KILL -- "-$guest" 2> /dev/null
	[ -z "$log" ] || kill "$log"
	if [ -n "$results" ]; then
		mkdir -p "$results" && cp -r "$run/." "$results"
	fi
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# The module, and those that tests need
if [ "$insmod" = build ]; then
	insmod=$("$here/build.sh" --to "$run" uml) || { say "the module does not build"; exit 122; }
fi
for folder in "${with[@]}"; do
	"$here/build.sh" --of "$folder" --to "$run" uml > /dev/null ||
		{ say "the module in $folder does not build"; exit 122; }
done

# ---------------------------------------------------------------------------
# The run

{
	printf 'insmod=%q\n' "$insmod"
	printf 'insmod_args=%q\n' "$insmod_args"
	printf 'modules=%q\n' "$kernel/modules/lib/modules"
	printf 'kmemleak=%q\n' "$kmemleak"
	printf 'unload_wait=%q\n' "$unload_wait"
} > "$run/settings"

{
	printf 'export %s=%q\n' PATH "$PATH:/usr/sbin:/sbin" HOME "${HOME:-/root}" \
		TERM dumb LANG C.UTF-8 XTCP_RESULTS "$run" XTCP_UML 1
	# Settings of the tests travel with the command.
	for name in "${!XTCP_@}"; do
		[ "$name" = XTCP_RESULTS ] ||
			printf 'export %s=%q\n' "$name" "${!name}"
	done
	printf 'cd %q || exit 126\n' "$PWD"
	printf 'exec'
	printf ' %q' "$@"
	echo
} > "$run/command"

# kmemleak's own scanner takes locks in an order that lockdep reports.
[ "$kmemleak" = yes ] || append+=(kmemleak=off)

: > "$run/dmesg"
if [ -n "$verbose" ]; then
	tail -f "$run/dmesg" >&2 &
	log=$!
fi

# Through a pipe: the guest would set the caller's terminal to non-blocking.
mkfifo "$run/pipe"
tee "$run/console" < "$run/pipe" &
tee=$!

# Job control gives the guest a process group of its own: nothing of it stays
# behind, whatever ends this script.
ulimit -c 0
set -m
timeout -k 5 "$timeout" \
	"$kernel/linux" mem="$mem" umid=guest uml_dir="$run/" quiet ignore_loglevel \
	rootfstype=hostfs rootflags=/ ro init="$here/uml-init.sh" \
	con0=null,fd:2 con1=null,fd:1 "${append[@]}" XTCP_RUN="$run" \
	< /dev/null > "$run/pipe" 2> "$run/dmesg" &
guest=$!
set +m
wait "$guest"
ended=$?
guest=
wait "$tee"

# ---------------------------------------------------------------------------
# What came of it

judge "$ended" "$timeout"
if [ "$kmemleak" = no ] && [ -z "$verdict" ] &&
   [ "$(fact debug_locks)" = 0 ]; then
	finding 125 "lockdep switched itself off"
fi

# File and line for each place in the module that the kernel's words on standard
# input name, be it by function or, once the module has gone, by address.
where()
{
	local module text address offset

	module=$(basename "$insmod" .ko)
	text=$(fact text)
	cat > "$run/words"
	grep -oE "[A-Za-z0-9_.]+\\+0x[0-9a-f]+/0x[0-9a-f]+ \\[${module//-/_}\\]" \
		"$run/words" | cut -d ' ' -f 1 | awk '!seen[$0]++' | head -n 20 |
		xargs -r "$kernel/source/scripts/faddr2line" "$insmod" 2>&1
	[ -n "$text" ] || return
	sed -n 's/.*[[:space:]]0x\([0-9a-f]*\)$/\1/p' "$run/words" |
	awk '!seen[$0]++' | head -n 40 |
	while read -r address; do
		offset=$((0x$address - text))
		if [ $offset -ge 0 ] && [ $offset -lt $((16 << 20)) ]; then
			echo "$address: $(addr2line -psf -j .text -e "$insmod" \
				"$(printf %x $offset)")"
		fi
	done | grep -v ' ??:' || :
}

if [ -n "$verdict" ]; then
	sed '1,/guest: ready/d' "$run/dmesg" | grep . > "$run/log" ||
		cp "$run/dmesg" "$run/log"
	if [ -z "$verbose" ]; then
		# Without the guesses of a stack trace.
		say "the kernel's log:"
		grep -v '>\] ? ' "$run/log" | head -n 150 >&2
	fi
	if [ -n "$insmod" ]; then
		cat "$run/log" "$run/kmemleak" 2> /dev/null | where >&2
	fi
fi
exit "${verdict:-$(fact code)}"
