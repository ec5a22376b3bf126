#!/bin/sh
# A build backend in plain POSIX shell: three verbs as JSON on stdin and stdout, state in a folder.
#
#     echo '{"verb":"trigger","idempotencyKey":"k1","metadata":{"command":"make"}}' | setsid ./backend.sh /var/lib/builds
#
# Millrace runs each call as the leader of a process group of its own. `trigger` leaves the build running in
# its group, so the group is what `status` looks for and `cancel` ends. A build is a folder:
#   metadata   as it was given             started   the group's number; whoever makes it starts the build
#   cancel     it is not wanted any more   result    the status, and what is known besides; written once
set -u
state=${1:?the folder that holds the builds}
here=$(dirname "$0")
grace=2

json() { LC_ALL=C awk -v key="$1" -v as="${2:-}" -f "$here/json.awk"; }
refuse() { # code, message, retryable
    printf '{"error":{"code":"%s","message":"%s","retryable":%s}}\n' "$1" "$2" "${3:-false}"
    exit 0
}

# Make a file whole, or not at all; the first one stands. Says whether this was the first.
once() { # file; content on stdin
    cat >"$1.$$" && ln "$1.$$" "$1" 2>/dev/null
    first=$?
    rm -f "$1.$$"
    return $first
}

finish() { # folder, status, JSON members
    printf '%s\n%s\n' "$2" "$3" | once "$1/result"
}

alive() { kill -0 "-$1" 2>/dev/null; }

known() {
    id=$(printf %s "$question" | json id text) || refuse bad_question "there is no id"
    case $id in '' | *[!0-9a-f]*) refuse unknown_build "there is no such build" ;; esac
    build=$state/$id
    [ -f "$build/metadata" ] || refuse unknown_build "there is no such build"
}

trigger() {
    key=$(printf %s "$question" | json idempotencyKey text) || refuse bad_question "there is no idempotencyKey"
    [ ${#key} -le 90 ] || refuse bad_key "the key is longer than 90 characters"
    metadata=$(printf %s "$question" | json metadata) || metadata='{}'
    command=$(printf %s "$metadata" | json command text) || refuse nothing_to_run "there is no command"
    # The same key names the same folder: a second trigger finds the first one's build.
    id=$(printf %s "$key" | od -An -v -tx1 | tr -d ' \n')
    build=$state/$id
    mkdir -p "$build/work" || refuse state_folder "the state folder cannot be written" true
    printf %s "$metadata" | once "$build/metadata"
    printf '{"id":"%s"}\n' "$id"
    echo $$ | once "$build/started" || return 0
    changes=$(for side in base head; do printf %s "$question" | json "$side" | tr ',' '\n' | sed -n 's/.*"uri":"\([^"]*\)".*/\1/p'; done)
    trap : TERM # a build that ends at once ends its group, and this call must still end well
    run </dev/null >/dev/null 2>&1 &
}

run() {
    trap : TERM # outlive what ends the build, to write down how it ended
    code=
    if [ ! -e "$build/cancel" ]; then
        cd "$build/work" || exit 1
        # What this call got for the build, its name and its credentials among it. It is written nowhere.
        for name in $(env | sed -n 's/^\(MILLRACE_[A-Z_]*\)=.*/\1/p'); do
            eval "set -- \"\$@\" \"$name=\${$name-}\""
        done
        env -i PATH="$PATH" HOME="$PWD" CHANGES="$changes" "$@" sh -c "$command" >../output.log 2>&1
        code=$?
    fi
    if [ -e "$build/cancel" ]; then
        finish "$build" cancelled '"reason":"cancelled"'
    elif [ "$code" = 0 ]; then
        finish "$build" succeeded '"exitCode":"0"'
    else
        finish "$build" failed "\"exitCode\":\"$code\",\"failedSide\":\"head\",\"reason\":\"exit_code\""
    fi
    trap '' TERM
    kill -TERM 0 # what the command left behind is not part of the build
}

status() {
    known
    if [ ! -f "$build/result" ] && [ -f "$build/started" ] && ! alive "$(cat "$build/started")"; then
        # Nobody watches it any more. Should its end have been written since, that stands.
        if [ -e "$build/cancel" ]; then
            finish "$build" cancelled '"reason":"cancelled"'
        else
            finish "$build" failed '"infrastructure":"true","reason":"lost","detail":"the process that watched the build is gone"'
        fi
    fi
    word=accepted extra=
    [ -f "$build/started" ] && word=running
    [ -f "$build/result" ] && { read -r word; read -r extra; } <"$build/result"
    metadata=$(cat "$build/metadata")
    if [ -n "$extra" ]; then
        case $metadata in '{}') metadata="{$extra}" ;; *) metadata="${metadata%?},$extra}" ;; esac
    fi
    printf '{"status":"%s","metadata":%s}\n' "$word" "$metadata"
}

cancel() {
    known
    echo '{}'
    [ -f "$build/result" ] && return
    : >"$build/cancel"
    # A build that was never started never will be.
    if echo 0 | once "$build/started"; then
        finish "$build" cancelled '"reason":"cancelled"'
        return
    fi
    group=$(cat "$build/started")
    kill -TERM "-$group" 2>/dev/null
    {
        sleep "$grace"
        [ -f "$build/result" ] || kill -KILL "-$group"
        finish "$build" cancelled '"reason":"cancelled"'
    } </dev/null >/dev/null 2>&1 &
}

question=$(cat)
case $(printf %s "$question" | json verb text) in
trigger) trigger ;;
status) status ;;
cancel) cancel ;;
*) refuse unknown_verb "there is no such verb" ;;
esac
exit 0
