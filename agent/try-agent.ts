/**
 * `pgsvc agent try`: whether an agent of this program, configuration and certificate would work here. Nothing is changed,
 * and an agent that runs keeps its stream.
 */
import type { ChannelCredentials } from '@grpc/grpc-js'
import { AppError } from '../shared/errors/app-error.ts'
import type { Files } from '../shared/ports/files.ts'
import type { AgentConfig } from './options.ts'
import { createStateFile } from './state/state-file.ts'

export interface TryPorts {
  readonly files: Files
  /** @throws AppError `CERTIFICATE_UNREADABLE` */
  readonly credentials: () => Promise<ChannelCredentials>
  /** Asks a controller for a sign of life. @returns why it gave none; undefined when it did */
  readonly ask: (address: string, credentials: ChannelCredentials) => Promise<string | undefined>
}

/**
 * @returns the controller that answered
 * @throws AppError `STATE_UNREADABLE`, `STATE_OF_OTHER_NODE`, `CERTIFICATE_UNREADABLE`, `CONTROLLER_UNREACHABLE`
 */
export async function tryAgent(
  { files, credentials, ask }: TryPorts,
  { node, state_dir: stateDir, controllers }: AgentConfig,
): Promise<string> {
  await createStateFile(files, stateDir).load(node)
  const own = await credentials()
  const reasons: string[] = []
  for (const address of controllers) {
    const reason = await ask(address, own)
    if (reason === undefined) return address
    reasons.push(`${address}: ${reason}`)
  }
  throw new AppError('CONTROLLER_UNREACHABLE', `no controller takes this node in: ${reasons.join('; ')}`, {
    hint: 'is the address right as seen from here (controllers in agent.yml), and port 9750 open?',
  })
}
