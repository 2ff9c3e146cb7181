/**
 * Who is at the other end of a unix socket, for the record only and never for a decision: who may open a socket is decided by
 * its mode.
 */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { PeerUid } from './peer-uid.ts'

export interface SocketPeers {
  /** A connection came in; it is given a name that gRPC's `getPeer` returns. */
  noticed(socket: Socket): void
  /** @param peer - what `getPeer` returns @returns `uid 0 (root)`, or `uid unknown` */
  whoIs(peer: string): Promise<string>
}

const unknown = 'uid unknown'

export function createSocketPeers(uidOf: PeerUid): SocketPeers {
  const known = new Map<string, Promise<string>>()
  let count = 0
  return {
    noticed: (socket) => {
      count += 1
      const peer = `unix-${count}`
      // getPeer() of grpc-js is the socket's remoteAddress, which a unix socket does not have.
      Object.defineProperty(socket, 'remoteAddress', { value: peer })
      known.set(peer, nameOf(uidOf, socket))
      socket.once('close', () => known.delete(peer))
    },
    whoIs: (peer) => known.get(peer) ?? Promise.resolve(unknown),
  }
}

/** Of a socket that nobody but its owner (and root) can open. */
export const ownPeer: PeerUid = async () => process.getuid?.()

async function nameOf(uidOf: PeerUid, socket: Socket): Promise<string> {
  const uid = await uidOf(socket).catch(() => undefined)
  return uid === undefined ? unknown : userText(String(uid))
}

function userText(uid: string): string {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.split(':')[2] === uid)
  return `uid ${uid}${entry ? ` (${entry.split(':')[0]})` : ''}`
}
