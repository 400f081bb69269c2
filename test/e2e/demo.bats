#!/usr/bin/env bats
# shellcheck disable=SC2154 # what bats sets
# What `make demo` shows, once the cluster is there.

bats_require_minimum_version 1.5.0
load lib

@test "the demo ends with an upgraded group and no row lost" {
	run "$root/examples/demo"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output = *"Nothing was changed"* ]]
	[[ $output = *"verified: 3 members"* ]]
	[[ $output =~ [0-9,]+" acknowledged writes, none lost, longest pause "[0-9]+\.[0-9]" s" ]]
}
