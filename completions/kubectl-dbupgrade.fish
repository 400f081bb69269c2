# fish completion of kubectl-dbupgrade
function __kubectl_dbupgrade
    set -l words (commandline -opc) (commandline -ct)
    kubectl-dbupgrade __complete $words[2..-1] 2>/dev/null | string match -v -r '^:'
end
complete -c kubectl-dbupgrade -f -a '(__kubectl_dbupgrade)'
