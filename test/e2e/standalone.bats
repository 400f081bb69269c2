#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# Single servers: a real version change, and runs in which the new pod cannot start.

bats_require_minimum_version 1.5.0
load lib

later=$MYSQL_NOIMAGE-standalone

setup_file() {
	namespace dbu-standalone
	export NS
	mysql_make my57 "$MYSQL_57_OLD" 1
	mysql_make my-one "$MYSQL_GROUP" 1
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

@test "a standalone goes to the next version while a client writes" {
	"$root/test/cluster/write" start my57 --namespace="$NS"
	upgrade my57 "$MYSQL_57_NEW"
	[ "$status" = 0 ]
	sleep 2
	run -0 "$root/test/cluster/write" stop my57 --namespace="$NS"
	echo "# writer: $output" >&3
	run -0 "$root/test/cluster/write" check my57 --namespace="$NS"
	[ "$(sql my57-0 'SELECT VERSION()' | cut -d- -f1)" = "$MYSQL_57_NEW" ]
	[[ "$(state my57)" = "$MYSQL_57_NEW Ready "* ]]
}

# bats test_tags=all
@test "an image that does not exist: stopped at once, told why, goes on after mending" {
	# An entry of its own: other files use that one meanwhile.
	kubectl get mysqlversion "$MYSQL_NOIMAGE" -o json |
		jq '.metadata = {name: "'"$later"'"}' | kubectl apply -f - >/dev/null
	upgrade my-one "$later" --no-rescue
	[ "$status" = 4 ]
	[[ $stderr = *my-one-0*ImagePull* ]] || [[ $stderr = *my-one-0*ErrImage* ]]
	[[ $stderr = *"kubectl dbupgrade resume mysql my-one"* ]]
	[[ "$(state my-one)" = *"Paused=True"* ]]
	[[ "$(state my-one)" = *dbupgrade* ]]

	kubectl patch mysqlversion "$later" --type=merge -p "{\"spec\": {\"db\": {\"image\": \"testcluster.local/mysql:$MYSQL_GROUP_R2\"}}}"
	resume my-one
	end=$(state my-one)
	[ "$status" = 0 ]
	[[ $end = "$later Ready "* ]]
	[[ $end != *Paused* ]]
	[[ $end != *dbupgrade* ]]
}

@test "a configuration that the server refuses: its own words are told, before and after; goes on after mending" {
	k create secret generic my-conf --from-literal=my.cnf=$'[mysqld]\nmax_connections=150\n'
	mysql_make my-conf "$MYSQL_GROUP" 1 '"configuration": {"secretName": "my-conf"}'
	[ "$(sql my-conf-0 'SELECT @@max_connections')" = 150 ]
	conf() { k create secret generic my-conf --from-literal=my.cnf=$'[mysqld]\n'"$1"$'\n' --dry-run=client -o yaml | k apply -f - >/dev/null; }
	conf no_such_variable=1
	before=$(state my-conf)
	upgrade my-conf "$MYSQL_GROUP_R2"
	[ "$status" = 3 ]
	[[ $stderr = *"mysql.config"*"unknown variable 'no_such_variable'"* ]]
	[ "$(state my-conf)" = "$before" ]
	k wait --for=delete pod/my-conf-upgrade-rehearsal --timeout=30s

	upgrade my-conf "$MYSQL_GROUP_R2" --no-rehearsal
	[ "$status" = 4 ]
	[[ $stderr = *my-conf-0*CrashLoopBackOff* ]]
	[[ $stderr = *no_such_variable* ]]

	conf max_connections=160
	resume my-conf
	[ "$status" = 0 ]
	[ "$(sql my-conf-0 'SELECT @@max_connections')" = 160 ]
	[[ "$(state my-conf)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

# bats test_tags=all
@test "data in an emptyDir: refused, and lost only where that is accepted" {
	k apply -f - <<-JSON
		{"apiVersion": "kubedb.com/v1", "kind": "MySQL", "metadata": {"name": "my-eph"},
		 "spec": {"version": "$MYSQL_GROUP", "replicas": 1, "storageType": "Ephemeral"}}
	JSON
	await 300 mysql_ready my-eph 1
	sql my-eph-0 'CREATE DATABASE d; CREATE TABLE d.t(a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)'
	before=$(state my-eph)
	upgrade my-eph "$MYSQL_GROUP_R2" --force
	[ "$status" = 3 ]
	[[ $stderr = *"storage.ephemeral: my-eph-0 has its data in emptyDir volume data"*"--accept-data-loss"* ]]
	[ "$before" = "$(state my-eph)" ]
	[ "$(sql my-eph-0 'SELECT a FROM d.t')" = 1 ]
	upgrade my-eph "$MYSQL_GROUP_R2" --accept-data-loss
	[ "$status" = 0 ]
	[ -z "$(sql my-eph-0 "SHOW DATABASES LIKE 'd'")" ]
}

@test "a claim that is being deleted: refused, nothing changes" {
	k delete pvc data-my-one-0 --wait=false
	before=$(state my-one)
	upgrade my-one "$MYSQL_GROUP_R2" --force
	[ "$status" = 3 ]
	[[ $stderr = *"storage.claims: PVC data-my-one-0 of my-one-0 is being deleted"* ]]
	[ "$before" = "$(state my-one)" ]
}
