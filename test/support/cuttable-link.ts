/** A way to a port on loopback that can be cut, for a side that is away while the other lives on. */
import { connect, createServer, type Socket } from 'node:net'

export interface CuttableLink {
  /** host:port of this end. */
  readonly address: string
  /** Ends what is open and takes nothing new. */
  cut(): void
  mend(): void
  /** Connections that are open. */
  open(): number
  close(): Promise<void>
}

/** @param target - host:port */
export async function cuttableLink(target: string): Promise<CuttableLink> {
  const [host, port] = target.split(':')
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(port), host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    address: `127.0.0.1:${address.port}`,
    cut,
    mend() {
      isCut = false
    },
    open: () => sockets.size / 2,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
