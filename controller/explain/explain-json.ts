/** An explanation as one JSON object. */
import type { Explanation, Outsider, ServiceView } from './explain-service.ts'
import type { MemberReport, Reason } from './member-report.ts'
import type { Reading } from './reading.ts'
import type { Place } from './subject.ts'
import { plainValue } from './value-text.ts'

export function explanationJson(explanation: Explanation): unknown {
  const { cluster, fullName, release, today, leader, provider, views, outsiders, problems } = explanation
  const { follow, followPlace } = explanation
  return {
    cluster,
    service: fullName,
    release,
    inventory_leader: today,
    leader,
    provider,
    follow: follow ?? null,
    follow_from: followPlace === undefined ? null : placeJson(followPlace),
    views: views.map(viewJson),
    outsiders: outsiders.map(outsiderJson),
    refused: problems.some(({ severity }) => severity === 'error'),
    problems: problems.map(({ severity, code, message, at, why, hint }) => ({
      severity,
      code,
      message,
      at: at ?? null,
      why,
      hint: hint ?? null,
    })),
  }
}

function viewJson(view: ServiceView) {
  const { service, nodes, list, listPlace, at, replaces, defaultDestination, members, byLeader } = view
  return {
    nodes,
    definition: {
      list,
      list_from: listPlace === undefined ? null : placeJson(listPlace),
      at: at ?? null,
      replaces: replaces.map((other) => ({ list: other.list, at: other.at ?? null })),
      fields: Object.fromEntries(view.fields),
    },
    ip: service.ip,
    port: service.port,
    dest: service.destination,
    default_dest_from: defaultDestination === undefined ? null : placeJson(defaultDestination),
    maxconn: service.maxconn,
    balance: service.balance,
    options: service.options ?? null,
    timings: {
      text: view.timings.text,
      pg_rto: view.timings.mode ?? null,
      from: view.timings.modePlace === undefined ? null : placeJson(view.timings.modePlace),
    },
    check: service.check,
    check_code: service.checkCode,
    check_port: service.checkPort,
    selector: service.selector,
    backup: service.backup ?? null,
    members: members.map(memberJson),
    by_leader: byLeader.map((row) => ({
      leader: row.leader,
      error: row.error === undefined ? null : { code: row.error.code, message: row.error.message },
      members: row.members.map(memberJson),
    })),
  }
}

function memberJson({ instance, host, role, state, selector, backup, server }: MemberReport) {
  return {
    instance,
    host,
    role,
    state,
    selector: selector.map(reasonJson),
    backup: backup === undefined ? null : backup.map(reasonJson),
    server:
      server === undefined
        ? null
        : Object.fromEntries(
            server.map(({ what, value, reading }) => [
              what.replace(' ', '_'),
              { value, from: reading === undefined ? null : readingJson(reading) },
            ]),
          ),
  }
}

function reasonJson({ step, kept, clauses }: Reason) {
  return {
    step,
    kept,
    clauses: clauses.map(({ text, holds, readings }) => ({
      text,
      holds,
      variables: readings.map(readingJson),
    })),
  }
}

function readingJson({ name, value, places, assumed }: Reading) {
  return {
    name,
    value: value === undefined ? null : plainValue(value),
    is_set: value !== undefined,
    assumed,
    places: places.map(placeJson),
  }
}

function placeJson({ kind, text, at, value }: Place) {
  return { kind, text, at: at ?? null, value: plainValue(value) }
}

function outsiderJson({ host, cluster, places }: Outsider) {
  return { host, cluster: cluster ?? null, places: places.map(placeJson) }
}
