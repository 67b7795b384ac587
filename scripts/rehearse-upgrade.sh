#!/bin/sh
# Rehearses a new version and the way back, on a copy: rehearse-upgrade.sh OLD NEW BACKUP
# Restores the backup with the old version, goes up with the new one, takes events, goes back to the backup, and brings along
# what came since. Everything happens in a folder of its own, which is removed when all went well.
set -eu
[ $# -eq 3 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
old=$1 new=$2 backup=$3
work=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
}
trap end EXIT INT TERM

say() { printf '%s\n' "$*"; }
fail() { say "NOT WELL: $*; everything is left in $work"; exit 1; }
# By a version, without the settings of this machine's own server.
by() { program=$1; shift; env -i HOME="$HOME" PATH="$PATH" "$program" "$@"; }
# What somebody would miss who compares two folders: events, people, sessions, and what was said.
seen() {
    by "$1" sql "SELECT count(*), count(DISTINCT profile_id), count(DISTINCT session_id), min(time), max(time),
        sum(length(properties::VARCHAR)) FROM events" --format json --data-dir "$2"
}
events() { by "$1" sql "SELECT count(*) FROM events" --format csv --data-dir "$2" | tail -n 1; }
# Serves in the background, and sets $url once it listens.
serve() {
    # What the server before has said is not this one's.
    : >"$work/said"
    env -i HOME="$HOME" PATH="$PATH" "$1" serve --listen 127.0.0.1:0 --data-dir "$2" >"$work/said" 2>"$work/log" &
    server=$!
    tries=0
    until url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/said" | head -n 1) && [ -n "$url" ]; do
        kill -0 "$server" 2>/dev/null || return 1
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || return 1
        sleep 0.1
    done
}
stop() {
    kill "$server"
    wait "$server" || fail "it did not end well"
    server=
}
# Ten payloads by new people.
send() {
    by "$1" source add Rehearsal --id rehearsal --data-dir "$2" >/dev/null
    for number in 0 1 2 3 4 5 6 7 8 9; do
        curl -sf "$url/track" -d '{"source": {"id": "rehearsal"}, "session": {"id": "rehearsal-'$number'"},
            "events": [{"type": "rehearsal", "id": "rehearsal-'$number'"}]}' >/dev/null || fail "a payload was not taken"
    done
}

say "1. $(by "$old" version) restores the backup."
by "$old" restore "$backup" --data-dir "$work/up" >/dev/null || fail "the backup cannot be restored"
before=$(seen "$old" "$work/up")
say "   $before"

say "2. $(by "$new" version) goes up, and takes ten payloads."
serve "$new" "$work/up" || fail "the new version does not start: $(cat "$work/log")"
# Its own clock says when: the backup may be of any time.
since=$(by "$new" sql "SELECT now()::TIMESTAMP" --format csv --data-dir "$work/up" | tail -n 1)
send "$new" "$work/up"
stop
by "$new" check --data-dir "$work/up" >/dev/null || fail "the data is not whole after going up"
by "$new" export "$work/since.jsonl" --data-dir "$work/up" \
    --query "SELECT * FROM events WHERE received_at >= '$since' AND type = 'rehearsal'" >/dev/null
say "   $(events "$new" "$work/up") events."

say "3. The old version does not touch what the new one wrote."
if serve "$old" "$work/up"; then
    stop
    say "   It could go on: both have one format."
else
    wait "$server" 2>/dev/null || true
    server=
    grep -q "newer Kith" "$work/log" || fail "it does not say why it does not start: $(cat "$work/log")"
    say "   $(grep -o 'the data was written by a newer Kith.*' "$work/log" | head -n 1)"
fi

say "4. The way back: the old version restores the backup and serves it."
by "$old" restore "$backup" --data-dir "$work/back" >/dev/null || fail "the backup cannot be restored again"
[ "$(seen "$old" "$work/back")" = "$before" ] || fail "something else is there than before"
by "$old" source add Rehearsal --id rehearsal --data-dir "$work/back" >/dev/null
by "$old" import "$work/since.jsonl" --data-dir "$work/back" >/dev/null || fail "what came since cannot be brought along"
by "$old" import "$work/since.jsonl" --data-dir "$work/back" >/dev/null || fail "it cannot be brought along again"
brought=$(by "$old" sql "SELECT count(*) FROM events WHERE type = 'rehearsal'" --format csv --data-dir "$work/back" | tail -n 1)
[ "$brought" = 10 ] || fail "$brought of 10 events came along"
serve "$old" "$work/back" || fail "the old version does not start: $(cat "$work/log")"
stop
by "$old" check --data-dir "$work/back" >/dev/null || fail "the data is not whole after going back"
rm -rf "$work"
say "All went well: the way up and the way back are as the manual says."
