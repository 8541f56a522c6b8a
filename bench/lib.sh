# Sourced by the scripts in this folder: what they have in common.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$bench")

# corpus FOLDER: the folder of logs to compare over, from the argument, GPEVTX_CORPUS or
# beside the repository.
corpus() {
  local dir=${1:-${GPEVTX_CORPUS:+$GPEVTX_CORPUS/evtx}}
  dir=${dir:-$repository/../shared/corpus/evtx}
  if [ ! -d "$dir" ]; then
    echo "there is no folder $dir with event logs: name one" >&2
    exit 2
  fi
  (cd "$dir" && pwd)
}

# find_evtx_dump sets evtx_dump to the program of the Rust crate evtx: that of EVTX_DUMP, of
# PATH, or one that cargo builds into a cache. It fails where there is none.
find_evtx_dump() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/gpevtx-bench
  for evtx_dump in "${EVTX_DUMP:-}" "$(command -v evtx_dump || true)" "$cache/bin/evtx_dump"; do
    if [ -n "$evtx_dump" ] && [ -x "$evtx_dump" ]; then
      return 0
    fi
  done
  evtx_dump=
  if command -v cargo >/dev/null && cargo install --quiet --locked --root "$cache" --version 0.12.2 evtx; then
    evtx_dump=$cache/bin/evtx_dump
    return 0
  fi
  echo "evtx_dump is neither in EVTX_DUMP nor in PATH, and cargo cannot install it: its comparison is skipped" >&2
  return 1
}

# find_evtxexport tells whether libevtx's program is there, which it installs where it may.
find_evtxexport() {
  if ! command -v evtxexport >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    (apt-get update && apt-get install -y --no-install-recommends libevtx-utils) >/dev/null 2>&1 || true
  fi
  command -v evtxexport >/dev/null && return 0
  echo "evtxexport (Debian: libevtx-utils) is not installed: its comparison is skipped" >&2
  return 1
}

# find_python_evtx sets python to one that has the module evtx, which is the Rust crate: in
# PATH, or in a virtual environment in a cache. It fails where there is none.
find_python_evtx() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/gpevtx-bench/python
  for python in "$(command -v python3 || true)" "$cache/bin/python"; do
    if [ -n "$python" ] && [ -x "$python" ] && "$python" -c 'import evtx; evtx.PyEvtxParser' 2>/dev/null; then
      return 0
    fi
  done
  if command -v python3 >/dev/null && python3 -m venv "$cache" 2>/dev/null &&
    "$cache/bin/pip" install --quiet --disable-pip-version-check evtx==0.14.0 2>/dev/null; then
    python=$cache/bin/python
    return 0
  fi
  python=
  echo "the Python module evtx is neither there nor to be had from PyPI: its comparison is skipped" >&2
  return 1
}
