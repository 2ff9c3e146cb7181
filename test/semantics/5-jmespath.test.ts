/** Selectors: JMESPath as python-jmespath 1.0.1 evaluates it, and as Ansible hands members to it. */
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../controller/parse/literal.ts'
import { evaluate } from '../../controller/select/evaluate.ts'
import { toJson } from '../../controller/select/json-text.ts'
import { parse } from '../../controller/select/parser.ts'
import { clusterText, filesOf, inventoryOf, planOf, serversIn } from '../support/inventory.ts'

function answer(expression: string, data = '{}'): string {
  return toJson(evaluate(parse(expression), parseJson(data) ?? null, { textKeys: true }))
}

/** Server names of a service of pg-test with this selector, in order; the codes of its problems when it fails. */
function chosen(selector: string, hostVars: readonly string[] = [], strict = false): string[] {
  const service = `pg_services: [ { name: x, port: 6000, selector: ${JSON.stringify(selector)} } ]`
  const plan = planOf(inventoryOf(clusterText(service, hostVars)), { strict })
  const file = filesOf(plan)['10.10.10.11/pg-test-x.cfg']
  if (file === undefined) return plan.problems.map(({ code }) => code)
  return serversIn(file).map((line) => line.split(' ')[1] ?? '')
}

describe('text between backticks', () => {
  test('that is no JSON is text, as in the default services', () => {
    expect(chosen('[? pg_role == `replica` ]')).toEqual(['pg-test-2', 'pg-test-3'])
    expect(answer('`pri-mary x`')).toBe('"pri-mary x"')
  })
})

describe('ordering', () => {
  test('with nothing or a boolean on one side is false: members without the variable stay out', () => {
    const weights = ['pg_weight: 10', 'pg_weight: 100', 'other: 1']
    expect(chosen('[? pg_weight < `50` ]', weights)).toEqual(['pg-test-1'])
    expect(chosen('[? pg_weight >= `0` ]', weights)).toEqual(['pg-test-1', 'pg-test-2'])
    expect(chosen('[? flag > `0` ]', ['flag: true', 'flag: 1', 'flag: false'])).toEqual(['pg-test-2'])
  })

  test.each([false, true])('of a number against text fails the whole service (strict: %s)', (strict) => {
    // 08 is text in YAML 1.1.
    const rank = ['rank: 7', 'rank: 08', 'rank: 9']
    expect(chosen('[? rank > `6` ]', rank, strict)).toEqual(['SELECTOR_FAILED'])
    expect(chosen('[? rank == `7` ]', rank, strict)).toEqual(['pg-test-1'])
  })

  test('of two texts goes by code point', () => {
    expect(chosen("[? zone < 'b' ]", ['zone: a', 'zone: b', 'zone: Z'])).toEqual(['pg-test-1', 'pg-test-3'])
    expect(answer("sort(['ﬀ', '😀', 'é', 'z', 'Z'])")).toBe('["Z","z","\\u00e9","\\ufb00","\\ud83d\\ude00"]')
  })
})

describe('sorting members', () => {
  const ranks = ['rank: 2', 'rank: 1', 'rank: 1']

  test.each([false, true])('is stable: equal keys keep the order of the inventory (strict: %s)', (strict) => {
    expect(chosen('sort_by(@, &rank)', ranks, strict)).toEqual(['pg-test-2', 'pg-test-3', 'pg-test-1'])
    expect(chosen('reverse(sort_by(@, &rank))', ranks, strict)).toEqual([
      'pg-test-1',
      'pg-test-3',
      'pg-test-2',
    ])
  })

  test.each(['sort_by(@, &pg_role)', '[min_by(@, &pg_role)]', '[max_by(@, &pg_role)]'])(
    '%s goes by text for us; inside Ansible, which the mirror follows, text is no key',
    (selector) => {
      expect(chosen(selector)[0]).toMatch(/^pg-test-/)
      expect(chosen(selector, [], true)).toEqual(['SELECTOR_FAILED'])
    },
  )

  test.each([false, true])('the smallest and the greatest by a number work (strict: %s)', (strict) => {
    expect(chosen('[min_by(@, &pg_seq)]', [], strict)).toEqual(['pg-test-1'])
    expect(chosen('[max_by(@, &pg_seq)]', [], strict)).toEqual(['pg-test-3'])
  })
})

describe('numbers', () => {
  test('a float stays one, and is printed as one', () => {
    expect(answer('to_string(f)', '{"f": 1.0}')).toBe('"1.0"')
    const plan = planOf(inventoryOf(clusterText('pg_weight: 1.0')), { strict: true })
    expect(filesOf(plan)['10.10.10.11/pg-test-default.cfg']).toContain('weight 1.0\n')
  })

  test('integers beyond 2^53 keep every digit', () => {
    expect(answer('[n, n == `9007199254740992`]', '{"n": 9007199254740993}')).toBe('[9007199254740993,false]')
  })

  test.each(["to_number('0x10')", "to_number('')", 'to_number(`true`)'])('%s is null', (expression) => {
    expect(answer(expression)).toBe('null')
  })
})

describe('mappings and text', () => {
  test('keys that look like numbers stay in their place', () => {
    const data = '{"o": {"z": 1, "10": 2, "9": 3}}'
    expect(answer('[keys(o), values(o), o.*]', data)).toBe('[["z","10","9"],[1,2,3],[1,2,3]]')
  })

  test('one character is one, however many units it has', () => {
    expect(answer("[length('😀'), reverse('a😀')]")).toBe('[1,"\\ud83d\\ude00a"]')
  })
})

test.each(['false', 'null', '""', '[]', '{}'])('%s counts as false', (value) => {
  expect(answer('!v', `{"v": ${value}}`)).toBe('true')
})

test.each(['0', '"false"', '[0]', '{"a": null}', 'true'])('%s counts as true', (value) => {
  expect(answer('!v', `{"v": ${value}}`)).toBe('false')
})

test.each([
  "[? pg_role = 'primary' ]",
  'let $x = pg_role in $x',
  '$',
  '[? pg_seq + `1` == `2` ]',
  '[? pg_seq-1 == `0` ]',
  "[? upper(pg_role) == 'PRIMARY' ]",
  'items(@)',
  'group_by(@, &pg_role)',
  "[? find_first(pg_role, 'p') == `0` ]",
])('what only newer dialects know is refused: %s', (selector) => {
  expect(chosen(selector)[0]).toMatch(/^SELECTOR_(?:INVALID|FAILED)$/)
})

/** Data for the answers below, which were taken from python-jmespath 1.0.1; undefined where it raises. */
const data = `{"hosts":[
  {"name":"a","seq":1,"role":"primary","weight":100,"zone":"x","tags":["ssd"],"ratio":1.0,"on":true,
   "order":{"z":1,"10":2,"9":3}},
  {"name":"b","seq":2,"role":"replica","weight":0,"zone":"","tags":[],"ratio":0.5,"on":false,"order":{}},
  {"name":"c","seq":3,"role":"replica","zone":null,"on":"false"},
  {"name":"d","seq":"08","role":"offline","weight":255,"tags":["hdd","ssd"]}],
 "big":9007199254740993,
 "nested":{"list":[[1,[2]],[3]],"same":[{"k":1,"v":"p"},{"k":0,"v":"q"},{"k":1,"v":"r"},{"k":0,"v":"s"}]},
 "texts":["é","z","Z","ﬀ","😀"]}`

describe('answers of python-jmespath', () => {
  test.each<[string, string | undefined]>([
    ['hosts[?role == `primary`].name', '["a"]'],
    ['hosts[?role == `not json`].name', '[]'],
    ['`{"a": }`', undefined],
    ['` 1`', '1'],
    ['`"1"`', '"1"'],
    ['`tru`', '"tru"'],
    ['hosts[?weight < `50`].name', '["b"]'],
    ['hosts[?weight >= `0`].name', '["a","b","d"]'],
    ['hosts[?on > `0`].name', undefined],
    ['hosts[?zone < `5`].name', undefined],
    ['hosts[?missing <= missing].name', '[]'],
    ['hosts[?seq > `1`].name', undefined],
    ['hosts[:3] | [?seq > `1`].name', '["b","c"]'],
    ['hosts[?seq == `8`].name', '[]'],
    ['hosts[?seq != `1`].name', '["b","c","d"]'],
    ["hosts[?role < 'q'].name", '["a","d"]'],
    ["hosts[?role >= 'replica'].name", '["b","c"]'],
    ["'Z' < 'a'", 'true'],
    ["'10' < '9'", 'true'],
    ['`10` < `9`', 'false'],
    ['sort_by(nested.same, &k)[].v', '["q","s","p","r"]'],
    ['reverse(sort_by(nested.same, &k))[].v', '["r","p","s","q"]'],
    ['max_by(nested.same, &k).v', '"p"'],
    ['min_by(nested.same, &k).v', '"q"'],
    ['sort_by(hosts, &role)[].name', '["d","a","b","c"]'],
    ['min_by(hosts, &role).name', '"d"'],
    ['max_by(hosts, &name).name', '"d"'],
    ['sort_by(hosts, &weight)', undefined],
    ['sort_by(hosts, &seq)', undefined],
    ['values(hosts[0].order)', '[1,2,3]'],
    ['keys(hosts[0].order)', '["z","10","9"]'],
    ['hosts[0].order.*', '[1,2,3]'],
    ['hosts[0].order."10"', '2'],
    ['to_string(hosts[0].ratio)', '"1.0"'],
    ['to_string(hosts[1].ratio)', '"0.5"'],
    ['to_string(`1e3`)', '"1000.0"'],
    ['to_string(hosts[0].order)', '"{\\"z\\":1,\\"10\\":2,\\"9\\":3}"'],
    ['sum(hosts[:2].ratio)', '1.5'],
    ['hosts[?ratio == `1`].name', '["a"]'],
    ['big', '9007199254740993'],
    ['to_string(big)', '"9007199254740993"'],
    ['big == `9007199254740992`', 'false'],
    ["to_number('0x10')", 'null'],
    ["to_number('')", 'null'],
    ["to_number('1_0')", '10'],
    ["to_number('-7')", '-7'],
    ["to_number('1.5')", '1.5'],
    ['to_number(`true`)', 'null'],
    ['sort(texts)', '["Z","z","\\u00e9","\\ufb00","\\ud83d\\ude00"]'],
    ['max(texts)', '"\\ud83d\\ude00"'],
    ["length('😀')", '1'],
    ['length(texts[4])', '1'],
    ["reverse('a😀')", '"\\ud83d\\ude00a"'],
    ["hosts[?role = 'primary']", undefined],
    ['let $x = role in $x', undefined],
    ['$', undefined],
    ['hosts[0].seq + `1`', undefined],
    ["upper('a')", undefined],
    ['items(hosts[0].order)', undefined],
    ['group_by(hosts, &role)', undefined],
    ["find_first('abc', 'b')", undefined],
    ['hosts[?zone].name', '["a"]'],
    ['hosts[?tags].name', '["a","d"]'],
    ['hosts[?on].name', '["a","c"]'],
    ['hosts[?order].name', '["a"]'],
    ['hosts[?weight].name', '["a","b","d"]'],
    ['hosts[?!missing].name', '["a","b","c","d"]'],
    ['!`0`', 'false'],
    ["!''", 'true'],
    ['!`[]`', 'true'],
    ['!`{}`', 'true'],
    ['!`"false"`', 'false'],
    ['nested.list[]', '[1,[2],3]'],
    ['nested.list[][]', '[1,2,3]'],
    ['hosts[].tags[]', '["ssd","hdd","ssd"]'],
    ['hosts[*].tags', '[["ssd"],[],["hdd","ssd"]]'],
    ["hosts[?contains(tags, 'ssd')].name", undefined],
    ["hosts[?tags && contains(tags, 'ssd')].name", '["a","d"]'],
    ["contains('primary', 'prim')", 'true'],
    ['hosts[-1].name', '"d"'],
    ['hosts[9].name', 'null'],
    ['hosts[::2].name', '["a","c"]'],
    ['hosts[::0].name', undefined],
    ['hosts[2:0:-1].name', '["c","b"]'],
    ['@.hosts[0].role', '"primary"'],
    ['hosts[0].{n: name, m: missing}', '{"n":"a","m":null}'],
    ['hosts[0].[name, missing]', '["a",null]'],
    ['missing.{n: name}', 'null'],
    ['type(hosts[0])', '"object"'],
    ['type(missing)', '"null"'],
    ['not_null(missing, hosts[0].name)', '"a"'],
    ["join(',', hosts[].name)", '"a,b,c,d"'],
    ["join(',', hosts[].seq)", undefined],
    ['avg(`[]`)', 'null'],
    ['max(`[1, "a"]`)', undefined],
    ["abs('a')", undefined],
    ['length(`1`)', undefined],
    ['keys(`[]`)', undefined],
    ['nosuch(@)', undefined],
    ['merge(hosts[0].order, `{"9": 0, "y": 5}`)', '{"z":1,"10":2,"9":0,"y":5}'],
    ['map(&weight, hosts)', '[100,0,null,255]'],
    ['hosts | [0] | name', '"a"'],
    ['hosts.name', 'null'],
    ['*.name', '[]'],
    ['"hosts"[0].name', '"a"'],
    ["hosts[0].'name'", undefined],
    ['hosts[0].na-me', undefined],
    ['(hosts)[0].name', '"a"'],
    ["hosts[?(role == 'replica' || role == 'offline') && !zone].name", '["b","c","d"]'],
    ["hosts[?role == 'replica' || role == 'offline' && zone].name", '["b","c"]'],
  ])('%s', (expression, expected) => {
    if (expected === undefined) expect(() => answer(expression, data)).toThrow()
    else expect(answer(expression, data)).toBe(expected)
  })
})
