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
