import { describe, expect, test } from 'vitest'
import { pyRepr } from '../../../controller/inventory/py-text.ts'
import { inventoryOf, viewOf } from '../../support/inventory.ts'

const vars = `
all:
  vars:
    number: 5
    truth: yes
    nothing:
    float: 1.0
    text: abc
    digits: "7"
    looks: "[1, 'b']"
    word_true: "True"
    list: [a, 2]
    dict: { key: v, port: 6000, items: 1 }
    chain: "{{ number_ref }}"
    number_ref: "{{ number }}"
    broken: "{{ nosuch }}"
    uses_broken: "{{ broken }}"
    loop_a: "{{ loop_b }}"
    loop_b: "{{ loop_a }}"
  children: { g: { hosts: { 10.10.10.11: , h.example.com: } } }
`

function evaluate(template: string, keepUndefined = false) {
  const loaded = inventoryOf(vars)
  return viewOf(loaded, '10.10.10.11', keepUndefined).template('it', template)
}

describe('types', () => {
  test.each([
    ['{{ number }}', '5'],
    ['{{number}}', '5'],
    ['{{ truth }}', 'True'],
    ['{{ nothing }}', 'None'],
    ['{{ float }}', '1.0'],
    // A reference to a reference is text: only a value that stands there as a number keeps its type.
    ['{{ number_ref }}', "'5'"],
    ['{{ chain }}', "'5'"],
    ['{{ text }}', "'abc'"],
    ['{{ number + 1 }}', "'6'"],
    ['{{ dict.port }}', "'6000'"],
    ["{{ dict['port'] }}", "'6000'"],
    ['{{ list[0] }}', "'a'"],
    ['{{ list[-1] }}', "'2'"],
    ['{{ list }}', "['a', 2]"],
    ['{{ looks }}', "[1, 'b']"],
    ['{{ word_true }}', 'True'],
    ['x{{ nothing }}y', "'xy'"],
    ['{{ text }}-{{ number }}', "'abc-5'"],
    ['{{ text ~ number }}', "'abc5'"],
    ['{{ truth }} ', "'True '"],
    ['{{ nosuch | default(7) }}', "'7'"],
    ['{{ nosuch.deeper | default("x") }}', "'x'"],
    ['{{ broken | default("x") }}', "'x'"],
    ['{{ nothing | default("x", true) }}', "'x'"],
    ['{{ digits | int }}', "'7'"],
    ['{{ "}}" }}', "'}}'"],
    ['{# a comment #}v', "'v'"],
    ['{{ inventory_hostname }}', "'10.10.10.11'"],
    // Ansible cuts names at the first dot, addresses it does not.
    ['{{ inventory_hostname_short }}', "'10.10.10.11'"],
    ['{{ groups.g[1] }}/{{ nothing ~ 1 }}', "'h.example.com/None1'"],
    ['{{ nothing | upper }}', "'NONE'"],
    ['{{ group_names }}', "['g']"],
    ['{{ groups.g[1] }}', "'h.example.com'"],
    ['plain', "'plain'"],
  ])('%s gives %s', (template, expected) => {
    expect(pyRepr(evaluate(template))).toBe(expected)
  })
})

describe('what cannot be evaluated', () => {
  test.each([
    ['{{ nosuch }}', 'TEMPLATE_UNDEFINED'],
    ['{{ uses_broken }}', 'TEMPLATE_UNDEFINED'],
    ['{{ dict.absent }}', 'TEMPLATE_UNDEFINED'],
    ['{{ loop_a }}', 'TEMPLATE_CYCLE'],
    ['{% if x %}', 'TEMPLATE_UNSUPPORTED'],
    ['{{ lookup("env", "HOME") }}', 'TEMPLATE_UNSUPPORTED'],
    ['{{ text | ipaddr }}', 'TEMPLATE_UNSUPPORTED'],
    ['{% for x in list %}{{ x }}{% endfor %}', 'TEMPLATE_UNSUPPORTED'],
    ['{{ dict.items }}', 'TEMPLATE_UNSUPPORTED'],
    ['{{ text + 1 }}', 'TEMPLATE_UNSUPPORTED'],
    ['{{ number', 'TEMPLATE_UNSUPPORTED'],
    ['{{ }}', 'TEMPLATE_UNSUPPORTED'],
  ])('%s is %s', (template, code) => {
    expect(() => evaluate(template)).toThrow(expect.objectContaining({ code }))
  })

  test('the error names file, line, host and variable', () => {
    const view = viewOf(inventoryOf(vars), '10.10.10.11')
    expect(() => view.get('broken')).toThrow(
      expect.objectContaining({
        message: 'broken of host 10.10.10.11: nosuch is not defined',
        at: { file: 'pigsty.yml', line: 16, column: 13 },
      }),
    )
  })

  test('for a selector, text with an undefined reference can stay as it is', () => {
    expect(evaluate('{{ nosuch }}', true)).toBe('{{ nosuch }}')
    expect(evaluate('{{ uses_broken }}', true)).toBe('{{ uses_broken }}')
  })
})
