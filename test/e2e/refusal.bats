#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# What is refused before anything is changed, and with which words.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-refusal
	export NS
	mysql_make my-db "$MYSQL_GROUP" 1
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

setup() { before=$(everything); }

# The heart of it: a refusal leaves all as it was.
teardown() { [ "$before" = "$(everything)" ]; }

everything() {
	k get mysql,"$(set_kind)",pods -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.generation} {.metadata.uid}{"\n"}{end}'
	k get leases -o name
}

# refused STATUS TEXT...: how the last upgrade ended, and words of its error.
refused() {
	local text
	[ "$status" = "$1" ]
	for text in "${@:2}"; do
		[[ $stderr = *"$text"* ]]
	done
}

# as ACCOUNT: a kubeconfig of a service account, and of nobody else.
as() {
	kubectl config view --raw --minify -o json | jq --arg token "$(k create token "$1")" '.users[0].user = {token: $token}' \
		>"$BATS_TEST_TMPDIR/$1"
	echo "$BATS_TEST_TMPDIR/$1"
}

@test "no such database" {
	upgrade other "$MYSQL_GROUP_R2"
	refused 1 'MySQL "other" not found in namespace dbu-refusal' 'kubectl get mysqls'
}

@test "no such version" {
	upgrade my-db 1.2.3
	refused 3 version.known 1.2.3
}

@test "a version that the constraints do not allow" {
	upgrade my-db "$MYSQL_ABOVE"
	refused 3 version.allowed
}

@test "a lower version" {
	upgrade my-db "$MYSQL_LOWER"
	refused 3 version.downgrade
}

@test "a deprecated version" {
	upgrade my-db "$MYSQL_DEPRECATED"
	refused 3 version.deprecated
}

@test "paused by somebody else" {
	k patch mysql my-db --subresource=status --type=json -p '[{"op": "add", "path": "/status/conditions/-", "value":
		{"type": "Paused", "status": "True", "reason": "Paused", "message": "Paused by KubeDB CLI tool", "lastTransitionTime": "2026-01-01T00:00:00Z"}}]'
	upgrade my-db "$MYSQL_GROUP_R2"
	refused 3 operator.paused "Paused by KubeDB CLI tool"
	at=$(k get mysql my-db -o json | jq '[.status.conditions[].type] | index("Paused")')
	k patch mysql my-db --subresource=status --type=json -p "[{\"op\": \"remove\", \"path\": \"/status/conditions/$at\"}]"
}

@test "an OpsRequest is under way" {
	k apply -f - <<'YAML'
apiVersion: ops.kubedb.com/v1alpha1
kind: MySQLOpsRequest
metadata: {name: my-restart}
spec: {type: Restart, databaseRef: {name: my-db}}
YAML
	upgrade my-db "$MYSQL_GROUP_R2"
	refused 3 ops.pending my-restart
	k delete mysqlopsrequest my-restart
}

# A webhook that nobody answers for, for pods of this namespace.
dead_webhook() {
	jq -n --arg ns "$NS" '{apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration",
		metadata: {name: $ns}, webhooks: [{name: "dead.example.com", admissionReviewVersions: ["v1"], sideEffects: "None",
			failurePolicy: "Fail", timeoutSeconds: 2, clientConfig: {url: "https://127.0.0.1:1/"},
			namespaceSelector: {matchLabels: {"kubernetes.io/metadata.name": $ns}},
			rules: [{apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"]}]}]}' | kubectl "$1" -f -
}

@test "the new pod would not be created: Pod Security, a webhook that is down, a quota" {
	kubectl label namespace "$NS" pod-security.kubernetes.io/enforce=restricted
	upgrade my-db "$MYSQL_GROUP_R2"
	kubectl label namespace "$NS" pod-security.kubernetes.io/enforce-
	refused 3 pod.admission 'violates PodSecurity "restricted:latest"'
	dead_webhook create
	upgrade my-db "$MYSQL_GROUP_R2"
	dead_webhook delete
	refused 3 pod.admission dead.example.com
	k create quota full --hard=pods=0
	upgrade my-db "$MYSQL_GROUP_R2"
	k delete quota full
	refused 3 pod.admission "exceeded quota: full"
}

@test "the new pod would not start: a Secret that it refers to is gone" {
	local secret
	secret=$(k get "$(set_kind)" my-db -o json | jq -r '[.spec.template.spec.containers[].env[]?.valueFrom.secretKeyRef.name // empty][0]')
	k get secret "$secret" -o json | jq 'del(.metadata.uid, .metadata.resourceVersion)' >"$BATS_TEST_TMPDIR/secret"
	k delete secret "$secret"
	upgrade my-db "$MYSQL_GROUP_R2"
	k get secret "$secret" || k create -f "$BATS_TEST_TMPDIR/secret"
	refused 3 pod.references "Secret $secret"
}

# plant DIRECTION FIELD=JSON: a journal of nobody's run, as whoever may edit Leases can write one.
plant() {
	jq -n --arg uid "$(k get mysql my-db -o 'jsonpath={.metadata.uid}')" --arg from "$MYSQL_GROUP" --arg to "$MYSQL_GROUP_R2" \
		--arg way "$1" --arg more "${2%%=*}" --argjson value "${2#*=}" '
		{version: 4, direction: $way, kind: "MySQL", name: "my-db", uid: $uid, from: $from, to: $to, set: "my-db",
			started: "2026-01-01T00:00:00Z", by: "eve@laptop/7/abc", pods: {},
			images: [{container: "mysql", init: false, from: "evil.example/backdoor:1", to: "evil.example/backdoor:1"}]}
		| .[$more] = $value
		| {apiVersion: "coordination.k8s.io/v1", kind: "Lease",
			metadata: {name: "dbupgrade-mysqls-my-db", annotations: {"kubectl-dbupgrade/journal": tostring}}}' |
		k apply -f - >/dev/null
}

@test "a journal that somebody planted: neither resume nor abort does what it says" {
	plant forward 'by="eve@laptop/7/abc"'
	resume my-db
	refused 3 evil.example/backdoor:1 "kubectl annotate lease dbupgrade-mysqls-my-db"
	plant back 'by="eve@laptop/7/abc"'
	resume my-db
	[ "$status" = 3 ]
	abort my-db
	[ "$status" = 3 ]
	plant forward 'new_set={"set": "my-db-1", "uid": "", "old_uid": "u", "replicas": 4611686018427387904, "images": []}'
	resume my-db
	refused 3 new_set.replicas
	plant forward 'surprise=1'
	resume my-db
	refused 3 surprise
	run --separate-stderr kubectl-dbupgrade resume mysql my-db -n "$NS" </dev/null
	[ "$status" = 2 ]
	k delete lease dbupgrade-mysqls-my-db
}

@test "no permission: each right that is missing is named" {
	k create serviceaccount viewer
	k create rolebinding viewer --clusterrole=view --serviceaccount="$NS:viewer"
	kubectl create clusterrole dbu-look --verb=get,list,watch --resource=mysqls.kubedb.com,petsets.apps.k8s.appscode.com,mysqlversions.catalog.kubedb.com,mysqlopsrequests.ops.kubedb.com,leases.coordination.k8s.io --dry-run=client -o yaml | kubectl apply -f -
	kubectl create clusterrolebinding dbu-look --clusterrole=dbu-look --serviceaccount="$NS:viewer" --dry-run=client -o yaml | kubectl apply -f -
	KUBECONFIG=$(as viewer) upgrade my-db "$MYSQL_GROUP_R2"
	refused 3 rbac "create pods/eviction" "create pods/exec" "patch mysqls"
}

@test "no permission to read at all" {
	k create serviceaccount nobody
	KUBECONFIG=$(as nobody) upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" = 1 ]
	[[ $stderr = *forbidden* ]]
}

no_pods() { [ -z "$(k get pods -o name)" ]; }

@test "halted" {
	k patch mysql my-db --type=merge -p '{"spec": {"halted": true}}'
	upgrade my-db "$MYSQL_GROUP_R2"
	refused 3 database.halted
	await 60 no_pods # else it is Ready with the old pod, which is on its way out
	k patch mysql my-db --type=merge -p '{"spec": {"halted": false}}'
	await 120 mysql_ready my-db 1
	before=$(everything)
}

@test "too few healthy members" {
	mysql_make my-group "$MYSQL_GROUP" 3
	before=$(everything)
	sql my-group-2 'STOP GROUP_REPLICATION; SET GLOBAL group_replication_group_name = "11111111-1111-1111-1111-111111111111"'
	upgrade my-group "$MYSQL_GROUP_R2"
	refused 3 health.members my-group-2
}
