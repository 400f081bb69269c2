# The script that upgrades a Postgres in its pod, interrupted: run again, it comes to its end.
load lib

setup_file() { seed; }
setup() { mine; }
teardown() {
	pod_end
	! mountpoint -q "$BATS_TEST_TMPDIR/small" || umount "$BATS_TEST_TMPDIR/small"
}

# killed_when WORDS COMMAND... starts a job and kills all of the container when the job says so.
killed_when() {
	local image=$1 words=$2
	shift 2
	begin "$@"
	for _ in {1..3000}; do
		! grep -aqF -- "$words" "$work/job/log" 2>/dev/null || break
		[ ! -e "$PV/.dbupgrade/15-17/job/done" ] || { echo "never said $words"; return 1; }
		sleep 0.01
	done
	pod "$image"
	grep -qx 'job_state	failed' <(major state) && grep -qx 'job_lost	yes' <(major state)
}

@test "keeping the old server's programs" {
	pod postgres-old
	server 15
	killed_when postgres-old "Copying the old server's programs" keep
	[ "$(value kept)" = no ]
	server 15
	at_new
	job upgrade copy
	swap_and_start
}

@test "copying" {
	at_new
	mapfile -t points < <(printf '%s\n' 'empty cluster' 'Checking database user' 'Analyzing all rows' 'Restoring database schemas' \
		'Copying user relation files' 'Sync data directory' 'Carrying the configuration' | some 3)
	for words in "${points[@]}"; do
		echo "# $words"
		killed_when postgres-major "$words" upgrade copy
		[ "$(value new)" != upgraded ]
	done
	job upgrade copy
	swap_and_start
}

@test "linking" {
	at_new
	mapfile -t points < <(printf '%s\n' 'Restoring database schemas' 'Linking user relation files' 'Setting next OID' 'Carrying the configuration' | some 2)
	for words in "${points[@]}"; do
		echo "# $words"
		killed_when postgres-major "$words" upgrade link
		[ "$(value new)" != upgraded ]
	done
	job upgrade link
	swap_and_start
}

@test "linking, and back" {
	at_new
	killed_when postgres-major 'Setting next OID' upgrade link
	back
}

@test "the job alone is killed, and what it started lives" {
	at_new
	begin upgrade copy
	until grep -q 'Restoring database schemas' "$PV/.dbupgrade/15-17/job/log"; do sleep 0.02; done
	inside sh -c 'kill -KILL "$(cat /var/pv/.dbupgrade/15-17/job/pid)"'
	[ "$(value job_lost)" = yes ]
	[ "$(value server)" = down ]
	job upgrade copy
	swap_and_start
}

@test "a job that goes on is not started again, another has to wait, and it can be ended" {
	at_new
	begin upgrade copy
	token=$(cat "$PV/.dbupgrade/15-17/job/token")
	major upgrade copy >/dev/null 3>&- &
	sleep 0.5
	[ "$(cat "$PV/.dbupgrade/15-17/job/token")" = "$token" ]
	refused 'the job "upgrade" still runs' major check copy
	refused 'the job "upgrade" still runs' major unswap
	major cancel
	[ "$(value job_state)" = failed ]
	[ "$(inside sh -c 'grep -ls DBUPGRADE_JOB= /proc/[0-9]*/environ | wc -l')" = 0 ]
	back
}

@test "the old server crashed" {
	pod postgres-old
	server 15
	job keep
	sql 15 app -c "INSERT INTO words(s) VALUES ('lost?')"
	pod postgres-major
	[ "$(value cluster)" = "in production" ]
	job upgrade copy
	major swap
	major started
	server 17
	[ "$(sql 17 app -c "SELECT count(*) FROM words WHERE s = 'lost?'")" = 1 ]
}

@test "between the renames of a swap" {
	at_new
	job upgrade copy
	mv "$PV/data" "$PV/data-15"
	[ "$(value swapped)" = no ]
	major swap
	[ "$(value swapped)" = yes ]
	major unswap
	[ "$(value swapped)" = no ]
	[ "$(value data)" = 15 ]
	[ "$(value new)" = upgraded ]
	mv --exchange "$PV/data" "$PV/data-17.new" 2>/dev/null || { mv "$PV/data" "$PV/x" && mv "$PV/data-17.new" "$PV/data" && mv "$PV/x" "$PV/data-17.new"; }
	[ "$(value swapped)" = no ]
	major swap
	[ "$(value swapped)" = yes ]
	mv "$PV/data-15" "$PV/data-17.new"
	major unswap
	[ "$(value data)" = 15 ]
	major swap
	mv "$PV/data" "$PV/data-17.new"
	[ "$(value data)" = "" ]
	back
}

@test "a full volume" {
	small=$BATS_TEST_TMPDIR/small
	mkdir "$small"
	size=$(du -sm "$PV" | cut -f 1)
	for more in 30 120; do
		mount -t tmpfs -o "size=$((size + more))m,uid=999,gid=999,mode=770" tmpfs "$small"
		cp -a "$PV/." "$small/"
		PV=$small pod postgres-old
		server 15
		if [ $more = 30 ]; then
			refused 'the volume is full' job keep
			[ "$(value kept)" = no ]
		else
			job keep
			job stop
			PV=$small pod postgres-major
			refused 'the volume is full' job upgrade copy
			[ "$(value job_full)" = yes ]
			PV=$small back
		fi
		pod_end
		umount "$small"
	done
}
