import type { Command } from 'commander';

type Add = (program: Command) => unknown;

/** Every module of this folder that adds commands, in the order in which help lists them. */
const modules: readonly { readonly names: readonly string[]; readonly load: () => Promise<readonly Add[]> }[] = [
  { names: ['dev'], load: async () => [(await import('./dev.ts')).addDev] },
  { names: ['server'], load: async () => [(await import('./server.ts')).addServer] },
  { names: ['worker'], load: async () => [(await import('./worker.ts')).addWorker] },
  { names: ['build'], load: async () => [(await import('./build.ts')).addBuild] },
  { names: ['run'], load: async () => [(await import('./run.ts')).addRun] },
  { names: ['send', 'stop', 'start', 'cancel', 'retry-undo', 'abandon'], load: async () => { const { addControls, addSend } = await import('./send.ts'); return [addSend, addControls]; } },
  { names: ['ls'], load: async () => [(await import('./ls.ts')).addLs] },
  { names: ['show', 'replay'], load: async () => [(await import('./show.ts')).addShow] },
  { names: ['history', 'watch'], load: async () => [(await import('./history.ts')).addHistory] },
  { names: ['logs'], load: async () => [(await import('./logs.ts')).addLogs] },
  { names: ['audit'], load: async () => [(await import('./audit/audit.ts')).addAudit] },
  { names: ['dead'], load: async () => [(await import('./dead.ts')).addDead] },
  { names: ['doctor'], load: async () => [(await import('./doctor.ts')).addDoctor] },
  { names: ['promise-failure'], load: async () => [(await import('./promise-failure.ts')).addPromiseFailure] },
  { names: ['chart'], load: async () => [(await import('./chart.ts')).addChart] },
  { names: ['inspect'], load: async () => [(await import('./inspect.ts')).addInspect] },
  { names: ['console'], load: async () => [(await import('./console.ts')).addConsole] },
  { names: ['lock'], load: async () => [(await import('./lock.ts')).addLock] },
];

/**
 * The commands that this call may need: one module's when its first word names one, else all. Reading all of them
 * takes longer than most commands do.
 */
export async function addCommands(program: Command, [first = '']: readonly string[]): Promise<void> {
  const named = modules.filter(({ names }) => names.includes(first));
  for (const { load } of named.length > 0 ? named : modules) for (const add of await load()) add(program);
}
