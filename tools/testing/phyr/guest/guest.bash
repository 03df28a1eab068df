#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What builds guest kernels, boots them and judges their logs, for scripts to
# source.  They have a function fragments, which prints the options of the kernel
# named, and may change what is set here.

# The folder of who sources this, and that of what all guests share.
here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$guests/../../../.." && pwd)
KVER=${KVER:-7.3}
KDIR=${KDIR:-$repo/build/linux-$KVER}
JOBS=${JOBS:-$(nproc)}

# Kernels and logs go there.
guest=$repo/build/guest-$KVER
# A copy with sets converted, RDMA's core and the exporters of DMABUFs unless something
# else is set, and the trees of kernels that aren't built from KDIR.
sets=(rdma dmabuf)
tree=$repo/build/${KDIR##*/}-converted
declare -A trees=()
# What to run a guest with, and for how many seconds.
emulator=("$guests/qemu" -machine q35)
boot_limit=300

# What nobody wants to see in a kernel's log.
trouble='WARNING:|BUG:|Oops|KASAN|Kernel panic|general protection|Call Trace'
trouble+='|INFO: (task|rcu|trying)|DMAR:.*[Ff]ault|possible .*(deadlock|recurs)'

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

# --- jobs --------------------------------------------------------------------

declare -A running
trap 'for job in "${!running[@]}"; do kill -- "-$job"; done 2>/dev/null' EXIT

# Starts a command in a process group of its own, to be stopped as a whole.
start()
{
	local what=$1 log=$2
	shift 2

	set -m
	"$@" >"$log" 2>&1 </dev/null &
	set +m
	running[$!]=$what
}

ended()
{
	local job=$1 what=${running[$1]} status=0

	unset "running[$job]"
	wait "$job" || status=$?
	[ "$status" != 0 ] || { say "$what: done in $((SECONDS - begin)) s"; return; }
	say "$what: failed after $((SECONDS - begin)) s"
	return "$status"
}

# Waits for all that was started, and tells now and then that it does.
finish()
{
	local begin=$SECONDS told=0 job status=0

	while [ ${#running[@]} != 0 ]; do
		sleep 1
		for job in "${!running[@]}"; do
			kill -0 "$job" 2>/dev/null || ended "$job" || status=1
		done
		[ $((SECONDS - begin - told)) -ge 20 ] || continue
		told=$((SECONDS - begin))
		say "$told s: still at work: ${running[*]}"
	done
	return $status
}

# --- copies of the kernel tree -----------------------------------------------

# Files of KDIR that changed since the copy was made, other than ours.
changed_files()
{
	find "$KDIR" -name .git -prune -o -type f -newer "$1/.phyr-copied" -printf '%P\n' |
		grep -vxF -e .phyr-overlay -f <(cut -f 2 "$KDIR/.phyr-overlay") | head -n 5
}

# Makes a copy of KDIR, if there is none.  By hard links where they work: what changes
# a tree makes new files.
copy_tree()
{
	local tree=$1

	[ ! -e "$KDIR/.phyr-convert" ] ||
		die "$KDIR is converted, and a stock kernel is needed: first, make off KDIR=$KDIR"
	[ ! -e "$tree/.phyr-copied" ] || [ -n "$(changed_files "$tree" || true)" ] || return 0
	say "copying $KDIR to ${tree#"$repo/"}"
	rm -rf "$tree" "$tree.part"
	cp -al "$KDIR" "$tree.part" 2>/dev/null ||
		{ rm -rf "$tree.part"; cp -a "$KDIR" "$tree.part"; }
	touch "$tree.part/.phyr-copied"
	mv "$tree.part" "$tree"
}

convert_tree()
{
	copy_tree "$tree"
	"$repo/tools/overlay/overlay" lay "$tree"
	"$repo/tools/overlay/overlay" convert "$tree" "${sets[@]}"
}

# --- build -------------------------------------------------------------------

kernel_make()
{
	local kernel=$1
	shift
	make -C "${trees[$kernel]:-$KDIR}" O="$guest/$kernel" -j"$JOBS" "$@"
}

# Every time, for the tree may have changed: it takes seconds, and writes nothing
# if there is nothing new.
configure()
{
	local kernel=$1 dir=$guest/$1 option

	mkdir -p "$dir"
	# What turns on SYSCTL before 7.3, and is nothing since.
	{ fragments "$kernel"; echo CONFIG_PROC_SYSCTL=y; } >"$dir/fragment"
	KCONFIG_ALLCONFIG=$dir/fragment kernel_make "$kernel" allnoconfig \
		>"$dir/config.log" 2>&1 ||
		{ cat "$dir/config.log" >&2; die "configuring the kernel failed"; }
	while read -r option; do
		grep -qxF -- "$option" "$dir/.config" ||
			die "the kernel in ${trees[$kernel]:-$KDIR} has no $option"
	done < <(grep '^CONFIG' "$dir/fragment" | grep -v PROC_SYSCTL)
}

# Builds the kernels named, all at a time.
build()
{
	local kernel

	for kernel; do
		configure "$kernel"
		start "$kernel kernel" "$guest/$kernel/build.log" \
			kernel_make "$kernel" vmlinux modules
	done
	finish && return
	for kernel; do
		grep -h -B 20 -E 'Error [0-9]+$' "$guest/$kernel/build.log" >&2 || continue
		say "see ${guest#"$repo/"}/$kernel/build.log"
	done
	die "building the kernels failed"
}

# --- boot --------------------------------------------------------------------

# Boots a kernel with a script from $here for its only process, and more arguments
# of QEMU.  Its console goes to NAME.log, and what the script writes to its second
# serial port to NAME.out.  $append has more words for the kernel's command line.
# An emulated timer may seem not to work where the host is busy.
boot()
{
	local name=$1 kernel=$guest/$2 init=$3 options
	shift 3

	: >"$guest/$name.log"
	: >"$guest/$name.out"
	options="console=ttyS0 panic=-1 no_timer_check root=/dev/root rootfstype=9p ro"
	options+=" rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=262144"
	options+=" init=$here/$init GUEST_KERNEL=$kernel GUEST_BUILD=$guest ${append:-}"
	timeout --foreground "$boot_limit" "${emulator[@]}" "$@" \
		-kernel "$kernel/vmlinux" -append "$options" \
		-virtfs local,path=/,mount_tag=/dev/root,security_model=none,readonly=on,multidevs=remap,id=root \
		-serial "file:$guest/$name.log" -serial "file:$guest/$name.out"
}

# --- judge -------------------------------------------------------------------

# The lines that matter; the kernel's command line could hold any word.
troubles()
{
	grep -v 'ommand line: ' "$1" | grep -E -A 25 "$trouble"
}

# Whether a guest came to its end without any trouble.  Shows what went wrong.
clean_log()
{
	local log=$guest/$1.log

	if grep -q ': all done' "$log" && ! troubles "$log" >/dev/null; then
		return
	fi
	say "$1: from ${log#"$repo/"}:"
	{ troubles "$log" || tail -n 30 "$log"; } | head -n 100 >&2
	cat "$guest/$1.qemu.log" >&2
	return 1
}
