/**
 * What can go wrong at each step of an apply, and what is then seen. The tests make each of these faults and
 * compare; docs/reliability.md shows the same rows (`node test/fault-table/main.ts`).
 */
import type { Stage } from '../../shared/errors/fault.ts'

export interface FaultRow {
  /** How the test makes it. */
  readonly make: FaultName
  readonly fault: string
  /** What has to come of it. */
  readonly expected: string
  /** What is seen: step and code; undefined when the apply goes through. */
  readonly seen: { readonly stage: Stage; readonly code: string } | undefined
  /** Words of HAProxy or of the system that must be in the report. */
  readonly words: string
  /** The set on disk afterwards, and what clients reach. */
  readonly onDisk: 'old' | 'new'
  readonly serves: 'old' | 'nothing'
}

export type FaultName =
  | 'refused by haproxy -c'
  | 'foreign file broken'
  | 'disk full'
  | 'state disk full'
  | 'read-only'
  | 'immutable'
  | 'no permission'
  | 'not installed'
  | 'not running'
  | 'port taken'
  | 'port taken unseen'
  | 'address not here'
  | 'port of others'
  | 'foreign file unbindable'
  | 'master hangs'
  | 'address gone unseen'
  | 'not confirmed'
  | 'not confirmed twice'
  | 'not put back'

const stays = 'nothing changes'
const restored = 'the old set is put back'

export const faultTable: readonly FaultRow[] = [
  {
    make: 'refused by haproxy -c',
    fault: 'HAProxy refuses the new set',
    expected: stays,
    seen: { stage: 'validate', code: 'HAPROXY_REFUSED' },
    words: 'balance only supports',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'foreign file broken',
    fault: 'a file of somebody else is broken',
    expected: `${stays}; that file is named`,
    seen: { stage: 'validate', code: 'FOREIGN_FILE_BROKEN' },
    words: "unknown keyword 'broken'",
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'disk full',
    fault: 'no room beside the service directory (a full tmpfs)',
    expected: stays,
    seen: { stage: 'stage', code: 'DISK_FULL' },
    words: 'ENOSPC: no space left on device',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'state disk full',
    fault: "no room for the agent's memory (a full tmpfs)",
    expected: stays,
    seen: { stage: 'validate', code: 'DISK_FULL' },
    words: 'ENOSPC: no space left on device',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'read-only',
    fault: "HAProxy's directory is mounted read-only",
    expected: stays,
    seen: { stage: 'stage', code: 'DISK_FAILED' },
    words: 'EROFS: read-only file system',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'immutable',
    fault: "HAProxy's directory is immutable (`chattr +i`)",
    expected: `${stays}: the link cannot be exchanged`,
    seen: { stage: 'swap', code: 'DISK_FAILED' },
    words: 'EPERM: operation not permitted',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'no permission',
    fault: "the agent is not root and HAProxy's directory is another user's",
    expected: stays,
    seen: { stage: 'stage', code: 'DISK_FAILED' },
    words: 'EACCES: permission denied',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'not installed',
    fault: 'HAProxy is not installed',
    expected: stays,
    seen: { stage: 'validate', code: 'HAPROXY_MISSING' },
    words: 'ENOENT',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'not running',
    fault: 'HAProxy does not run',
    expected: 'no fault: validated, in place, and reported as served by nobody',
    seen: undefined,
    words: '',
    onDisk: 'new',
    serves: 'nothing',
  },
  {
    make: 'port taken',
    fault: 'another process listens on a port of a service',
    expected: `${stays}; port and service are named`,
    seen: { stage: 'validate', code: 'PORT_TAKEN' },
    words: '',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'port taken unseen',
    fault: 'the port is taken after it was looked up: the new worker dies at its bind',
    expected: restored,
    seen: { stage: 'reload', code: 'RELOAD_FAILED' },
    words: '',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'address not here',
    fault: 'a service listens on an address that the node does not have',
    expected: `${stays}; address and service are named`,
    seen: { stage: 'validate', code: 'ADDRESS_MISSING' },
    words: 'the address 192.0.2.1',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'port of others',
    fault: 'a file of somebody else listens on the port of a service: HAProxy would take both',
    expected: `${stays}; port, service and that file are named`,
    seen: { stage: 'validate', code: 'PORT_CLASH' },
    words: 'foreign.cfg:2',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'foreign file unbindable',
    fault: 'a file of somebody else listens where HAProxy cannot, which `haproxy -c` does not see',
    expected: `${stays}; that file is named`,
    seen: { stage: 'validate', code: 'FOREIGN_FILE_BROKEN' },
    words: 'the address 192.0.2.1',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'address gone unseen',
    fault: 'HAProxy refuses the reload (the address went after it was looked up)',
    expected: restored,
    seen: { stage: 'reload', code: 'RELOAD_FAILED' },
    words: '',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'master hangs',
    fault: "HAProxy's master takes commands and never answers (SIGSTOP)",
    expected: `${restored}; nothing was asked`,
    seen: { stage: 'reload', code: 'HAPROXY_UNREACHABLE' },
    words: 'does not answer',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'not confirmed',
    fault: 'no new worker is seen in time',
    expected: `${restored} and loaded again`,
    seen: { stage: 'confirm', code: 'RELOAD_NOT_CONFIRMED' },
    words: '',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'not confirmed twice',
    fault: 'no new worker is seen in time, nor one with the old set',
    expected: `${restored}; that it is not known what runs is said, and the next apply reloads`,
    seen: { stage: 'confirm', code: 'RESTORE_NOT_CONFIRMED' },
    words: '',
    onDisk: 'old',
    serves: 'old',
  },
  {
    make: 'not put back',
    fault: 'the reload is refused, and the disk refuses the way back (made read-only meanwhile)',
    expected: 'said so; the next apply and every start try again',
    seen: { stage: 'reload', code: 'RESTORE_FAILED' },
    words: 'EROFS: read-only file system',
    onDisk: 'new',
    serves: 'old',
  },
]
