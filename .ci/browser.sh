# The browser of the console's tests: the distribution's Chromium. Sourced by .ci/run. Without one those
# tests fail, and say what to install.
browser_up() {
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && return 0
  done
  [ -z "${MILLRACE_CHROMIUM:-}" ] || return 0
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    printf '.ci/run: %s\n' 'NO BROWSER: chromium cannot be installed, that needs apt-get and root' >&2
    return 0
  fi
  apt-get update -q </dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium </dev/null \
    || printf '.ci/run: %s\n' 'NO BROWSER: chromium could not be installed' >&2
}
