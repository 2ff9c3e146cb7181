# Sets $node for the launchers: the project's own Node, else one on PATH that runs TypeScript directly.
node="$here/../node_modules/.bin/node"
if [ ! -x "$node" ]; then
  node=$(command -v node) || { echo "pgsvc needs Node 22.18 or newer: run npm ci, or install Node" >&2; exit 2; }
  "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' ||
    { echo "pgsvc needs Node 22.18 or newer, this is $("$node" --version): run npm ci" >&2; exit 2; }
fi
