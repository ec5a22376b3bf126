import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { TestNats } from '../nats.ts';
import type { AppWorld } from './checks.ts';
import { stepNames, type StepName } from './step-names.ts';
import { collectReplays, type Replays } from './replays.ts';
import { writeProject, type ProjectOptions } from './source.ts';
import { openYard, tidied, type Yard } from './yard.ts';

const undoable: readonly StepName[] = ['receive-source', 'next-version', 'create-config-version', 'create-version', 'provision-addons', 'set-active-version'];

/** What must be undone, in this order, when `step` is the last that may have done something. */
export const undoneFrom = (step: StepName): readonly StepName[] =>
  stepNames.slice(0, stepNames.indexOf(step) + 1).toReversed().filter((name) => undoable.includes(name));

/** handle-ephemeral runs only with a label. */
export const inputFor = (step: StepName): JsonObject => (step === 'handle-ephemeral' ? { label: 'try' } : {});

/** A nats-server, projects to build, and the logs of every story told here. */
export interface Stage {
  readonly folder: string;
  readonly replays: Replays;
  /** A source whose build takes this long, and the file that tells how often it ran. */
  project(options?: Omit<ProjectOptions, 'ran'>): Promise<{ source: string; ran: string }>;
  /** One story in a yard of its own, the app new or with an active v1; it must leave the yard tidy. */
  story(onTop: boolean, tell: (yard: Yard, before: AppWorld) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(nats: TestNats): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stage-'));
  const replays = collectReplays();
  let made = 0;
  const project: Stage['project'] = async (options = {}) => {
    made += 1;
    const ran = join(folder, `ran${made}`);
    return { ran, source: await writeProject(join(folder, `project${made}`), { ran, ...options }) };
  };
  const first = await project();
  return {
    folder, replays, project,
    async story(onTop, tell) {
      const yard = await openYard(nats);
      try {
        if (onTop) {
          const worker = await yard.worker();
          expect(await yard.ended(await yard.build('b0', first.source, { app: 'shop', runner: 'noop' }))).toMatchObject({ status: 'completed' });
          await worker.stop();
        }
        await tell(yard, await yard.world('shop'));
        expect(await yard.tidy()).toEqual(tidied);
        for (const [actor, records] of await yard.logs()) replays.add(actor, records);
      } finally {
        await yard.close();
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
