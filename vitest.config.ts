import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Unit tests that do nothing but compute. Whatever is not here has a process of its own. */
const computing = [
  'test/unit/*.test.ts',
  'test/unit/{build,chart,cli,clock,console,host,kernel,nats-doctor,projections,request,run,saga,workers}/**/*.test.ts',
];

const project = (name: string, files: { readonly include: string[]; readonly exclude: string[] }, isolate: boolean): TestProjectInlineConfiguration => ({
  test: {
    name, ...files, isolate,
    setupFiles: 'test/support/worker.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Real servers and processes are killed on machines that are busy with other things. A test that needed a second try is reported as such.
    retry: process.env.CI ? 2 : 0,
  },
});

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('real', { include: ['test/**/*.test.ts', 'examples/**/*.test.ts'], exclude: computing }, true),
      // These share their processes: to load the sources takes longer than most of them.
      project('pure', { include: computing, exclude: [] }, false),
    ],
  },
});
