import { expect, test } from 'vitest'
import { etcdSettings } from '../../../controller/etcd/settings.ts'
import { controllerOptions } from '../../../controller/options.ts'
import { resolveConfig } from '../../../shared/config/options.ts'

function settings(text: string) {
  const file = { path: 'controller.yml', text }
  return etcdSettings(resolveConfig(controllerOptions, { flags: {}, env: {}, file }))
}

test('etcd is not watched unless its members are named', () => {
  expect(settings('etcd_prefix: /pg')).toBeUndefined()
})

test('members, prefix, user and files are taken from the configuration', () => {
  const found = settings(`
etcd_endpoints: [ "10.10.10.10:2379", "[fd00::1]:2379" ]
etcd_prefix: prod
etcd_user: pgsvc
etcd_password_file: /etc/pgsvc/etcd.password
etcd_ca: /etc/etcd/ca.crt
etcd_cert: /etc/etcd/server.crt
etcd_key: /etc/etcd/server.key
`)

  expect(found).toEqual({
    endpoints: ['10.10.10.10:2379', '[fd00::1]:2379'],
    prefix: '/prod/',
    user: 'pgsvc',
    files: {
      etcd_ca: '/etc/etcd/ca.crt',
      etcd_cert: '/etc/etcd/server.crt',
      etcd_key: '/etc/etcd/server.key',
      etcd_password_file: '/etc/pgsvc/etcd.password',
    },
  })
})

test.each([
  ['etcd_cert: /c', 'etcd_cert is given without etcd_key'],
  ['etcd_key: /k', 'etcd_key is given without etcd_cert'],
  ['etcd_ca: /ca\netcd_user: u', 'etcd_user is given without etcd_password_file'],
  ['etcd_ca: /ca\netcd_password_file: /p', 'etcd_password_file is given without etcd_user'],
  // A password in the clear.
  ['etcd_user: u\netcd_password_file: /p', 'etcd_ca is needed'],
  ['etcd_cert: /c\netcd_key: /k', 'etcd_ca is needed'],
])('%j is refused', (lines, words) => {
  expect(() => settings(`etcd_endpoints: [ "10.10.10.10:2379" ]\n${lines}`)).toThrow(words)
})

test.each(['https://10.10.10.10:2379', '10.10.10.10', ''])('%j is no member of etcd', (endpoint) => {
  expect(() => settings(`etcd_endpoints: [ "${endpoint}" ]`)).toThrow('address')
})

test('there is no option for a password itself', () => {
  expect(Object.keys(controllerOptions).filter((key) => key.endsWith('password'))).toEqual([])
})
