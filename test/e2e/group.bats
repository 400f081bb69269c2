#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# A group of three real MySQL servers, upgraded while a client writes.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-group
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

@test "without a pause the operator takes an image change back" {
	k patch "$(set_kind)" my-db --type=json -p '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "example.invalid/other:1"}]'
	image_is_back() { [ "$(k get "$(set_kind)" my-db -o 'jsonpath={.spec.template.spec.containers[0].image}')" = "testcluster.local/mysql:$MYSQL_GROUP" ]; }
	await 30 image_is_back
}

@test "a dry run shows the plan and changes nothing" {
	before=$(k get mysql,"$(set_kind)",pods,leases -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.generation} {.metadata.uid}{"\n"}{end}')
	for mode in client server; do
		run kubectl-dbupgrade mysql my-db --to "$MYSQL_GROUP_R2" -n "$NS" --dry-run=$mode
		echo "$output"
		[ "$status" = 0 ]
		[[ $output = *"Nothing was changed"* ]]
		[[ $output = *"restart my-db-"*secondary*"restart my-db-"*primary* ]]
	done
	[[ $output = *accepted* ]]
	run kubectl-dbupgrade mysql my-db --to "$MYSQL_GROUP_R2" -n "$NS" --dry-run --detailed-exitcode
	[ "$status" = 10 ]
	after=$(k get mysql,"$(set_kind)",pods,leases -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.generation} {.metadata.uid}{"\n"}{end}')
	[ "$before" = "$after" ]
}

@test "three members, a writer all the time: secondaries, then the primary, nothing lost" {
	upgraded_while_written my-db "$MYSQL_GROUP_R2"
}

@test "again: it is there already, and nothing is touched" {
	before=$(state my-db)
	upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
	[[ $output = *"already"* ]]
	[ "$before" = "$(state my-db)" ]
}

# bats test_tags=all
@test "back to the first image, as JSON lines: one event a line, one result" {
	run --separate-stderr kubectl-dbupgrade mysql my-db --to "$MYSQL_GROUP" -n "$NS" --yes --bundle="$BATS_TEST_TMPDIR" -o jsonl
	echo "$output" "$stderr"
	[ "$status" = 0 ]
	[ "$(jq -s 'map(.seq) == [range(1; length + 1)]' <<<"$output")" = true ]
	[ "$(jq -s 'map(select(.type == "result")) | length' <<<"$output")" = 1 ]
	[ "$(jq -r 'select(.type == "result") | .ok' <<<"$output")" = true ]
	[ "$(jq -r 'select(.type == "step" and .pod != null and .state == "done") | .pod' <<<"$output" | sort -u | wc -l)" = 3 ]
	[[ "$(state my-db)" = "$MYSQL_GROUP Ready "* ]]
}

# bats test_tags=all
@test "a catalogue entry that lies about its image is noticed at the first member" {
	observe my-db
	upgrade my-db "$MYSQL_LIAR" --no-rescue
	unobserve
	[ "$status" = 4 ]
	[[ $stderr = *version* ]]
	[[ $stderr = *"$MYSQL_LIAR"* ]]
	[[ $stderr = *"PAUSED"* ]]
	[[ $stderr = *"kubectl dbupgrade resume mysql my-db"* ]]
	read -r most first second _ < <(rolled)
	[ "$most" = 1 ]
	[ -n "$first" ]
	[ -z "$second" ]
	await 60 whole my-db
}

# bats test_tags=all
@test "another version is refused while that one is in progress" {
	upgrade my-db "$MYSQL_GROUP"
	[ "$status" != 0 ]
	[[ $stderr = *"in progress"* ]]
}

# bats test_tags=all
@test "resume goes on once the catalogue tells the truth" {
	kubectl patch mysqlversion "$MYSQL_LIAR" --type=merge -p "{\"spec\": {\"version\": \"$MYSQL_GROUP\"}}"
	resume my-db
	kubectl patch mysqlversion "$MYSQL_LIAR" --type=merge -p "{\"spec\": {\"version\": \"$MYSQL_LIAR\"}}"
	[ "$status" = 0 ]
	[[ "$(state my-db)" = "$MYSQL_LIAR Ready "* ]]
}
