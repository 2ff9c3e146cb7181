/**
 * Who is at the other end of a unix socket, for the record only and never for a decision: who may open a socket is decided by
 * its mode.
 */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createConnectionLimits } from './connection-limits.ts'
import type { PeerUid } from './peer-uid.ts'

export interface SocketPeers {
  /**
   * A connection came in; it is given a name that gRPC's `getPeer` returns.
   *
   * @returns why it is not let in; undefined when it is
   */
  noticed(socket: Socket): string | undefined
  /** @param peer - what `getPeer` returns @returns `uid 0 (root)`, or `uid unknown` */
  whoIs(peer: string): Promise<string>
}

const unknown = 'uid unknown'

/** Connections that are open, or of which it is still asked whose they are: that takes a process each. */
export interface SocketLimits {
  readonly all: number
  /** Of one user. */
  readonly perUser: number
}

/** For a socket that others than root can open. */
export const groupLimits: SocketLimits = { all: 64, perUser: 16 }

/**
 * @param limits - absent: whoever can open it can do worse
 * @param onRefused - a connection was ended once it was known whose it is
 */
export function createSocketPeers(
  uidOf: PeerUid,
  limits?: SocketLimits,
  onRefused: (reason: string) => void = () => undefined,
): SocketPeers {
  const ofUsers = limits && createConnectionLimits(limits.all, limits.perUser)
  let open = 0
  const known = new Map<string, Promise<string>>()
  let count = 0
  return {
    noticed: (socket) => {
      if (limits && open >= limits.all) return `there are ${limits.all} connections already`
      count += 1
      open += 1
      const peer = `unix-${count}`
      // getPeer() of grpc-js is the socket's remoteAddress, which a unix socket does not have.
      Object.defineProperty(socket, 'remoteAddress', { value: peer })
      const whose = nameOf(uidOf, socket)
      known.set(peer, whose)
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      void whose.then(async (user) => {
        const refusal = ofUsers?.enter(user)
        if (refusal !== undefined) onRefused(`${user}: ${refusal}`)
        if (refusal !== undefined) socket.destroy()
        await closed
        open -= 1
        known.delete(peer)
        if (refusal === undefined) ofUsers?.leave(user)
      })
      return undefined
    },
    whoIs: (peer) => known.get(peer) ?? Promise.resolve(unknown),
  }
}

/** Of a socket that nobody but its owner (and root) can open. */
export const ownPeer: PeerUid = async () => process.getuid?.()

async function nameOf(uidOf: PeerUid, socket: Socket): Promise<string> {
  try {
    const uid = await uidOf(socket)
    return uid === undefined ? unknown : userText(String(uid))
  } catch {
    return unknown
  }
}

function userText(uid: string): string {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.split(':')[2] === uid)
  return `uid ${uid}${entry ? ` (${entry.split(':')[0]})` : ''}`
}
