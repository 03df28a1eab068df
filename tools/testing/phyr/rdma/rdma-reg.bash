#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A stage of rdma, which sources this: registers memory on both kernels.  First
# QEMU's edu, behind an IOMMU, reads and writes what was registered.  Then time
# and memory are measured, in guests whose clocks count instructions, so that
# the figures are the same each time.
#
# guest.bash and rdma set what is used here, and use what is set.
# shellcheck disable=SC2034,SC2154

reg_guest()
{
	local name=$1 kernel=$2 mode=$3 icount=$4 append
	shift 4

	append="hugepagesz=1G hugepages=1 intel_iommu=on REG_MODE=$mode $*"
	local emulator=(qemu-system-x86_64 -nodefaults -no-reboot -display none
		-machine "q35,accel=tcg" -cpu "qemu64,+pdpe1gb")
	start "$name" "$guest/$name.qemu.log" boot "$name" "$kernel" rdma-reg-init \
		-smp 1 -m 4G -icount "shift=$icount,sleep=off" \
		-device "intel-iommu,intremap=on" \
		-device "edu,addr=1,dma_mask=0xffffffffffff"
}

# Waits for the guests named, and looks whether they came to a good end.
reg_finish()
{
	local name status=0

	finish || status=1
	for name; do
		clean_log "$name" || status=1
	done
	return $status
}

reg_verify()
{
	reg_guest verify.stock stock verify auto iommu.strict=1
	reg_guest "verify.$converted" "$converted" verify auto iommu.strict=1
	reg_guest "verify-passthrough.$converted" "$converted" verify auto iommu=pt
	reg_finish verify.stock "verify.$converted" "verify-passthrough.$converted"
}

reg_measure()
{
	local kernel

	for kernel in "${kernels[@]}"; do
		reg_guest "measure.$kernel" "$kernel" measure 0
	done
	reg_finish "${kernels[@]/#/measure.}"
}

# What the device saw, and whether bad requests are answered as by the stock kernel.
verify_rows()
{
	awk -F '\t' '
	function row(name, value, unit) {
		printf "name=%s\tvalue=%s\tunit=%s\n", name, value, unit
	}
	FILENAME ~ /verify\.stock/ {
		if ($1 == "error") answer[$2, $3] = $4
		if ($1 == "verify") { size[$2, $3] = $5; stock += $10 }
		next
	}
	$1 == "verify" {
		regions++
		blocks += $7
		reads += $8
		writes += $9
		mismatches += $10
		if (FILENAME !~ /passthrough/) {
			larger += $5 > size[$2, $3]
			smaller += $5 < size[$2, $3]
		}
	}
	$1 == "killed" { registering += $3; deregistering += $4 }
	$1 == "error" { answers++; different += answer[$2, $3] != $4 }
	END {
		row("verify/regions", regions + 0, "regions")
		row("verify/blocks", blocks + 0, "blocks")
		row("verify/reads", reads + 0, "reads")
		row("verify/writes", writes + 0, "writes")
		row("verify/mismatches", mismatches + 0, "mismatches")
		row("verify/mismatches-stock", stock + 0, "mismatches")
		row("verify/page-size-larger", larger + 0, "regions")
		row("verify/page-size-smaller", smaller + 0, "regions")
		row("verify/errors", answers + 0, "errors")
		row("verify/errors-different", different + 0, "errors")
		row("verify/killed-registering", registering + 0, "processes")
		row("verify/killed-deregistering", deregistering + 0, "processes")
	}' "$guest"/verify{.stock,".$converted","-passthrough.$converted"}.out
}

# Time against the stock kernel, where both gave memory in as many ranges.  No
# other pair counts for the worst one.
time_rows()
{
	awk -F '\t' '
	$1 == "held" { next }
	FNR == NR { median[$1, $2, $3] = $6; ranges[$1, $2, $3] = $5; next }
	{
		stock = median[$1, $2, $3]
		ratio = $6 / stock
		alike = $5 / ranges[$1, $2, $3]
		alike = alike > 0.99 && alike < 1.01
		printf "name=%s/%s-%s\tvalue=%.4f\tunit=of the instructions\tphyr=%.0f\tpeer=stock\tpeer_value=%.0f\trounds=%d\tspread=%.4f\tpages=%d\tranges=%d\tstock_ranges=%d\n",
		       $1, $2, $3, ratio, $6, stock, $9, ($8 - $7) / $6, $4, $5, ranges[$1, $2, $3]
		if (alike && ratio > worst[$1]) {
			worst[$1] = ratio
			which[$1] = $2 "-" $3
		}
	}
	END {
		for (what in worst)
			printf "name=%s/worst\tvalue=%.4f\tunit=of the instructions\tpeer=stock\tof=%s\n",
			       what, worst[what], which[what]
	}' "$guest/measure.stock.out" "$guest/measure.$converted.out"
}

held_rows()
{
	awk -F '\t' '
	$1 != "held" { next }
	FNR == NR { stock[$2, $3] = $5 / $4; next }
	{
		printf "name=bytes_per_page/%s-%s\tvalue=%.2f\tunit=bytes\tphyr=%.2f\tpeer=stock\tpeer_value=%.2f\trounds=1\tspread=0\tpages=%d\n",
		       $2, $3, $5 / $4, $5 / $4, stock[$2, $3], $4
	}' "$guest/measure.stock.out" "$guest/measure.$converted.out"
}

# Of each device and kind of memory: instructions for a page and bytes for it.
reg_table()
{
	awk -F '\t' '
	{
		for (i = 1; i <= NF; i++) {
			at = index($i, "=")
			field[substr($i, 1, at - 1)] = substr($i, at + 1)
		}
		split(field["name"], part, "/")
		if (part[2] == "worst" || part[1] == "verify") next
		if (!(part[2] in cells)) lines[++count] = part[2]
		divide = part[1] == "bytes_per_page" ? 1 : field["pages"]
		cells[part[2]] = cells[part[2]] "\t" part[1] "=" field["phyr"] / divide \
				 "\t" part[1] "_stock=" field["peer_value"] / divide
	}
	END { for (i = 1; i <= count; i++) print "memory=" lines[i] cells[lines[i]] }
	' "$rows/registration.rows" |
		"$results/table" memory: \
			register:$'register,\ninstructions\na page':.2f \
			register_stock:stock:.2f \
			deregister:$'deregister,\ninstructions\na page':.2f \
			deregister_stock:stock:.2f \
			bytes_per_page:$'bytes held\nfor a page':.2f \
			bytes_per_page_stock:stock:.2f
}

judge_registration()
{
	local status=0

	row_limit registration verify/mismatches 0 || status=1
	row_limit registration verify/mismatches-stock 0 || status=1
	row_limit registration verify/errors-different 0 || status=1
	[ "$(row_value registration verify/blocks)" -ge 1000 ] ||
		{ say "fewer than 1000 blocks were verified"; status=1; }
	[ "$(row_value registration verify/killed-registering)" -ge 1000 ] ||
		{ say "fewer than 1000 processes were killed in pinning"; status=1; }
	[ "$(row_value registration verify/killed-deregistering)" -ge 50 ] ||
		{ say "fewer than 50 processes were killed in unpinning"; status=1; }
	[ "$converted" != debug ] || return $status
	row_limit registration bytes_per_page/rxe-4k 6 || status=1
	row_limit registration register/edu-4k 0.30 || status=1
	row_limit registration register/edu-thp 0.10 || status=1
	row_limit registration register/edu-hugetlb-2m 0.08 || status=1
	row_limit registration register/edu-hugetlb-1g 0.05 || status=1
	row_limit registration register/worst 1.01 || status=1
	row_limit registration deregister/worst 1.01 || status=1
	return $status
}

# What finds mistakes takes time and memory: there is nothing to measure with it.
run_registration()
{
	local ended=0

	gcc -O2 -Wall -Wextra -o "$guest/rdma_reg" "$here/rdma_reg.c"
	reg_verify || ended=1
	verify_rows >"$rows/registration.rows"
	if [ "$converted" != debug ]; then
		reg_measure || ended=1
		{ time_rows; held_rows; } | sed 's,\(edu\|rxe\|siw\)0-,\1-,' \
			>>"$rows/registration.rows"
		reg_table
	fi
	judge_registration && return $ended
}
