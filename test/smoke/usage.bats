# Every mistake that can be made on the command line: what is said, and that the status is 2.
load lib

setup() { clean; }

@test "unknown words" {
	says 2 'ERROR   unknown command or kind "myql"
HINT    did you mean mysql?' myql db --to 8
	says 2 'ERROR   unknown command or kind "verisons"
HINT    did you mean versions?' verisons
	says 2 'ERROR   unknown command or kind "mariadb"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)
HINT    list the commands: kubectl dbupgrade help' mariadb db --to 8
	says 2 'ERROR   unknown kind "maria"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' resume maria db
	says 2 'ERROR   unknown kind "maria"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' maria/db --to 8
	says 2 'ERROR   unknown kind "mysq"
HINT    did you mean mysql?
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' versions mysq
	says 2 'ERROR   unknown command or kind "nonsense"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)
HINT    list the commands: kubectl dbupgrade help' help nonsense
	says 2 'ERROR   unknown command or kind "__nonsense"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)
HINT    list the commands: kubectl dbupgrade help' __nonsense
	says 2 'ERROR   unknown shell "csh"
HINT    known shells: bash, zsh, fish' completion csh
}

@test "unknown flags" {
	says 2 'ERROR   unknown flag --tmieout
HINT    did you mean --timeout?' mysql db --tmieout 5m
	says 2 'ERROR   unknown flag --no-such-thing' mysql db --no-such-thing
	says 2 'ERROR   unknown flag -x in -x' mysql db -x
	says 2 'ERROR   unknown flag -t in -to
HINT    did you mean --to?' mysql db -to 8
}

@test "flags of other commands" {
	says 2 'ERROR   versions does not accept --to
HINT    for help: kubectl dbupgrade versions --help' versions mysql --to 8
	says 2 'ERROR   version does not accept --namespace
HINT    for help: kubectl dbupgrade version --help' version -n demo
	says 2 'ERROR   resume does not accept --to
HINT    for help: kubectl dbupgrade resume --help' resume mysql db --to 8
	says 2 'ERROR   --detailed-exitcode requires --dry-run' mysql db --to 8 --yes --detailed-exitcode
}

@test "missing words" {
	says 2 "ERROR   the database's name is missing: kubectl dbupgrade mysql NAME --to VERSION
HINT    for help: kubectl dbupgrade mysql --help" mysql --to 8
	says 2 'ERROR   --to is missing: the version to upgrade to
HINT    list the versions: kubectl dbupgrade versions mysql db' mysql db
	says 2 'ERROR   the kind is missing: kubectl dbupgrade resume KIND NAME
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' resume
	says 2 "ERROR   the database's name is missing: kubectl dbupgrade resume KIND NAME
HINT    for help: kubectl dbupgrade resume --help" resume mysql
	says 2 'ERROR   the kind is missing: kubectl dbupgrade versions KIND [NAME]
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' versions
	says 2 'ERROR   the shell is missing
HINT    known shells: bash, zsh, fish' completion
	says 2 'ERROR   --to needs a value: --to VERSION' mysql db --to
	says 2 'ERROR   -n needs a value: -n NAMESPACE' mysql db -n
	says 2 'ERROR   --to: the value is empty' mysql db --to ''
}

@test "words of status and ctl" {
	says 2 'ERROR   the request is missing
HINT    known requests: pause, continue, abort' ctl mysql db
	says 2 'ERROR   unknown request "abotr"
HINT    did you mean abort?' ctl mysql db abotr
	says 2 'ERROR   unknown request "dance"
HINT    known requests: pause, continue, abort' ctl mysql/db dance
	says 2 "ERROR   the database's name is missing: kubectl dbupgrade ctl KIND NAME pause|continue|abort
HINT    for help: kubectl dbupgrade ctl --help" ctl mysql
	says 2 'ERROR   the kind is missing: kubectl dbupgrade ctl KIND NAME pause|continue|abort
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' ctl
	says 2 'ERROR   unknown kind "maria"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' status maria
	says 2 'ERROR   status does not accept "more"
HINT    for help: kubectl dbupgrade status --help' status mysql db more
	says 2 'ERROR   versions does not accept --all-namespaces
HINT    for help: kubectl dbupgrade versions --help' versions mysql -A
	says 2 'ERROR   --output: "jsonl" is not one of: human json name
HINT    for help: kubectl dbupgrade status --help' status -o jsonl
}

@test "words too many" {
	says 2 'ERROR   mysql does not accept "other"
HINT    for help: kubectl dbupgrade mysql --help' mysql db other --to 8
	says 2 'ERROR   mysql does not accept "other"
HINT    for help: kubectl dbupgrade mysql --help' mysql/db other --to 8
	says 2 'ERROR   version does not accept "mysql"
HINT    for help: kubectl dbupgrade version --help' version mysql
}

@test "wrong names" {
	for name in My-Db my_db -- .. a/b my-db. ' ' 'a b'; do
		[ "$name" != -- ] || continue
		says 2 "ERROR   \"$name\" is not a valid database name
HINT    for help: kubectl dbupgrade mysql --help" mysql --to 8 -- "$name"
	done
	says 2 'ERROR   "" is not a valid database name
HINT    for help: kubectl dbupgrade mysql --help' mysql/ --to 8
}

@test "wrong values" {
	says 2 'ERROR   --timeout: "soon" is not a duration (such as 90s, 10m or 1h30m)' \
		mysql db --to 8 --timeout soon
	says 2 'ERROR   --pod-timeout: "5 m" is not a duration (such as 90s, 10m or 1h30m)' \
		mysql db --to 8 --pod-timeout '5 m'
	says 2 'ERROR   --request-timeout: "-1" is not a duration (such as 90s, 10m or 1h30m)' \
		versions mysql --request-timeout -1
	says 2 'ERROR   --max-lag: "1.5" is not a non-negative integer' mysql db --to 8 --max-lag 1.5
	says 2 'ERROR   --max-copy: "much" is not a size (such as 512Mi or 40Gi)' \
		perconaxtradb db --to 8 --max-copy much
	says 2 'ERROR   --max-copy is for mysql and perconaxtradb and postgres
HINT    for help: kubectl dbupgrade proxysql --help' proxysql db --to 8 --yes --max-copy 1Gi
	says 2 'ERROR   --no-rehearsal is for mysql and postgres
HINT    for help: kubectl dbupgrade proxysql --help' proxysql db --to 8 --yes --no-rehearsal
	says 2 'ERROR   --pg-upgrade-mode is for postgres
HINT    for help: kubectl dbupgrade abort --help' abort mysql db --yes --pg-upgrade-mode link
	says 2 'ERROR   --pg-upgrade-mode: "lnik" is not one of: copy, link, clone
HINT    did you mean link?' postgres db --to 18 --yes --pg-upgrade-mode lnik
	says 2 'ERROR   --strategy: "newset" is not one of: in-place, new-set
HINT    did you mean new-set?' mysql db --to 8 --yes --strategy newset
	says 2 'ERROR   --size-tolerance: "110%" is not a percentage from 0 to 100' \
		mysql db --to 8 --size-tolerance 110%
	says 2 'ERROR   --dry-run: "yes" is not one of client, server, none' mysql db --to 8 --dry-run=yes
	says 2 'ERROR   --yes: "sure" is neither true nor false' mysql db --to 8 --yes=sure
	for word in 'a/' '/b' 'a/b/c' '../pods/x'; do
		says 2 "ERROR   --journal-key: \"$word\" is not SECRET or SECRET/KEY" resume mysql db --journal-key "$word"
	done
	says 2 'ERROR   --output: "yaml" is not one of: human json jsonl name
HINT    for help: kubectl dbupgrade mysql --help' mysql db --to 8 -o yaml
	says 2 'ERROR   --output: "jsonl" is not one of: human json name
HINT    for help: kubectl dbupgrade versions --help' versions mysql -o jsonl
}

@test "words that the kind does not know" {
	for command in 'mysql db --to 8' 'resume mysql db' 'abort mysql db'; do
		# shellcheck disable=SC2086 # words
		says 2 'ERROR   --handover: "leave-goup" is not one of: none, set-as-primary, leave-group, transfer, leave
HINT    did you mean leave-group?' $command --yes --handover leave-goup
		# shellcheck disable=SC2086 # words
		says 2 'ERROR   --skip-check: "my.funtions" is not known for mysql
HINT    did you mean my.functions?
HINT    all of them: kubectl dbupgrade checks mysql' $command --yes --skip-check pdb,my.funtions
	done
	says 2 'ERROR   --skip-check: "zzzzzzzzzz" is not known for proxysql
HINT    all of them: kubectl dbupgrade checks proxysql' proxysql db --to 8 --yes --skip-check zzzzzzzzzz
}

@test "no terminal and no --yes" {
	says 2 'ERROR   confirmation required, but stdin is not a terminal
HINT    use --yes to skip this prompt; to see the plan: --dry-run' mysql db --to 8.4.8
	says 2 'ERROR   confirmation required, but stdin is not a terminal
HINT    use --yes to skip this prompt; to see the plan: --dry-run' mysql db --to 8.4.8 --yes=false
	for again in resume abort; do
		says 2 'ERROR   confirmation required, but stdin is not a terminal
HINT    use --yes to skip this prompt; to see the plan: --dry-run' $again mysql db
	done
}
