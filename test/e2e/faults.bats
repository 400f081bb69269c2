#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# Faults of a disk and of a pod while a group is upgraded: the run stops safely, and once the
# fault is gone it is resumed and ends well.

# bats file_tags=all
bats_require_minimum_version 1.5.0
load lib

# node COMMAND... runs as root in the namespaces of this cluster's node.
node() { nsenter --target "$(pgrep -P "$(cat "$home/pid")" | head -n 1)" --mount --net --pid -- "$@"; }

# A group on three disks of its own, too small to be filled by accident and small enough to be
# filled in a moment.
setup_file() {
	namespace dbu-faults
	home=$(cd "$(dirname "$KUBECONFIG")/.." && pwd)
	export NS home
	kubectl apply -f - <<'YAML' >/dev/null
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: small}
provisioner: kubernetes.io/no-provisioner
YAML
	for i in 0 1 2; do
		mkdir -p "$home/volumes/small-$i"
		node mount -t tmpfs -o size=512m,mode=777 small "$home/volumes/small-$i"
		kubectl delete pv "small-$i" --ignore-not-found >/dev/null
		kubectl create -f - <<JSON >/dev/null
{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "small-$i"}, "spec": {"storageClassName": "small",
 "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "persistentVolumeReclaimPolicy": "Retain", "local": {"path": "$home/volumes/small-$i"},
 "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "$NS", "name": "data-my-db-$i"},
 "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-1"]}]}]}}}}
JSON
	done
	mysql_make my-db "$MYSQL_GROUP" 3 '' small
	"$root/test/cluster/write" start my-db --namespace="$NS"
}

# Each test undoes its fault when it fails, too.
teardown() {
	kubectl uncordon node-1 >/dev/null
	node rm -f "$home"/volumes/small-{0,1,2}/hog
	for pod in $(members); do
		k patch pod "$pod" --type=merge -p '{"metadata": {"finalizers": null}}' >/dev/null
	done
}

teardown_file() {
	kubectl delete namespace "$NS" --wait=true --timeout=90s >/dev/null
	kubectl delete pv small-0 small-1 small-2 --timeout=30s >/dev/null
	kubectl delete storageclass small >/dev/null
	for i in 0 1 2; do node umount -l "$home/volumes/small-$i"; done
}

members() { k get pods -l app.kubernetes.io/instance=my-db -o name | sed 's#pod/##'; }
# The secondaries in the order of their turns.
secondaries() { members | grep -v "^$(primary my-db)$" | sort -r; }

# online POD: how many members it sees online.
online() { sql "$1" "SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'"; }

# The version that it does not have.
other() {
	if [ "$(k get mysql my-db -o 'jsonpath={.spec.version}')" = "$MYSQL_GROUP" ]; then echo "$MYSQL_GROUP_R2"; else echo "$MYSQL_GROUP"; fi
}

# quoted POD: the last words of its server that the run showed stand in its log, as the bundle has it.
# Which words they are depends on what the server writes when the disk becomes full.
quoted() {
	local bundle said
	bundle=$(sed -n 's/^ *BUNDLE  \(.*\.tar\.gz\) .*/\1/p' <<<"$stderr")
	said=$(sed -n 's/^.*last log: //p' <<<"$stderr" | tail -n 1)
	echo "said: $said"
	[ -n "$said" ] && tar -xzOf "$bundle" --wildcards "logs/$1/*" "*/logs/$1/*" 2>/dev/null | grep -q -F -e "$said"
}

# fill FOLDER: not a block is left on its disk.
fill() {
	local size
	for size in 1M 4k; do
		run ! node dd if=/dev/zero of="$1/hog" bs="$size" oflag=append conv=notrunc
	done
	[ "$(node stat -f -c %a "$1")" = 0 ]
}

# settled VERSION: nothing of the fault is left.
settled() { [[ "$(state my-db)" = "$1 Ready "* ]] && whole my-db && mysql_ready my-db 3; }

# resumed VERSION [FLAG...]
resumed() {
	resume my-db
	[ "$status" = 0 ] && await 30 settled "$1"
}

@test "a disk fills up: stopped at --pod-timeout with the server's words and the quorum whole; with space again it goes on" {
	to=$(other)
	pod=$(secondaries | head -n 1)
	kubectl cordon node-1 >/dev/null # so that the disk is full before the new server starts
	launch mysql my-db --to "$to" --skip-check storage.return --pod-timeout 40s
	seen 60 "$(at_pod "$pod" starting)"
	fill "$home/volumes/small-${pod##*-}"
	kubectl uncordon node-1 >/dev/null
	ended
	[ "$status" = 7 ]
	quoted "$pod"
	[ "$(online "$(primary my-db)")" = 2 ]
	node rm "$home/volumes/small-${pod##*-}/hog"
	resumed "$to"
}

@test "a pod stays Terminating by a finalizer, which is named; without it it goes on" {
	to=$(other)
	pod=$(secondaries | head -n 1)
	k patch pod "$pod" --type=merge -p '{"metadata": {"finalizers": ["test.kubectl-dbupgrade/hold"]}}'
	upgrade my-db "$to" --pod-timeout 12s
	[ "$status" = 7 ]
	[[ $stderr = *"$pod"* ]]
	[[ $stderr = *test.kubectl-dbupgrade/hold* ]]
	[ "$(online "$(primary my-db)")" = 2 ]
	k patch pod "$pod" --type=merge -p '{"metadata": {"finalizers": null}}'
	resumed "$to"
}

@test "nothing was lost in all that" {
	run -0 "$root/test/cluster/write" stop my-db --namespace="$NS"
	echo "# writer: $output" >&3
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}
