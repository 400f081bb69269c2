#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# SIGKILL at random moments; the same command again goes on to the same end.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-kill
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
	"$root/test/cluster/write" start my-db --namespace="$NS"
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

KILLS=${KILLS:-10}

@test "killed at random moments and run again: the same end, nothing lost" {
	RANDOM=${SEED:-$$}
	echo "# SEED=${SEED:-$$}" >&3
	upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
	undisturbed=$(state my-db)
	upgrade my-db "$MYSQL_GROUP"
	[ "$status" = 0 ]

	observe my-db
	killed=0
	runs=0
	to=$MYSQL_GROUP_R2
	while [ $killed -lt "$KILLS" ]; do
		runs=$((runs + 1))
		kubectl-dbupgrade mysql my-db --to "$to" -n "$NS" --yes >"$BATS_TEST_TMPDIR/run.$runs" 2>&1 3>&- &
		pid=$!
		# Over the whole of a run, the waiting for the killed one's lock included.
		sleep "$((16 + RANDOM % 18)).$((RANDOM % 10))"
		if kill -KILL "$pid" 2>/dev/null; then
			killed=$((killed + 1))
			wait "$pid" || true
			echo "# kill $killed: $(tail -n 1 "$BATS_TEST_TMPDIR/run.$runs" | cut -c1-100)" >&3
		else
			wait "$pid"
			# It came to its end before: the next one goes the other way.
			if [ "$to" = "$MYSQL_GROUP" ]; then to=$MYSQL_GROUP_R2; else to=$MYSQL_GROUP; fi
		fi
	done
	upgrade my-db "$to"
	[ "$status" = 0 ]
	if [ "$to" != "$MYSQL_GROUP_R2" ]; then
		upgrade my-db "$MYSQL_GROUP_R2"
		[ "$status" = 0 ]
	fi
	unobserve
	[ "$undisturbed" = "$(state my-db)" ]
	read -r most _ < <(rolled)
	[ "$most" = 1 ]
	whole my-db
	run -0 "$root/test/cluster/write" stop my-db --namespace="$NS"
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}

@test "a live run is not disturbed by a second one" {
	kubectl-dbupgrade mysql my-db --to "$MYSQL_GROUP" -n "$NS" --yes >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
	first=$!
	locked() { k get leases -o name | grep -q dbupgrade; }
	await 20 locked
	upgrade my-db "$MYSQL_GROUP"
	[ "$status" = 6 ]
	[[ $stderr = *"holds the lock"* ]]
	wait "$first"
}
