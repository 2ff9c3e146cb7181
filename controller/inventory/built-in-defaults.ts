/**
 * Role defaults that matter to services, as Pigsty 4.5 documents them. They are used when neither a file of
 * defaults nor a Pigsty home is given.
 */

import { parseYaml } from '../parse/parse-yaml.ts'
import { Dict } from '../values/value.ts'
import type { RoleDefaults } from './inventory.ts'

const text = `
pg_service_provider: ''
pg_default_service_dest: pgbouncer
pg_default_services:
  - { name: primary ,port: 5433 ,dest: default  ,check: /primary   ,selector: "[]" }
  - { name: replica ,port: 5434 ,dest: default  ,check: /read-only ,selector: "[]" ,backup: "[? pg_role == \`primary\` || pg_role == \`offline\` ]" }
  - { name: default ,port: 5436 ,dest: postgres ,check: /primary   ,selector: "[]" }
  - { name: offline ,port: 5438 ,dest: postgres ,check: /replica   ,selector: "[? pg_role == \`offline\` || pg_offline_query ]" ,backup: "[? pg_role == \`replica\` && !pg_offline_query]" }
pg_services: []
pg_rto: norm
pg_rto_plan:
  fast: [ 20  ,5  ,5  ,15 ,5  ,1s ,0.5s ,1s ,3 ,3 ]
  norm: [ 30  ,5  ,10 ,25 ,5  ,2s ,1s   ,2s ,3 ,3 ]
  safe: [ 60  ,10 ,20 ,45 ,10 ,3s ,1.5s ,3s ,3 ,3 ]
  wide: [ 120 ,20 ,30 ,95 ,15 ,4s ,2s   ,4s ,3 ,3 ]
haproxy_enabled: true
haproxy_services: []
`

const path = 'built-in defaults'

/** A fresh copy of the built-in defaults. */
export function builtInDefaults(): RoleDefaults {
  const { value } = parseYaml(path, text)
  return value instanceof Dict ? value : new Dict()
}

/**
 * Names that a release must have a value for; a file of defaults that lacks one gets the built-in value.
 * pg_rto and pg_rto_plan are not among them: their absence is what tells a release before 4.0.
 */
const needed = [
  'pg_service_provider',
  'pg_default_services',
  'pg_services',
  'haproxy_enabled',
  'haproxy_services',
]

/** `defaults` with the built-in value for each needed name that is missing. */
export function completeDefaults(defaults: RoleDefaults): RoleDefaults {
  const builtIn = builtInDefaults()
  const complete = new Dict(defaults)
  complete.spot = defaults.spot
  for (const [key, spot] of defaults.spots) complete.spots.set(key, spot)
  for (const name of needed) {
    const value = builtIn.get(name)
    if (!complete.has(name) && value !== undefined) complete.set(name, value)
  }
  return complete
}

/** Whether the role defaults that were read, a release's own, have a variable. */
export function isGiven(defaults: RoleDefaults, name: string): boolean {
  const spot = defaults.spots.get(name)
  return spot !== undefined && spot.source.path !== path
}
