/**
 * On a host of the lab, with its agent's certificate: says once to the controller that a member leads, as an agent would that
 * has just seen it, and goes away. Arguments: the node's name, the claim as JSON.
 */
import { readFileSync } from 'node:fs'
import { credentials } from '@grpc/grpc-js'
import type { LeaderReport } from '../../../shared/model/leader.ts'
import { leaderReportToWire } from '../../../shared/rpc/convert-leader.ts'
import type { ControllerMessage__Output } from '../../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { AgentService } from '../../../shared/rpc/services.ts'

const [node = '', text = '{}'] = process.argv.slice(2)
const claim: LeaderReport = JSON.parse(text)
const pem = (name: string) => readFileSync(`/etc/pgsvc/${name}`)

const client = new AgentService(
  '10.10.10.10:9750',
  credentials.createSsl(pem('ca.crt'), pem('agent.key'), pem('agent.crt')),
  { 'grpc.ssl_target_name_override': 'pgsvc-controller', 'grpc.default_authority': 'pgsvc-controller' },
)
const stream = client.Connect()
stream.on('error', (error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
stream.on('data', ({ welcome }: ControllerMessage__Output) => {
  if (!welcome) return
  stream.write({ leaderReport: leaderReportToWire(claim) })
  // It has been said when the stream has ended well.
  stream.end()
})
stream.on('end', () => process.exit(0))
stream.write({
  hello: { node, bootId: 'claim', agentVersion: '0', haproxyVersion: '2.6.12', layout: 'conf.d' },
})
