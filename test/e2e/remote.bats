#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# A real MySQL that replicates from another one, which is no member of it.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-remote
	export NS
	k create secret generic gtid --from-literal=gtid.cnf=$'[mysqld]\ngtid-mode = ON\nenforce-gtid-consistency = ON' >/dev/null
	mysql_make src "$MYSQL_GROUP" 1 '"configuration": {"secretName": "gtid"}'
	mysql_make my-db "$MYSQL_GROUP" 1 '"topology": {"mode": "RemoteReplica", "remoteReplica": {"sourceRef": {"name": "src"}}}'
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# rows POD: of the writer's table.
rows() { sql "$1" 'SELECT COUNT(*), SUM(id) FROM app.w'; }
equal() { [ "$(rows src-0)" = "$(rows my-db-0)" ]; }

@test "while a client writes to the source: the replica is back, and has all of it" {
	local reached
	"$root/test/cluster/write" start src --namespace="$NS"
	upgrade my-db "$MYSQL_GROUP_R2"
	reached=$(rows my-db-0)
	echo "# writer: $("$root/test/cluster/write" stop src --namespace="$NS")" >&3
	echo "# $("$root/test/cluster/write" check src --namespace="$NS"); at the end of the upgrade the replica had ${reached/$'\t'*}" >&3
	[ "$status" = 0 ]
	[[ $output = *"remote replica: KubeDB's webhook rejects"* ]]
	[[ $output = *"AppBinding src at src.$NS.svc:3306, MySQL 9.7.4"*"my-db-0 lacks "* ]]
	[[ $output = *"can follow a source of 9.7.4"* ]]
	await 30 equal
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

# bats test_tags=all
@test "killed while its pod is away, it is finished by resume" {
	killed_at "$(at_pod my-db-0 starting)" mysql my-db --to "$MYSQL_GROUP"
	shorten my-db
	resume my-db
	[ "$status" = 0 ]
	await 30 equal
	[[ "$(state my-db)" = "$MYSQL_GROUP Ready "* ]]
}

@test "a source that lets nobody ask is told; one that is not there is refused" {
	sql src-0 "CREATE USER r@'%' IDENTIFIED BY 'r'; GRANT REPLICATION SLAVE ON *.* TO r@'%'"
	await 30 equal
	sql my-db-0 "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_USER = 'r', SOURCE_PASSWORD = 'no'; START REPLICA IO_THREAD"
	refused() { [ -n "$(sql my-db-0 "SELECT 1 FROM performance_schema.replication_connection_status WHERE LAST_ERROR_NUMBER = 1045")" ]; }
	await 30 refused
	upgrade my-db "$(other my-db)"
	[ "$status" = 3 ]
	[[ $output = *"AppBinding src at src.$NS.svc:3306) cannot be queried: ERROR 1045"* ]]
	[[ $stderr = *"my-db-0 is STOPPED: Error connecting to source 'r@src.$NS.svc:3306'"* ]]
	sql my-db-0 "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = 'r'; START REPLICA"
	k patch mysql src --type=merge -p '{"spec": {"halted": true}}' >/dev/null
	away() { ! k get pod src-0 >/dev/null 2>&1; }
	await 60 away
	lost() { [ "$(sql my-db-0 'SELECT SERVICE_STATE FROM performance_schema.replication_connection_status')" = CONNECTING ]; }
	await 60 lost
	upgrade my-db "$(other my-db)"
	[ "$status" = 3 ]
	[[ $stderr = *"ERROR   source.reached: my-db-0: its upstream (AppBinding src at src.$NS.svc:3306) does not answer: ERROR 2"* ]]
	[[ $stderr = *"my-db-0 is CONNECTING"* ]]
	[[ $output$stderr != *"$(k get secret src-auth -o 'jsonpath={.data.password}' | base64 -d)"* ]]
}
