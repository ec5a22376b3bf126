import type { JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { Dice } from '../dice.ts';
import type { Wish } from '../plan.ts';
import { source } from './builds.ts';

/** What people say to one kind of actor: how they create it, and what else they may want. */
interface Kind {
  readonly type: string;
  readonly create: string;
  readonly input: (dice: Dice, name: string) => JsonObject;
  readonly commands: readonly (readonly [command: string, body?: JsonObject])[];
}

const nothing = (): JsonObject => ({});
const control: Kind['commands'] = [['stop'], ['stop'], ['start'], ['start'], ['cancel'], ['cancel', { reason: 'enough' }], ['retry-undo'], ['abandon']];

const statuses = ['accepted running succeeded', 'running failed', 'accepted ?away running ?away succeeded', 'running', 'cancelled', '!gone', 'accepted unknown running succeeded'] as const;
const runInput = (dice: Dice): JsonObject => ({
  runner: 'fake', head: [{ uri: 'change:1' }], deadlineMs: 40_000, cancelGraceMs: 15_000, poll: { acceptedMs: 1_000, runningMs: 2_000 },
  metadata: { 'fake.status': dice.pick('status', [...statuses]), 'fake.trigger': dice.pick('trigger', ['ok', 'ok', '?away ok', 'lost ok', '!never']), 'fake.cancel': dice.pick('cancel', ['ok', 'ok', '?away']) },
});

const kinds: readonly [Kind, ...Kind[]] = [
  { type: 'errand', create: 'create', input: (dice) => ({ light: dice.chance('light', 0.3) }), commands: control },
  { type: 'errand', create: 'create', input: nothing, commands: control },
  { type: 'trip', create: 'create', input: nothing, commands: control },
  { type: 'voyage', create: 'create', input: nothing, commands: control },
  { type: 'fair', create: 'create', input: nothing, commands: control },
  { type: 'parcel', create: 'create', input: (dice) => ({ weight: dice.between('weight', 1, 9) }), commands: [['stop'], ['start'], ['label', { text: 'fragile' }]] },
  { type: 'order', create: 'create', input: () => ({ amount: 5 }), commands: [['pick-up'], ['cancel']] },
  { type: 'parent', create: 'create', input: (dice) => ({ name: dice.pick('name', ['ann', 'bob', 'far too long a name']) }), commands: [['leave']] },
  { type: 'bell', create: 'create', input: nothing, commands: [['more'], ['more']] },
  { type: 'mill', create: 'create', input: nothing, commands: [['next'], ['pause'], ['resume'], ['finish']] },
  { type: 'workshop', create: 'create', input: nothing, commands: [['hurry']] },
  { type: 'counter', create: 'create', input: nothing, commands: [['add', { amount: 2 }]] },
  { type: 'run', create: 'trigger', input: runInput, commands: [['cancel'], ['signal']] },
  { type: 'build', create: 'trigger', input: (_dice, name) => ({ app: name, source, runner: 'fake' }), commands: control },
];

/** What no chart takes, or takes twice: wrong names, wrong bodies, an id that was used before. */
const nonsense: Kind['commands'] = [['no-such-wish'], ['label', { text: 7 }], ['_timer', { timer: 'retry', effect: '2:0' }], ['_child', {}], ['start', { type: 'x' }]];

/** One actor's story: it is created, and people want things of it, some of them twice. */
export function storyOf(dice: Dice, index: number, windowMs: number): readonly Wish[] {
  const kind = dice.pick('kind', [...kinds]);
  // A mill sends to this counter, whoever made it.
  const name = kind.type === 'counter' ? 'k1' : `a${index}`;
  const to: ActorName = `${kind.type}/${name}`;
  const start = dice.between('start', 0, Math.floor(windowMs / 2));
  let count = 0;
  const wish = (command: string, body: JsonObject, at: number): Wish =>
    ({ at, to, command, body, id: `${to}-${count++}`, ...(dice.chance('unheard', 0.2) ? { unheard: true } : {}) });
  const wishes = [wish(kind.create, kind.input(dice, name), start)];
  const moments = dice.between('wishes', 0, 5);
  for (let n = 0; n < moments; n++) {
    const [command, body = {}] = dice.pick('wish', dice.chance('nonsense', 0.15) ? [nonsense[0] ?? ['x'], ...nonsense] : [kind.commands[0] ?? ['x'], ...kind.commands]);
    const early = dice.chance('too early', 0.05) ? -2_000 : 0;
    wishes.push(wish(command, body, Math.max(0, start + early + dice.between('at', 0, 30_000))));
  }
  return wishes.flatMap((each) => [each, ...again(dice, each)]);
}

/** The same message once more; rarely, another wish under its id. */
function again(dice: Dice, wish: Wish): readonly Wish[] {
  if (dice.chance('again', 0.15)) return [{ ...wish, at: wish.at + dice.between('again at', 1, 30_000) }];
  if (dice.chance('same id', 0.03)) return [{ ...wish, command: 'stop', body: {}, at: wish.at + dice.between('same id at', 1, 20_000) }];
  return [];
}
