# What .deb and .rpm do beside putting files in place. HAProxy is neither started, stopped nor reloaded by any of it,
# and no file of HAProxy's is touched: what it serves, it goes on serving.

# Without a running systemd (an image being built) there is nothing to tell.
tell_systemd() {
  [ -d /run/systemd/system ] || return 0
  systemctl "$@" || echo "pgsvc: systemctl $* failed; see its words above" >&2
}

# Enrolment has units of the same names in /etc, where they go before those of the package, for ever.
# $1: "first" when no version of the package was there right before: they are enrolment's then. Later, somebody may mean them.
take_over() {
  for unit in pgsvc-agent.service pgsvc-recover.service haproxy.service.d/pgsvc.conf; do
    own=/etc/systemd/system/$unit
    # A link is how a unit is masked.
    if [ ! -f "$own" ] || [ -L "$own" ]; then continue; fi
    if [ "$(cat "$own")" = "$(cat "/usr/lib/systemd/system/$unit")" ]; then
      rm -f "$own"
    elif [ "$1" = first ]; then
      kept=$own.before-package
      count=1
      while [ -e "$kept" ] || [ -L "$kept" ]; do
        kept=$own.before-package.$count
        count=$((count + 1))
      done
      mv "$own" "$kept"
      echo "pgsvc: $own is $kept now: the package has its own" >&2
    else
      echo "pgsvc: $own goes before the one of the package; remove it unless that is meant" >&2
    fi
  done
  # The link by which enrolment's program is called: the package has its own.
  link=/usr/local/bin/pgsvc
  if [ "$1" = first ] && [ "$(readlink "$link")" = /opt/pgsvc/bin/pgsvc ]; then rm -f "$link"; fi
  # What enabled the one that went enables the one of the package.
  wants=/etc/systemd/system/multi-user.target.wants/pgsvc-agent.service
  if [ -L "$wants" ] && [ ! -e "$wants" ]; then ln -sfn /usr/lib/systemd/system/pgsvc-agent.service "$wants"; fi
}

# There when dpkg unpacks the package on a host that has not got it: of one that was removed and not purged it tells only
# this early that it was gone meanwhile.
fresh=/run/pgsvc-fresh

# Before the files are put in place. $1: as dpkg has it, "install" or "upgrade".
unpacking() {
  rm -f "$fresh"
  if [ "$1" = install ]; then : >"$fresh"; fi
}

# After the files are in place, with dpkg. $1: the version before, of a package that was removed too; '' for none.
configured() {
  if [ -z "$1" ] || [ -e "$fresh" ]; then installed first; else installed again; fi
  rm -f "$fresh"
}

# After the files are in place. $1: "first" or "again". Nothing starts that did not run: not before it is configured and
# enabled. What runs (an agent that enrolment has brought, too) has done so until here from the file that is no more.
installed() {
  if command -v systemd-sysusers >/dev/null; then systemd-sysusers pgsvc.conf
  elif ! getent group pgsvc >/dev/null; then groupadd --system pgsvc
  fi
  take_over "$1"
  tell_systemd daemon-reload
  tell_systemd try-restart pgsvc-agent.service pgsvc-controller.service
}

# What was stopped when the package was about to be removed, in case it is not.
stopped=/run/pgsvc-stopped

# Before the files go.
removing() {
  for unit in pgsvc-agent.service pgsvc-controller.service; do
    if systemctl is-enabled --quiet "$unit"; then echo "enable $unit"; fi
    if systemctl is-active --quiet "$unit"; then echo "start $unit"; fi
  done >"$stopped" 2>/dev/null
  tell_systemd disable --now pgsvc-agent.service pgsvc-controller.service
}

# The files do not go after all: what was stopped runs again.
stayed() {
  [ -f "$stopped" ] || return 0
  while read -r verb unit; do tell_systemd "$verb" "$unit"; done <"$stopped"
  rm -f "$stopped"
}

# After the files have gone.
removed() {
  rm -f "$stopped"
  tell_systemd daemon-reload
  own=/etc/systemd/system/pgsvc-agent.service
  [ ! -f "$own" ] || echo "pgsvc: $own is left, and the program that it starts is gone" >&2
}

# What it remembers, and who it is. The authority's key stays: every node's certificate hangs on it.
purged() {
  # Enrolment has brought an agent since the package was removed: all this is its own now. A link is how a unit is masked,
  # and a unit that an operator has edited is no agent without its program.
  own=/etc/systemd/system/pgsvc-agent.service
  if [ -f "$own" ] && [ ! -L "$own" ] && [ -e /opt/pgsvc/bin/pgsvc ]; then
    echo 'pgsvc: an agent was enrolled here, its files are kept; pgsvc unenroll on the admin node takes it off' >&2
    return 0
  fi
  rm -rf /var/lib/pgsvc /run/pgsvc
  # What take_over has put aside.
  for unit in pgsvc-agent.service pgsvc-recover.service haproxy.service.d/pgsvc.conf; do
    rm -f "/etc/systemd/system/$unit.before-package" "/etc/systemd/system/$unit.before-package".[0-9]*
  done
  if [ -d /etc/systemd/system/haproxy.service.d ]; then
    rmdir --ignore-fail-on-non-empty /etc/systemd/system/haproxy.service.d
  fi
  [ -d /etc/pgsvc ] || return 0
  find /etc/pgsvc -mindepth 1 -maxdepth 1 ! -name pki -exec rm -rf {} +
  rmdir --ignore-fail-on-non-empty /etc/pgsvc
  [ ! -d /etc/pgsvc/pki ] || echo 'pgsvc: /etc/pgsvc/pki is kept: it holds the certificate authority' >&2
}
