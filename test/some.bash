# shellcheck shell=bash
# some N prints N of the lines that it reads, the first, the last and some between, and tells that of
# the others: for `make check`, in which $ALL is empty. Else all of them.
some() {
	local lines i
	mapfile -t lines
	if [ -n "${ALL-all}" ] || [ ${#lines[@]} -le "$1" ]; then
		printf '%s\n' "${lines[@]}"
		return
	fi
	for ((i = 0; i < $1; i++)); do
		echo "${lines[i * (${#lines[@]} - 1) / ($1 > 1 ? $1 - 1 : 1)]}"
	done
	echo "# left to make check-all: $((${#lines[@]} - $1)) of ${#lines[@]} points" >&3
}
