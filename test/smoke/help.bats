# The helps, word by word. To write them anew: GOLDEN=update bats test/smoke/help.bats
# shellcheck disable=SC2154 # root and golden are lib.bash's
load lib

setup() { clean; }

@test "the help of everything" {
	kubectl-dbupgrade help | golden help
	kubectl-dbupgrade | golden help
	kubectl-dbupgrade --help | golden help
	kubectl-dbupgrade -h | golden help
}

@test "the help of each command" {
	kubectl-dbupgrade __complete '' | sed '$d; s/\t.*//' >commands
	[ "$(wc -l <commands)" -ge 6 ]
	while read -r command; do
		[ "$command" != help ] || continue
		kubectl-dbupgrade "$command" --help | golden "help-$command"
		kubectl-dbupgrade help "$command" | golden "help-$command"
	done <commands
}

@test "help wins over what is missing" {
	kubectl-dbupgrade mysql -h | golden help-mysql
	kubectl-dbupgrade my/db --to 8 --help | golden help-mysql
	kubectl-dbupgrade --help resume | golden help-resume
	# with a kind, its flags and no others
	kubectl-dbupgrade abort prx db --help >help
	diff <(grep -oE -- '--(drain-timeout|strategy|pg-upgrade-mode)' help) <(echo --drain-timeout)
	kubectl-dbupgrade abort prx/db --help | diff - help
}

@test "no line of a help is wider than a terminal" {
	run grep -nE '^.{86}' "$golden"/help*
	[ "$status" = 1 ]
}

@test "the version" {
	local release
	release=$(sed -n 's/^RELEASE := //p' "$root/Makefile")
	[[ $release =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	run kubectl-dbupgrade version
	[ "$status" = 0 ]
	[[ $output =~ ^"kubectl-dbupgrade $release"(\+g[0-9a-f]+(\.dirty)?)?$ ]]
	[ "$(kubectl-dbupgrade --version)" = "$output" ]
}
