/** Finds the node program of a machine, and what strips it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../bundle.ts'
import type { Arch } from './item.ts'

const strips = { x64: 'x86_64-linux-gnu-strip', arm64: 'aarch64-linux-gnu-strip' } as const

/** The program that strips programs of that machine; undefined when there is none here. */
export function stripFor(arch: Arch): string | undefined {
  const candidates = arch === process.arch ? ['strip', strips[arch]] : [strips[arch]]
  return candidates.find((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}

/**
 * The package directory of Node for that machine. npm installs only this machine's; another one is fetched as it is
 * written down in the lockfile.
 */
export function nodePackage(arch: Arch): string {
  const name = `node-linux-${arch}`
  const installed = join(projectDir, 'node_modules', name)
  return existsSync(join(installed, 'bin/node')) ? installed : fetchPackage(name)
}

function fetchPackage(name: string): string {
  const { version, integrity } = locked(name)
  const directory = join(projectDir, 'node_modules/.cache', `${name}-${version}`)
  const unpacked = join(directory, 'package')
  if (existsSync(join(unpacked, 'bin/node'))) return unpacked
  mkdirSync(directory, { recursive: true })
  const args = ['pack', `${name}@${version}`, '--json', '--pack-destination', directory]
  const told: unknown = JSON.parse(execFileSync('npm', args, { cwd: projectDir, encoding: 'utf8' }))
  const [packed] = Array.isArray(told) ? (told as readonly unknown[]) : []
  const { filename, integrity: found } = packedOf(packed)
  if (found !== integrity) throw new Error(`${name} ${version} is not what package-lock.json says: ${found}`)
  execFileSync('tar', ['-xzf', join(directory, filename), '-C', directory])
  return unpacked
}

function locked(name: string): { readonly version: string; readonly integrity: string } {
  const lock: unknown = JSON.parse(readFileSync(join(projectDir, 'package-lock.json'), 'utf8'))
  const packages = typeof lock === 'object' && lock !== null && 'packages' in lock ? lock.packages : undefined
  const found: unknown = Object.entries(packages ?? {}).find(([path]) => path === `node_modules/${name}`)?.[1]
  const { version, integrity } = Object(found) as Record<string, unknown>
  if (typeof version === 'string' && typeof integrity === 'string') return { version, integrity }
  throw new Error(`package-lock.json does not have ${name}`)
}

function packedOf(value: unknown): { readonly filename: string; readonly integrity: string } {
  const { filename, integrity } = Object(value) as Record<string, unknown>
  if (typeof filename === 'string' && typeof integrity === 'string') return { filename, integrity }
  throw new Error('npm pack did not say what it packed')
}
