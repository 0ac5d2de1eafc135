#!/usr/bin/env bash
# Makes the .deb, installs it with apt, tries what it brings, and removes it: scripts/package.sh
# Root (or sudo) on Debian or Ubuntu, where svg-ai is not installed as a package.
set -euo pipefail
cd "$(dirname "$0")/.."
root=()
[ "$(id -u)" = 0 ] || root=(sudo)
fail() { echo "FAILED: $*" >&2; exit 1; }

if dpkg-query -W -f '${Status}' svg-ai 2> /dev/null | grep -q 'ok installed'; then
  fail 'the package svg-ai is installed already; remove it first'
fi
# The version is pinned: what it writes into the package is checked below.
command -v cargo-deb > /dev/null || cargo install --locked --quiet cargo-deb --version 3.8.0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo deb --locked --quiet --output "$work/svg-ai.deb"
# apt reads the package as its own user.
chmod 755 "$work" && chmod 644 "$work/svg-ai.deb"
dpkg-deb --info "$work/svg-ai.deb"
dpkg-deb --contents "$work/svg-ai.deb" | awk '{print $1, $2, $6}' | grep -v '/$'

everything() { "${root[@]}" find /usr /etc /opt /var/lib -xdev -name '*svg-ai*' -not -path "$PWD/*" -not -path '*/.cargo/*' 2> /dev/null | sort; }
everything > "$work/before"
purge() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq svg-ai > "$work/purge.log" 2>&1; }
# Whatever fails from here on, the machine is left as it was.
trap 'purge || true; rm -rf "$work"' EXIT
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$work/svg-ai.deb" > "$work/install.log" 2>&1 \
  || { cat "$work/install.log"; fail 'apt could not install it'; }

echo '== installed'
/usr/bin/svg-ai --version
/usr/bin/svg-ai convert fixtures/sample.png -o "$work/sample.svg" --fail-under 0.9
for page in svg-ai svg-ai-batch svg-ai-convert svg-ai-optimize svg-ai-score svg-ai-bench; do
  # Some images leave manual pages out on purpose (path-exclude).
  if dpkg -L svg-ai | grep -q "/man1/$page.1.gz" && [ -e "/usr/share/man/man1/$page.1.gz" ]; then
    gzip -t "/usr/share/man/man1/$page.1.gz"
  elif ! grep -rqs 'path-exclude.*/usr/share/man' /etc/dpkg/dpkg.cfg.d; then
    fail "no manual page $page"
  fi
done
# As a shell would: the completion of a started word.
# shellcheck disable=SC2016
offered=$(bash -c '
  . /usr/share/bash-completion/completions/svg-ai
  complete_it=$(complete -p svg-ai | grep -o -- "-F [^ ]*" | cut -c 4-)
  COMP_WORDS=(svg-ai con) COMP_CWORD=1
  "$complete_it" svg-ai con svg-ai
  echo "${COMPREPLY[@]}"')
[ "$offered" = convert ] || fail "bash completes 'svg-ai con' to '$offered'"
[ -e /usr/share/zsh/vendor-completions/_svg-ai ] || fail 'no completion for zsh'
[ -e /usr/share/fish/vendor_completions.d/svg-ai.fish ] || fail 'no completion for fish'

echo '== removed'
dpkg -L svg-ai > "$work/files"
purge || { cat "$work/purge.log"; fail 'apt could not remove it'; }
while read -r file; do
  [ -d "$file" ] || [ ! -e "$file" ] || fail "$file was left behind"
done < "$work/files"
everything > "$work/after"
diff "$work/before" "$work/after" || fail 'something was left behind'

echo '== cargo install'
cargo install --locked --quiet --path . --root "$work/cargo"
"$work/cargo/bin/svg-ai" --version
cargo uninstall --quiet --root "$work/cargo" svg-ai
[ ! -e "$work/cargo/bin/svg-ai" ] || fail 'cargo uninstall left the binary'
echo 'Every way to install works, and leaves nothing behind.'
