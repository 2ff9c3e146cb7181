import { expect, test } from 'vitest'
import { withOwed } from '../../../agent/follow/owed.ts'
import { commandsFor } from '../../../agent/follow/put-back.ts'
import { parseServersState } from '../../../agent/server-state/rows.ts'

const maxconn = { section: 'a', server: 's1', what: 'maxconn', value: 3_000, untilMs: 10 } as const
const weight = { section: 'a', server: 's1', what: 'weight', value: 80, untilMs: 20 } as const

const header =
  '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'

function rowsWith(weightNow: number) {
  const row = `2 a 1 s1 10.0.0.1 2 0 ${weightNow} 80 5 6 3 4 6 0 0 0 - 5432 - 0 8008 - - 0`
  return parseServersState(`${header}\n${row}\n`) ?? new Map()
}

test('a limit and a weight that was taken away are put back', () => {
  expect(commandsFor([maxconn, weight], rowsWith(0))).toEqual([
    'set maxconn server a/s1 3000',
    'set server a/s1 weight 80',
  ])
})

test('a weight that somebody has set since stays, and so does that of a server that is gone', () => {
  expect(commandsFor([weight], rowsWith(50))).toEqual([])
  expect(commandsFor([weight], new Map())).toEqual([])
})

test('a server can be owed both, and each once', () => {
  const later = { ...weight, untilMs: 30 }

  expect(withOwed([maxconn, weight], [later])).toEqual([maxconn, later])
})
