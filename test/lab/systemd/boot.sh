#!/bin/bash
# First process of a lab host that boots systemd: makes the host's own root, waits for its cable, becomes systemd.
#
# The root is this machine's as Debian's packages made it, with changes on the host's disk: nothing of this project,
# no Node.js, nothing that was put into /usr/local, /opt or a directory of somebody's own is to be seen. What lacks
# a dependency there lacks it on a database node.
set -euo pipefail
name=$1
disk=$2
project=$3
root=$disk/root

# A character device 0/0 hides what the machine has under that name, and all that lies below.
hide() {
  [ -e "/$1" ] || [ -L "/$1" ] || return 0
  local above
  above=$(dirname "$1")
  while [ "$above" != . ]; do
    [ ! -c "$disk/upper/$above" ] || return 0
    above=$(dirname "$above")
  done
  mkdir -p "$disk/upper/$(dirname "$1")"
  [ -e "$disk/upper/$1" ] || mknod "$disk/upper/$1" c 0 0
}

hide_content() {
  local path
  for path in /"$1"/* /"$1"/.[!.]*; do hide "${path#/}"; done
}

# Only what does not come from Debian's packages, or would start daemons that no test asked for.
first_boot() {
  mkdir -p "$disk"/{upper,work,root,log}
  local path
  for path in /*; do
    case $path in
    /bin | /etc | /lib* | /sbin | /usr | /var | /dev | /proc | /sys | /run | /tmp | /root | /home | /opt | /srv | /mnt) ;;
    *) hide "${path#/}" ;;
    esac
  done
  # There on every Debian host, and empty: hidden by what is in it, not as a whole.
  mkdir -p "$disk/upper/usr/local/bin"
  for path in home opt srv mnt usr/local/bin usr/local etc/systemd/system etc/pgsvc var/lib/pgsvc etc/haproxy/conf.d var/log/journal; do
    hide_content "$path"
  done
  hide_content root
  for path in node npm npx corepack; do hide "usr/bin/$path"; done
  hide usr/lib/node_modules
  hide "${project#/}"
  # /etc/machine-id is the host's own, or journals of two hosts would be taken for one.
  mkdir -p "$disk"/upper/etc/systemd/journald.conf.d "$disk/upper/var/log/journal"
  tr -d - </proc/sys/kernel/random/uuid >"$disk/upper/etc/machine-id"
  printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n' >"$disk/upper/etc/systemd/journald.conf.d/lab.conf"
  # No name server: a failed lookup would cost seconds.
  hide etc/resolv.conf
  printf '%s\n' "$name" >"$disk/upper/etc/hostname"
  printf '127.0.0.1 localhost\n' >"$disk/upper/etc/hosts"
}

hostname "$name"
[ -d "$disk/upper" ] || first_boot
mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" "$root"
cd "$root"
mkdir -p dev proc sys run tmp mnt
mount -t proc proc proc
# Settings of the kernel, and its magic keys, are the machine's: not for a host to change.
mount --bind proc/sys proc/sys
# Journals tell one boot from the next by it.
cat /proc/sys/kernel/random/uuid >"$disk/boot_id"
mount --bind "$disk/boot_id" proc/sys/kernel/random/boot_id
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
# Without controllers it keeps to the hierarchies it gets below, in which this host has a place of its own.
printf '#subsys_name\thierarchy\tnum_cgroups\tenabled\n' >"$disk/controllers"
mount --bind "$disk/controllers" proc/cgroups
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  IFS=: read -r node major minor <<<"$device"
  mknod -m 666 "dev/$node" c "$major" "$minor"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${stream%:*}" "dev/${stream#*:}"; done
mkdir -p run/log run/lock
mount --bind "$disk/log" run/log
: >run/lab-ready

# Whoever enters the host gets the root of its mount namespace: it has to be this one.
pivot_root . mnt
exec chroot . /bin/bash -c '
  for try in {1..600}; do
    [ -z "$(ip -o -4 address show dev eth0 2>/dev/null)" ] || break
    sleep 0.05
  done
  umount -l /mnt
  # The clock, kernel modules and raw devices are the machine’s.
  exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-wake_alarm,-syslog --inh-caps=-all \
    env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /usr/lib/systemd/systemd --unit=multi-user.target --show-status=no --log-target=journal'
