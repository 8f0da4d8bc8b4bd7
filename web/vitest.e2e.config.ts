import { defineConfig } from 'vitest/config';

// Software rendering is slow, and other tests run beside: every wait is for a condition, none is for a time.
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
