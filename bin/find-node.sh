# Sets $node for a launcher of the project in $home: the project's own, or one on PATH that is new enough. Says so in one
# line when there is none.
node=$home/node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=$(command -v node) || { echo "pgsvc needs Node 22.18 or newer: run npm ci, or install Node" >&2; exit 2; }
  "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' ||
    { echo "pgsvc needs Node 22.18 or newer, this is $("$node" --version): run npm ci" >&2; exit 2; }
fi
