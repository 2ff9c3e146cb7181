/** All options of `pgsvc controller`; --help, the configuration file, the environment and docs come from here. */
import * as z from 'zod/mini'
import { guardOptions } from '../shared/config/guard-options.ts'
import { type ConfigOf, listOf, option } from '../shared/config/options.ts'
import { type LogLevel, logLevels } from '../shared/log/logger.ts'
import { type Role, roles } from '../shared/pki/identity.ts'
import { normalPrefix } from './etcd/leader-key.ts'

const maxMs = 24 * 60 * 60 * 1000

function milliseconds(min: number) {
  return z.coerce.number().check(z.int(), z.minimum(min), z.maximum(maxMs))
}

const days = z.coerce.number().check(z.int(), z.minimum(1), z.maximum(3_650))

const addressAndPort = z
  .string()
  .check(
    z.regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be <address>:<port>, an IPv6 address in brackets'),
  )

const path = z.string()

export const controllerOptions = {
  listen: option({
    value: '<address:port>',
    description: 'where agents, and operators with a certificate, reach the controller',
    schema: addressAndPort,
    default: '0.0.0.0:9750',
  }),
  socket: option({
    value: '<path>',
    description: 'unix socket of the local commands, mode 0600: who may open it, root, may do everything',
    schema: path.check(z.minLength(1)),
    default: '/run/pgsvc/controller.sock',
  }),
  socket_group: option({
    value: '<group>',
    description: 'members of this group may use group_socket; without it there is none',
    schema: z.string().check(z.regex(/^[A-Za-z0-9._@-]*$/, 'must be the name of a group')),
    default: '',
  }),
  socket_group_role: option<Role>({
    value: '<role>',
    description: `what members of socket_group may do: ${roles.join(', ')}; each includes those before it`,
    schema: z.enum(roles),
    default: 'publish',
  }),
  group_socket: option({
    value: '<path>',
    description: 'unix socket for members of socket_group, mode 0660',
    schema: path.check(z.minLength(1)),
    default: '/run/pgsvc/group.sock',
  }),
  state_dir: option({
    value: '<dir>',
    description: 'directory of the database',
    schema: path.check(z.minLength(1)),
    default: '/var/lib/pgsvc/controller',
  }),
  inventory: option({
    value: '<path>',
    description: 'the Ansible inventory: a file, a program or a directory; without it that of pigsty_home',
    schema: path,
    default: '',
  }),
  pigsty_home: option({
    value: '<dir>',
    description:
      'a Pigsty checkout: the inventory of its ansible.cfg or its pigsty.yml, and the defaults of its roles',
    schema: path,
    default: '',
  }),
  defaults: option({
    value: '<file>',
    description: 'role defaults, YAML, in place of the built-in ones',
    schema: path,
    default: '',
  }),
  ...guardOptions,
  tls_ca: option({
    value: '<file>',
    description:
      'certificates of the authorities that agents and operators must come from: one, or several in one file',
    schema: path.check(z.minLength(1)),
    default: '/etc/pgsvc/ca.crt',
  }),
  tls_cert: option({
    value: '<file>',
    description: 'certificate of the controller',
    schema: path.check(z.minLength(1)),
    default: '/etc/pgsvc/controller.crt',
  }),
  tls_key: option({
    value: '<file>',
    description: 'key of the controller',
    schema: path.check(z.minLength(1)),
    default: '/etc/pgsvc/controller.key',
  }),
  ca_dir: option({
    value: '<dir>',
    description:
      'directory of the authority that signs: its ca.crt and ca.key, read when something is signed; without it files/pki/ca of pigsty_home if they are there, else /etc/pgsvc/pki, of both the one that tls_ca holds',
    schema: path,
    default: '',
  }),
  node_certificate_days: option({
    value: '<days>',
    description: 'how long certificates of nodes are valid; agents renew them at two thirds of it',
    schema: days,
    default: 30,
  }),
  controller_certificate_days: option({
    value: '<days>',
    description:
      "how long the controller's own certificate is valid when it renews it, at two thirds of its life, if it can reach the authority's key",
    schema: days,
    default: 90,
  }),
  max_connections: option({
    value: '<n>',
    description: 'TLS connections of agents and operators at once; more are closed',
    schema: z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100_000)),
    default: 20_000,
  }),
  max_connections_per_name: option({
    value: '<n>',
    description: 'of them, connections with the same name in their certificates',
    schema: z.coerce.number().check(z.int(), z.minimum(2), z.maximum(10_000)),
    default: 64,
  }),
  heartbeat_ms: option({
    value: '<ms>',
    description: 'interval of signs of life on every stream, milliseconds',
    schema: milliseconds(100),
    default: 5_000,
  }),
  silence_ms: option({
    value: '<ms>',
    description: 'silence after which a stream is given up, milliseconds',
    schema: milliseconds(300),
    default: 15_000,
  }),
  publish_timeout_ms: option({
    value: '<ms>',
    description: 'how long a publish waits for nodes in each of its two phases, milliseconds',
    schema: milliseconds(100),
    default: 60_000,
  }),
  lease_ms: option({
    value: '<ms>',
    description: 'how long a node keeps a prepared set without a commit, milliseconds',
    schema: milliseconds(1_000),
    default: 90_000,
  }),
  etcd_endpoints: option<readonly string[]>({
    value: '<host:port,...>',
    description:
      'members of the etcd that Patroni uses, to learn of leader changes at once; without them etcd is not watched',
    schema: listOf(addressAndPort),
    default: [],
  }),
  etcd_prefix: option({
    value: '<prefix>',
    description: "Patroni's namespace in etcd (pg_namespace)",
    schema: z.pipe(z.string().check(z.regex(/^[^\s]*$/, 'must be a path')), z.transform(normalPrefix)),
    default: '/pg/',
  }),
  etcd_user: option({
    value: '<name>',
    description: 'user of etcd that may read below etcd_prefix, where etcd has users',
    schema: z.string(),
    default: '',
  }),
  etcd_password_file: option({
    value: '<file>',
    description: "file with that user's password",
    schema: path,
    default: '',
  }),
  etcd_ca: option({
    value: '<file>',
    description: "certificate of etcd's authority; without it etcd is spoken to unencrypted",
    schema: path,
    default: '',
  }),
  etcd_cert: option({
    value: '<file>',
    description: 'certificate that the controller shows to etcd',
    schema: path,
    default: '',
  }),
  etcd_key: option({
    value: '<file>',
    description: 'key of etcd_cert',
    schema: path,
    default: '',
  }),
  max_handshakes: option({
    value: '<n>',
    description: 'TLS handshakes under way at once; more connections wait',
    schema: z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1_024)),
    default: 64,
  }),
  log_level: option<LogLevel>({
    value: '<level>',
    description: `lowest level that is logged: ${logLevels.join(', ')}`,
    schema: z.enum(logLevels),
    default: 'info',
  }),
  log_format: option<'auto' | 'json' | 'pretty'>({
    value: '<format>',
    description: 'auto (readable on a terminal, JSON elsewhere), json or pretty',
    schema: z.enum(['auto', 'json', 'pretty']),
    default: 'auto',
  }),
}

export type ControllerConfig = ConfigOf<typeof controllerOptions>

export const controllerConfigFile = '/etc/pgsvc/controller.yml'
