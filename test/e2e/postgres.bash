# What is Postgres' in the place of MySQL's, for the files that test upgrades of it: to be loaded
# after lib.bash.
# shellcheck shell=bash
# shellcheck disable=SC2034 # read by lib.bash
kind=postgres kinds=postgreses

# whole NAME: one of three is the primary, the label names it, and the two others stream from it.
whole() {
	local pod all=''
	for pod in $(postgres_members "$1"); do
		all+=$(pg "$pod" "SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming')")" "
	done
	[ "$(tr ' ' '\n' <<<"$all" | sort | xargs)" = "f|0 t|1 t|1" ] && [ "$(postgres_primary "$1")" = "$(primary "$1")" ]
}

# servers NAME: the versions that its servers say, each once.
servers() {
	local pod
	for pod in $(postgres_members "$1"); do pg "$pod" 'SHOW server_version' | cut -d ' ' -f 1; done | sort -u | xargs
}

# variables NAME: the values of PG_VERSION and MAJOR_PG_VERSION in the containers, init or not, of
# its pods and of its template.
variables() {
	{ k get pods -l "app.kubernetes.io/managed-by=kubedb.com,app.kubernetes.io/instance=$1" -o json; k get "$(set_kind)" "$1" -o json; } |
		jq -r '(.items[]?, .spec.template // empty) | .spec | .containers + .initContainers | .[].env[]?
			| select(.name == "PG_VERSION" or .name == "MAJOR_PG_VERSION") | .name + "=" + .value' | sort -u | xargs
}

# coordinators NAME [FAULT]: what its coordinators do wrong from now on.
coordinators() {
	k annotate lease "$1-coordinator" --overwrite "test.kubectl-dbupgrade/coordinator${2:+=}${2:--}" >/dev/null
	sleep 2 # they look once a second
}

# written NAME: ends the writer; no member lacks what it was told to be there.
written() {
	echo "# writer: $("$root/test/cluster/write" stop "$1" --namespace="$NS" | jq -c 'del(.gaps)')" >&3
	run -0 "$root/test/cluster/write" check "$1" --namespace="$NS"
	# shellcheck disable=SC2154 # bats' own
	echo "# $output" >&3
}
