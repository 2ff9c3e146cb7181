/** A service as it is planned: once for every leader, and for the nodes that render it alike. */
import type { Owner, ServiceInfo } from '../../shared/model/snapshot.ts'
import type { OwnerPlan } from '../plan/owner-plan.ts'
import { type ListenText, readListen } from './listen-text.ts'

export interface PlannedService {
  readonly owner: Owner
  readonly name: string
  readonly plan: OwnerPlan
  /** Distinct forms. */
  readonly forms: readonly ServiceForm[]
}

export interface ServiceForm {
  /** '' for an owner without leaders. */
  readonly leader: string
  /** The first node that has it. */
  readonly node: string
  readonly info: ServiceInfo
  readonly text: ListenText
}

export function plannedServices(plan: OwnerPlan, texts: Texts): PlannedService[] {
  const byName = new Map<string, Map<string, ServiceForm>>()
  for (const { node, variants } of plan.nodes) {
    for (const { leader, files, services } of variants) {
      const digests = new Map(files.map(({ name, digest }) => [name, digest]))
      for (const info of services) {
        const digest = digests.get(`${info.name}.cfg`) ?? ''
        const forms = byName.get(info.name) ?? new Map<string, ServiceForm>()
        byName.set(info.name, forms)
        const key = `${leader} ${digest}`
        if (forms.has(key)) continue
        forms.set(key, { leader, node, info, text: texts(digest) })
      }
    }
  }
  return [...byName].map(([name, forms]) => ({ owner: plan.owner, name, plan, forms: [...forms.values()] }))
}

/** What the file of a digest says. */
export type Texts = (digest: string) => ListenText

/** @param contents - by digest */
export function textsOf(contents: ReadonlyMap<string, string>): Texts {
  const known = new Map<string, ListenText>()
  return (digest) => {
    const text = known.get(digest) ?? readListen(contents.get(digest) ?? '')
    known.set(digest, text)
    return text
  }
}

/** The servers that are no backups. */
export function plainServers({ servers, backups }: ServiceInfo): readonly string[] {
  return servers.filter((server) => !backups.includes(server))
}
