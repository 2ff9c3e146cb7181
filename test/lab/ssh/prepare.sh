#!/bin/bash
# Makes a lab host one that is entered by SSH: accounts, sudo, host keys, and files of its own where something is
# installed. Run on the host, once. Argument: the public key that opens every account.
set -euo pipefail
key=$1

# The host's /etc is links into the machine's; what is changed here becomes the host's own.
own_file() {
  local text
  text=$(mktemp -p /run)
  cat "$1" >"$text"
  rm -f "$1"
  install -m "$(stat -Lc %a "$1" 2>/dev/null || echo 644)" "$text" "$1"
  rm -f "$text"
}
for file in passwd group shadow; do own_file /etc/$file; done
chmod 640 /etc/shadow
rm -f /etc/ssh /etc/sudoers /etc/sudoers.d /etc/systemd
mkdir -p /etc/ssh/authorized /etc/sudoers.d /etc/systemd/system /run/sshd
# What tells that a host runs systemd; the program that commands it stands in for it.
mkdir -p /run/systemd/system /run/lab-sbin
ln -s "$(dirname "$0")/systemctl" /run/lab-sbin/systemctl
# Not shared with other hosts: what enrolment brings goes here.
mount -t tmpfs -o mode=755 tmpfs /opt
# So does its link, beside what the machine has there.
mkdir /run/machine-bin
mount --bind /usr/local/bin /run/machine-bin
mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
find /run/machine-bin -mindepth 1 ! -name pgsvc -exec ln -s -t /usr/local/bin {} +

# A lab's shells give accounts homes of their own on the host's disk.
password=$(openssl passwd -6 -salt lab sesame)
account() {
  printf '%s:x:%s:%s::/var/lib/home/%s:/bin/bash\n' "$1" "$2" "$2" "$1" >>/etc/passwd
  printf '%s:x:%s:\n' "$1" "$2" >>/etc/group
  printf '%s:%s:19000:0:99999:7:::\n' "$1" "$password" >>/etc/shadow
  install -d -m 700 -o "$2" -g "$2" "/var/lib/home/$1"
  printf '%s\n' "$key" >"/etc/ssh/authorized/$1"
}
install -d -m 755 /var/lib/home
account dba 1501     # becomes root as it likes
account asked 1502   # is asked for a password
account nobody2 1503 # does not
printf '%s\n' "$key" >/etc/ssh/authorized/root
printf 'Defaults secure_path="/run/lab-sbin:/usr/sbin:/usr/bin:/sbin:/bin"\nroot ALL=(ALL) ALL\ndba ALL=(ALL) NOPASSWD: ALL\nasked ALL=(ALL) ALL\n' >/etc/sudoers
chmod 440 /etc/sudoers

ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key
cat >/etc/ssh/sshd_config <<'CONFIG'
Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized/%u
PermitRootLogin prohibit-password
UsePAM no
PidFile /run/sshd.pid
CONFIG
