#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# An upgrade that is walked back: after each of its steps, killed on the way, turned round while
# it runs; and a member that cannot start with its new image.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-abort
	export NS
	mysql_make my-one "$MYSQL_GROUP" 1
	mysql_make my-db "$MYSQL_GROUP" 3
	"$root/test/cluster/write" start my-db --namespace="$NS"
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

setup() {
	one=$(state my-one)
	group=$(state my-db)
}

# After each test all is as it was.
teardown() {
	unobserve
	diff <(echo "$one") <(state my-one) && diff <(echo "$group") <(state my-db)
}

@test "a standalone, after each step" {
	mapfile -t points < <(printf '%s\n' "$(at_step pause started)" "$(at_step pause 'done')" "$(at_step images 'done')" \
		"$(at_pod my-one-0 deleting)" "$(at_pod my-one-0 verifying)" "$(at_pod my-one-0 'done')" | some 2)
	for point in "${points[@]}"; do
		echo "--- $point"
		killed_at "$point" mysql my-one --to "$MYSQL_GROUP_R2"
		shorten my-one
		abort my-one
		[ "$status" = 5 ]
		diff <(echo "$one") <(state my-one)
	done
}

# bats test_tags=all
@test "once the version is set it is refused, and the upgrade can be finished" {
	killed_at "$(at_step resume 'done')" mysql my-one --to "$MYSQL_GROUP_R2"
	shorten my-one
	abort my-one
	[ "$status" = 3 ]
	upgrade my-one "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
	abort my-one
	[ "$status" != 0 ] && [ "$status" != 5 ]
	upgrade my-one "$MYSQL_GROUP"
	[ "$status" = 0 ]
}

@test "a group with two members restarted, while a client writes, killed at each step on the way back" {
	old=$(primary my-db)
	observe my-db
	mapfile -t pods < <(k get pods -l app.kubernetes.io/instance=my-db -o name | sed 's#pod/##' | grep -v "^$old$" | sort -r)
	killed_at "$(at_pod "${pods[1]}" 'done')" mysql my-db --to "$MYSQL_GROUP_R2"
	shorten my-db
	mapfile -t points < <(printf '%s\n' "$(at_step pause 'done')" "$(at_step images started)" "$(at_step images 'done')" \
		'"type":"pod".*"state":"deleting"' '"type":"pod".*"state":"starting"' '"type":"pod".*"state":"done"' \
		"$(at_step verify 'done')" "$(at_step resume 'done')" | some 3)
	for point in "${points[@]}"; do
		echo "--- $point"
		killed_at "$point" abort mysql my-db
		shorten my-db
	done
	abort my-db
	[ "$status" = 5 ]
	unobserve
	read -r most order < <(rolled)
	echo "most down $most, order $order; primary was $old"
	[ "$most" = 1 ]
	[ "$(tr ' ' '\n' <<<"$order" | sort | uniq -c | xargs)" = "2 ${pods[1]} 2 ${pods[0]}" ]
	whole my-db
}

@test "an upgrade that runs is turned round from elsewhere" {
	old=$(primary my-db)
	observe my-db
	launch mysql my-db --to "$MYSQL_GROUP_R2"
	seen 60 '"type":"pod".*"state":"starting"'
	run kubectl-dbupgrade ctl mysql my-db abort -n "$NS"
	echo "$output"
	[ "$status" = 0 ]
	ended
	unobserve
	[ "$status" = 5 ]
	# It is seen when the Lease is renewed next: the next member may be on its way by then.
	read -r most first more < <(rolled)
	echo "most down $most, order $first $more; primary is $old"
	[ "$most" = 1 ]
	[[ " $more " = *" $first "* && " $first $more " != *" $old "* ]]
	[ "$(primary my-db)" = "$old" ]
	whole my-db
}

@test "an image that does not exist: the member gets its old one back" {
	observe my-db
	upgrade my-db "$MYSQL_NOIMAGE"
	unobserve
	[ "$status" = 5 ]
	[[ $output$stderr = *ImagePull* ]] || [[ $output$stderr = *ErrImage* ]]
	read -r most first second more < <(rolled)
	[ "$most $first$more" = "1 $second" ]
	whole my-db
}

@test "nothing was lost in all that" {
	run -0 "$root/test/cluster/write" stop my-db --namespace="$NS"
	echo "# writer: $output" >&3
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}

# bats test_tags=all
@test "--no-rescue leaves the member, until it is walked back" {
	upgrade my-one "$MYSQL_NOIMAGE" --no-rescue
	[ "$status" = 4 ]
	[[ "$(state my-one)" = *"Paused=True"*":none"* ]]
	abort my-one
	[ "$status" = 5 ]
}
