#!/bin/sh
# Installs jules-slack: downloads the release for this machine, compares it with the checksum below, and puts the program
# into /usr/local/bin, or ~/.local/bin for anyone but root. INSTALL_DIR names another folder.
# What is between @ is filled in by deploy/release-files when a release is made.
set -eu

repository=@REPOSITORY@
tag=@TAG@
base=${BASE_URL:-https://github.com/$repository/releases/download/$tag}

sum_of() {
    case $1 in
        # @SUMS@
        *) return 1 ;;
    esac
}

fail() {
    echo "install: $*" >&2
    exit 1
}

case $tag in
    @*) fail "this is the template, which knows no release; take install.sh from a release of the repository" ;;
esac
case $(uname -s) in
    Linux) system=unknown-linux-musl ;;
    Darwin) system=apple-darwin ;;
    *) fail "there is no release for $(uname -s)" ;;
esac
case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no release for $(uname -m)" ;;
esac
target=$machine-$system
sum=$(sum_of "$target") || fail "there is no release for $target"

if [ -n "${INSTALL_DIR:-}" ]; then
    folder=$INSTALL_DIR
elif [ "$(id -u)" = 0 ]; then
    folder=/usr/local/bin
elif [ -n "${HOME:-}" ]; then
    folder=$HOME/.local/bin
else
    fail "HOME isn't set, so there is no folder of yours to install into; set INSTALL_DIR"
fi
if [ -d "$folder/jules-slack" ]; then
    fail "$folder/jules-slack is a folder; move it away, or set INSTALL_DIR to another place"
fi

work=$(mktemp -d)
new=$folder/.jules-slack.new
trap 'rm -rf "$work"; rm -f "$new"' EXIT
archive=$work/jules-slack.tar.gz
url=$base/jules-slack-$target.tar.gz
echo "Downloading jules-slack $tag for $target"
if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --output "$archive" "$url" || fail "$url can't be downloaded"
elif command -v wget >/dev/null; then
    # Not -q, which keeps even the reason of a failure to itself.
    wget -nv -O "$archive" "$url" || fail "$url can't be downloaded"
else
    fail "neither curl nor wget is here"
fi
if command -v sha256sum >/dev/null; then
    found=$(sha256sum "$archive" | cut -d ' ' -f 1)
elif command -v shasum >/dev/null; then
    found=$(shasum -a 256 "$archive" | cut -d ' ' -f 1)
else
    fail "neither sha256sum nor shasum is here, so the download can't be checked, and nothing was installed"
fi
[ "$found" = "$sum" ] || fail "the download has another checksum ($found, not $sum), so nothing was installed"
tar -xzf "$archive" -C "$work" jules-slack
if ! { mkdir -p "$folder" && cp "$work/jules-slack" "$new" && chmod 755 "$new"; }; then
    fail "$folder can't be written; set INSTALL_DIR, or run it as root"
fi
# Before it takes the place of one that runs.
version=$("$new" --version) || fail "the program of $url doesn't run on this machine, so nothing was installed"
folder=$(cd "$folder" && pwd)
# In one step, so that a running program isn't overwritten.
mv "$new" "$folder/jules-slack"
echo "Installed $folder/jules-slack ($version)"
program=jules-slack
case :$PATH: in
    *:"$folder":*) ;;
    *)
        program=$folder/jules-slack
        echo "$folder isn't on your PATH. Add it, here and in your shell's profile:"
        echo "  export PATH=\"$folder:\$PATH\""
        ;;
esac
echo "Try it without any account: $program demo"
