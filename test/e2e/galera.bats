#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# PerconaXtraDB: a Galera cluster of three real servers and a single one. A client writes to each of
# the nodes all the time.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-galera
	export NS
	galera_make my-px "$GALERA_OLD" 3
}

# shellcheck disable=SC2034 # for lib.bash
setup() { kind=perconaxtradb kinds=perconaxtradbs; }

teardown() {
	local n
	unobserve
	for n in 0 1 2; do
		k delete pod "my-px-writer-$n" --ignore-not-found --grace-period=1 --wait=false >/dev/null
	done
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# galera_make NAME VERSION REPLICAS: a database, and waits for it.
galera_make() {
	k apply -f - >/dev/null <<JSON
{"apiVersion": "kubedb.com/v1", "kind": "PerconaXtraDB", "metadata": {"name": "$1"}, "spec": {
 "version": "$2", "replicas": $3, "storageType": "Durable",
 "storage": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}
JSON
	await 240 galera_ready "$1"
}

galera_ready() { [ "$(k get perconaxtradb "$1" -o 'jsonpath={.status.phase}')" = Ready ]; }

# px POD STATEMENT: what its server answers.
px() {
	# shellcheck disable=SC2016 # the container's own variables
	k exec -i "$1" -c perconaxtradb -- sh -c 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql -h 127.0.0.1 -u root -NB' <<<"$2"
}

# galera_whole NAME SIZE: each node is synced, in a cluster of that size.
galera_whole() {
	local n
	for ((n = 0; n < $2; n++)); do
		[ "$(px "$1-$n" "SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_local_state_comment')" | cut -f2 | sort | paste -sd' ')" = "$2 Primary Synced" ] || return 1
	done
}

write_to_each() {
	local n
	for n in 0 1 2; do
		"$root/test/cluster/write" start my-px --namespace="$NS" --member=$n
	done
}

# nothing_lost: the writers end, and every node has every row that any of them got acknowledged.
nothing_lost() {
	local n said
	sleep 2
	for n in 0 1 2; do
		said=$("$root/test/cluster/write" stop my-px --namespace="$NS" --member=$n) || return 1
		echo "# writer of node $n: $said" >&3
	done
	for n in 0 1 2; do
		said=$("$root/test/cluster/write" check my-px --namespace="$NS" --member=$n) || return 1
		echo "# node $n: $said" >&3
	done
}

at_end() {
	local end
	end=$(state my-px)
	echo "$end"
	[[ $end = "$1 Ready "* && $end != *Paused* && $end != *dbupgrade* ]] && galera_whole my-px 3
}

@test "a cluster of three to another version, clients on each node: nothing lost, IST told and seen" {
	write_to_each
	observe my-px
	upgrade my-px "$GALERA_NEW"
	unobserve
	[ "$status" = 0 ]
	nothing_lost
	read -r most order < <(rolled)
	echo "most down $most, order $order"
	[ "$most" = 1 ] && [ "$order" = 'my-px-0 my-px-1 my-px-2' ]
	for n in 0 1 2; do
		[[ $output = *"my-px-$n leaves: IST expected: the other members keep "* ]]
		[[ $output = *"my-px-$n rejoined by IST from my-px-"* ]]
	done
	[[ $output != *SST* ]]
	at_end "$GALERA_NEW"
}

@test "stopped half-way and walked back: the new node too, nothing lost" {
	from=$(k get perconaxtradb my-px -o 'jsonpath={.spec.version}')
	write_to_each
	launch perconaxtradb my-px --to "$GALERA_R2"
	seen 120 "$(at_pod my-px-0 'done')"
	kill -INT "$run"
	ended
	[ "$status" = 130 ]
	abort my-px
	[ "$status" = 5 ]
	nothing_lost
	at_end "$from"
}

# bats test_tags=all
@test "a node without its state file: SST is told before, and refused without a consent; then seen" {
	k exec my-px-1 -c perconaxtradb -- rm /var/lib/mysql/grastate.dat
	upgrade my-px "$GALERA_R2" --max-copy 1
	[ "$status" = 3 ]
	[[ $stderr = *'health.transfer: my-px-1: SST expected, about '*' from my-px-0 or my-px-2: its state file, grastate.dat, is missing'* ]]
	[[ $stderr = *'to allow it: --max-copy 1Gi (--yes does not cover it)'* ]]
	write_to_each
	upgrade my-px "$GALERA_R2"
	[ "$status" = 0 ]
	nothing_lost
	[[ $output = *"my-px-0 rejoined by IST from my-px-"* ]]
	[[ $output = *"my-px-1 leaves: SST expected, about "*"my-px-1 rejoined by SST from my-px-"* ]]
	[[ $output = *"my-px-2 rejoined by IST from my-px-"* ]]
	at_end "$GALERA_R2"
}

# with_data POD COMMAND: on the data of a pod whose server does not run.
with_data() {
	k run on-data --image="testcluster.local/galera:$GALERA_NEW" --restart=Never --overrides="{\"spec\": {\"containers\": [{
		\"name\": \"on-data\", \"image\": \"testcluster.local/galera:$GALERA_NEW\", \"command\": [\"sh\", \"-c\", \"$2\"],
		\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]}],
		\"volumes\": [{\"name\": \"data\", \"persistentVolumeClaim\": {\"claimName\": \"data-$1\"}}]}}" >/dev/null
	await 60 on_data_ended
	k delete pod on-data --wait=true >/dev/null
}

on_data_ended() { [ "$(k get pod on-data -o 'jsonpath={.status.phase}')" = Succeeded ]; }

# majority NODE...: they are all that there is, and take writes.
majority() {
	local n
	for n; do
		[ "$(px "my-px-$n" "SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_ready')" | cut -f2 | sort | paste -sd' ')" = "$# ON Primary" ] || return 1
	done
	px "my-px-$1" "INSERT INTO app.w VALUES (-1, 0)"
}

# bats test_tags=all
@test "a node that does not come back: the others serve on, it is told why; mended, it goes on" {
	write_to_each
	# The file in which it keeps late transactions cannot be made: Galera ends at once. (A folder in its
	# place would be a schema.)
	k exec my-px-1 -c perconaxtradb -- sh -c 'rm /var/lib/mysql/galera.cache && ln -s /proc/none/x /var/lib/mysql/galera.cache'
	upgrade my-px "$GALERA_MAJOR" --pod-timeout 2m
	[ "$status" = 4 ]
	[[ $stderr = *'my-px-1'*'galera.cache'* ]]
	[[ $stderr = *'members: my-px-0 SYNCED'*'my-px-2 SYNCED'* ]]
	majority 0 2
	[[ $(px my-px-2 'SELECT VERSION()') != "$GALERA_MAJOR"* ]]
	with_data my-px-1 'rm /data/galera.cache'
	resume my-px
	[ "$status" = 0 ]
	nothing_lost
	at_end "$GALERA_MAJOR"
}

@test "a single server: with the word about the outage" {
	galera_make one "$GALERA_OLD" 1
	px one-0 "CREATE DATABASE app; CREATE TABLE app.w (id BIGINT PRIMARY KEY); INSERT INTO app.w VALUES (1), (2)"
	upgrade one "$GALERA_NEW"
	[ "$status" = 0 ]
	[[ $output = *'clients are disconnected while it restarts'* ]]
	[ "$(px one-0 'SELECT COUNT(*) FROM app.w')" = 2 ]
	[[ $(px one-0 'SELECT VERSION()') = "$GALERA_NEW"* ]]
	k delete perconaxtradb one --wait=false >/dev/null
}
