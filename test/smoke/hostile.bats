# Words of the command line that a terminal would obey, or that would forge a line: shown as what
# they are, and nothing of them reaches the terminal.
load lib

setup() { clean; }

# What a shell's $'...' makes of them: colours, a title, CSI as one character, an override of the
# direction, a zero-width space, a byte that is no UTF-8.
evil=$'x\e[31m\e]0;owned\a\u009b2J\u202eb\u200bc\xff\x7f'
seen='x\x1b[31m\x1b]0;owned\x07\u009b2J\u202eb\u200bc\xff\x7f'

@test "unknown words and flags" {
	says 2 "ERROR   unknown command or kind \"$seen\"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)
HINT    list the commands: kubectl dbupgrade help" "$evil" db --to 8
	says 2 "ERROR   unknown flag --$seen" mysql db "--$evil"
	says 2 "ERROR   --timeout: \"$seen\" is not a duration (such as 90s, 10m or 1h30m)" \
		mysql db --to 8 --timeout "$evil"
	says 2 "ERROR   unknown shell \"$seen\"
HINT    known shells: bash, zsh, fish" completion "$evil"
}

@test "a line end forges no line" {
	says 2 'ERROR   unknown kind "a HINT    run: reboot"
HINT    known kinds: mysql (my), perconaxtradb (px), postgres (pg), proxysql (prx)' \
		resume $'a\nHINT    run: reboot' db
	says 2 'ERROR   "a HINT    run: reboot" is not a valid database name
HINT    for help: kubectl dbupgrade mysql --help' mysql $'a\nHINT    run: reboot'
}

@test "the diagnosis" {
	run kubectl-dbupgrade versions mysql -v --kubeconfig "/none/$evil"
	[[ $output == *"/none/$seen"* ]]
	[[ $output != *$'\e'* && $output != *$'\a'* ]]
}
