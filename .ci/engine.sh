# A Docker engine for one test run. Sourced by .ci/run. Whatever goes wrong here is said loudly and is
# not an error: everything that needs no engine is tested all the same.

# The engine's folder and process, when it is one of ours.
engine_dir=
engine_pid=

engine_note() { printf '.ci/run: %s\n' "$*" >&2; }

# Sets DOCKER_HOST, and MILLRACE_REQUIRE_DOCKER=1 when tests can have engines of their own too, so that
# no test is skipped silently.
engine_up() {
  if [ "$(uname -s)" != Linux ]; then
    engine_note "NO DOCKER ENGINE: only Linux can have one of its own"
    return 0
  fi
  if engine_find; then
    engine_note "the Docker engine at $DOCKER_HOST is used as it is"
    engine_own && export MILLRACE_REQUIRE_DOCKER=1
    return 0
  fi
  engine_own || engine_install || true
  if ! engine_own; then
    engine_note "NO DOCKER ENGINE: there is no dockerd, or this is not root. Tests with containers are skipped."
    return 0
  fi
  if engine_start; then
    export DOCKER_HOST="unix://$engine_dir/docker.sock" MILLRACE_REQUIRE_DOCKER=1
    engine_note "a Docker engine was started for this run"
  else
    engine_down
    engine_note "NO DOCKER ENGINE: dockerd does not start on this machine. Tests with containers are skipped."
  fi
}

# One that answers already.
engine_find() {
  [ -n "${DOCKER_HOST:-}" ] || [ ! -S /var/run/docker.sock ] || DOCKER_HOST=unix:///var/run/docker.sock
  case "${DOCKER_HOST:-}" in
    unix://*) engine_answers "${DOCKER_HOST#unix://}" 2 || { engine_note "nothing answers at $DOCKER_HOST"; unset DOCKER_HOST; return 1; } ;;
    '') return 1 ;;
  esac
  export DOCKER_HOST
}

engine_own() { [ "$(id -u)" = 0 ] && command -v dockerd >/dev/null; }

engine_install() {
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    engine_note "docker.io cannot be installed: that needs apt-get and root"
    return 1
  fi
  engine_note "installing docker.io"
  # Its services are not wanted: they would outlive the run.
  local policy=/usr/sbin/policy-rc.d mine= code=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && mine=1
  fi
  { timeout 300 apt-get update -q && DEBIAN_FRONTEND=noninteractive timeout 900 apt-get install -qy --no-install-recommends docker.io; } </dev/null >&2 || code=$?
  [ -z "$mine" ] || rm -f "$policy"
  hash -r
  [ "$code" = 0 ] || engine_note "docker.io could not be installed (exit code $code)"
  return "$code"
}

# With all it has in one folder. vfs and no network of its own: that works inside containers too.
engine_start() {
  engine_dir=$(mktemp -d "${TMPDIR:-/tmp}/millrace-ci-docker.XXXXXX")
  echo '{}' >"$engine_dir/daemon.json"
  dockerd --data-root "$engine_dir/data" --exec-root "$engine_dir/exec" --pidfile "$engine_dir/docker.pid" \
    --host "unix://$engine_dir/docker.sock" --config-file "$engine_dir/daemon.json" \
    --storage-driver vfs --bridge none --iptables=false --shutdown-timeout 5 </dev/null >"$engine_dir/dockerd.log" 2>&1 &
  engine_pid=$!
  engine_answers "$engine_dir/docker.sock" "${ENGINE_START_SECONDS:-60}" "$engine_pid" && return 0
  engine_note "dockerd said, at the end:"
  tail -n 30 "$engine_dir/dockerd.log" >&2
  return 1
}

# Whether an engine answers at this socket within so many seconds, or the process has ended.
engine_answers() {
  node -e '
    const [socketPath, seconds, pid] = process.argv.slice(1);
    const until = Date.now() + seconds * 1000;
    const alive = () => { try { return pid === undefined || process.kill(Number(pid), 0); } catch { return false; } };
    const again = () => { if (Date.now() < until && alive()) setTimeout(ask, 100); else process.exit(1); };
    const ask = () => require("node:http").get({ socketPath, path: "/_ping", timeout: 2000 }, (answer) => {
      if (answer.statusCode === 200) process.exit(0);
      answer.resume();
      again();
    }).once("timeout", function () { this.destroy(); }).once("error", again);
    ask();
  ' "$@"
}

# Ends our engine, and everything that names its folder: containerd, shims, mounts. Leaves one that was there.
engine_down() {
  [ -n "$engine_dir" ] || return 0
  local pid file i
  if kill -TERM "$engine_pid" 2>/dev/null; then
    for i in $(seq 150); do kill -0 "$engine_pid" 2>/dev/null && sleep 0.1 || break; done
    kill -KILL "$engine_pid" 2>/dev/null || true
  fi
  wait "$engine_pid" 2>/dev/null || true
  for file in /proc/[0-9]*/cmdline; do
    pid=${file#/proc/} pid=${pid%/cmdline}
    if [ "$pid" != $$ ] && { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -qF "$engine_dir/"; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  awk -v dir="$engine_dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | while read -r file; do umount -l "$file" 2>/dev/null || true; done
  rm -rf "$engine_dir"
  engine_dir= engine_pid=
}
