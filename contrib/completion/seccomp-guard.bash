# SPDX-License-Identifier: Apache-2.0
# bash completion for seccomp-guard(1). Commands and options are asked from the program, so that they are never old.

_seccomp_guard_commands()
{
	seccomp-guard --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p'
}

_seccomp_guard_options()
{
	# shellcheck disable=SC2086 # one or two words
	seccomp-guard help $1 2>/dev/null | grep -oE '^  (-h, )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

_seccomp_guard()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words=
	case $before in
	--flavor) words="moby containerd containers crio" ;;
	--caps) words="default none all" ;;
	--format) words="oci moby names table" ;;
	--runtime) words="runc crun" ;;
	--tighten) words="af-alg af-vsock userns io-uring keyctl bpf ptrace foreign-abi" ;;
	--policy | --root) ;;
	*)
		[ "$command" = policy ] && [ "$COMP_CWORD" -gt 2 ] && command="policy ${COMP_WORDS[2]}"
		case $COMP_CWORD:$word in
		1:-*) words="--help --version" ;;
		1:*) words=$(_seccomp_guard_commands | cut -d' ' -f1 | sort -u; echo help) ;;
		2:*) [ "$command" = policy ] && words=$(_seccomp_guard_commands | sed -n 's/^policy //p') ;;
		esac
		case $word in
		-*) [ "$COMP_CWORD" -gt 1 ] && words=$(_seccomp_guard_options "$command") ;;
		esac
		case $command in
		register | unregister) words="$words containerd crio docker podman k3s rke2" ;;
		explain)
			[ "$COMP_CWORD" -gt 2 ] &&
				words="$words $(seccomp-guard profile --format names 2>/dev/null | grep -oE '^[a-z0-9_]+')"
			;;
		esac
		;;
	esac
	# shellcheck disable=SC2207 # one word each
	COMPREPLY=($(compgen -W "$words" -- "$word"))
	[ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default 2>/dev/null
}
complete -F _seccomp_guard seccomp-guard
