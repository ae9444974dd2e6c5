# SPDX-License-Identifier: GPL-2.0
# How every host program of the selftests is built: the core on the kernel's
# own lists, trees and types. The file that includes this one sets TOP to the
# top of the project first.

XTCP_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/xtcp
KSRC ?= $(XTCP_CACHE)/linux-source-6.12
KSELFTEST ?= $(KSRC)/tools/testing/selftests

ifeq ($(wildcard $(KSRC)/tools/lib/rbtree.c),)
$(error $(KSRC) holds no kernel source: run tools/setup.sh, or set KSRC)
endif

CORE := $(TOP)/module/core
CORE_SRCS := $(sort $(wildcard $(CORE)/*.c))
HOST_DIR := $(TOP)/selftests/lib
RBTREE := $(KSRC)/tools/lib/rbtree.c

# The kernel's headers come as system headers: their warnings are not ours.
HOST_CPPFLAGS := -D_GNU_SOURCE -I$(TOP)/include -I$(TOP)/include/uapi -I$(HOST_DIR) \
	-isystem $(KSRC)/tools/include
HOST_WARN := -Wall -Wextra -Wno-unused-parameter -Werror
HOST_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_HEADERS := $(wildcard $(TOP)/include/xtcp/*.h $(TOP)/include/uapi/linux/*.h \
	$(CORE)/*.h $(HOST_DIR)/*.h)
