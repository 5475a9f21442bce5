# SPDX-License-Identifier: Apache-2.0
# fish completion for seccomp-guard(1). Commands and options are asked from the program, so that they are never old.

function __seccomp_guard_commands
    seccomp-guard --help 2>/dev/null | string match -rg '^  ([a-z]+)[a-z ]*  ' | sort -u
    echo help
end

function __seccomp_guard_options
    set -l words (commandline -opc)
    set -l command $words[2]
    test "$command" = policy; and set command policy $words[3]
    seccomp-guard help $command 2>/dev/null | string match -rg '^  (?:-h, )?(--[a-z-]+)'
end

complete -c seccomp-guard -n __fish_use_subcommand -f -a '(__seccomp_guard_commands)'
complete -c seccomp-guard -n 'not __fish_use_subcommand' -a '(__seccomp_guard_options)'
complete -c seccomp-guard -n '__fish_seen_subcommand_from register unregister' -f -a 'containerd crio docker podman k3s rke2'
complete -c seccomp-guard -n '__fish_seen_subcommand_from policy' -a 'check explain show'
complete -c seccomp-guard -l flavor -x -a 'moby containerd containers crio'
