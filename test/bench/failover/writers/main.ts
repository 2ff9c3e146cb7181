/** Clients of services, in a program of their own: what they see must not wait for whoever counts. */
import { serveRequests } from '../program.ts'
import { type Client, startClient } from './client.ts'
import type { WritersAnswer, WritersRequest } from './record.ts'

let clients: Client[] = []

async function answer(request: WritersRequest): Promise<WritersAnswer> {
  if (request.do === 'start') {
    clients.push(...request.clients.map(startClient))
    return {}
  }
  if (request.do === 'progress') {
    return { progress: clients.map((client) => ({ id: client.id, instance: client.instance() })) }
  }
  const stopped = clients
  clients = []
  return { records: await Promise.all(stopped.map((client) => client.stop())) }
}

await serveRequests(answer)
process.exit(0)
