#!/bin/sh
# Throws what the OpenAPI document allows, and what it does not, at a server of its own: without a
# token and with one. Fails for an answer 500 and for one that the document does not have.
#   scripts/schemathesis.sh KITH [EXAMPLES EACH]
set -eu
binary=$1 examples=${2:-20}
python=$("$(dirname "$0")/python.sh" "$HOME/.cache/kith/schemathesis-1" schemathesis "schemathesis==4.32.5")
folder=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
    rm -rf "$folder"
}
trap end EXIT INT TERM
# Without what the shell has set for others.
kith() {
    exec env -i HOME="$HOME" LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}" KITH_DATA_DIR="$folder/data" \
        KITH_ACCOUNTS_LOGIN_ATTEMPTS_PER_MINUTE_MAX=100000 "$binary" "$@"
}
(kith source add Shop --id shop --type rest --type webhook --type redirect) >/dev/null
echo "a-password-for-an-hour" | (kith user add admin@kith.local --password-stdin)
kith serve --listen 127.0.0.1:0 >"$folder/said" 2>"$folder/log" &
server=$!
tries=0
until grep -q "http://" "$folder/said"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "the server does not start"; cat "$folder/log"; exit 1; }
    sleep 0.1
done
url=$(grep -o 'http://127.0.0.1:[0-9]*' "$folder/said" | head -1)
token=$(curl -sf "$url/user/token" -d username=admin@kith.local -d password=a-password-for-an-hour |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
[ -n "$token" ] || { echo "nobody can sign in"; exit 1; }

# Signing out would end the token; the live line has no end; the body of /track is free in the document and has tests of its own.
throw() {
    "$(dirname "$python")/schemathesis" run "$url/openapi.json" --url "$url" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
        --max-examples "$examples" --seed 1 --generation-database none --workers 2 \
        --request-timeout 60 --max-response-time 60 --continue-on-failure --no-color "$@" >"$folder/report" 2>&1 ||
        { cat "$folder/report"; return 1; }
    tail -n 12 "$folder/report"
}
failed=0
throw || failed=1
throw --header "Authorization: Bearer $token" --exclude-path /user/logout \
    --exclude-path /api/events/live || failed=1
curl -sf "$url/health" >/dev/null || { echo "the server has gone:"; failed=1; }
if grep -q "panicked\|ERROR" "$folder/log"; then
    grep "panicked\|ERROR" "$folder/log" | head -20
    failed=1
fi
exit "$failed"
