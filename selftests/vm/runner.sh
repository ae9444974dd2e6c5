# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# What vm-run.sh and uml-run.sh share: options, the run's folder, what the guest
# is to do, its lifetime, and what came of it. They say who they are ($me), set
# what is special about their machine, and boot it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/vm/verdict.sh
. "$here/verdict.sh"
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
export XTCP_CACHE=$cache	# also the guest's

say() { echo "$me: $*" >&2; }

common_usage="
  --timeout SECONDS   kill the guest after so long
  --unload-wait SECS  how long rmmod may find the module in use (default 5)
  --no-insmod         neither build nor load the module
  --module FILE.ko    load this module instead of building xtcp.ko
  --insmod-args ARGS  parameters for the module
  --with FOLDER       build the module of this folder of the project too; it lies
                      beside xtcp.ko
  --results DIR       keep the results there: console, dmesg, status
  --append ARGS       more arguments for the kernel
  --mem SIZE          the guest's memory (default 1G)
  --verbose           show the kernel's log as it comes

The exit code is the command's, or
  122  the kernel is missing or the module could not be built
  123  the guest died, or the module could not be loaded
  124  it took too long
  125  the kernel complained, memory leaked, sockets or network namespaces are
       left, or the module could not be unloaded"

unload_wait=5
insmod=build
insmod_args=
with=()
modules=
kmemleak=no
results=
append=()
mem=1G
verbose=

# read_options ARGUMENT...: the runner's option() takes those that it alone has,
# and says in $taken how many words they were. What remains is in $command.
read_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
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
		-*)
			option "$@" || { usage >&2; exit 2; }
			shift $((taken - 1))
			;;
		*)		break ;;
		esac
		shift
	done
	[ $# -gt 0 ] || { usage >&2; exit 2; }
	command=("$@")
}

guest=
log=

# shellcheck disable=SC2317 # the trap calls it
clean_up()
{
	# User Mode Linux leaves the group; its parent is still timeout.
	[ -z "$guest" ] || { pkill -KILL -P "$guest"; kill -KILL -- "-$guest"; } 2> /dev/null
	[ -z "$log" ] || kill "$log"
	if [ -n "$results" ]; then
		mkdir -p "$results"
		rm -f "$results"/{status,dmesg,log,kmemleak} "$run"/{root.cpio,pipe}
		cp -r "$run/." "$results"
	fi
	rm -rf "$run"
}

# begin KERNEL: the run's folder, $run, with the module, and those that tests need,
# for that kernel of build.sh's.
begin()
{
	local folder

	run=$(mktemp -d "${TMPDIR:-/tmp}/xtcp-$me.XXXXXX") || exit 122
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	if [ "$insmod" = build ]; then
		insmod=$("$here/build.sh" --to "$run" "$1") || {
			say "the module does not build"
			exit 122
		}
	elif [ -n "$insmod" ]; then
		cp "$insmod" "$run/" || exit 122
		insmod=$run/$(basename "$insmod")
	fi
	for folder in "${with[@]}"; do
		"$here/build.sh" --of "$folder" --to "$run" "$1" > /dev/null || {
			say "the module in $folder does not build"
			exit 122
		}
	done
}

# instruct FOLDER [NAME VALUE]...: write down what the guest is to do, which finds
# the run's folder as FOLDER, in the environment that is named.
instruct()
{
	local name

	{
		printf 'insmod=%q\n' "${insmod:+$1/$(basename "$insmod")}"
		printf 'insmod_args=%q\n' "$insmod_args"
		printf 'modules=%q\n' "$modules"
		printf 'kmemleak=%q\n' "$kmemleak"
		printf 'unload_wait=%q\n' "$unload_wait"
	} > "$run/settings"
	{
		printf 'export %s=%q\n' PATH "$PATH:/usr/sbin:/sbin" HOME "${HOME:-/root}" \
			TERM dumb LANG C.UTF-8 XTCP_RESULTS "$@"
		# Settings of the tests travel with the command.
		for name in "${!XTCP_@}"; do
			[ "$name" = XTCP_RESULTS ] ||
				printf 'export %s=%q\n' "$name" "${!name}"
		done
		# Not every folder of this machine may be there.
		printf 'cd %q 2> /dev/null || cd /tmp\n' "$PWD"
		printf 'exec'
		printf ' %q' "${command[@]}"
		echo
	} > "$run/command"
}

# The processors that this process may use, a line each.
processors()
{
	local from to

	sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n' |
	while IFS=- read -r from to; do
		seq "$from" "${to:-$from}"
	done
}

# claim_cpu: in $pin what runs a guest on a processor that no other guest has claimed; nothing
# if there is none. Where guest and program take turns, as processes of this machine, each
# turn would wake another processor: a quarter longer.
pin=()
claim_cpu()
{
	local cpu claim

	for cpu in $(processors); do
		exec {claim}> "$cache/cpu-$cpu.lock"
		if flock -n "$claim"; then
			pin=(taskset -c "$cpu")
			return
		fi
		exec {claim}>&-
	done
}

# boot COMMAND...: the guest, which writes the command's output to its standard
# output and the kernel's log to its standard error, until it ends ($ended).
boot()
{
	local tee

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
	timeout -k 5 "$timeout" "$@" < /dev/null > "$run/pipe" 2> "$run/dmesg" &
	guest=$!
	set +m
	wait "$guest"
	ended=$?
	guest=
	wait "$tee"
}

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
		xargs -r "$cache/linux-source-6.12/scripts/faddr2line" "$insmod" 2>&1
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

# conclude: judge the run, show the kernel's log if there is reason to, and exit.
conclude()
{
	judge "$ended" "$timeout"
	if [ -n "$verdict" ]; then
		sed '1,/guest: ready/d' "$run/dmesg" | grep . > "$run/log" ||
			cp "$run/dmesg" "$run/log"
		if [ -z "$verbose" ]; then
			# Without the guesses of a stack trace.
			say "the kernel's log:"
			grep -v '>\] ? ' "$run/log" | head -n 200 >&2
		fi
		if [ -n "$insmod" ]; then
			cat "$run/log" "$run/kmemleak" 2> /dev/null | where >&2
		fi
	fi
	exit "${verdict:-$(fact code)}"
}
