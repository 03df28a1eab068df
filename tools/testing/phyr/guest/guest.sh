#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# For the first and only process of a guest to source.  The kernel's command
# line tells it where things are: GUEST_KERNEL is the kernel's build folder, and
# GUEST_BUILD has the programs.  Rows go to the second serial port ($results),
# all else to the console.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
results=/dev/ttyS1
debug=/sys/kernel/debug

say()
{
	echo "${0##*/}: $*"
}

# The console's last words take their time.
off()
{
	say "$*"
	sleep 1
	echo b >/proc/sysrq-trigger
	sleep 60
}

try()
{
	say "$*"
	"$@" || off "FAILED: $*"
}

mount_all()
{
	mount -t proc none /proc
	mount -t sysfs none /sys
	mount -t devtmpfs none /dev
	mount -t debugfs none "$debug"
	# DMA debugging tells only its first error by itself.
	[ ! -e "$debug/dma-api/all_errors" ] || echo 1 >"$debug/dma-api/all_errors"
	stty -F "$results" raw
}

# What the kernel counts, of all memory and of each node: nothing may be left.
nothing_pinned()
{
	cat /proc/sys/vm/stat_refresh
	for counts in /proc/vmstat /sys/devices/system/node/node*/vmstat; do
		[ ! -e "$counts" ] ||
			awk '/^nr_foll_pin_/ { print; left = $2 - left }
			     END { exit left != 0 }' "$counts" || return
	done
}

# Linked IOVA is unknown to DMA debugging: there the IOMMU's tables tell, which
# have a line for each page that is mapped.  DMA_DEVICE is the one that maps, if it
# isn't the demo's.
nothing_mapped()
{
	tables=$debug/iommu/intel/${DMA_DEVICE:-0000:00:01.0}/domain_translation_struct
	if [ -e "$tables" ] && grep -m 10 '|' "$tables"; then
		return 1
	fi
	[ ! -e "$debug/dma-api" ] ||
		[ "$(cat "$debug"/dma-api/error_count "$debug"/dma-api/disabled |
		     tr '\n' ' ')" = "0 N " ]
}

# Memory has to be older than 5 seconds to be taken for lost.
nothing_allocated()
{
	[ -e "$debug/kmemleak" ] || return 0
	sleep 6
	echo scan >"$debug/kmemleak"
	lost=$(cat "$debug/kmemleak")
	echo "$lost"
	[ -z "$lost" ]
}
