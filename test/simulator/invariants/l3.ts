import type { Effect } from '../../../src/kernel/effect.ts';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { freeze, thaw } from '../../../src/kernel/freeze.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { ActorName, EffectId } from '../../../src/kernel/record.ts';
import { fold } from '../../../src/kernel/replay.ts';
import type { ActorState } from '../../../src/kernel/state.ts';
import type { Story } from '../chronicle.ts';
import type { Run } from '../simulate.ts';
import type { Check } from './invariant.ts';

/** Folding any prefix of a log twice gives the same state, on any host: what hosts did is what the log asks for. */
export const l3: Check = (run) => [...run.chronicle.all().flatMap((story) => refolded(run, story)), ...started(run), ...sent(run)];

const bytes = (state: ActorState): string => JSON.stringify(freeze(state));

function refolded({ plan }: Run, { actor, definition, records, state, broken }: Story): readonly string[] {
  if (broken !== undefined || state === undefined) return [];
  const whole = bytes(state);
  const cut = 1 + (plan.seed + records.length * 7) % records.length;
  const prefix = fold(definition, records.slice(0, cut)).state;
  const thawed = thaw(definition, JSON.parse(bytes(prefix)) as Json);
  if (bytes(fold(definition, records.slice(cut), thawed).state) === whole) return [];
  return [`${actor} folded once more, with a snapshot after record ${cut} of ${records.length}, is not what it was`];
}

const askedFor = (run: Run, key: string): Effect | undefined => {
  const at = key.indexOf('#');
  return run.chronicle.of(key.slice(0, at) as ActorName)?.effects.get(key.slice(at + 1) as EffectId);
};

const started = (run: Run): readonly string[] => [...run.ledger.starts].flatMap(([key, { src, input }]) => {
  const asked = askedFor(run, key);
  if (asked?.kind === 'activity.start' && asked.src === src && canonicalJson(asked.input) === canonicalJson(input)) return [];
  return [`a host ran "${src}" as ${key}, and the log asks for ${JSON.stringify(asked)}`];
});

const messages: readonly Effect['kind'][] = ['timer.set', 'child.start', 'child.stop', 'command.send', 'parent.tell', 'parent.note'];

const sent = (run: Run): readonly string[] => [...run.ledger.sent].flatMap((id) => {
  if (!/#\d+:\d+$/.test(id)) return [];
  const asked = askedFor(run, id);
  return asked !== undefined && messages.includes(asked.kind) ? [] : [`a host sent a message as ${id}, and the log asks for ${JSON.stringify(asked)}`];
});
