/** A node's own view in words. */
import type { LocalCluster, LocalStatus, RunningAgent } from './local-status.ts'

export function localStatusText(status: LocalStatus): string {
  const { node, agent, clusters, failed, applied_version: version } = status
  const head = agent
    ? agentLines(node, agent, version)
    : [`${node}: no agent runs; this is what the last one wrote down, version ${version}`]
  const last = failed ? [`the last apply failed: ${failed.code}: ${failed.message}`] : []
  const served = clusters.length > 0 ? clusters.map(clusterLine) : ['no cluster is served here']
  return [...head, ...last, '', ...served].map((line) => `${line}\n`).join('')
}

function agentLines(node: string, agent: RunningAgent, version: number): readonly string[] {
  const { last_reload: reload } = agent
  return [
    `${node}: agent ${agent.version}, process ${agent.pid}, since ${isoTime(agent.started_ms)}`,
    `controller: ${controllerText(agent.controller)}`,
    `HAProxy: ${haproxyText(agent)}, version ${version}`,
    ...agent.services_down.map((service) => `no server of ${service} is up`),
    ...agent.drift.map(({ name, kind }) => `${name} is ${kind}`),
    ...(reload ? [`last reload: ${isoTime(reload.at_ms)}, ${reload.reasons.join(', ')}`] : []),
  ]
}

function controllerText({ connected, address, since_ms, reason }: RunningAgent['controller']): string {
  if (connected) return `connected to ${address} since ${isoTime(since_ms)}`
  const last = address === '' ? '' : ` (${address}: ${reason})`
  return `none since ${isoTime(since_ms)}${last}; what was applied stays, leaders are followed`
}

function haproxyText({ haproxy_running, serving_applied }: RunningAgent): string {
  if (!haproxy_running) return 'is not running'
  return serving_applied ? 'serves what was applied' : 'has not loaded what was applied'
}

function clusterLine(cluster: LocalCluster): string {
  const { owner, revision, leader, confirmed, since_ms, running, follow, held } = cluster
  const since = since_ms > 0 ? ` since ${isoTime(since_ms)}` : ''
  const sure = confirmed ? '' : ', by what is remembered, not by a check'
  return [
    `${owner}@${revision}: ${leader === '' ? 'nobody is known to lead' : `${leader} leads${since}${sure}`}`,
    running === leader ? 'its variant runs' : `the variant of ${running || 'no leader'} runs`,
    `follow ${follow}`,
    ...(held ? [`${held.code}: ${held.message}`] : []),
  ].join('; ')
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
