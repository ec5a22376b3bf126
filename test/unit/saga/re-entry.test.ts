import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step, type StepScope } from '../../../src/machines/saga/step.ts';
import { makeWorld } from '../../support/world.ts';

/** One step of 100 ms that gives a receipt, or refuses what costs too much. */
const definition = defineSaga({
  name: 'order', version: '1', input: z.object({ price: z.number() }),
  steps: [step({
    name: 'pay', needs: z.object({ price: z.number() }), gives: z.object({ receipt: z.string() }),
    run: async ({ input, wait, signal }: StepScope<{ price: number }>) => {
      await wait(100);
      signal.throwIfAborted();
      if (input.price > 100) throw new TerminalError('too_dear', 'that costs too much');
      return { receipt: `paid ${input.price}` };
    },
    undo: async () => {},
  })],
});

async function world() {
  const made = makeWorld([definition]);
  const { crash } = await made.host();
  const ask = async (command: string, body = {}) => {
    const id = await made.send('order/o1', command, body);
    await made.clock.advance(10);
    return made.answer(id);
  };
  return { ...made, crash, ask };
}

describe('the same name again', () => {
  it('A7.15: given a saga under way, when it is created again, then it goes on, and the answer says that it is there and runs; with another input it is refused and said', async () => {
    const { ask } = await world();
    await ask('create', { price: 5 });
    expect(await ask('create', { price: 5 })).toEqual({ accepted: true, seq: 1, existing: true, status: 'running' });
    expect(await ask('create', { price: 6 })).toMatchObject({ accepted: false, code: 'already_exists' });
  });

  it('A7.15: given a completed saga, when it is created again, then the answer has the same outputs, and nothing runs', async () => {
    const { ask, clock, types } = await world();
    await ask('create', { price: 5 });
    await clock.advance(1000);
    const before = types('order/o1').length;
    expect(await ask('create', { price: 5 })).toMatchObject({ accepted: true, existing: true, status: 'completed', output: { status: 'completed', output: { price: 5, receipt: 'paid 5' } } });
    expect(types('order/o1').length).toBe(before);
  });

  it('A7.15, A7.22: given a failed saga, when it is created again at another worker, then the answer has the same error with its class, and nothing runs again', async () => {
    const { ask, clock, crash, host, types } = await world();
    await ask('create', { price: 500 });
    await clock.advance(1000);
    crash();
    await host();
    const before = types('order/o1').length;
    expect(await ask('create', { price: 500 })).toMatchObject({
      accepted: true, existing: true, status: 'failed', output: { error: { name: 'TerminalError', code: 'too_dear', message: 'that costs too much', retryable: false } },
    });
    expect(types('order/o1').length).toBe(before);
  });
});

describe('cancel and the end', () => {
  it('A7.18: given nobody listens any more, when the saga works, then it goes on to its end; a cancel after that is refused with "already completed"', async () => {
    const { ask, clock, status, send } = await world();
    await send('order/o1', 'create', { price: 5 });
    await clock.advance(1000);
    expect(status('order/o1')).toBe('completed');
    expect(await ask('cancel')).toMatchObject({ accepted: false, code: 'actor_ended', reason: 'it is already completed, and what is done stays done' });
  });

  it('A7.18: given a cancel while the last step runs, when that completes all the same, then it is still undone', async () => {
    const { ask, clock, status } = await world();
    await ask('create', { price: 5 });
    await ask('cancel');
    await clock.advance(1000);
    expect(status('order/o1')).toBe('cancelled');
    expect(await ask('stop')).toMatchObject({ accepted: false, reason: expect.stringContaining('it is already cancelled; undone: pay') as string });
  });

  it('B7.21: given each state, when what does not fit is asked, then the refusal says how it stands and what would be taken', async () => {
    const { ask, clock } = await world();
    await ask('create', { price: 5 });
    expect(await ask('start')).toMatchObject({ code: 'not_stopped', reason: 'it is running; `stop` pauses it, `cancel` undoes what was done', allowed: ['cancel', 'stop'] });
    await ask('stop');
    await clock.advance(1000);
    expect(await ask('stop')).toMatchObject({ code: 'already_stopped', reason: 'it is stopped; `start` goes on, `cancel` undoes what was done', allowed: ['cancel', 'start'] });
  });
});
