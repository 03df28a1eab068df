# SPDX-License-Identifier: GPL-2.0-only
#
# The front door. Every recipe is one call of a script that can be run by hand.

# The kernel tree to work on: your own, or Debian's package of version KVER.
KVER ?= 7.3
KDIR ?= build/linux-$(KVER)
# Compilers to run at a time.
JOBS ?= $(shell nproc)

override KDIR := $(abspath $(KDIR))
packaged := $(abspath build/linux-$(KVER))
# When to stop fuzzing.
FUZZ_SECONDS ?= 1200
FUZZ_RUNS ?= 10000000
export KDIR KVER JOBS FUZZ_SECONDS FUZZ_RUNS

overlay := tools/overlay/overlay
run := tools/testing/phyr

# The goals share a kernel tree and its build folders.
.NOTPARALLEL:
.PHONY: help deps source lay convert off kunit kunit-qemu kunit-iommu kunit-arch demo p2p dmabuf dmabuf-debug nvme rdma rdma-debug pin conversion bench plots fuzz replay instructions check docs clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 14
	@echo 'Variables: KDIR=<your kernel tree>, else KVER=<packaged version> ($(KVER)); JOBS=$(JOBS), TRACES=<folder for bench>, FUZZ_SECONDS=$(FUZZ_SECONDS), FUZZ_RUNS=$(FUZZ_RUNS), PIN_SPACES=<address spaces for pin> (10000), PIN_SECONDS=<of races> (60)'

deps: ## install the Debian packages that the targets need, or name them
	@$(overlay) deps source build qemu check docs bench fuzz rdma selftests video

source: ## get the kernel tree (not done where KDIR is yours)
ifeq ($(KDIR),$(packaged))
	@test -d $(KDIR) || $(overlay) deps source
	@$(overlay) get $(KVER) $(KDIR)
endif

lay: source ## put phyr into the kernel tree
	@$(overlay) lay $(KDIR)

convert: lay ## convert the RDMA core and drivers in the kernel tree KDIR to phyr
ifeq ($(KDIR),$(packaged))
	@echo 'say which tree: make convert KDIR=<your kernel tree>' >&2; exit 2
else
	@$(overlay) deps convert
	@$(overlay) convert $(KDIR) rdma
endif

off: ## take phyr out of the kernel tree
	@$(overlay) off $(KDIR)

kunit: lay ## run the KUnit suites on user-mode Linux
	@$(overlay) deps build
	@$(run)/kunit/kunit uml

kunit-qemu: lay ## run the KUnit suites on QEMU with an IOMMU
	@$(overlay) deps build qemu
	@$(run)/kunit/kunit qemu

kunit-iommu: lay ## run them on QEMU with the IOMMUs of virtio, AMD and arm64
	@$(overlay) deps build qemu arch
	@$(run)/kunit/kunit iommu

kunit-arch: lay ## run them on big-endian, on 64 KiB pages, and on 32 bits with PAE
	@$(overlay) deps build qemu arch
	@$(run)/kunit/kunit arch

demo: lay ## have a PCI device DMA a process's memory, by phyr
	@$(overlay) deps build qemu
	@$(run)/demo/demo

p2p: lay ## have a PCI device DMA the memory of others: a BAR, an NVMe controller's
	@$(overlay) deps build qemu
	@$(run)/p2p/p2p

dmabuf: lay ## have a PCI device import DMABUFs, on a stock and a converted kernel
	@$(overlay) deps build qemu convert video selftests
	@$(run)/dmabuf/dmabuf

dmabuf-debug: lay ## the same, the converted kernel with KASAN, lockdep, kmemleak and others
	@$(overlay) deps build qemu convert video selftests
	@DMABUF_DEBUG=1 $(run)/dmabuf/dmabuf

nvme: lay ## read and write a disk by NVMe, and count what mapping that takes
	@$(overlay) deps build qemu
	@$(run)/nvme/nvme

rdma: lay ## run RDMA tools and registrations on a stock and a converted kernel
	@$(overlay) deps build qemu rdma
	@$(run)/rdma/rdma

rdma-debug: lay ## the same, the converted kernel with KASAN, lockdep, kmemleak and others
	@$(overlay) deps build qemu rdma
	@RDMA_DEBUG=1 $(run)/rdma/rdma

pin: lay ## count what it takes to pin memory into lists, and compare the pages
	@$(overlay) deps build qemu
	@$(run)/rdma/rdma pinning

conversion: lay ## convert all drivers that can be, and say of each use of a scatterlist why not
	@$(overlay) deps build convert check
	@$(run)/conversion/conversion

bench: lay ## time phyr and its peers side by side (INPUTS=2^0,thp: on some inputs)
	@$(overlay) deps build bench
	@$(run)/bench/bench

plots: ## redraw the committed plots from what bench measured
	@test -e build/results/bench.tsv || { echo 'nothing was measured: make bench first' >&2; exit 2; }
	@$(overlay) deps bench
	@gnuplot -c $(run)/bench/bench.gnuplot build/results/bench.tsv $(run)/bench/plots

check: lay ## run all checkers, and the tests that need no guests to compare: 35 minutes of processor time at first
	@$(overlay) deps build qemu check fuzz
	@$(run)/check/check

fuzz: lay ## try random operations on lists until FUZZ_SECONDS or FUZZ_RUNS are over
	@$(overlay) deps fuzz
	@$(run)/user/fuzz

instructions: lay ## count instructions in QEMU, the same each time (ONLY=build LONGEST=64: some; IOMMU=virtio: its)
	@$(overlay) deps build qemu $(if $(IOMMU),arch)
	@$(run)/bench/instructions

replay: lay ## repeat what the fuzzer found of use: sanitizers, 32 bits, valgrind
	@$(overlay) deps fuzz
	@$(run)/user/fuzz replay

docs: lay ## render the manual with the kernel's
	@$(overlay) deps build docs
	@$(run)/check/docs

clean: ## remove what was built, but not the kernel source
	@find build -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec rm -rf {} + 2>/dev/null || true

distclean: ## remove all that was built or unpacked (the download stays cached)
	@rm -rf build
