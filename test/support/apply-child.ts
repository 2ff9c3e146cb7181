/** An engine in a process of its own: one that can be killed, or be another user. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import type { Done, Task } from '../crash/runner/main.ts'

export interface ApplyChild {
  /** One apply; ends by itself, or is killed at the step. */
  run(task: Task, uid?: number): Promise<Done | 'killed'>
  remove(): Promise<void>
}

export async function buildApplyChild(): Promise<ApplyChild> {
  const dir = await mkdtemp(join(tmpdir(), 'pgsvc-runner-'))
  await chmod(dir, 0o755)
  const file = join(dir, 'runner.mjs')
  await build({
    entryPoints: [resolve(import.meta.dirname, '../crash/runner/main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  return {
    async run(task, uid) {
      const env = uid === undefined ? { ...process.env, NODE_COMPILE_CACHE: join(dir, 'cache') } : process.env
      const user = uid === undefined ? {} : { uid, gid: uid }
      const child = spawn(process.execPath, [file, JSON.stringify(task)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env,
        cwd: '/',
        ...user,
      })
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += String(chunk)
      })
      const signal = await new Promise((done) => child.once('close', (_status, by) => done(by)))
      return signal === 'SIGKILL' ? 'killed' : JSON.parse(text)
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}
