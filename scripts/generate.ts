/**
 * Makes `shared/rpc/generated` from `proto/` (TypeScript types, and the descriptor as a constant), and
 * docs/configuration.md from the daemons' option tables; and the units that enrolment brings.
 *
 * The descriptor is generated because a bundle cannot load a .proto file at run time. `--check` only
 * compares, for CI.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { agentConfigFile, agentOptions } from '../agent/options.ts'
import { controllerConfigFile, controllerOptions } from '../controller/options.ts'
import { optionsMarkdown } from '../shared/config/options.ts'

const protoFiles = [
  'pgsvc/v1/model.proto',
  'pgsvc/v1/agent.proto',
  'pgsvc/v1/admin.proto',
  'grpc/health/v1/health.proto',
]
/** All that an agent speaks; it keeps what it loads for as long as it lives. */
const agentProtoFiles = ['pgsvc/v1/agent.proto', 'grpc/health/v1/health.proto']
/** Of no concern to agents and commands, which would only load it. */
const etcdProtoFiles = ['etcd/v3/etcd.proto']
const target = 'shared/rpc/generated'

function generate(directory: string): void {
  execFileSync(
    'node_modules/.bin/proto-loader-gen-types',
    [
      '--longs=Number',
      '--enums=String',
      '--defaults',
      '--oneofs',
      '--includeComments',
      '--importFileExtension=.ts',
      '--grpcLib=@grpc/grpc-js',
      '--includeDirs=proto',
      `--outDir=${directory}`,
      ...protoFiles,
      ...etcdProtoFiles,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  writeDescriptor(join(directory, 'descriptor.ts'), protoFiles)
  writeDescriptor(join(directory, 'agent-descriptor.ts'), agentProtoFiles)
  writeDescriptor(join(directory, 'etcd-descriptor.ts'), etcdProtoFiles)
}

function writeDescriptor(path: string, files: string[]): void {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, file) => join('proto', file)
  const json = root.loadSync(files, { keepCase: false }).toJSON()
  writeFileSync(
    path,
    `// Generated from proto/ by scripts/generate.ts; do not edit.\nimport type { fromJSON } from '@grpc/proto-loader'\n\n// protobufjs leaves out empty comments, which its own type demands.\nexport const descriptor = ${JSON.stringify(json, null, 1)} as unknown as Parameters<typeof fromJSON>[0]\n`,
  )
}

function listing(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(directory.length + 1), readFileSync(path, 'utf8')]
    }),
  )
}

function sameListing(a: Map<string, string>, b: Map<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, text]) => b.get(name) === text)
}

const configurationPath = 'docs/configuration.md'
const configuration = `# Configuration

Each option can stand in the configuration file (YAML), in the environment, or as a flag; a flag beats the
environment, which beats the file. This page is generated from the tables that the programs themselves read.

## Controller

File: \`${controllerConfigFile}\`, another with \`--config\` or \`PGSVC_CONFIG\`.

${optionsMarkdown(controllerOptions)}

## Agent

File: \`${agentConfigFile}\`, another with \`--config\` or \`PGSVC_CONFIG\`.

${optionsMarkdown(agentOptions)}
`

/** Enrolment brings the units of the packages; a bundle cannot read them. */
const unitsPath = 'controller/enroll/units.ts'
const unitNames = ['pgsvc-agent.service', 'pgsvc-recover.service', 'haproxy.service.d/pgsvc.conf']
const units = `/** The units that enrolment brings. Generated from packaging/systemd by scripts/generate.ts; do not edit. */
export const units: Readonly<Record<string, string>> = ${JSON.stringify(
  Object.fromEntries(unitNames.map((name) => [name, readFileSync(join('packaging/systemd', name), 'utf8')])),
  null,
  2,
)}
`

const scratch = mkdtempSync(join(tmpdir(), 'pgsvc-generate-'))
try {
  generate(scratch)
  if (process.argv.includes('--check')) {
    const stale = [
      ...(sameListing(listing(scratch), listing(target)) ? [] : [target]),
      ...(readFileSync(configurationPath, 'utf8') === configuration ? [] : [configurationPath]),
      ...(readFileSync(unitsPath, 'utf8') === units ? [] : [unitsPath]),
    ]
    for (const path of stale) console.error(`${path} is stale: run "npm run generate" and commit the result`)
    if (stale.length > 0) process.exitCode = 1
  } else {
    rmSync(target, { recursive: true, force: true })
    cpSync(scratch, target, { recursive: true })
    writeFileSync(configurationPath, configuration)
    writeFileSync(unitsPath, units)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
