#!/bin/sh
# Installs Parley into .venv: system packages that are missing, then the locked Python packages.
# Usage: install.sh [test]      "test" adds what the test suite needs. A finished installation is left alone.
set -eu
cd "$(dirname "$0")/.."

profile=${1:-run}
python=.venv/bin/python
log=.venv/build.log
work=

say() { printf '%s\n' "$*"; }
fail() { say "parley: $*" >&2; exit 1; }
clean_up() { if [ -n "$work" ]; then rm -rf "$work"; fi; }
trap clean_up EXIT
trap 'exit 130' INT TERM

# One "package reason" per line. The window's libraries are what Qt loads at run time and names badly when one is missing.
system_packages() {
    cat <<EOF_RUN
build-essential compiles PyAudio and llama.cpp
cmake compiles llama.cpp
portaudio19-dev records and plays sound
libasound2-plugins reaches PulseAudio and PipeWire
espeak-ng speaks
libegl1 window
libgl1 window
libxkbcommon0 window
libxkbcommon-x11-0 window
libxcb-cursor0 window
libxcb-icccm4 window
libxcb-keysyms1 window
libxcb-image0 window
libxcb-randr0 window
libxcb-render-util0 window
libxcb-shape0 window
libdbus-1-3 window
libfontconfig1 window
fonts-dejavu-core window
EOF_RUN
    python_packages
    [ "$profile" = test ] || return 0
    cat <<EOF_TEST
xvfb shows the window to the tests
xauth shows the window to the tests
xdotool clicks and types in the tests
pulseaudio is the sound card of the tests
pulseaudio-utils is the sound card of the tests
EOF_TEST
}

# The interpreter: an existing .venv keeps its own; otherwise the newest that can make one.
supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
has_headers() {
    "$1" -c 'import os, sysconfig; raise SystemExit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null
}

choose_python() {
    chosen=
    for candidate in "$python" python3.13 python3.12 python3.11 python3; do
        supported "$candidate" || continue
        [ -n "$chosen" ] || chosen=$candidate
        if can_make_venv "$candidate" && has_headers "$candidate"; then
            chosen=$candidate
            break
        fi
    done
}

# By behaviour, not by name: an interpreter that did not come from a package needs no package.
python_packages() {
    if [ -z "$chosen" ]; then
        say "python3 runs Parley"
        say "python3-venv keeps Parley's Python packages apart"
        say "python3-dev compiles PyAudio"
        return
    fi
    version=$("$chosen" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    can_make_venv "$chosen" || say "$version-venv keeps Parley's Python packages apart"
    has_headers "$chosen" || say "$version-dev compiles PyAudio"
}

missing_packages() {
    system_packages | while read -r package reason; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || say "$package $reason"
    done
}

install_system_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is not Debian, so these system packages (Debian's names) are taken to be there already:"
        system_packages | while read -r package reason; do say "  $package: $reason"; done
        return
    fi
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    say "Missing system packages:"
    say "$missing" | while read -r package reason; do say "  $package: $reason"; done
    names=$(say "$missing" | cut -d' ' -f1 | tr '\n' ' ')
    command="apt-get install --yes --no-remove --no-install-recommends $names"
    if [ "$(id -u)" = 0 ]; then
        root=
    elif command -v sudo >/dev/null; then
        root=sudo
    else
        fail "Installing them needs root: run this as root, then try again: apt-get update && $command"
    fi
    say "Installing them with apt-get."
    # shellcheck disable=SC2086 # root and names are lists of words
    { $root apt-get update && $root env DEBIAN_FRONTEND=noninteractive $command; } ||
        fail "apt-get could not install them; mend what it says above, or run as root: apt-get update && $command"
}

make_venv() {
    if [ -n "$chosen" ] && [ "$chosen" = "$python" ]; then return; fi
    say "Creating .venv with $("$chosen" --version)."
    "$chosen" -m venv --clear .venv || fail "$chosen could not create .venv; is the disk full or read-only?"
}

# A wheel that somebody built themselves has a hash of its own. Where pip is told of a folder of such wheels
# (find-links), names and versions bind and hashes do not; everywhere else both do.
own_wheels() { "$python" -m pip config list | grep -q find-links; }
requirements() { # LOCK AWK-CONDITION: the entries of the lock whose first line meets the condition
    awk "/^[a-z]/ { keep = $2 } keep" "$1" | if own_wheels; then sed -e '/^ *--hash/d' -e 's/ \\$//'; else cat; fi
}

pip_options="--disable-pip-version-check install --no-deps --no-build-isolation"
# shellcheck disable=SC2086 # the options are a list of words
pip_install() { "$python" -m pip $pip_options "$@"; }

# The same for a long and wordy build: its output goes to the log, and one line of progress appears here. A session of
# its own (setsid) lets an interruption end the compilers too, and what they leave is removed with $work.
pip_install_with_progress() {
    title=$1
    shift
    started=$(date +%s)
    : >"$log"
    # shellcheck disable=SC2086 # the options are a list of words
    TMPDIR=$work setsid "$python" -m pip $pip_options --verbose "$@" >"$log" 2>&1 &
    job=$!
    trap 'kill -- "-$job" 2>/dev/null; exit 130' INT TERM
    reported=0
    while kill -0 "$job" 2>/dev/null; do
        elapsed=$(($(date +%s) - started))
        step=$(grep -o '\[[0-9]*/[0-9]*\]' "$log" | tail -n 1 || true)
        if [ -t 1 ]; then
            printf '\r  %s: %s s %s ' "$title" "$elapsed" "$step"
        elif [ "$elapsed" -ge "$reported" ]; then
            say "  $title: $elapsed s $step"
            reported=$((elapsed + 15))
        fi
        sleep 1
    done
    if [ -t 1 ]; then say; fi
    wait "$job" || { tail -n 40 "$log" >&2; fail "$title failed; the whole output is in $log."; }
    say "  $title: done in $(($(date +%s) - started)) s."
}

install_python_packages() {
    work=$(mktemp -d)
    requirements locks/build.txt 1 >"$work/build.txt"
    requirements "locks/$profile.txt" '!/^llama-cpp-python==/' >"$work/rest.txt"
    requirements "locks/$profile.txt" '/^llama-cpp-python==/' >"$work/llama.txt"
    say "Installing Python packages."
    pip_install -r "$work/build.txt" || fail "The build tools could not be installed; see pip's message above."
    pip_install -r "$work/rest.txt" || fail "The Python packages could not be installed; see pip's message above."
    # Lean (no vision models) and portable (no instructions of this very processor).
    CMAKE_ARGS=${CMAKE_ARGS:-"-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF"}
    CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
    export CMAKE_ARGS CMAKE_BUILD_PARALLEL_LEVEL
    say "Installing llama.cpp. Unless pip has it ready-made, it is compiled here, which takes some minutes."
    pip_install_with_progress "llama.cpp" -r "$work/llama.txt"
    pip_install --quiet --editable . || fail "Parley itself could not be installed; see pip's message above."
}

# The stamp says what was installed, and where: a moved folder needs a new .venv.
key=$({ pwd; cat pyproject.toml locks/*.txt scripts/install.sh; } | sha256sum)
for done_profile in "$profile" test; do
    stamp=.venv/installed-$done_profile
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then exit 0; fi
done

choose_python
install_system_packages
choose_python
[ -n "$chosen" ] || fail "Parley needs Python 3.11, 3.12 or 3.13, and found none: install one and try again."
make_venv
rm -f .venv/installed-run .venv/installed-test
install_python_packages
say "$key" >".venv/installed-$profile"
say "Parley is installed."
