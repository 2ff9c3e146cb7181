import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Integration tests start real HAProxy processes; two cores are what CI has.
    maxWorkers: 2,
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
