#!/bin/bash
# First process of a lab host. Gives the host files of its own, then only waits.
# Everything it mounts lives in the host's own mount namespace and goes with it.
set -euo pipefail
name=$1
scratch=$2

# The directory stays readable as it was; new files in it are seen by this host alone.
mask() {
  mkdir -p "$scratch$1"
  mount --bind "$1" "$scratch$1"
  mount -o remount,bind,ro "$scratch$1"
  mount -t tmpfs -o mode=755 tmpfs "$1"
  find "$scratch$1" -mindepth 1 -maxdepth 1 -exec ln -s -t "$1" {} +
}

hostname "$name"
mount -t tmpfs -o mode=755 tmpfs "$scratch"
mask /etc
mask /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
rm -rf /etc/hosts /etc/hostname /etc/resolv.conf /etc/haproxy /etc/pgsvc /etc/pigsty /var/lib/haproxy /var/lib/pgsvc
mkdir -p /etc/haproxy/conf.d /etc/pgsvc /etc/pigsty /var/lib/haproxy /var/lib/pgsvc /run/haproxy /run/log
# No name server: a failed lookup would cost seconds.
: >/etc/resolv.conf
printf '%s\n' "$name" >/etc/hostname
printf '127.0.0.1 localhost\n' >/etc/hosts
: >/run/lab-ready

# A shell reaps what is orphaned, as init does.
while :; do
  sleep 3600 &
  wait $! || :
done
