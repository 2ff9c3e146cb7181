#!/bin/bash
# First process of a lab host. Gives the host files of its own, then only waits.
# Everything it mounts lives in the host's own mount namespace and goes with it; what is on its disk stays.
set -euo pipefail
name=$1
disk=$2
base=$3

# The directory stays readable as it was; new files in it are seen by this host alone.
own() {
  mkdir -p "$disk$1"
  find "$base$1" -mindepth 1 -maxdepth 1 -exec ln -s -t "$disk$1" {} +
}

first_boot() {
  own /etc
  own /var/lib
  for directory in etc/haproxy etc/pgsvc etc/pigsty etc/patroni etc/pgbouncer var/lib/haproxy var/lib/pgsvc \
    var/lib/postgresql var/lib/etcd; do
    rm -f "$disk/$directory"
    mkdir "$disk/$directory"
  done
  mkdir "$disk/etc/haproxy/conf.d" "$disk/log"
  rm -f "$disk"/etc/{hosts,hostname,resolv.conf}
  # No name server: a failed lookup would cost seconds.
  : >"$disk/etc/resolv.conf"
  printf '%s\n' "$name" >"$disk/etc/hostname"
  printf '127.0.0.1 localhost\n' >"$disk/etc/hosts"
}

hostname "$name"
[ -d "$disk" ] || first_boot
mount --bind "$disk/etc" /etc
mount --bind "$disk/var/lib" /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir -p /run/haproxy /run/postgresql /run/log
mount --bind "$disk/log" /run/log
if getent passwd postgres >/dev/null; then chown postgres: /run/postgresql /var/lib/postgresql; fi
: >/run/lab-ready

# A shell reaps what is orphaned, as init does.
while :; do
  sleep 3600 &
  wait $! || :
done
