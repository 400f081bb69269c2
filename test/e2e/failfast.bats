#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# What will not heal by waiting is told soon, with its cause; and once that is mended, the
# same command goes on to the end.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-failfast
	export NS
	mysql_make my-db "$MYSQL_GROUP" 1
}

teardown_file() {
	kubectl -n kubedb scale deployment operator --replicas=1 >/dev/null
	kubectl uncordon node-1 >/dev/null
	kubectl delete namespace "$NS" --wait=false >/dev/null
}

# failed STATUS SECONDS TEXT...: how the last upgrade ended, how soon, with which words.
failed() {
	local text
	[ "$status" = "$1" ] && [ $SECONDS -lt "$2" ] || return 1
	for text in "${@:3}"; do
		[[ $stderr = *"$text"* ]] || return 1
	done
}

budget_is_known() { [ "$(k get pdb my-db -o 'jsonpath={.metadata.generation}')" = "$(k get pdb my-db -o 'jsonpath={.status.observedGeneration}')" ]; }

things() { k get mysql,"$(set_kind)",pods -o 'jsonpath={range .items[*]}{.metadata.uid} {.metadata.generation}{"\n"}{end}'; }

# operators N: the operator, which makes a budget what it was within 2 seconds, is there or not.
operators() {
	kubectl -n kubedb scale deployment operator --replicas="$1" >/dev/null
	kubectl -n kubedb rollout status deployment operator --timeout=60s >/dev/null
	[ "$1" != 0 ] || kubectl -n kubedb wait --for=delete pod --all --timeout=60s >/dev/null
}

# bats test_tags=all
@test "a disruption budget that never lets the pod go" {
	operators 0
	k patch pdb my-db --type=merge -p '{"spec": {"maxUnavailable": 0}}'
	await 20 budget_is_known
	before=$(things)
	SECONDS=0
	upgrade my-db "$MYSQL_GROUP_R2"
	failed 3 15 pdb 'PodDisruptionBudget my-db (maxUnavailable 0) never allows an eviction'
	[ "$before" = "$(things)" ]
	k patch pdb my-db --type=merge -p '{"spec": {"maxUnavailable": 1}}'
	operators 1
}

@test "a second disruption budget: the API server evicts no such pod" {
	k create poddisruptionbudget two --selector=app.kubernetes.io/instance=my-db --max-unavailable=1
	upgrade my-db "$MYSQL_GROUP_R2"
	failed 3 300 '2 PodDisruptionBudgets select the pod (my-db, two)'
	k delete pdb two
}

@test "a quota that has no room for the new pod" {
	k create quota small --hard=pods=0
	SECONDS=0
	upgrade my-db "$MYSQL_GROUP_R2" --skip-check pod.admission # which tells it before
	failed 4 75 'my-db-0: the pod cannot be created' 'exceeded quota: small' 'limited: pods=0' 'raise that ResourceQuota'
	echo "# told after ${SECONDS}s" >&3
	k delete quota small
	upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" = 0 ]
}

# bats test_tags=all
@test "no node takes the new pod: refused before, or the scheduler's reason is told" {
	kubectl cordon node-1
	upgrade my-db "$MYSQL_GROUP"
	failed 3 60 'storage.return' 'node node-1 is cordoned, and no other node can use its data'
	upgrade my-db "$MYSQL_GROUP" --skip-check storage.return --pod-timeout 20s
	kubectl uncordon node-1
	failed 7 300 'Pending: 0/1 nodes are available: 1 node(s) were unschedulable'
	upgrade my-db "$MYSQL_GROUP"
	[ "$status" = 0 ]
}
