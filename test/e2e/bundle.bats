#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# What is kept of an upgrade that does not end well: all that one would look at, and no secret.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-bundle
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# unpacked: the one bundle in $kept, in $top.
unpacked() {
	local files=("$kept"/*.tar.gz)
	[ ${#files[@]} = 1 ] && [ "$(stat -c %a "${files[0]}")" = 600 ] || return 1
	[[ ${files[0]} =~ /my-db-[0-9]{8}T[0-9]{6}Z\.tar\.gz$ ]] || return 1
	tar xzf "${files[0]}" -C "$kept"
	top=${files[0]%.tar.gz}
	(cd "$top" && find . -type f | sort)
	cat "$top/README.txt"
}

# clean: the passwords of the database are nowhere in the bundle, nor is any Secret.
clean() {
	local secret
	for secret in $(k get secrets -o json | jq -r '.items[].data // {} | .[]'); do
		secret=$(base64 -d <<<"$secret" 2>/dev/null | tr -d '\0' | head -n 1)
		[ ${#secret} -lt 8 ] || ! grep -rqF -- "$secret" "$top" || return 1
	done
	! grep -rq '"kind": "Secret"' "$top"
}

@test "an image that cannot be pulled: what was is kept, without a secret" {
	kept=$BATS_TEST_TMPDIR/kept
	mkdir "$kept"
	password=$(k get secret my-db-auth -o 'jsonpath={.data.password}' | base64 -d)
	[ ${#password} -ge 8 ]
	# Where the servers' own words may say it, too.
	k exec my-db-0 -c mysql -- sh -c "echo 'entrypoint: MYSQL_ROOT_PASSWORD=$password' >/proc/1/fd/2"

	upgrade my-db "$MYSQL_NOIMAGE" --no-rescue --bundle="$kept"
	[ "$status" = 4 ]
	[[ $stderr = *"BUNDLE  $kept/my-db-"*.tar.gz* ]]
	unpacked
	[ "$(jq -r .metadata.name "$top/lease.json")" = dbupgrade-mysqls-my-db ]
	[ "$(jq -r .to "$top/journal.json")" = "$MYSQL_NOIMAGE" ]
	[ "$(jq -r .metadata.name "$top/database.json")" = my-db ]
	jq -e '.steps[] | select(.state == "here")' "$top/plan.json"
	jq -es '[.[] | select(.type == "step" and .state == "failed")] | length == 1' "$top/run.jsonl"
	grep -q 'ErrImagePull\|ImagePullBackOff' "$top/containers.txt"
	grep -q 'Pod/my-db-2 .*Failed' "$top/events.txt"
	grep -q 'ONLINE' "$top/replication/my-db-0.txt"
	grep -q 'ready for connections' "$top/logs/my-db-0/mysql.log"
	grep -qF 'entrypoint: MYSQL_ROOT_PASSWORD=[removed]' "$top/logs/my-db-0/mysql.log"
	[ "$(jq -r .gitVersion "$top/kubernetes-version.json")" != null ]
	clean
}

@test "its old images given back: what the member said before is kept" {
	kept=$BATS_TEST_TMPDIR/kept
	mkdir "$kept"
	run --separate-stderr kubectl-dbupgrade resume mysql my-db -n "$NS" --yes --bundle="$kept"
	echo "$output" "$stderr"
	[ "$status" = 5 ]
	unpacked
	grep -q 'ErrImagePull\|ImagePullBackOff' "$top/before-rescue/my-db-2/pod.json"
	clean
	mysql_ready my-db 3
}

# bats test_tags=all
@test "a folder that cannot be written: a warning, and the same status" {
	upgrade my-db "$MYSQL_NOIMAGE" --bundle=/nonexistent/folder
	[ "$status" = 5 ]
	[[ $output$stderr = *'could not write the diagnostic bundle: cannot write /nonexistent/folder/my-db-'* ]]
}

# bats test_tags=all
@test "none is none" {
	cd "$BATS_TEST_TMPDIR"
	upgrade my-db "$MYSQL_NOIMAGE" --bundle=none
	[ "$status" = 5 ]
	[ -z "$(find . -name '*.tar.gz')" ]
	[[ $stderr != *BUNDLE* ]]
}
