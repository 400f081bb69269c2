#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# SIGKILL, at each step and at each state of each member; the same command again goes on to the
# same end. And what the lock is for. KILLS=N adds N kills at random moments.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-kill
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# The members in the order of their turns: the secondaries, the last one first, then the primary.
turns() {
	local old
	old=$(primary my-db)
	k get pods -l app.kubernetes.io/instance=my-db -o name | sed 's#pod/##' | grep -v "^$old$" | sort -r
	echo "$old"
}

# Where a run that rolls is killed.
points() {
	local pod
	at_step pause started
	at_step images started
	at_step images 'done'
	for pod in "$@"; do
		echo "\"type\":\"step\".*\"pod\":\"$pod\".*\"state\":\"started\""
		[ "$pod" != "${!#}" ] || printf '%s\n' "$(at_pod "$pod" handover)" "$(at_pod "$pod" handover).*primary first"
		at_pod "$pod" deleting
		at_pod "$pod" starting
		at_pod "$pod" verifying
		at_pod "$pod" 'done'
	done
	at_step verify 'done'
	at_step version started
	at_step version 'done'
	at_step resume 'done'
}

@test "killed at each step and each state of each member: the same end, nothing lost" {
	"$root/test/cluster/write" start my-db --namespace="$NS"
	mapfile -t pods < <(turns)
	want=$(state my-db | sed -E "s/(^|:)$MYSQL_GROUP( |$)/\1$MYSQL_GROUP_R2\2/g")
	observe my-db
	kills=0
	while IFS= read -r point; do
		echo "--- $point"
		killed_at "$point" mysql my-db --to "$MYSQL_GROUP_R2"
		kills=$((kills + 1))
		if [ $kills -gt 1 ]; then
			grep -q 'took over the lock of' "$BATS_TEST_TMPDIR/killed"
		fi
		shorten my-db
	done < <(points "${pods[@]}" | some 4)
	upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
	unobserve
	echo "# $kills kills" >&3
	diff <(echo "$want") <(state my-db)
	read -r most first second third more < <(rolled)
	echo "most down $most, order $first $second $third $more; turns ${pods[*]}"
	[ "$most $first $second $third$more" = "1 ${pods[*]}" ]
	whole my-db
	run -0 "$root/test/cluster/write" stop my-db --namespace="$NS"
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}

# bats test_tags=all
@test "killed at random moments" {
	[ "${KILLS:-0}" -gt 0 ] || skip "KILLS, how many, is 0"
	RANDOM=${SEED:-$$}
	echo "# SEED=${SEED:-$$}" >&3
	observe my-db
	killed=0
	to=$MYSQL_GROUP
	while [ $killed -lt "$KILLS" ]; do
		launch mysql my-db --to "$to"
		# Over the whole of a run, the waiting for the killed one's lock included.
		sleep "$((16 + RANDOM % 18)).$((RANDOM % 10))"
		if kill -KILL "$run" 2>/dev/null; then
			killed=$((killed + 1))
			ended
			echo "# kill $killed: $(tail -n 1 "$events" | cut -c1-100)" >&3
		else
			ended
			# It came to its end before: the next one goes the other way.
			if [ "$to" = "$MYSQL_GROUP" ]; then to=$MYSQL_GROUP_R2; else to=$MYSQL_GROUP; fi
		fi
	done
	upgrade my-db "$to"
	[ "$status" = 0 ]
	unobserve
	read -r most _ < <(rolled)
	[ "$most" = 1 ]
	whole my-db
	upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
}

@test "two invocations at once: one upgrades, the other names it" {
	mysql_make my-one "$MYSQL_GROUP" 1
	launch mysql my-one --to "$MYSQL_GROUP_R2"
	upgrade my-one "$MYSQL_GROUP_R2"
	other=$status
	said=$stderr
	ended
	[ "$(printf '%s\n' "$status" "$other" | sort | paste -sd ' ')" = "0 6" ]
	[ "$other" = 6 ] || said=$stderr
	[[ $said = *"$(id -un)@$(hostname)/"* ]] || [[ $said = *"at the same moment"* ]]
	[[ "$(state my-one)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

@test "a live run is not disturbed by a later one, which names it" {
	launch mysql my-one --to "$MYSQL_GROUP"
	seen 20 "$(at_step images started)"
	upgrade my-one "$MYSQL_GROUP"
	[ "$status" = 6 ]
	[[ $stderr = *"$(id -un)@$(hostname)/$run/"*"holds the lock"* ]]
	ended
	[ "$status" = 0 ]
}

# renews SECONDS HOURS: a holder whose clock is so many hours off keeps the lock for a while.
renews() {
	local end=$((SECONDS + $1))
	while [ $SECONDS -lt $end ]; do
		k patch lease dbupgrade-mysqls-my-one --type=merge -p "{\"spec\": {\"holderIdentity\": \"ci@elsewhere/7/abc\",
			\"renewTime\": \"$(date -u -d "$2 hours" +%Y-%m-%dT%H:%M:%S.%6NZ)\"}}" >/dev/null
		sleep 2
	done
}

# bats test_tags=all
@test "a holder's clock that is hours off: alive it is left alone, dead it is succeeded" {
	killed_at "$(at_step images 'done')" mysql my-one --to "$MYSQL_GROUP_R2"
	for hours in -5 +5; do
		renews 12 "$hours" 3>&- &
		renewer=$!
		upgrade my-one "$MYSQL_GROUP_R2"
		[ "$status" = 6 ]
		[[ $stderr = *"ci@elsewhere/7/abc"*"alive"* ]]
		wait "$renewer"
	done
	# The last renewal says that it is five hours from now.
	SECONDS=0
	upgrade my-one "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
	[[ $output$stderr = *"took over the lock of ci@elsewhere/7/abc"* ]]
	[ $SECONDS -ge 15 ]
	[ $SECONDS -lt 75 ]
	[[ "$(state my-one)" = "$MYSQL_GROUP_R2 Ready "* ]]
}
