# A major upgrade of real servers, 15 to 17, by the script that works in the pod.
load lib

setup_file() { seed; }
setup() { mine; }
teardown() { pod_end; }

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
	[ "$(tail -n 1 "$said")" = 'Carrying the configuration over' ]
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
