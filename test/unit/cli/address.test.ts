import { expect, test } from 'vitest'
import {
  firstBadAddress,
  parseController,
  showController,
  usualController,
} from '../../../controller/cli/address.ts'

test.each([
  'x10.10.10.11y',
  '1.2.3.4.5.6',
  '999.999.999.999',
  '',
  '10.10.10',
  '10.10.10.1*',
  '!10.10.10.11',
  '10.10.10.11,10.10.10.12',
  'all:1.2.3.4',
  '10.10.10.11/24',
  '010.010.010.011',
  ' 10.10.10.11',
  '::1::',
  'pg-test-1',
])('%j is not an address', (text) => {
  expect(firstBadAddress(['10.10.10.11', text])).toBe(text)
})

test.each(['10.10.10.11', '255.255.255.255', '::1', 'fd00::10:11'])('%s is an address', (text) => {
  expect(firstBadAddress([text])).toBeUndefined()
})

test.each([
  ['unix:/run/pgsvc/controller.sock', 'unix:/run/pgsvc/controller.sock'],
  ['unix:///run/x.sock', 'unix:/run/x.sock'],
  ['/run/x.sock', 'unix:/run/x.sock'],
  ['admin.example.com:9443', 'admin.example.com:9443'],
  ['10.10.10.10:9443', '10.10.10.10:9443'],
  ['[fd00::1]:9443', '[fd00::1]:9443'],
])('controller %s is %s', (text, shown) => {
  expect(showController(parseController(text))).toBe(shown)
})

test.each([
  '',
  'unix:',
  'somewhere',
  'host:0',
  'host:65536',
  'host:',
  ':9443',
  'fd00::1:9443',
  '[host]:9443',
  'http://host:9443',
])('controller %j is refused', (text) => {
  expect(() => parseController(text)).toThrow(expect.objectContaining({ code: 'CONTROLLER_ADDRESS_INVALID' }))
})

test.each([
  ['root', ['/run/pgsvc/controller.sock', '/run/pgsvc/group.sock'], 'unix:/run/pgsvc/controller.sock'],
  ['a member of the group', ['/run/pgsvc/group.sock'], 'unix:/run/pgsvc/group.sock'],
  ['somebody else', [], 'unix:/run/pgsvc/controller.sock'],
])('%s asks at %j', (_who, open, address) => {
  expect(usualController((path) => open.includes(path))).toBe(address)
})
