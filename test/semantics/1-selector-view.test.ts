/** What a selector sees of a host, and how values are templated and printed. */
import { describe, expect, test } from 'vitest'
import { HostView } from '../../controller/inventory/host-view.ts'
import { pyRepr, pyText } from '../../controller/values/py-text.ts'
import {
  clusterText,
  filesOf,
  inventoryOf,
  planOf,
  serversIn,
  valueIn,
  viewOf,
} from '../support/inventory.ts'

const service = (selector: string) => `pg_services: [ { name: x, port: 6000, selector: "${selector}" } ]`

function selected(vars: string, hostVars: readonly string[] = []): string[] {
  const plan = planOf(inventoryOf(clusterText(vars, hostVars)), { strict: true })
  const names = serversIn(filesOf(plan)['10.10.10.11/pg-test-x.cfg']).map((line) => line.split(' ')[1] ?? '')
  return plan.problems.length > 0 ? plan.problems.map(({ code }) => code) : names
}

describe('hostvars without role defaults', () => {
  test('a selector sees a weight that the inventory gives, not the default of a role', () => {
    expect(selected(service('[? pg_weight ]'), ['', 'pg_weight: 50'])).toEqual(['pg-test-2'])
  })

  test('a server falls back to values of its own, whatever the role defaults say', () => {
    const defaults = 'pg_port: 7777\npgbouncer_port: 7778\npatroni_port: 7779\npg_weight: 7'
    const plan = planOf(inventoryOf(clusterText(service('[]')), { defaults }), { strict: true })
    const [server = ''] = serversIn(filesOf(plan)['10.10.10.11/pg-test-x.cfg'])
    expect(server).toMatch(/:5432 .*port 8008 weight 100/)
  })

  test('the host that renders does have role defaults', () => {
    const defaults = 'pg_default_service_dest: pgbouncer'
    const plan = planOf(inventoryOf(clusterText(service('[]')), { defaults }), { strict: true })
    expect(serversIn(filesOf(plan)['10.10.10.11/pg-test-x.cfg'])[0]).toContain(':6432 ')
  })
})

describe('members', () => {
  test('all hosts of the inventory with the name are members, in whatever group they are', () => {
    const elsewhere =
      '    other: { hosts: { 10.10.10.14: { pg_cluster: pg-test, pg_seq: 4, pg_role: replica } } }\n'
    const plan = planOf(inventoryOf(clusterText(service('[]')) + elsewhere), { strict: true })
    expect(serversIn(filesOf(plan)['10.10.10.11/pg-test-x.cfg'])).toHaveLength(4)
  })

  test('the name of the group plays no part', () => {
    const text = clusterText(service('[]')).replace('    pg-test:\n', '    a-group:\n')
    expect(Object.keys(filesOf(planOf(inventoryOf(text))))).toContain('10.10.10.11/pg-test-x.cfg')
  })
})

describe('names beside the inventory variables', () => {
  test.each([
    ["[? inventory_hostname == '10.10.10.12' ]", ['pg-test-2']],
    ["[? inventory_hostname_short == '10.10.10.12' ]", ['pg-test-2']],
    ["[? contains(group_names, 'pg-test') && pg_seq == `3` ]", ['pg-test-3']],
    ['[? length(groups.all) == `3` && pg_seq == `1` ]', ['pg-test-1']],
    ["[? ends_with(inventory_file, 'pigsty.yml') && pg_seq == `1` ]", ['pg-test-1']],
    ["[? pg_instance == 'pg-test-2' ]", ['pg-test-2']],
    ['[? pg_is_primary ]', ['pg-test-1']],
    ["[? nodename == 'pg-test-3' ]", ['pg-test-3']],
    ["[? node_cluster == 'pg-test' && pg_seq == `2` ]", ['pg-test-2']],
  ])('%s gives %j', (selector, expected) => {
    expect(selected(service(selector))).toEqual(expected)
  })

  test.each([
    'playbook_dir',
    'ansible_version',
    'ansible_distribution',
    'pg_primary_ip',
    'pg_cluster_replicas',
  ])('%s, which Ansible has and we have not, is refused and not taken for null', (name) => {
    expect(selected(service(`[? ${name} == 'x' ]`))).toContain('TEMPLATE_UNSUPPORTED')
  })

  test('how Ansible reaches a host is known only from the inventory', () => {
    expect(selected(service('[? ansible_host ]'), ['', 'ansible_host: h2'])).toEqual(['pg-test-2'])
  })
})

describe('templating', () => {
  const vars = (text: string) => inventoryOf(`all: { hosts: { h: { ${text} } } }`)

  test.each([
    ['n: 1, v: "{{ n }}"', '1'],
    ['n: 1, v: "{{ n }}\\n"', '1'],
    ['n: 1.0, v: "{{ n }}"', '1.0'],
    ['n: yes, v: "{{ n }}"', 'True'],
    ['n: ~, v: "{{ n }}"', 'None'],
    ['n: 1, v: "{{ n + 1 }}"', "'2'"],
    ['n: 1, v: "{{ n / 2 }}"', "'0.5'"],
    ['n: 1, v: " {{ n }}"', "' 1'"],
    ['n: 1, v: "{{ [n, 2] }}"', '[1, 2]'],
    ['n: 1, v: "{{ {\'a\': n} }}"', "{'a': 1}"],
    ['n: 1, v: "{{ n == 1 }}"', 'True'],
    ['n: 1, v: "{{ n != 1 }}"', 'False'],
    ['n: 1, v: "{{ n == 1 }}\\n"', 'True'],
    ['n: 1, v: "[{{ n }}, null, true]"', '[1, None, True]'],
    ['n: 1, v: "{{ [n, 2] | string }}"', "'[1, 2]'"],
    ['n: x, v: "[{{ n }}]"', "'[x]'"],
    ['v: "{{ \'{{\' }} x"', "'{{ x'"],
    ['v: "{% raw %}{{ x }}{% endraw %}"', "'{{ x }}'"],
    ['n: 1, v: "x{{ n }}\\n\\n"', "'x1\\n\\n'"],
  ])('{ %s } is %s to a selector', (text, expected) => {
    expect(pyRepr(valueIn(vars(text), 'h', 'v') ?? null)).toBe(expected)
  })

  test('an undefined reference leaves the text as it is in the mirror, and is an error otherwise', () => {
    const loaded = vars('v: "{{ nosuch }}"')
    expect(viewOf(loaded, 'h', true).get('v')).toBe('{{ nosuch }}')
    expect(() => viewOf(loaded, 'h').get('v')).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_UNDEFINED' }),
    )
  })

  test('unsafe text stays text, also by way of another template', () => {
    const loaded = vars('u: !unsafe "{{ n }}", n: 1, v: "{{ u }}", w: ["{{ u }}x"]')
    expect(pyText(valueIn(loaded, 'h', 'u') ?? null)).toBe('{{ n }}')
    expect(pyText(valueIn(loaded, 'h', 'v') ?? null)).toBe('{{ n }}')
    expect(pyRepr(valueIn(loaded, 'h', 'w') ?? null)).toBe("['{{ n }}x']")
  })

  test('an error in a value that nobody reads is no error', () => {
    expect(selected(`bad: "{{ x | nosuchfilter }}"\n${service('[]')}`)).toHaveLength(3)
    expect(selected(`bad: "{{ x | nosuchfilter }}"\n${service('[? bad ]')}`)).toContain(
      'TEMPLATE_UNSUPPORTED',
    )
  })

  test('a selector reads variables without hostvars, the rendering host has them', () => {
    const loaded = inventoryOf('all: { hosts: { a: { v: "{{ hostvars[\'b\'].n }}" }, b: { n: x } } }')
    const host = loaded.inventory.hosts.get('a')
    if (host === undefined) throw new Error('no host a')
    const renderer = new HostView(loaded.inventory, host, { keepUndefined: false, defaults: loaded.defaults })
    expect(viewOf(loaded, 'a', true).get('v')).toBe("{{ hostvars['b'].n }}")
    expect(renderer.get('v')).toBe('x')
  })
})

describe('a host is no mapping', () => {
  test.each(['keys(@)', 'values(@)'])('%s of a host fails', (call) => {
    expect(selected(service(`[? ${call} ]`))).toContain('SELECTOR_FAILED')
  })

  test('its type is null, and what is in it is as usual', () => {
    expect(selected(service('[? type(@) == `null` ]'))).toHaveLength(3)
    expect(selected(`d: { a: 1 }\n${service("[? keys(d)[0] == 'a' && pg_seq == `1` ]")}`)).toEqual([
      'pg-test-1',
    ])
  })
})

test('a selector is templated by the host that renders, so each node may have its own members', () => {
  const vars = service("[? zone == '{{ zone }}' ]")
  const plan = planOf(inventoryOf(clusterText(vars, ['zone: a', 'zone: b', 'zone: a'])), { strict: true })
  const members = (node: string) => serversIn(filesOf(plan)[`${node}/pg-test-x.cfg`]).length
  expect([members('10.10.10.11'), members('10.10.10.12')]).toEqual([2, 1])
})

describe('numbers and booleans as they are printed', () => {
  test.each([
    ['1.0', '1.0'],
    ['1e3', '1e3'],
    ['1.5e+3', '1500.0'],
    ['1.0e+16', '1e+16'],
    ['0.00001', '1e-05'],
    ['.inf', 'inf'],
    ['-0.0', '-0.0'],
    ['yes', 'True'],
    ['off', 'False'],
    ['9007199254740993', '9007199254740993'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['0644', '420'],
    ['1_000', '1000'],
    ['~', ''],
    ['[1.0, yes, ~]', '[1.0, True, None]'],
  ])('%s prints as %s', (written, printed) => {
    const loaded = inventoryOf(`all: { hosts: { h: { n: ${written} } } }`)
    expect(pyText(valueIn(loaded, 'h', 'n') ?? null)).toBe(printed)
  })
})
