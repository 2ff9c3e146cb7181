import { defineConfig } from 'vitest/config'
import { SlowestFirst } from './test/support/slowest-first.ts'

/** They touch nothing that a process shares, so a process can run one after the other. */
const pure = ['test/{unit,property,semantics}/**/*.test.ts', 'test/conformance.test.ts']

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'real', include: ['test/**/*.test.ts'], exclude: pure } },
    ],
    // Integration tests start real HAProxy processes; two cores are what CI has.
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    coverage: {
      provider: 'v8',
      include: ['shared/**/*.ts', 'controller/**/*.ts', 'agent/**/*.ts'],
      exclude: ['shared/rpc/generated/**', '**/main.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
})
