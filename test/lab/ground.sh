#!/bin/bash
# What the hosts of a lab stand on: the switch between them (this network namespace) and their disks (a tmpfs
# in this mount namespace). When this process ends, both are gone.
set -euo pipefail
scratch=$1

mount -t tmpfs -o mode=755 tmpfs "$scratch"
# The machine's own files, readable as they were; hosts link to them.
for directory in /etc /var/lib; do
  mkdir -p "$scratch/base$directory"
  mount --bind "$directory" "$scratch/base$directory"
  mount -o remount,bind,ro "$scratch/base$directory"
done
mkdir "$scratch/disk"
ip link add br0 type bridge
ip link set br0 up
: >"$scratch/ready"
exec sleep infinity
