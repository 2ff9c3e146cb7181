/**
 * Every method of every service, tried with every kind of identity. The methods come from the services' descriptors: one
 * that is new and has no row here fails.
 */
import { execFileSync } from 'node:child_process'
import { Client, credentials, Metadata, type ServiceDefinition, type ServiceError } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newKey, signingRequest } from '../../shared/pki/signing-request.ts'
import { AdminService, AgentService, Health } from '../../shared/rpc/services.ts'
import { mintOf } from '../support/mint.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { controllerNameOverride, type Pem } from './controller-agent.ts'
import { Harness, publish } from './controller-harness.ts'

/** What a method needs at least: a role of an operator, a node of that name, or any certificate of ours. */
type Need = 'read' | 'plan' | 'publish' | 'administer' | 'node n1' | 'a revoked node' | 'anybody'

interface Row {
  readonly need: Need
  readonly request: object
}

const check = { options: { check: true, operator: 'root' } }

/** One row per method, and more where the request matters. */
const rows: Readonly<Record<string, readonly Row[]>> = {
  'AdminService/Publish': [
    { need: 'publish', request: { pattern: 'pg-a' } },
    { need: 'plan', request: { pattern: 'pg-a', ...check } },
  ],
  'AdminService/PublishNode': [
    { need: 'publish', request: { pattern: 'n1' } },
    { need: 'plan', request: { pattern: 'n1', ...check } },
  ],
  'AdminService/Rollback': [
    { need: 'publish', request: { owner: 'pg-a' } },
    { need: 'plan', request: { owner: 'pg-a', ...check } },
  ],
  'AdminService/Remove': [
    { need: 'publish', request: { owner: 'pg-gone' } },
    { need: 'plan', request: { owner: 'pg-gone', ...check } },
  ],
  'AdminService/Forget': [
    { need: 'publish', request: { nodes: ['n67'] } },
    { need: 'plan', request: { nodes: ['n67'], ...check } },
  ],
  'AdminService/Relay': [{ need: 'publish', request: { hello: { node: 'n55', bootId: 'b' } } }],
  'AdminService/Status': [{ need: 'read', request: {} }],
  'AdminService/History': [{ need: 'read', request: { owner: 'pg-a' } }],
  'AdminService/Leaders': [{ need: 'read', request: {} }],
  'AdminService/Events': [{ need: 'read', request: {} }],
  'AdminService/Certificates': [{ need: 'read', request: {} }],
  'AdminService/SignNode': [
    { need: 'administer', request: { node: 'n7', csrPem: signingRequest(newKey()) } },
  ],
  'AdminService/RevokeNode': [{ need: 'administer', request: { node: 'n8' } }],
  'AdminService/RevokeOperator': [{ need: 'administer', request: { operator: 'nobody' } }],
  'AdminService/Renew': [{ need: 'administer', request: { nodes: ['n9'] } }],
  'AdminService/Audit': [{ need: 'administer', request: {} }],
  'AgentService/Connect': [
    { need: 'node n1', request: { hello: { node: 'n1', bootId: 'b' } } },
    { need: 'a revoked node', request: { hello: { node: 'n66', bootId: 'b' } } },
  ],
  'Health/Check': [{ need: 'anybody', request: {} }],
  'Health/Watch': [{ need: 'anybody', request: {} }],
}

const services: Readonly<Record<string, ServiceDefinition>> = {
  AdminService: AdminService.service,
  AgentService: AgentService.service,
  Health: Health.service,
}

/** How a call came out: it was let in (whatever came of it), it was not, or there was no connection to make it on. */
type Outcome = 'in' | 'refused' | 'no connection' | 'broken'

interface Someone {
  /** Rows that let this one in. */
  readonly may: readonly Need[]
  /** For all others. */
  readonly otherwise: Exclude<Outcome, 'in'>
  readonly pem?: Pem | 'no certificate'
  readonly socket?: 'root' | 'group'
}

const [readers, planners, publishers, administrators]: readonly (readonly Need[])[] = [
  ['anybody', 'read'],
  ['anybody', 'read', 'plan'],
  ['anybody', 'read', 'plan', 'publish'],
  ['anybody', 'read', 'plan', 'publish', 'administer'],
]

const harness = new Harness()
const people = new Map<string, Someone>()
const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()

beforeAll(async () => {
  await harness.authority()
  await harness.authority('foreign')
  await harness.issue({ kind: 'controller' })
  await harness.start({ socket_group: group, socket_group_role: 'plan', group_socket: harness.groupSocket })
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n5'], 'x'))
  await publish(harness.admin(), { pattern: 'pg-a' })
  const ours = mintOf(harness.path('pki'))
  const foreign = mintOf(harness.path('foreign'), harness.path('pki'))
  const refused = (pem: Pem): Someone => ({ may: [], otherwise: 'refused', pem })
  const unconnected = (pem: Pem): Someone => ({ may: [], otherwise: 'no connection', pem })
  const operator = (name: string, role: 'read' | 'plan' | 'publish' | 'administer') =>
    ({ kind: 'operator', name, role }) as const
  const node = (name: string) => ({ kind: 'node', name }) as const
  const old = { days: 1, ageMs: 3 * 86_400_000 }
  const future = { ageMs: -30 * 60_000 }
  const revoked = { node: ours.issue(node('n66')), operator: ours.issue(operator('eve', 'administer')) }
  for (const [name, someone] of Object.entries<Someone>({
    'nobody, without a certificate': { may: [], otherwise: 'no connection', pem: 'no certificate' },
    'the right node': { may: ['anybody', 'node n1'], otherwise: 'refused', pem: ours.issue(node('n1')) },
    'a wrong node': { may: ['anybody'], otherwise: 'refused', pem: ours.issue(node('n2')) },
    'a node that expired': unconnected(ours.issue(node('n1'), old)),
    'a node that is not valid yet': unconnected(ours.issue(node('n1'), future)),
    'a node that was revoked': refused(revoked.node),
    'a node of another authority': unconnected(foreign.issue(node('n1'))),
    'an administrator that expired': unconnected(ours.issue(operator('adm', 'administer'), old)),
    'an administrator that is not valid yet': unconnected(ours.issue(operator('adm', 'administer'), future)),
    'an administrator that was revoked': refused(revoked.operator),
    'an administrator of another authority': unconnected(foreign.issue(operator('adm', 'administer'))),
    "Pigsty's certificate of etcd": unconnected(ours.forge({ dnsNames: ['etcd', 'n1'] })),
    'a certificate without any name': unconnected(ours.forge({})),
    'a node that is an operator too': unconnected(
      ours.forge({ uris: ['pgsvc://node/n1', 'pgsvc://operator/adm', 'pgsvc://role/administer'] }),
    ),
    'two nodes in one': unconnected(ours.forge({ uris: ['pgsvc://node/n1', 'pgsvc://node/n2'] })),
    'a node that is an old operator too': unconnected(
      ours.forge({ uris: ['pgsvc://operator/old', 'pgsvc://node/n1'] }),
    ),
    'an operator with two roles': unconnected(
      ours.forge({ uris: ['pgsvc://operator/adm', 'pgsvc://role/read', 'pgsvc://role/administer'] }),
    ),
    'a node with a role': unconnected(ours.forge({ uris: ['pgsvc://node/n1', 'pgsvc://role/administer'] })),
    'the controller itself': unconnected(ours.issue({ kind: 'controller' })),
    'a controller with a client certificate': unconnected(
      ours.forge({ uris: ['pgsvc://controller'], dnsNames: ['pgsvc-controller'] }),
    ),
    'an administrator for servers': unconnected(
      ours.forge({ uris: ['pgsvc://operator/adm', 'pgsvc://role/administer'] }, 'server'),
    ),
    'an operator who may read': {
      may: readers ?? [],
      otherwise: 'refused',
      pem: ours.issue(operator('r', 'read')),
    },
    'an operator who may plan': {
      may: planners ?? [],
      otherwise: 'refused',
      pem: ours.issue(operator('p', 'plan')),
    },
    'an operator who may publish': {
      may: publishers ?? [],
      otherwise: 'refused',
      pem: ours.issue(operator('w', 'publish')),
    },
    'an operator from before there were roles': {
      may: publishers ?? [],
      otherwise: 'refused',
      pem: ours.forge({ uris: ['pgsvc://operator/old'] }),
    },
    'an administrator': {
      may: administrators ?? [],
      otherwise: 'refused',
      pem: ours.issue(operator('adm', 'administer')),
    },
    "root's socket": { may: administrators ?? [], otherwise: 'refused', socket: 'root' },
    "the group's socket, for planning": { may: planners ?? [], otherwise: 'refused', socket: 'group' },
  })) {
    people.set(name, someone)
  }
  await new Promise<void>((resolve, reject) =>
    harness.admin().RevokeNode({ node: 'n66', unseen: true }, (error) => (error ? reject(error) : resolve())),
  )
  await new Promise<void>((resolve, reject) =>
    harness
      .admin()
      .RevokeOperator({ operator: 'eve', unseen: true }, (error) => (error ? reject(error) : resolve())),
  )
})

afterAll(() => harness.destroy())

const methods = Object.entries(services).flatMap(([service, definition]) =>
  Object.keys(definition).map((method) => ({ service, method, name: `${service}/${method}` })),
)

test('every method has a row, and no row is for a method that is not there', () => {
  expect(methods.map(({ name }) => name).sort()).toEqual(Object.keys(rows).sort())
})

test.each(methods)('$name lets in who may call it, and nobody else', async ({ service, method, name }) => {
  const wrong: string[] = []
  for (const { need, request } of rows[name] ?? []) {
    for (const [who, someone] of people) {
      // Agents have no service behind a socket: nobody is let in there.
      const isServed = someone.socket === undefined || service !== 'AgentService'
      const expected = isServed && someone.may.includes(need) ? 'in' : someone.otherwise
      const outcome = await attempt(someone, service, method, request)
      if (outcome !== expected) wrong.push(`${who}, ${need}: ${outcome} and not ${expected}`)
    }
  }
  expect(wrong).toEqual([])
})

/** Codes with which a call is turned away: PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED. */
const refusals = [7, 16, 12]
const unavailable = 14
/** Nobody knows what these are: UNKNOWN, DEADLINE_EXCEEDED, INTERNAL. */
const failures = [2, 4, 13]

async function attempt(
  { pem, socket }: Someone,
  service: string,
  method: string,
  request: object,
): Promise<Outcome> {
  const definition = services[service]?.[method]
  if (!definition) throw new Error(`no method ${method}`)
  const address = socket
    ? `unix:${socket === 'root' ? harness.socket : harness.groupSocket}`
    : `127.0.0.1:${harness.port}`
  const client = new Client(address, credentialsOf(pem), controllerNameOverride)
  const { path, requestSerialize, responseDeserialize } = definition
  // The definition is the service's own; the request stands in the table above.
  const serialize = requestSerialize as (value: object) => Buffer
  const options = { deadline: Date.now() + 20_000 }
  try {
    return await new Promise<Outcome>((resolve) => {
      const onError = ({ code }: ServiceError) => {
        if (code === unavailable) resolve('no connection')
        else if (failures.includes(code)) resolve('broken')
        else resolve(refusals.includes(code) ? 'refused' : 'in')
      }
      if (definition.requestStream) {
        const about = new Metadata()
        about.set('pgsvc-node', 'n55') // of Relay
        const call = client.makeBidiStreamRequest(path, serialize, responseDeserialize, about, options)
        call.on('data', () => resolve('in'))
        call.on('error', onError)
        call.write(request)
      } else if (definition.responseStream) {
        const call = client.makeServerStreamRequest(path, serialize, responseDeserialize, request, options)
        call.on('data', () => resolve('in'))
        call.on('end', () => resolve('in'))
        call.on('error', onError)
      } else {
        client.makeUnaryRequest(path, serialize, responseDeserialize, request, options, (error) =>
          error ? onError(error) : resolve('in'),
        )
      }
    })
  } finally {
    client.close()
  }
}

function credentialsOf(pem: Someone['pem']) {
  if (pem === undefined) return credentials.createInsecure()
  if (pem === 'no certificate') return credentials.createSsl(harness.caPem())
  return credentials.createSsl(pem.ca, pem.key, pem.cert)
}
