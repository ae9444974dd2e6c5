#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark's programs work: every row runs whole, and every byte is right.

# shellcheck source=selftests/net/lib.sh disable=SC2154
. "$(dirname "$0")/../net/lib.sh"
[ -d /sys/module/xtcp ] || bail "the module is not loaded"
bench=$(cd "$(dirname "$0")" && pwd)

# Every load of few connections, with as little of it as there can be. SCTP's module
# would be loaded for it, and the debug kernels have enough of modules that come and go.
rows()
{
	XTCP_BENCH_ROWS=' (1|16)$' XTCP_BENCH_SHARE=3 XTCP_BENCH_WAYS="xtcp tcp unix" \
		"$bench/rows.sh" --rounds 1 > "$work/rows" || return
	# two places and two families, nine loads; AF_UNIX in one place
	[ "$(grep -cE ' (xtcp|tcp) 1 ' "$work/rows")" = 72 ] &&
		[ "$(grep -c ' unix 1 ' "$work/rows")" = 18 ]
}

# A line that is not cut short: numbers where numbers belong.
columns() { ! tail -n +2 "$work/rows" | grep -vE '^(lo|veth) ipv[46] [a-z]+( [0-9]+){2} [a-z]+( [0-9]+){4}$'; }

# Every figure of scale.c is there, for a few pairs.
scales()
{
	local transport

	for transport in xtcp tcp; do
		on $A "$bench/scale" 20 $transport > "$work/scale" || return
		[ "$(sort "$work/scale" | cut -d ' ' -f 1 | xargs)" = \
			"alone crowded dump dumped left memory slab" ] || return
		grep -qx 'dumped 40' "$work/scale" || return
	done
}

check "every load runs" rows
check "what they print can be read" columns
two_hosts
check "many connections are measured" scales
finish
