# A major upgrade of real servers, 15 to 17, by the script that works in the pod.
load lib

setup_file() { seed; }
setup() { mine; }
teardown() {
	pod_end
	[ -z "${mounted:-}" ] || umount "$mounted"
}

# kept prints the bytes that an upgrade keeps.
kept() {
	local rows
	rows=$(major kept)
	[[ $rows = $'data\t17\nserver\tup\nkept\t15\t17\t'+([0-9])$'\tyes' ]] || { echo "$rows" >&2; return 1; }
	sed -n 's/^kept\t15\t17\t\([0-9]*\).*/\1/p' <<<"$rows"
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
	[ "$(tail -n 1 "$said")" = 'Carrying the configuration over' ]
	[ "$(value new)" = upgraded ]
	[ "$(value linked)" = no ]
	swap_and_start
	[ "$(value server)" = up ]
	major settings | cut -d , -f 1 | sort -u | diff -u <(printf 'setting\t["%s"\n' old_snapshot_threshold vacuum_defer_cleanup_age) -
	[ "$(cat "$PV/data/server.crt")" = "a certificate" ]
	grep -q 192.0.2.0/24 "$PV/data/pg_hba.conf"
	job analyze
	[ "$(sql 17 app -c "SELECT count(*) > 0 FROM pg_statistic WHERE starelid = 'words'::regclass")" = t ]
	[ -s "$PV/data-15/PG_VERSION" ]
	before=$(du -sk "$PV" | cut -f 1)
	bytes=$(from=0 to=0 kept)
	major delete
	freed=$(((before - $(du -sk "$PV" | cut -f 1)) * 1024))
	# But for the folders themselves.
	((freed - bytes >= 0 && (freed - bytes) * 10 < freed))
	[ "$(from=0 to=0 major kept)" = $'data\t17\nserver\tup' ]
	[ ! -e "$PV/data-15" ]
	[ ! -e "$PV/.dbupgrade" ]
	! ls -d "$PV"/space/PG_15_* || return
	[ "$(value started)" = yes ]
	[ "$(value new)" = upgraded ]
	same 17
	# What an upgrade before this one left, which was or was not finished.
	mkdir -p "$PV/.dbupgrade/13-15" "$PV/data-13"
	echo 13 >"$PV/data-13/PG_VERSION"
	chown -R 999:999 "$PV/.dbupgrade" "$PV/data-13"
	[[ $(from=0 to=0 major kept) = *$'\nkept\t13\t15\t4096\tno' ]]
	from=13 to=15 refused 'the new server has not been started' major delete
	touch "$PV/.dbupgrade/13-15/started"
	[[ $(from=0 to=0 major kept) = *$'\nkept\t13\t15\t4096\tyes' ]]
	from=13 to=15 major delete
	[ ! -e "$PV/data-13" ]
	[ ! -e "$PV/.dbupgrade" ]
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
	[[ $output = $'error\t"'*'lacks what was written since"' ]]
}

@test "with the tools of busybox: the whole way" {
	pod postgres-old
	server 15
	busybox
	job keep >"$BATS_TEST_TMPDIR/said"
	! grep -i "can't" "$BATS_TEST_TMPDIR/said" || return
	job stop
	pod postgres-major
	busybox
	job check copy
	job upgrade copy
	tools='' swap_and_start
	job analyze
	[ "$(value analyzed)" = yes ]
	(($(from=0 to=0 kept) > 0))
	major delete
	[ "$(value kept)" = no ]
	[ "$(ls -A "$PV")" = $'data\nspace' ]
	tools='' same 17
}

# xfs: the volume is on a file system that can clone files.
xfs() {
	truncate -s 600M "$BATS_TEST_TMPDIR/disk"
	mkfs.xfs -q -m reflink=1 "$BATS_TEST_TMPDIR/disk"
	mkdir "$BATS_TEST_TMPDIR/xfs"
	mount -o loop "$BATS_TEST_TMPDIR/disk" "$BATS_TEST_TMPDIR/xfs" || skip "no XFS on this machine"
	mounted=$BATS_TEST_TMPDIR/xfs
	cp -a "$PV" "$mounted/pv"
	PV=$mounted/pv
}

@test "cloning, on a file system that can: back, and the whole way" {
	xfs
	at_new
	job check clone
	job upgrade clone
	[ "$(value linked)" = no ]
	back
	stop 15
	at_new
	job check clone
	job upgrade clone
	swap_and_start
	job analyze
	# The old data are whole, however the new ones go on.
	sql 17 app -c 'DELETE FROM words'
	stop 17
	pod postgres-old
	PGDATA=/var/pv/data-15 server 15
	PGDATA=/var/pv/data-15 same 15
}
