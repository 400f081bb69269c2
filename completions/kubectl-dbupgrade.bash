# bash completion of kubectl-dbupgrade
_kubectl_dbupgrade() {
    local words=() word line i
    # bash cuts --flag=value in three: put it together again
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]} > 0)) && [[ $word == '=' || ${COMP_WORDS[i - 1]} == '=' ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    COMPREPLY=()
    while IFS= read -r line; do
        [[ $line == :* ]] && continue
        line=${line%%$'\t'*}
        [[ ${words[${#words[@]} - 1]} == *=* ]] && line=${line#*=}
        COMPREPLY+=("$line")
    done < <(kubectl-dbupgrade __complete "${words[@]}" 2>/dev/null)
}
complete -F _kubectl_dbupgrade kubectl-dbupgrade
