/** Everything that can be set on an agent: file, environment, flags, --help and docs come from this table. */
import * as z from 'zod/mini'
import { guardOptions, guardRulesOf } from '../shared/config/guard-options.ts'
import { type ConfigOf, listOf, option } from '../shared/config/options.ts'
import { type GuardRules, isNetwork, serversWithin } from '../shared/haproxy/guard-rules.ts'
import { type LogLevel, logLevels } from '../shared/log/logger.ts'
import { defaultNotifySocket } from './follow/notify-path.ts'
import type { HaproxyPaths } from './haproxy/locate.ts'

const path = z.string().check(z.minLength(1, 'a path is expected'))
const optionalPath = z.string()
const milliseconds = z.coerce
  .number()
  .check(z.int(), z.minimum(100, 'at least 100 ms'), z.maximum(600_000, 'at most 600000 ms'))

const count = z.coerce
  .number()
  .check(z.int(), z.minimum(0, 'no less than 0'), z.maximum(10_000_000, 'at most 10000000'))

const address = z.string().check(z.regex(/^\S+:\d{1,5}$/, 'host:port is expected'))
const addresses = z.pipe(
  listOf(address),
  z.array(z.string()).check(z.minLength(1, 'at least one controller is needed')),
)

/** Used when nobody says otherwise. */
export const agentConfigFile = '/etc/pgsvc/agent.yml'

export const agentOptions = {
  node: option({
    value: '<name>',
    description: 'name of this node as the inventory has it; also in its certificate',
    schema: z.string(),
    default: '',
  }),
  controllers: option<readonly string[]>({
    value: '<host:port,...>',
    description: 'controllers, tried in turn',
    schema: addresses,
    default: ['127.0.0.1:9750'],
  }),
  state_dir: option({
    value: '<dir>',
    description: 'where the agent remembers what it applied',
    schema: path,
    default: '/var/lib/pgsvc/agent',
  }),
  tls_ca: option({
    value: '<file>',
    description: 'certificate of the authority that signed the controller, PEM',
    schema: path,
    default: '/etc/pgsvc/ca.crt',
  }),
  tls_cert: option({
    value: '<file>',
    description: 'certificate of this node, PEM',
    schema: path,
    default: '/etc/pgsvc/agent.crt',
  }),
  tls_key: option({
    value: '<file>',
    description: 'private key of this node, PEM',
    schema: path,
    default: '/etc/pgsvc/agent.key',
  }),
  authorities: option<'taken' | 'fixed'>({
    value: '<policy>',
    description:
      'whether the authorities in tls_ca are exchanged for those that the controller sends with a renewed certificate: taken, or fixed (never; a certificate of another authority is refused)',
    schema: z.enum(['taken', 'fixed']),
    default: 'taken',
  }),
  haproxy_bin: option({
    value: '<file>',
    description: 'HAProxy program, for `haproxy -c`',
    schema: path,
    default: '/usr/sbin/haproxy',
  }),
  haproxy_config: option({
    value: '<file>',
    description: "HAProxy's main configuration file",
    schema: path,
    default: '/etc/haproxy/haproxy.cfg',
  }),
  haproxy_pidfile: option({
    value: '<file>',
    description: "file with the pid of HAProxy's master",
    schema: path,
    default: '/run/haproxy.pid',
  }),
  service_dir: option({
    value: '<dir>',
    description: 'directory of the service files; empty: found out from the running HAProxy',
    schema: optionalPath,
    default: '',
  }),
  layout: option<'auto' | 'conf.d' | 'flat'>({
    value: '<layout>',
    description: 'conf.d (a directory of their own), flat (beside haproxy.cfg), or auto',
    schema: z.enum(['auto', 'conf.d', 'flat']),
    default: 'auto',
  }),
  master_socket: option({
    value: '<socket>',
    description: "HAProxy's master socket; empty: taken from -S of the running master",
    schema: optionalPath,
    default: '',
  }),
  stats_socket: option({
    value: '<socket>',
    description: "HAProxy's stats socket; empty: taken from haproxy_config",
    schema: optionalPath,
    default: '',
  }),
  reload_command: option({
    value: '<command>',
    description: 'reloads a HAProxy without master socket, e.g. systemctl reload haproxy; empty: SIGUSR2',
    schema: z.string(),
    default: '',
  }),
  validate_timeout_ms: option({
    value: '<ms>',
    description: 'longest time for one `haproxy -c`, milliseconds',
    schema: milliseconds,
    default: 30_000,
  }),
  reload_timeout_ms: option({
    value: '<ms>',
    description: 'longest time from a reload to the answer of the new worker, milliseconds',
    schema: milliseconds,
    default: 10_000,
  }),
  drift: option<'leave' | 'repair'>({
    value: '<policy>',
    description:
      'what to do about files of ours that others changed: leave (report them) or repair; removed ones always come back',
    schema: z.enum(['leave', 'repair']),
    default: 'leave',
  }),
  drift_quiet_ms: option({
    value: '<ms>',
    description:
      'files are put back only after nobody has changed anything there for this long, milliseconds',
    schema: milliseconds,
    default: 5_000,
  }),
  max_old_workers: option({
    value: '<n>',
    description:
      'workers left behind by reloads that may keep their sessions; the oldest are ended; 0: any number',
    schema: count,
    default: 0,
  }),
  max_old_worker_age_s: option({
    value: '<s>',
    description:
      'longest time that a worker left behind by a reload may keep its sessions, seconds; 0: any time',
    schema: count,
    default: 0,
  }),
  follow: option<'on' | 'report' | 'off'>({
    value: '<policy>',
    description:
      "what to do when a cluster's leader changes, where the inventory (pgsvc_follow) does not say: on, report (only tell), off",
    schema: z.enum(['on', 'report', 'off']),
    default: 'on',
  }),
  follow_stable_ms: option({
    value: '<ms>',
    description:
      'how long a new leader has to be stable before the files follow it (connections follow at once), milliseconds',
    schema: milliseconds,
    default: 3_000,
  }),
  patroni_poll_ms: option({
    value: '<ms>',
    description:
      'how often the Patroni on this node (on one that is no member: that of the leader) is asked while nothing is going on, milliseconds; 0: never',
    schema: z.coerce
      .number()
      .check(z.int(), z.minimum(0, 'no less than 0'), z.maximum(600_000, 'at most 600000 ms')),
    default: 1_000,
  }),
  notify_socket: option({
    value: '<socket>',
    description: "unix socket on which Patroni's callbacks are heard (pgsvc notify); empty: none",
    schema: optionalPath,
    default: defaultNotifySocket,
  }),
  ...guardOptions,
  server_networks: option<readonly string[]>({
    value: '<network,...>',
    description: 'networks that every server must lie in, e.g. 10.10.10.0/24; none: any address, and names',
    schema: listOf(z.string().check(z.refine(isNetwork, 'a network like 10.10.10.0/24 is expected'))),
    default: [],
  }),
  metrics_file: option({
    value: '<file>',
    description: "file for node_exporter's textfile collector, *.prom; empty: none is written",
    schema: z.string().check(z.regex(/^$|\.prom$/, 'a name that ends in .prom is expected')),
    default: '',
  }),
  log_level: option<LogLevel>({
    value: '<level>',
    description: `least important lines that are logged: ${logLevels.join(', ')}`,
    schema: z.enum(logLevels),
    default: 'info',
  }),
  log_format: option<'auto' | 'json' | 'pretty'>({
    value: '<format>',
    description: 'json, pretty, or auto: pretty on a terminal',
    schema: z.enum(['auto', 'json', 'pretty']),
    default: 'auto',
  }),
}

export type AgentConfig = ConfigOf<typeof agentOptions>

/** What service files may say on this node. */
export function guardRules(config: AgentConfig): GuardRules {
  return { ...guardRulesOf(config), isServerAllowed: serversWithin(config.server_networks) }
}

/** Where HAProxy and its files are, as far as the configuration says. */
export function haproxyPaths(config: AgentConfig): HaproxyPaths {
  return {
    config: config.haproxy_config,
    serviceDir: config.service_dir,
    layout: config.layout,
    masterSocket: config.master_socket,
    statsSocket: config.stats_socket,
    pidFile: config.haproxy_pidfile,
  }
}
