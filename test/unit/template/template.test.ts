import { describe, expect, test } from 'vitest'
import { pyRepr } from '../../../controller/values/py-text.ts'
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

const rich = `
all:
  vars:
    i: 5
    f: 2.5
    t: yes
    nul:
    s: aBc d
    quoted: "it's \\"q\\""
    l: [3, 1, 2]
    ls: [b, A, a]
    d: { a: 1, b: two }
    rows: [{ n: x, v: 1 }, { n: y }]
    u: !unsafe "{{ i }}"
    back: 'a\\d'
    huge: 9007199254740993
    broken: "{{ nosuch }}"
  hosts: { 10.10.10.11: }
`

function value(template: string, keepUndefined = false): string {
  return pyRepr(viewOf(inventoryOf(rich), '10.10.10.11', keepUndefined).template('it', template))
}

describe('operators and filters give what they give in Ansible', () => {
  test.each([
    ['{{ i / 2 }} {{ i // 2 }} {{ -i // 2 }} {{ -i % 3 }} {{ i ** 2 }}', "'2.5 2 -3 1 25'"],
    ['{{ huge + 1 }}', "'9007199254740994'"],
    ['{{ t + 1 }}', "'2'"],
    ["{{ '1' + 2 ~ 3 }}", "'123'"],
    ['{{ -5 | abs }}', "'5'"],
    ['{{ 1 < i <= 5 }}', 'True'],
    ["{{ 'x' if i > 9 else 'y' }}", "'y'"],
    ["{{ 'x' if i > 9 }}", "''"],
    ['{{ nul or 7 }}', "'7'"],
    ["{{ 'b' in ls and 'z' not in ls }}", 'True'],
    ['{{ i == 5.0 and t == 1 }}', 'True'],
    ['{{ nosuch is defined }}', 'False'],
    ['{{ nosuch is not defined or nosuch.x > 1 }}', 'True'],
    ['{{ i is divisibleby 5 }}', 'True'],
    ['{{ ls | sort }}', "['A', 'a', 'b']"],
    ['{{ ls | unique }}', "['b', 'A']"],
    ['{{ l | max }}{{ l | sum }}{{ l | length }}', "'363'"],
    ["{{ rows | map(attribute='v', default=0) | list }}", '[1, 0]'],
    ["{{ rows | selectattr('v', 'defined') | map(attribute='n') | join(',') }}", "'x'"],
    ['{{ 2.5 | round }} {{ 0.125 | round(2) }} {{ 3.5 | round }}', "'2.0 0.12 4.0'"],
    ['{{ "7.9" | int }} {{ " 1_0 " | int }} {{ "x" | int(3) }}', "'7 10 3'"],
    ["{{ s.split(' ')[0] | upper }}", "'ABC'"],
    ['{{ s[1:] ~ s[::-1] }}', "'Bc dd cBa'"],
    ["{{ d.get('z', 4) }}", "'4'"],
    ['{{ d.items() }}', 'TEMPLATE_UNSUPPORTED'],
    ['{{ d.keys() | list }}', "['a', 'b']"],
    ["{{ t | ternary('yes', 'no') }}", "'yes'"],
    ['{{ (1, 2) }}', "'(1, 2)'"],
    ['{{ {"a": {"b": 1}} }}', "{'a': {'b': 1}}"],
    ["{{ back ~ 'x\\y' }}", "'a\\\\dx\\\\y'"],
    ['{{ [quoted] }}', "['it\\'s \"q\"']"],
    ['a {{- i -}} b', "'a5b'"],
    ['{% if i > 3 %}\nbig{% elif t %}mid{% else %}small{% endif %}\n!', "'big!'"],
    ['{% set x = i * 2 %}{{ x }}', "'10'"],
    ['{# c #}\nx', "'x'"],
    ["{{ hostvars is defined }}{{ 'a' if t }}", "'Falsea'"],
  ])('%s', (template, expected) => {
    const attempt = () => value(template)
    if (expected.startsWith('TEMPLATE')) expect(attempt).toThrow(expect.objectContaining({ code: expected }))
    else expect(attempt()).toBe(expected)
  })

  test('what is made with unsafe text is unsafe', () => {
    const made = viewOf(inventoryOf(rich), '10.10.10.11').template('it', '{{ u ~ i }}')
    expect(made).toMatchObject({ kind: 'unsafe', text: '{{ i }}5' })
  })
})

describe('what is not exactly known is refused', () => {
  test.each([
    "{{ 'ß' | upper }}",
    '{{ 2 ** 0.5 }}',
    "{{ s | regex_replace('a', 'b') }}",
    '{{ s.format(1) }}',
    "{{ '%d' % i }}",
    "{{ '08' % nosuch }}",
    '{{ i / 0 }}',
    "{{ 'a' < 1 }}",
    '{{ d.items }}',
    '{{ now() }}',
    '{{ range }}',
    '{{ [nosuch] | length }}',
    "{{ s if t else ('a'.zz and 1) }}",
    '{{ i is integer is true }}',
    '{{ 08 }}',
    '{{ i = 5 }}',
    '{{ (i }}',
    "{% if 'a\\n' == s %}{% endif %}",
    '[{{ i }}, (1, 2)]',
    '{ {{ i }} }',
    '#jinja2: trim_blocks: False\n{{ i }}',
    '{{ playbook_dir }}',
    "{{ '[' and d | default(0) | string }}",
    '{% if f %}{{ 1 if (none)[-1] else 2 }}{% endif %}',
    '{{ ansible_default_ipv4.address }}',
    '{{ "a" * 1000000 }}',
  ])('%s', (template) => {
    expect(() => value(template)).toThrow(expect.objectContaining({ code: 'TEMPLATE_UNSUPPORTED' }))
  })

  test('text with backslashes is not kept beside an undefined reference, since Ansible doubles them', () => {
    expect(value('{{ nosuch }} x', true)).toBe("'{{ nosuch }} x'")
    expect(() => value("{{ nosuch ~ '\\d' }}", true)).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_UNSUPPORTED' }),
    )
  })

  test('what every name stands for is looked up first, so a circle behind a condition counts', () => {
    const loaded = inventoryOf(
      'all: { vars: { a: "{{ b }}", b: "{{ a }}", v: "{{ 1 if true else a }}" }, hosts: { h: } }',
    )
    expect(() => viewOf(loaded, 'h').get('v')).toThrow(expect.objectContaining({ code: 'TEMPLATE_CYCLE' }))
  })
})
