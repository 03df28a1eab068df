#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A stage of rdma, which sources this: pins memory into lists and by what there was
# before.  Instructions are counted in guests whose clocks count them; whether lists
# get the same pages, and the same errors, is compared in others: in random address
# spaces, and while other threads change one.
#
# guest.bash and rdma set what is used here, and use what is set.
# shellcheck disable=SC2034,SC2154

pin_spaces=${PIN_SPACES:-10000}
pin_seconds=${PIN_SECONDS:-60}
least_errnos=300

# With nothing of phyr built, gup.c is as it was.  These have more processors than
# other guests.
pin_fragments()
{
	case $1 in
	pin-stock)
		grep -v -e PHYR -e NR_CPUS "$guests/guest.config"
		grep -v PHYR "$here/pin.config"
		;;
	pin-*)
		grep -v NR_CPUS "$guests/guest.config"
		cat "$here/pin.config"
		[ "$1" != pin-debug ] || cat "$guests/debug.config" "$here/pin-debug.config"
		;;
	esac
}

pin_guest()
{
	local name=$1 kernel=$2 mode=$3
	shift 3

	append="hugepagesz=1G hugepages=1 secretmem.enable=1 PIN_MODE=$mode"
	append+=" PIN_SPACES=$pin_spaces PIN_SECONDS=$pin_seconds"
	[ "$mode" != compare ] && [ "$mode" != race ] || append+=" hugepages=0 movablecore=1G"
	local emulator=(qemu-system-x86_64 -nodefaults -no-reboot -display none
		-machine q35 -cpu "qemu64,+pdpe1gb")
	start "$name" "$guest/$name.qemu.log" \
		boot "$name" "$kernel" rdma-pin-init -m 4G "$@"
}

pin_finish()
{
	local name status=0

	finish || status=1
	for name; do
		clean_log "$name" || status=1
	done
	return $status
}

pin_measure()
{
	local counted=(-accel tcg -smp 1 -icount "shift=0,sleep=off")

	pin_guest pin-array.stock pin-stock array "${counted[@]}"
	pin_guest pin-time pin-list measure "${counted[@]}"
	pin_finish pin-array.stock pin-time
}

# Processors in turn, as all else is too slow or trips over what the kernel patches.
# A file system that has to be told what is written is there for one of both.
pin_compare()
{
	local kernel=$1 in_turn=(-accel "tcg,thread=single" -smp 4)
	local boot_limit=$((boot_limit + pin_seconds)) node

	if [ "$converted" = debug ]; then
		for node in 0 1; do
			in_turn+=(-object "memory-backend-ram,id=node$node,size=2G"
				-numa "node,memdev=node$node")
		done
	fi
	mkdir -p "$guest/scratch"
	pin_guest pin-compare "$kernel" compare "${in_turn[@]}" -virtfs \
		"local,path=$guest/scratch,mount_tag=scratch,security_model=none,id=scratch"
	pin_guest pin-race "$kernel" race "${in_turn[@]}"
	pin_finish pin-compare pin-race
}

# Instructions of lists to those of what they are compared with.  Which lengths count
# for the worst: all.
pin_time_rows()
{
	awk -F '\t' '
	function row(name, value, phyr, peer, peer_value, pages) {
		printf "name=%s\tvalue=%.4f\tunit=of the instructions\tphyr=%.0f\tpeer=%s\tpeer_value=%.0f\trounds=5\tspread=0\tpages=%d\n",
		       name, value, phyr, peer, peer_value, pages
	}
	$1 != "time" { next }
	{ took[$2, $3, $4] = $5; if (!(($2, $3) in seen)) { seen[$2, $3]; at[++n] = $2 SUBSEP $3 } }
	END {
		for (i = 1; i <= n; i++) {
			split(at[i], part, SUBSEP)
			kind = part[1]; pages = part[2]
			list = took[kind, pages, "list"]
			gup = took[kind, pages, "gup"]
			sg = took[kind, pages, "gup-sg"]
			whole = pages > 1024
			name = whole ? kind : kind "/" pages
			remote = kind ~ /^remote-/
			row("pin/" name, list / gup, list, "pin_user_pages_" (remote ? "remote" : "fast"), gup, pages)
			if (whole && !remote)
				row("pin/" name "-sg", list / sg, list, "and sg_append_table", sg, pages)
			if (list / gup > worst) { worst = list / gup; of = name }
			if ((kind, pages, "memfd") in took)
				row("pin/" name "-memfd",
				    took[kind, pages, "memfd-list"] / took[kind, pages, "memfd"],
				    took[kind, pages, "memfd-list"], "memfd_pin_folios",
				    took[kind, pages, "memfd"], pages)
		}
		printf "name=pin/worst\tvalue=%.4f\tunit=of the instructions\tof=%s\n", worst, of
	}' "$guest/pin-time.out"
}

# The same test of the kernel on a kernel without lists and on one with them.
pin_array_rows()
{
	awk -F '\t' '
	$1 != "array" { next }
	FNR == NR { stock[$2, $3, $4] = $5; next }
	{
		ratio = $5 / stock[$2, $3, $4]
		printf "name=pin/array-%s-%s-%s\tvalue=%.4f\tunit=of the instructions\tphyr=%d\tpeer=stock\tpeer_value=%d\n",
		       $4, $2, $3, ratio, $5 * 1000, stock[$2, $3, $4] * 1000
		if (ratio > worst) { worst = ratio; of = $4 "-" $2 "-" $3 }
	}
	END { printf "name=pin/array\tvalue=%.4f\tunit=of the instructions\tpeer=stock\tof=%s\n", worst, of }
	' "$guest/pin-array.stock.out" "$guest/pin-time.out"
}

pin_compare_rows()
{
	awk -F '\t' '
	function row(name, value, unit) {
		printf "name=%s\tvalue=%s\tunit=%s\n", name, value, unit
	}
	$1 == "compare" {
		row("pin/spaces", $2, "address spaces")
		row("pin/requests", $3, "requests")
		row("pin/pinned", $4, "requests")
		row("pin/compared", $5, "pages")
		row("pin/differences", $6, "differences")
	}
	$1 == "errno" {
		inputs++
		if ($4 != $5 || $4 != $6 || $7) {
			wrong++
			print "errno: " $0 >"/dev/stderr"
		}
	}
	$1 == "race" {
		row("pin/raced-seconds", $2, "seconds")
		row("pin/raced", $3, "requests")
		row("pin/raced-pinned", $4, "requests")
		row("pin/raced-both", $5, "requests")
		row("pin/raced-both-pinned", $6, "requests")
		row("pin/raced-compared", $7, "pages")
		row("pin/raced-differences", $8, "differences")
	}
	END {
		row("pin/errnos", inputs + 0, "inputs")
		row("pin/errnos-wrong", wrong + 0, "inputs")
	}
	' "$guest/pin-compare.out" "$guest/pin-race.out"
}

# All of each kind, and a single page.
pin_table()
{
	sed -nE 's,^name=pin/([^/\t]*(/1)?\t.*\tphyr=),memory=\1,p' "$rows/pinning.rows" |
		grep -v '^memory=array-' |
		"$results/table" memory: pages: phyr:$'list,\ninstructions':.0f \
			peer_value:$'peer,\ninstructions':.0f value:ratio:.3f peer:
}

judge_pinning()
{
	local status=0

	row_limit pinning pin/differences 0 || status=1
	row_limit pinning pin/raced-differences 0 || status=1
	row_limit pinning pin/errnos-wrong 0 || status=1
	[ "$(row_value pinning pin/errnos)" -ge "$least_errnos" ] ||
		{ say "fewer than $least_errnos inputs were tried"; status=1; }
	[ "$(row_value pinning pin/raced-seconds)" -ge "$pin_seconds" ] ||
		{ say "raced for less than $pin_seconds s"; status=1; }
	[ "$converted" != debug ] || return $status
	row_limit pinning pin/hugetlb-1g 0.01 || status=1
	row_limit pinning pin/hugetlb-2m 0.03 || status=1
	row_limit pinning pin/thp 0.05 || status=1
	row_limit pinning pin/mthp-64k 0.25 || status=1
	row_limit pinning pin/scattered-4k 1.05 || status=1
	row_limit pinning pin/scattered-4k-sg 0.75 || status=1
	row_limit pinning pin/array 1.005 || status=1
	row_limit pinning pin/worst 1.10 || status=1
	judge_suites || status=1
	return $status
}

run_pinning()
{
	local ended=0 kernel=pin-list

	gcc -O2 -Wall -Wextra -o "$guest/rdma_pin" "$here/rdma_pin.c" -lpthread
	gcc -O2 -Wall -Wextra -o "$guest/rdma_errno" "$here/rdma_errno.c"
	if [ "$converted" = debug ]; then
		kernel=pin-debug
		build pin-debug
	else
		build pin-stock pin-list
		pin_measure || ended=1
		pin_suites || ended=1
	fi
	pin_compare "$kernel" || ended=1
	{
		[ "$converted" = debug ] || { pin_time_rows; pin_array_rows; pin_suite_rows; }
		pin_compare_rows
	} >"$rows/pinning.rows"
	[ "$converted" = debug ] || pin_table
	judge_pinning && return $ended
}
