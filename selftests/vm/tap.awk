# SPDX-License-Identifier: GPL-2.0
#
# Counts the results of TAP streams that follow one another on standard input,
# names what failed, and ends with a line "N passed, N failed, N skipped". A
# stream without plan or with other than the planned number of results is a
# failure; so is having seen no result at all. Nested results ("# ok") are their
# parents' business.

function fail(what)
{
	failed++
	print "failed: " step what
}

function finish()
{
	if (!open)
		return
	if (plan < 0)
		fail("a stream without plan, at line " begun)
	else if (plan != seen)
		fail("a stream with " seen " of " plan " results, at line " begun)
	open = 0
}

{ sub(/\r$/, "") }

# test.sh tells what it does.
/^# [a-z].*: begins at / {
	step = $0
	sub(/^# /, "", step)
	sub(/ begins at .*/, " ", step)
}

/^TAP version 1[34]$/ {
	finish()
	open = 1
	plan = -1
	seen = 0
	begun = NR
	next
}

/^1\.\.[0-9]+/ {
	plan = substr($1, 4) + 0
	next
}

/^(not )?ok [0-9]+/ {
	if (!open)
		fail("a result outside of every stream, at line " NR ": " $0)
	seen++
	if (/^not/)
		fail($0)
	else if (/# SKIP/) {
		skipped++
		print "skipped: " $0
	} else
		passed++
}

END {
	finish()
	if (!(passed + failed + skipped))
		fail("no result at all")
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0
}
