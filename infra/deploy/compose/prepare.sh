#!/bin/sh
# prepare.sh [--demo] [FILE]: writes FILE (.env) with fresh secrets for docker-compose.yml, readable by this user alone.
# Once for each site: it never overwrites one, since the databases know the passwords that they were made with.
set -eu
umask 077

is_demo=
if [ "${1:-}" = --demo ]; then
    is_demo=yes
    shift
fi
file=${1:-.env}
if [ -e "$file" ]; then
    echo "cordon: $file is there already, and secrets are never overwritten" >&2
    exit 1
fi

secret() {
    od -An -vtx1 -N24 /dev/urandom | tr -d ' \n'
}

written() {
    echo "# The secrets of one site, made by prepare.sh. Keep it from everybody else, and out of every repository."
    echo "POSTGRES_PASSWORD=$(secret)"
    # 16 bytes in base64url, as Kafka has them; not with a dash first, which its tools would take for an option.
    echo "KAFKA_CLUSTER_ID=C$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 2-22)"
    for service in INTAKE CASEWORK DISRUPTION VICTIM_LIAISON NOTIFICATIONS AUDIT; do
        echo "${service}_PASSWORD=$(secret)"
        echo "${service}_CLIENT_SECRET=$(secret)"
    done
    if [ "$is_demo" ]; then
        echo "# The demonstration's own issuer: docker compose --profile demo up --build"
        echo "CORDON_ISSUER=https://demonstration.example.org"
        echo "CORDON_ISSUER_DIRECTORY=issuer-keys"
        echo "CORDON_TOKEN_URL=http://issuer:8000/demo/token"
    else
        echo "# Your identity provider: its name in tokens (iss); a directory with its public keys, a JWK set, as keys.json;"
        echo "# and where it gives tokens to services, which it has to know by the client secrets above."
        echo "CORDON_ISSUER="
        echo "CORDON_ISSUER_DIRECTORY="
        echo "CORDON_TOKEN_URL="
    fi
}

new="$file.new.$$"
trap 'rm -f "$new"' EXIT
written >"$new"
ln "$new" "$file" # fails, where mv would overwrite what somebody else made meanwhile
echo "cordon: $file is written. Without it the databases cannot be opened: keep a copy where the backups are not."
