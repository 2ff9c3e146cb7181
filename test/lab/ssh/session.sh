#!/bin/bash
# What sshd runs in place of each command (ForceCommand) on hosts whose connection is to die: /run/cut says at which
# command, counted from 1, and how. Without it every command runs as it is.
#   before N: the connection dies, and the command never runs
#   inside N: it gets the first bytes of its input, and the connection dies
#   after N:  it has come to its end, and the connection dies before anybody hears of it
sshd=$PPID
while [ "$(cat /proc/$sshd/comm)" != sshd ]; do sshd=$(awk '/^PPid/{print $2}' /proc/$sshd/status); done
# The lock is held beside the commands, and is none that can be cut off.
case $SSH_ORIGINAL_COMMAND in *pgsvc-enrolment.lock*) exec bash -c "$SSH_ORIGINAL_COMMAND" ;; esac
cut() { kill -KILL $sshd; }
read -r mode at </run/cut 2>/dev/null || exec bash -c "$SSH_ORIGINAL_COMMAND"
count=$(($(cat ~/count 2>/dev/null || echo 0) + 1))
echo $count >~/count
[ "$count" = "$at" ] || exec bash -c "$SSH_ORIGINAL_COMMAND"
case $mode in
before) cut ;;
inside) { head -c 20 && cut; } | bash -c "$SSH_ORIGINAL_COMMAND" ;;
after)
  bash -c "$SSH_ORIGINAL_COMMAND"
  cut
  ;;
esac
