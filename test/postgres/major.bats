# A major upgrade of real servers, 15 to 17, by the script that works in the pod.
load lib

# One filled volume for all tests; a test's own is a copy.
setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	volume
	fill
	server 15
	digest 15 >"$BATS_FILE_TMPDIR/digest"
	stop 15
	pod_end
}

setup() {
	PV=$BATS_TEST_TMPDIR/pv
	cp -a "$BATS_FILE_TMPDIR/pv" "$PV"
}

teardown() { pod_end; }

# at_new brings a volume to where the new image is to do its work.
at_new() {
	pod postgres-old
	server 15
	job keep
	job stop
	pod postgres-major
}

same() { diff -u "$BATS_FILE_TMPDIR/digest" <(digest "$1"); }

# swap_and_start VERSION: the new server, and nothing is missing in it.
swap_and_start() {
	major swap
	[ "$(value swapped)" = yes ]
	major started
	server 17
	same 17
}

# back: the old server in its own image, and nothing is missing in it.
back() {
	major unswap
	major tidy
	[ ! -e "$PV/.dbupgrade" ]
	[ ! -e "$PV/data-17.new" ]
	[ ! -e "$PV/data-15" ]
	! ls -d "$PV"/space/PG_17_* || return
	pod postgres-old
	server 15
	same 15
}

@test "the whole way, copying" {
	at_new
	[ "$(value kept)" = yes ]
	[ "$(value server)" = down ]
	[ "$(value cluster)" = "shut down" ]
	[ "$(value new)" = absent ]
	job check copy
	[ "$(value new)" = partial ]
	[ "$(value checked)" = copy ]
	said=$BATS_TEST_TMPDIR/said
	job upgrade copy >"$said"
	cat "$said"
	grep -x 'Making an empty cluster of version 17' "$said" || grep -x 'Restoring database schemas in the new cluster' "$said"
	[ "$(value new)" = upgraded ]
	[ "$(value linked)" = no ]
	swap_and_start
	[ "$(value server)" = up ]
	major settings | cut -f 1,2 | sort -u | diff -u <(printf 'setting\t%s\n' old_snapshot_threshold vacuum_defer_cleanup_age) -
	[ "$(cat "$PV/data/server.crt")" = "a certificate" ]
	grep -q 192.0.2.0/24 "$PV/data/pg_hba.conf"
	job analyze
	[ "$(sql 17 app -c "SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 'words'::regclass")" = t ]
	[ -s "$PV/data-15/PG_VERSION" ]
	major delete
	[ ! -e "$PV/data-15" ]
	[ ! -e "$PV/.dbupgrade" ]
	! ls -d "$PV"/space/PG_15_* || return
	[ "$(value started)" = yes ]
	[ "$(value new)" = upgraded ]
	same 17
}

@test "linking, and back before the new server was started" {
	at_new
	job upgrade link
	[ "$(value linked)" = yes ]
	[ -e "$PV/data/global/pg_control.old" ]
	major swap
	major unswap
	[ -e "$PV/data/global/pg_control" ]
	[ "$(value data)" = 15 ]
	back
}

@test "linking, to the end" {
	at_new
	job upgrade link
	swap_and_start
	run major unswap
	[ "$status" = 1 ]
	[[ $output = $'error\t'*'lacks what was written since' ]]
}
