# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What came of a run in a guest: shared by the runners. A run's folder holds
# "status" (facts, a line each, from the guest), "dmesg" (the kernel's log) and
# perhaps "kmemleak".

# What the kernel says when something is wrong. Not "Call Trace": injected
# faults print one too.
complaint='BUG[: ]|KASAN|WARNING:|UBSAN|Oops|ODEBUG|refcount_t:|Kernel panic'
complaint+='|cut here|INFO: (possible|task|trying to register|rcu)'
complaint+='|(possible|detected) .*deadlock|inconsistent lock state'
complaint+='|suspicious RCU usage|bad unlock balance|held lock freed'
complaint+='|sleeping function called|scheduling while atomic'
complaint+='|list_(add|del).*corruption|Objects remaining|leaked'
complaint+='|ref_tracker: [^m]|unregister_netdevice: waiting|detected stall'
complaint+='|general protection|Kernel mode fault|[Ss]egfault|Bad page'
complaint+='|Attempt to release alive|stack-protector|TCP: .*memory leak'

# fact NAME: the last thing the guest said of it.
# shellcheck disable=SC2154 # run is the runner's
fact() { sed -n "s/^$1 //p" "$run/status" 2> /dev/null | tail -n 1; }

# finding CODE TEXT: the first one gives the exit code.
verdict=
finding()
{
	say "$2"
	verdict=${verdict:-$1}
}

# judge HOW_THE_GUEST_ENDED SECONDS: everything that makes a run fail, whatever
# its command returned.
judge()
{
	local why taint

	if [ "$1" -eq 124 ] || [ "$1" -eq 137 ]; then
		finding 124 "no end after $2 s"
	elif ! grep -qx 'done' "$run/status" 2> /dev/null; then
		finding 123 "the guest died"
	elif grep -q '^insmod failed' "$run/status"; then
		finding 123 "the module cannot be loaded"
	fi
	why=$(fact rmmod)
	[ -z "$why" ] || finding 125 "$why"
	why=$(fact sockets)
	[ "${why:-0}" = 0 ] || finding 125 "$why sockets are left"

	why=$(fact namespaces)
	[ "${why:-0}" = 0 ] || finding 125 "$why network namespaces are left"

	if grep -qE "$complaint" "$run/dmesg"; then
		finding 125 "the kernel complained:"
	fi
	# Taint: everything but the out-of-tree and unsigned module is a finding,
	# also when the text was not recognised.
	taint=$(fact tainted)
	if [ $((${taint:-0} & ~((1 << 12) | (1 << 13)))) -ne 0 ]; then
		finding 125 "the kernel is tainted: $taint"
	fi
	if [ -s "$run/kmemleak" ]; then
		finding 125 "memory leaked:"
		cat "$run/kmemleak" >&2
	fi
	if [ -z "$verdict" ] && [ "$(fact debug_locks)" = 0 ]; then
		finding 125 "lockdep switched itself off"
	fi
}
