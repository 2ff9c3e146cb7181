/** Import directions; see docs/architecture.md. tsc's project references hold agent and controller apart too. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'agent-not-controller',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '^controller/' },
    },
    {
      name: 'controller-not-agent',
      severity: 'error',
      from: { path: '^controller/' },
      to: { path: '^agent/' },
    },
    {
      name: 'shared-alone',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(agent|controller|scripts|test)/' },
    },
    {
      name: 'nothing-imports-a-cli',
      severity: 'error',
      from: { pathNot: '^(controller/(cli/|main|svc-main)|test/|bin/)' },
      to: { path: '^controller/cli/' },
    },
    {
      name: 'pure-core',
      comment: 'rooms between the reader and the store take values and return values',
      severity: 'error',
      from: {
        path: '^controller/((values|parse|template|inventory|model|select|plan|render|explain|lint)/|etcd/leader-)',
      },
      to: { path: '^(fs|node:fs|child_process|net|http|os|process)(/promises)?$', dependencyTypes: ['core'] },
    },
    {
      name: 'later-stage',
      comment: 'data moves one way: inventory, model, select, plan, render',
      severity: 'error',
      from: { path: '^controller/(values|parse|template|inventory|model|select|plan|render|explain|lint)/' },
      to: { path: '^controller/(reader|store|publish|stream|admin|cli|pki)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    includeOnly: '^(shared|controller|agent)/|^(node:)?(fs|child_process|net|http|os)',
  },
}
