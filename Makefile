# SPDX-License-Identifier: GPL-2.0
# XTCP: see README.md. "make help" lists the targets.

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELS ?= 6.1 6.12 7
XTCP_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/xtcp

VM := selftests/vm

.PHONY: all install clean clean-module tools check explore test test-all test-debug demo bench bench-smp bench-compare bench-path bench-path-full sim bench-profile bench-programs bench-scale lint vm help

all: ## build xtcp.ko for the running kernel, or for KDIR=...
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

install: ## install xtcp.ko among the modules of that kernel
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install

clean: clean-module ## remove everything that was built
	rm -rf build
	$(MAKE) -C tools clean
	for dir in unit sim explore fuzz doc tools net attack conform diff programs conform/check bench path; do $(MAKE) -C selftests/$$dir clean || exit 1; done

# For DKMS, which cleans a tree that has only the module's sources.
clean-module:
	find module -name '*.o' -delete -o -name '.*.cmd' -delete -o -name '.*.d' -delete
	rm -f module/compat/have.h module/compat/probes.c module/compat/probes.log
	rm -f xtcp.ko xtcp.o xtcp.mod xtcp.mod.[co] .module-common.o .xtcp.*.cmd ..module-common.o.cmd .Module.* .modules.* Module.symvers modules.order

tools: ## build xtcp-ss, xtcp-run and the examples
	$(MAKE) -C tools

check: tools ## host only: unit tests, purity, simulation, explorer, fuzzer, tools, documents
	$(VM)/selftest.sh
	$(MAKE) -j2 -C selftests/unit run
	$(MAKE) -j2 -C selftests/sim run
	$(MAKE) -C selftests/explore smoke
	$(MAKE) -C selftests/explore coverage
	$(MAKE) -C selftests/explore mutants MUTANTS="$(MUTANTS)"
	$(MAKE) -C selftests/fuzz smoke
	$(MAKE) -C selftests/tools run
	$(MAKE) -C selftests/conform/check run
	selftests/path/check.sh
	selftests/doc/check.sh

# The errors that a model of the design once had, and a few more; none: all that there are,
# as for "make test".
MUTANTS := cookie-mac t-echo tomb-make half-challenges conf-early edge-back timewait-none renege

explore: ## every state that the explorer's scenarios reach: millions, for many minutes
	$(MAKE) -C selftests/explore run

test: tools ## check, the kselftests in VMs on every kernel (KERNELS="6.12" picks) and the debug kernel
	$(VM)/test.sh uml $(KERNELS) kmemleak check

test-all: tools ## the same at length: each test wherever it makes sense, and the runner itself
	XTCP_TEST=all $(VM)/test.sh check uml kmemleak $(KERNELS) runner smp

test-debug: tools ## all kselftests on the debug kernels: locks, leaks, two processors
	$(VM)/test.sh uml kmemleak smp

# A real file of more than 20 MB that every machine with a compiler has.
DEMO_FILE ?= $(shell $(CC) -print-prog-name=cc1)
demo: tools ## two hosts in a VM copy a file over XTCP; every state is shown
	XTCP_FILE=$(DEMO_FILE) $(VM)/vm-run.sh --kvm --add $(DEMO_FILE) -- $(VM)/demo-guest.sh

bench: ## what XTCP costs beside TCP, SCTP and AF_UNIX, in instructions; KERNEL=6.12
	KERNEL=$(KERNEL) selftests/bench/bench.sh instructions

bench-smp: ## the same on two processors, in real time: ratios
	KERNEL=$(KERNEL) selftests/bench/bench.sh smp

ROW ?= veth ipv4 trip 1 1
bench-profile: ## where the instructions of ROW='veth ipv4 trip 1 1' go, by function
	KERNEL=$(KERNEL) selftests/bench/profile.sh '$(ROW)' $(WAYS)

bench-programs: ## requests a second of nginx and redis over XTCP, TCP and AF_UNIX
	KERNEL=$(KERNEL) selftests/bench/programs.sh

bench-scale: ## what 100,000 idle connections cost beside TCP's: memory, new ones, dumps
	KERNEL=$(KERNEL) selftests/bench/scale.sh

bench-compare: ## what changed from A=OLD.json to B=NEW.json (build/bench) beyond the noise
	@selftests/bench/report.py compare $(A) $(B)

bench-path: tools ## XTCP beside TCP on emulated paths, in virtual time: a table, JSON and plots; CELLS='centre lte'
	XTCP_PATH_SEEDS=$(or $(SEEDS),4) selftests/path/path.sh $(CELLS)

bench-path-full: tools ## the same with more seeds, for hours
	XTCP_PATH_SEEDS=$(or $(SEEDS),20) selftests/path/path.sh $(CELLS)

sim: ## the same paths, and thousands of random ones, on the core alone: the worst of them
	$(MAKE) -C selftests/sim grid

lint: ## checkpatch --strict, sparse, W=1, shellcheck
	$(VM)/lint.sh $(KERNELS)

CMD ?= bash -c 'cat /proc/net/protocols'
KERNEL ?= 6.12
vm: tools ## run CMD='...' in a VM with the module loaded, KERNEL=6.12
	$(VM)/vm-run.sh --kernel $(KERNEL) -- bash -c $(call quote,$(CMD))

quote = '$(subst ','\'',$(1))'

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16
