# kubectl-dbupgrade -- `make help` lists the targets.
#
# One file, no recursion into folders.  Objects lie under $(B), so each flavour (asan, coverage,
# another compiler) has its own tree and none of them needs a clean:
#     make B=build/clang CC=clang-14 unit
# CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS are the user's; what the project needs is added to them.
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PROG    := kubectl-dbupgrade
# The version, here and nowhere else. A build from git adds the commit, 0.2.0+gabc1234, unless that
# commit has the tag v0.2.0; what `make dist` packs has it in .version.
RELEASE := 0.2.0
VERSION ?= $(shell test -e .git || { cat .version 2>/dev/null && exit; }; \
    test -e .git && ! git describe --tags --exact-match --match v$(RELEASE) --dirty=- 2>/dev/null | \
        grep -qx v$(RELEASE) && commit=`git describe --always --exclude='*' --dirty=.dirty 2>/dev/null`; \
    echo "$(RELEASE)$${commit:++g$$commit}")
VERSION := $(VERSION)

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
INSTALL ?= install
B       ?= build
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)

# Developers build from git and get -Werror; who builds a released tree does not.
WERROR  ?= $(if $(wildcard .git),1)

CFLAGS ?= -O2 -g
ifeq ($(origin CC),default)
CC      = gcc
endif
CLANG  := $(findstring clang,$(CC))
PKGS   := libcurl jansson yaml-0.1 openssl zlib
STD    := -std=c11 -D_POSIX_C_SOURCE=200809L
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
          -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 \
          -Wundef -Wvla -Wswitch-enum -Wnull-dereference -Wimplicit-fallthrough \
          -Wno-missing-field-initializers $(if $(CLANG),-Wmissing-variable-declarations)
# Text that is cut to its buffer is cut on purpose: snprintf is what we have for that.
WARN   += $(if $(CLANG),,-Wno-format-truncation)
# Empty for the instrumented flavours: the sanitizers and gcov do not go with fortified calls.
HARDEN ?= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
          $(if $(CLANG),,-fstack-clash-protection)

# No .pc file for wslay on Debian 12.
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lwslay

INCLUDES     := -Iinclude -Ilib -iquote .
ALL_CPPFLAGS  = $(STD) $(INCLUDES) $(PKG_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS    = -fPIE $(WARN) $(if $(WERROR),-Werror) $(HARDEN) $(CFLAGS)
ALL_LDFLAGS   = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
ALL_LDLIBS    = $(PKG_LIBS) $(LDLIBS)

LIB_SRC   := $(sort $(wildcard lib/*/*.c))
CMD_SRC   := $(sort $(wildcard cmd/*.c))
UNIT_SRC  := $(sort $(wildcard test/unit/test_*.c))
# What stands in the tests of whole runs for the cluster, the clock and the signals (DOUBLE_SRC) and
# for the user interface; and what several unit tests share: linked into each of them.
DOUBLE_SRC := $(sort $(wildcard test/unit/double_*.c))
SHARE_SRC := $(filter-out $(UNIT_SRC) $(DOUBLE_SRC),$(sort $(wildcard test/unit/*.c)))
FUZZ_SRC  := $(sort $(wildcard test/fuzz/fuzz_*.c))
HEADERS   := $(sort $(wildcard include/*/*.h lib/*/*.h cmd/*.h test/*/*.h))
TEST_SRC  := $(UNIT_SRC) $(SHARE_SRC) $(DOUBLE_SRC) $(sort $(wildcard test/fuzz/*.c))
C_FILES   := $(LIB_SRC) $(CMD_SRC) $(TEST_SRC) $(HEADERS)

obj     = $(patsubst %.c,$(B)/%.o,$(1))
LIB    := $(B)/libdbupgrade.a
UNIT   := $(patsubst %.c,$(B)/%,$(UNIT_SRC))
FUZZ   := $(patsubst %.c,$(B)/%,$(FUZZ_SRC))

.PHONY: all tests fuzz-programs check check-all quick unit smoke e2e asan ubsan valgrind coverage mutants \
        torture tidy cppcheck format format-check lint layers banned reasons structs docs docs-update \
        shellcheck gofmt bench demo picture cluster cluster-down deps fuzz fuzz-coverage install \
        uninstall html dist \
        clean top help FORCE

PROGRAM := $(if $(CMD_SRC),$(B)/$(PROG),$(LIB))
all: $(PROGRAM)  ## build the program

tests: $(UNIT)  ## build the unit tests

fuzz-programs: $(FUZZ)

# --- compile and link; V=1 shows the commands ----------------------------------------------

say = $(if $(V),,@echo '  $(1)';)

# Objects are rebuilt when the compiler or a flag changes; those that show the version also
# when that changes.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)' | cmp -s - $@ || \
	    echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)' >$@

$(B)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@

SHOWS_VERSION := $(call obj,$(shell grep -ls DBU_VERSION $(LIB_SRC) $(CMD_SRC) /dev/null))
$(SHOWS_VERSION): $(B)/version
$(SHOWS_VERSION): VERSION_FLAG = -DDBU_VERSION='"$(VERSION)"'

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) $(ALL_CPPFLAGS) $(VERSION_FLAG) $(TEST_FLAG) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(call obj,$(TEST_SRC)): TEST_FLAG = -Itest/unit

# The scripts that are run in pods, without comments, and as C arrays: a string literal may not be as
# long.  That of a major upgrade of Postgres is joined from its parts, and can print itself, for a
# part of it that outlives the session it came with.
MAJOR_SH := $(sort $(wildcard lib/engine/postgres_major_*.sh)) lib/engine/postgres_major.sh
$(B)/gen/postgres_major.sh: $(MAJOR_SH)
	@mkdir -p $(@D)
	@{ echo "dbupgrade_text() { cat <<'#TEXT'" && sed '/^[[:space:]]*#/d; /^$$/d' $^ && \
	    printf '%s\n' '#TEXT' '}' 'eval "$$(dbupgrade_text)"' '#END'; } >$@

$(B)/gen/mysql_trial.sh: lib/engine/mysql_trial.sh
	@mkdir -p $(@D)
	@sed '/^[[:space:]]*#/d; /^$$/d' $< >$@

$(B)/gen/%.c: $(B)/gen/%.sh
	@{ printf '%s\n' '#include "engine/$*.h"' '' 'const char engine_$*[] = {' && \
	    od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' && echo '0};'; } >$@

$(B)/gen/%.o: $(B)/gen/%.c $(B)/flags
	$(call say,CC   $<)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Made anew, so that no member of a source that is gone stays in it.
$(LIB): $(call obj,$(LIB_SRC)) $(B)/gen/postgres_major.o $(B)/gen/mysql_trial.o
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR   $@)$(AR) rcs $@ $^

# What the unit tests may use of cmd: all but main.
CMD_LIB := $(B)/libcmd.a
$(CMD_LIB): $(call obj,$(filter-out cmd/main.c,$(CMD_SRC)))
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR   $@)$(AR) rcs $@ $^

$(B)/$(PROG): $(call obj,$(CMD_SRC)) $(LIB)
	$(call say,LD   $@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

# The doubles that define what the library has, too, are linked as objects: from an archive the
# linker would take only those that the test itself asks for, and the others from the library.
STAND_IN := $(call obj,$(patsubst %,test/unit/double_%.c,call exec kube time))
STAND_UI := $(call obj,test/unit/double_ui.c)
DOUBLE   := $(B)/libdouble.a
$(DOUBLE): $(filter-out $(STAND_IN) $(STAND_UI),$(call obj,$(DOUBLE_SRC)))
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR   $@)$(AR) rcs $@ $^

UNIT_OBJ  = $(B)/test/unit/test_%.o $(call obj,$(SHARE_SRC))
link_unit = $(call say,LD   $@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS) -lcmocka

$(B)/test/unit/test_%: $(UNIT_OBJ) $(CMD_LIB) $(LIB)
	$(link_unit)

# Tests of whole runs. Hostile text is shown by the real user interface.
HOSTILE := $(filter %_hostile,$(UNIT))
$(HOSTILE): $(B)/test/unit/test_%: $(UNIT_OBJ) $(STAND_IN) $(DOUBLE) $(CMD_LIB) $(LIB)
	$(link_unit)

RUNS := $(filter-out $(HOSTILE),$(filter $(B)/test/unit/test_flow%,$(UNIT)))
$(RUNS): $(B)/test/unit/test_%: $(UNIT_OBJ) $(STAND_IN) $(STAND_UI) $(DOUBLE) $(CMD_LIB) $(LIB)
	$(link_unit)

# Plain drivers replay a corpus; `make fuzz` links them with libFuzzer instead.
FUZZ_MAIN ?= $(call obj,test/fuzz/replay.c)
$(B)/test/fuzz/fuzz_%: $(B)/test/fuzz/fuzz_%.o $(FUZZ_MAIN) $(LIB)
	$(call say,LD   $@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS) $(FUZZ_LINK)

-include $(patsubst %.o,%.d,$(call obj,$(LIB_SRC) $(CMD_SRC) $(TEST_SRC)))

# --- tests --------------------------------------------------------------------------------

SUITES ?= all

check:  ## test every capability once, on real servers; SUITES="unit smoke" runs a part
	@test/run $(SUITES)

check-all:  ## test the rest too: every point and fault, all under valgrind, other flavours
	@ALL=1 test/run $(SUITES)

quick:  ## build, and run the unit tests, the smoke tests and the static checks
	@test/run build unit smoke lint

unit:  ## run the unit tests
	@test/run unit

smoke:  ## test the program from outside, without a cluster
	@test/run smoke

e2e:  ## upgrade real databases on the test cluster (root)
	@test/run e2e

# Every fault at every request takes half an hour on 4 cores; flags for less: TORTURE="--every=5".
torture: all  ## interrupt upgrades and aborts at every request (root); TORTURE="FLAGS"
	@test/cluster/cluster torture --program="$(CURDIR)/$(B)/$(PROG)" $(TORTURE)

asan ubsan:  ## run the unit tests under AddressSanitizer and UBSan
	@test/run asan

valgrind:  ## run the unit tests under valgrind
	@test/run valgrind

coverage:  ## measure which lines of each layer the unit tests reach
	@test/run coverage

# What the tests do not notice of 300 small changes of lib: MUTANTS="--count=50 --seed=2 engine" for others.
mutants:  ## change lib in many places, and list the changes that no unit test notices
	@test/mutants $(MUTANTS)

FUZZ_TIME ?= 60
fuzz:  ## run each fuzzer for FUZZ_TIME seconds (clang), and print a table
	@JOBS=$(JOBS) test/fuzz/run $(FUZZ_TIME)

fuzz-coverage:  ## measure which lines of its parsers each fuzz corpus reaches
	@JOBS=$(JOBS) test/fuzz/coverage.sh

# --- lint ---------------------------------------------------------------------------------

CLANG_FORMAT ?= clang-format-14
CLANG_TIDY   ?= clang-tidy-14

lint:  ## run every static check
	@test/run lint

format:  ## format the C files
	$(if $(C_FILES),$(CLANG_FORMAT) -i $(C_FILES))

format-check:
	$(if $(C_FILES),$(CLANG_FORMAT) --dry-run -Werror $(C_FILES))

# One stamp a source, as old as the object: what compiles anew is looked at anew.
TIDY := $(patsubst %.c,$(B)/tidy/%.ok,$(LIB_SRC) $(CMD_SRC))
tidy:  ## run clang-tidy on what changed
	@$(MAKE) -k $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS) -Otarget) $(TIDY)

$(B)/tidy/%.ok: $(B)/%.o .clang-tidy
	@mkdir -p $(@D)
	@echo "clang-tidy $*.c"
	@$(CLANG_TIDY) --quiet $*.c -- $(ALL_CPPFLAGS) -DDBU_VERSION='""' >$@.log 2>&1 || \
	    { cat $@.log; exit 1; }
	@touch $@

cppcheck:  ## run cppcheck
	@mkdir -p $(B)/cppcheck
	cppcheck --quiet --std=c11 --enable=warning,style,performance,portability \
	    --inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 \
	    --suppressions-list=.cppcheck --cppcheck-build-dir=$(B)/cppcheck -j $(JOBS) \
	    -Iinclude -Ilib -I. $(LIB_SRC) $(CMD_SRC)

layers: $(LIB)  ## check that no include and no call points up the rooms
	@test/layers.sh . $(B)

banned:  ## check that calls and texts are where they belong
	@test/banned.sh

reasons:  ## check that every id of an error is in the table of reasons, and no other
	@test/reasons.sh

structs:  ## check that no struct has too many fields
	@test/structs.sh

docs: all  ## check that manual pages, README and completion agree with the program
	@test/docs.sh check $(B)/$(PROG)

docs-update: all docs/upgrade.svg  ## write the generated parts of the manual page, and draw the picture
	@test/docs.sh update $(B)/$(PROG)

docs/upgrade.svg: docs/upgrade.ansi docs/draw
	docs/draw docs/upgrade.ansi >$@

shellcheck:  ## run shellcheck on every script
	@test/scripts.sh | xargs -r shellcheck -x

gofmt:  ## check the format of the test cluster's Go files
	@test -z "$$(gofmt -l test/cluster | tee /dev/stderr)"

top:  ## list the ten longest functions
	@awk -f test/functions.awk $(LIB_SRC) $(CMD_SRC) | sort -rn | head -n 10

# --- cluster, demo, numbers ---------------------------------------------------------------

deps:  ## install what builds and tests need (Debian, Ubuntu)
	@test/deps check

cluster: deps  ## start the test cluster (root)
	@test/cluster/cluster start --images=mysql

cluster-down:  ## stop the test cluster
	@test/cluster/cluster down

demo:  ## start the test cluster and upgrade a MySQL group on it (root)
	@B=$(B) test/demo

picture: deps  ## record an upgrade on the test cluster, and draw the picture of the README (root)
	@$(MAKE) all
	@test/cluster/cluster start --images=mysql >$(B)/cluster.env
	@. $(B)/cluster.env && PATH="$(CURDIR)/$(B):$$PATH" docs/record >$(B)/upgrade.ansi
	@cp $(B)/upgrade.ansi docs/upgrade.ansi
	@$(MAKE) docs/upgrade.svg

bench: deps  ## measure the numbers of docs/numbers.md (root); BENCH="galera" measures some
	@$(MAKE) all
	@test/cluster/cluster start --images=mysql,postgres,galera,proxysql >$(B)/cluster.env
	@. $(B)/cluster.env && PATH="$(CURDIR)/$(B):$$PATH" test/bench $(BENCH)

# --- install ------------------------------------------------------------------------------

MAN1 := man/$(PROG).1
MAN7 := $(sort $(wildcard man/$(PROG)-*.7))

install: all  ## install under PREFIX (/usr/local); DESTDIR is put before it
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -m 0755 $(B)/$(PROG) $(DESTDIR)$(BINDIR)/$(PROG)
	$(INSTALL) -m 0755 completions/kubectl_complete-dbupgrade $(DESTDIR)$(BINDIR)/
	$(INSTALL) -m 0644 $(MAN1) $(DESTDIR)$(MANDIR)/man1/
	$(INSTALL) -m 0644 $(MAN7) $(DESTDIR)$(MANDIR)/man7/

uninstall:  ## remove the installed files
	rm -f $(DESTDIR)$(BINDIR)/$(PROG) $(DESTDIR)$(BINDIR)/kubectl_complete-dbupgrade \
	    $(patsubst man/%,$(DESTDIR)$(MANDIR)/man1/%,$(MAN1)) \
	    $(patsubst man/%,$(DESTDIR)$(MANDIR)/man7/%,$(MAN7))

HTML := $(patsubst man/%,$(B)/html/%.html,$(MAN1) $(MAN7))
html: $(HTML)  ## render the manual pages into build/html (mandoc)

$(B)/html/%.html: man/%
	@command -v mandoc >/dev/null || { echo 'mandoc is not installed: make deps' >&2; exit 1; }
	@mkdir -p $(@D)
	$(call say,HTML $@)mandoc -T html -O toc,man=%N.%S.html $< >$@

NAME := $(PROG)-$(VERSION)
dist:  ## pack the committed files into build/kubectl-dbupgrade-VERSION.tar.gz
	@mkdir -p $(B)/dist
	@echo '$(VERSION)' >$(B)/dist/.version
	git archive --prefix=$(NAME)/ --add-file=$(B)/dist/.version -o $(B)/$(NAME).tar.gz HEAD

clean:  ## remove everything built, except the test cluster's images and caches
	find build -mindepth 1 -maxdepth 1 ! -name cluster -exec rm -rf {} + 2>/dev/null || true

help:  ## show this list
	@awk -F ':.*##' '/^[a-z][a-z0-9 -]*:.*##/ {printf "  %-14s %s\n", $$1, $$2}' \
	    $(firstword $(MAKEFILE_LIST))
