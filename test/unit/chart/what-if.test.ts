import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { z } from 'zod';
import { defineMachine } from '../../../src/kernel/define.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { choices, whatIf, type Supposed } from '../../../src/projections/chart/time/what-if.ts';
import { buildArtifact } from '../../../src/machines/build/steps/build-artifact.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { create, put } from '../kernel/support/drive.ts';
import { Play } from '../saga/support/play.ts';
import { plain, saga } from '../saga/support/specs.ts';

const run = runDefinition({ runners: () => { throw new Error('nothing runs'); } });
const chosen = (all: readonly Supposed[], type: string, name?: string): Supposed =>
  all.find((one) => one.type === type && (name === undefined || [one.data?.child, one.data?.activity].includes(name))) as Supposed;

/** The step of a build that is a run, with all that it needs given, and one after it. */
const shipping = () => new Play({
  ...saga(plain('before'), buildArtifact(run), plain('after')),
  input: z.object({ source: z.string(), app: z.string(), version: z.string(), buildActor: z.string(), stack: z.string(), command: z.string(), artifactPath: z.string() }),
}, { source: 'a'.repeat(64), app: 'shop', version: 'v1', buildActor: 'build/b', stack: 'make', command: 'make', artifactPath: 'out' });

describe('what may be tried', () => {
  it('given a build whose run goes on, when it is supposed to be done as it is offered, then the build goes on to the next step', () => {
    const play = shipping().done('before');
    const tried = whatIf(play.definition, play.state, chosen(choices(play.definition, play.state), 'child.completed', 'build-artifact'));
    expect(tried).toMatchObject({ accepted: true, moment: { status: 'running', value: { work: { after: { executing: 'active' } } } } });
  });

  it('given a child that says nothing of its end, then what its parent takes for success is offered; and of a saga what it would end with', () => {
    const ends = (child: Parameters<typeof step>[0] extends { child: infer C } ? C : never, settle: (output: never) => unknown) => {
      const play = new Play(saga(step({ name: 'make', needs: z.object({}), gives: z.object({ made: z.string() }), child, childInput: () => ({}), settle } as never)));
      return whatIf(play.definition, play.state, chosen(choices(play.definition, play.state), 'child.completed')) as { moment: { status: string } };
    };
    const failure = { ok: false, error: { name: 'TerminalError', code: 'no', message: 'no', retryable: false } };
    const bare = defineMachine({ version: '1', machine: setup({}).createMachine({ id: 'bare', initial: 'on', states: { on: {} } }) });
    expect(ends(bare as never, ({ status, made }: { status?: string; made?: string }) => (status === 'succeeded' ? { ok: true, gives: { made } } : failure)).moment.status).toBe('completed');
    const inner = defineSaga({ ...saga(plain('x', { gives: z.object({ made: z.string() }) })), name: 'inner', output: (data) => ({ result: data.made as string }) });
    expect(ends(inner as never, ({ output }: { output?: { result?: string } }) => (output?.result === undefined ? failure : { ok: true, gives: { made: output.result } })).moment.status).toBe('completed');
  });

  it('given commands that need data, then each is offered with a body that it takes', () => {
    const play = shipping().done('before');
    const all = choices(play.definition, play.state);
    expect(chosen(all, 'failing').data).toEqual({ run: 'example', exitStatus: 1 });
    expect(all.filter(({ type }) => !type.includes('.')).map((one) => [one.type, whatIf(play.definition, play.state, one).accepted])).toEqual([['cancel', true], ['failing', true], ['request-settled', true], ['stop', true]]);
  });

  it('given a command without the data it needs, then it is said what it needs, and it is not among what would be taken instead', () => {
    const play = shipping().done('before');
    const bare = (type: string) => whatIf(play.definition, play.state, { type, data: {} });
    expect(bare('failing')).toMatchObject({ accepted: false, code: 'bad_body', reason: 'failing needs: run (string), exitStatus (number)', allowed: ['cancel', 'request-settled', 'stop'] });
    expect(bare('request-settled')).toMatchObject({ reason: 'request-settled needs: tell (string), command (stop or start), state (completed or failed), detail (string)' });
    expect(whatIf(play.definition, play.state, { type: 'failing', data: { run: 1, exitStatus: 2 } })).toMatchObject({ reason: expect.stringMatching(/^run: .*expected string/) as unknown });
  });

  it('given a machine with a body that no example fits, then it is offered without data, and says what it needs', () => {
    const odd = defineMachine({
      version: '1', commands: { go: z.object({ code: z.string().regex(/^q{17}$/) }) },
      machine: setup({}).createMachine({ id: 'odd', initial: 'on', states: { on: { on: { go: 'off' } }, off: {} } }),
    });
    const { state } = create(odd);
    expect(choices(odd, state)).toEqual([{ type: 'go', data: {} }]);
    expect(whatIf(odd, state, { type: 'go' })).toMatchObject({ accepted: false, reason: 'go needs: code (string)', allowed: [] });
    expect(put(create(odd), 'go', { code: 'q'.repeat(17) }).state.seq).toBe(2);
  });
});
