#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A part of the pinning stage of rdma, which sources this: the kernel's own tests of
# pinned memory, on a kernel without lists, on one with them, and there once more with
# the tests' pins in lists.
#
# guest.bash and rdma set what is used here, and use what is set.
# shellcheck disable=SC2034,SC2154

suites=(cow gup_longterm gup_test)
least_suite_tests=400

# Of the kernel tree, with the headers of that kernel.  A test that makes files where its
# source is does so where it runs, if its name has no folder.
build_suites()
{
	local mm=$KDIR/tools/testing/selftests/mm dir=$guest/suites suite

	mkdir -p "$dir"
	: >"$dir/local_config.h_gen"
	for suite in "${suites[@]}"; do
		(cd "$mm" && gcc -O2 -w -D__user= -I"$dir" -I"$KDIR" -I.. \
			-isystem "$KDIR/include/uapi" \
			-isystem "$KDIR/arch/x86/include/uapi" \
			-isystem "$guest/pin-stock/arch/x86/include/generated/uapi" \
			-o "$dir/$suite" "$suite.c" vm_util.c hugepage_settings.c -lpthread)
	done
}

pin_suites()
{
	local emulated=(-accel "tcg,thread=multi" -smp 2)

	build_suites
	pin_guest pin-suites.stock pin-stock suites "${emulated[@]}"
	pin_guest pin-suites.arrays pin-list suites "${emulated[@]}"
	pin_finish pin-suites.stock pin-suites.arrays || return
	pin_guest pin-suites.lists pin-list suites_by_lists "${emulated[@]}"
	pin_finish pin-suites.lists
}

# What a guest wrote: a line for each test, its suite, its name and what became of it.
# A name may come more than once.
suite_tests()
{
	awk -F '\t' '
	$1 == "ended" { printf "%s\t%s\t%s\n", $2, "ended", $3 == 0 ? "ok" : "failed" }
	$1 != "suite" || $3 !~ /^(not )?ok [0-9]/ { next }
	{
		result = $3 ~ /^not/ ? "failed" : "ok"
		name = $3
		sub(/^(not )?ok [0-9]+ /, "", name)
		if (sub(/^# SKIP /, "", name))
			result = "skipped"
		if (sub(/^# XFAIL /, "", name))
			result = "failed as known"
		printf "%s\t%s/%d\t%s\n", $2, name, ++seen[$2, name], result
	}' "$guest/pin-suites.$1.out"
}

# What passes on the stock kernel and doesn't here, and how many pass.  Not every suite
# pins by what can be a list.
suite_rows()
{
	awk -F '\t' -v by="$1" '
	FNR == NR { stock[$1 "\t" $2] = $3; passed_stock += $3 == "ok"; next }
	{ here[$1 "\t" $2] = $3; ran[$1] = 1; passed += $3 == "ok" }
	END {
		for (test in stock) {
			split(test, part, "\t")
			if (!(part[1] in ran) || stock[test] != "ok" || here[test] == "ok")
				continue
			worse++
			print "worse by " by ": " test >"/dev/stderr"
		}
		printf "name=pin/suites-%s\tvalue=%d\tunit=tests passed\tstock=%d\n",
		       by, passed, passed_stock
		printf "name=pin/suites-%s-worse\tvalue=%d\tunit=tests\n", by, worse
	}' <(suite_tests stock) <(suite_tests "$1")
}

pin_suite_rows()
{
	suite_rows arrays
	suite_rows lists
}

judge_suites()
{
	local by status=0

	for by in arrays lists; do
		row_limit pinning "pin/suites-$by-worse" 0 || status=1
		[ "$(row_value pinning "pin/suites-$by")" -ge "$least_suite_tests" ] ||
			{ say "fewer than $least_suite_tests of the kernel's tests passed"; status=1; }
	done
	return $status
}
