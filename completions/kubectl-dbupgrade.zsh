#compdef kubectl-dbupgrade
# zsh completion of kubectl-dbupgrade
_kubectl_dbupgrade() {
    local -a candidates
    local line
    for line in "${(@f)$(kubectl-dbupgrade __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -z $line || $line == :* ]] && continue
        candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe kubectl-dbupgrade candidates
}
compdef _kubectl_dbupgrade kubectl-dbupgrade
