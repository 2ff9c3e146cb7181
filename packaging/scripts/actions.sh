# What .deb and .rpm do beside putting files in place. HAProxy is neither started, stopped nor reloaded by any of it,
# and no file of HAProxy's is touched: what it serves, it goes on serving.

# Without a running systemd (an image being built) there is nothing to tell.
tell_systemd() {
  [ -d /run/systemd/system ] || return 0
  systemctl "$@" || echo "pgsvc: systemctl $* failed; see its words above" >&2
}

# After the files of a first installation: nothing starts before it is configured and enabled.
installed() {
  if command -v systemd-sysusers >/dev/null; then systemd-sysusers pgsvc.conf
  elif ! getent group pgsvc >/dev/null; then groupadd --system pgsvc
  fi
  tell_systemd daemon-reload
}

# After the files of another version. The old program has run until here, from the file that is no more.
upgraded() {
  installed
  tell_systemd try-restart pgsvc-agent.service pgsvc-controller.service
}

# Before the files go.
removing() {
  tell_systemd disable --now pgsvc-agent.service pgsvc-controller.service
}

# After the files have gone.
removed() {
  tell_systemd daemon-reload
}

# What it remembers, and who it is. The authority's key stays: every node's certificate hangs on it.
purged() {
  # Enrolment has brought an agent since the package was removed: all this is its own now.
  if [ -e /etc/systemd/system/pgsvc-agent.service ]; then
    echo 'pgsvc: an agent was enrolled here, its files are kept; pgsvc unenroll on the admin node takes it off' >&2
    return 0
  fi
  rm -rf /var/lib/pgsvc /run/pgsvc
  [ -d /etc/pgsvc ] || return 0
  find /etc/pgsvc -mindepth 1 -maxdepth 1 ! -name pki -exec rm -rf {} +
  rmdir --ignore-fail-on-non-empty /etc/pgsvc
  [ ! -d /etc/pgsvc/pki ] || echo 'pgsvc: /etc/pgsvc/pki is kept: it holds the certificate authority' >&2
}
