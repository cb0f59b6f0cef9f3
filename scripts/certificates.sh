#!/bin/sh
# Makes a certificate authority, and certificates that it signs for EventStoreDB and MongoDB:
#
#   sh scripts/certificates.sh FOLDER 'HOSTS OF EVENTSTOREDB' 'HOSTS OF MONGODB'
#
# FOLDER/ca/ca.crt             what all servers and clients trust
# FOLDER/eventstore/node.crt   and node.key, for each node of EventStoreDB or KurrentDB
# FOLDER/mongo/mongo.pem       certificate and key, for each member of the replica set
# FOLDER/mongo/keyfile         the secret with which the members of the replica set recognise each other
#
# The certificates name all given hosts, localhost and 127.0.0.1, and are valid for ten years. The key of the authority
# is not kept: to replace the certificates, run this into an empty folder. A folder that has certificates stays as it
# is; if they cannot be read or do not name all given hosts, this fails. Needs OpenSSL 1.1.1 or later.
set -eu

if [ $# -ne 3 ]; then
  echo "usage: sh scripts/certificates.sh FOLDER 'HOSTS OF EVENTSTOREDB' 'HOSTS OF MONGODB'" >&2
  exit 2
fi
folder=$1 eventstore_hosts=$2 mongo_hosts=$3
days=3650

# Prints the type of a host in OpenSSL's names: ip or host.
host_type() {
  case $1 in
    *[!0-9.]*) echo host ;;
    *) echo ip ;;
  esac
}

# check_names CERTIFICATE HOSTS: fails if the certificate cannot be read or does not name all hosts.
check_names() {
  [ -r "$1" ] || {
    echo "$1 cannot be read: run this as the user who has it, or make the certificates in an empty folder" >&2
    exit 1
  }
  for host in $2; do
    openssl x509 -in "$1" -noout "-check$(host_type "$host")" "$host" | grep -q 'does match' || {
      echo "$1 does not name $host: make the certificates in an empty folder, for all hosts" >&2
      exit 1
    }
  done
}

if [ -e "$folder/ca/ca.crt" ]; then
  check_names "$folder/eventstore/node.crt" "$eventstore_hosts"
  check_names "$folder/mongo/mongo.pem" "$mongo_hosts"
  echo "$folder has certificates already"
  exit 0
fi

umask 077
mkdir -p "$folder/ca" "$folder/eventstore" "$folder/mongo"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a command that prints its progress; the output is shown if the command fails.
quietly() {
  "$@" 2> "$work/log" || {
    cat "$work/log" >&2
    exit 1
  }
}

# Prints the hosts as a subjectAltName.
alternative_names() {
  printf 'DNS:localhost,IP:127.0.0.1'
  for host in $1; do
    [ "$(host_type "$host")" = ip ] && type=IP || type=DNS
    printf ',%s:%s' "$type" "$host"
  done
}

# sign COMMON_NAME HOSTS CERTIFICATE KEY; a node of a cluster is also a client of the other nodes.
sign() {
  cat > "$work/extensions" <<END
subjectAltName=$(alternative_names "$2")
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
END
  quietly openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$4" -out "$work/request"
  quietly openssl x509 -req -in "$work/request" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial \
    -days "$days" -extfile "$work/extensions" -out "$3"
}

cat > "$work/authority" <<END
[req]
distinguished_name=name
x509_extensions=extensions
[name]
[extensions]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
END
quietly openssl req -x509 -newkey rsa:2048 -nodes -days "$days" -subj '/CN=Redress servers' \
  -config "$work/authority" -keyout "$work/ca.key" -out "$work/ca.crt"

# Nodes of EventStoreDB recognise each other by a common name that is the same for all.
sign eventstoredb-node "$eventstore_hosts" "$folder/eventstore/node.crt" "$folder/eventstore/node.key"
sign mongodb "$mongo_hosts" "$work/mongo.crt" "$work/mongo.key"
cat "$work/mongo.crt" "$work/mongo.key" > "$folder/mongo/mongo.pem"
quietly openssl rand -base64 -out "$folder/mongo/keyfile" 756

# Last, so that a run that was interrupted is repeated.
cp "$work/ca.crt" "$folder/ca/ca.crt"
chmod 755 "$folder/ca"
chmod 644 "$folder/ca/ca.crt"
echo "$folder has new certificates"
