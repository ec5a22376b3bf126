import { createUser } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { identitiesOf } from '../../../src/adapters/nats/identity/identities.ts';
import { signatureHeaders } from '../../../src/adapters/nats/identity/signature.ts';
import type { Signer } from '../../../src/adapters/nats/identity/signer.ts';
import { contextOf } from '../../../src/kernel/status.ts';
import { verify } from '../../../src/kernel/chain.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { makeWorld, type World } from '../../support/world.ts';

const signerOf = (): Signer => {
  const pair = createUser();
  return { publicKey: pair.getPublicKey(), sign: (bytes) => Buffer.from(pair.sign(bytes)).toString('base64') };
};
const ann = signerOf();
const stranger = signerOf();

const errand = defineSaga({
  name: 'errand', version: '1', input: z.object({}),
  steps: [step({ name: 'wait', needs: z.object({}), gives: z.object({}), run: ({ signal }) => new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); }) })],
});

async function begun(required: readonly string[] = []): Promise<World> {
  const world = makeWorld([errand]);
  await world.host({ identities: identitiesOf({ names: { [ann.publicKey]: 'ann@example.org' }, required }) });
  await world.send('errand/e1', 'create');
  await world.clock.advance(10);
  return world;
}

interface Said { readonly id?: string; readonly command?: string; readonly body?: string }

/** A command as it is signed, and as it is published: the same, unless a test says so. */
async function signed(world: World, signer: Signer, { id = 's1', command = 'stop', body = '{"reason":"lunch"}' }: Said = {}, published: Said = {}, at = world.clock.now()): Promise<void> {
  const subject = (name: string): string => `millrace.cmd.errand.e1.${name}`;
  const headers = signatureHeaders(signer, { subject: subject(command), id, body: new TextEncoder().encode(body) }, at);
  await world.queue.publish(subject(published.command ?? command), published.body ?? body, { ...headers, 'Nats-Msg-Id': published.id ?? id, 'Millrace-By': 'the boss', 'Millrace-Reply': 'reply.signed' });
  await world.clock.advance(10);
}

test('given a worker that knows a key, when a command comes signed with it, then record and request name its owner, not what the sender says, and the chain covers it', async () => {
  const world = await begun();
  await signed(world, ann);
  const record = world.records('errand/e1').find(({ type }) => type === 'stop');
  expect(record).toMatchObject({ by: 'ann@example.org', key: ann.publicKey });
  expect((contextOf(world.state('errand/e1')) as unknown as SagaContext).requests).toMatchObject([{ command: 'stop', by: 'ann@example.org', signedBy: ann.publicKey, reason: 'lunch' }]);
  const records = world.records('errand/e1');
  expect(verify(records)).toEqual({ ok: true });
  expect(verify(records.map((one) => (one === record ? { ...one, key: stranger.publicKey } : one)))).toMatchObject({ ok: false, seq: record?.seq });
});

const day = 24 * 60 * 60 * 1_000;

test.each([
  ['by somebody unknown', (world: World) => signed(world, stranger), 'is not known here'],
  ['for another command', (world: World) => signed(world, ann, {}, { command: 'cancel' }), 'is not of this command'],
  ['for another id', (world: World) => signed(world, ann, {}, { id: 's2' }), 'is not of this command'],
  ['for another body', (world: World) => signed(world, ann, {}, { body: '{}' }), 'is not of this command'],
  ['two days ago', (world: World) => signed(world, ann, {}, {}, world.clock.now() - 2 * day), 'more than 24 hours ago'],
])('given a command that was signed %s, when it comes, then it is refused and nothing is recorded, not even as a claim', async (_how, send, reason) => {
  const world = await begun();
  await send(world);
  expect(world.answer('signed')).toMatchObject({ accepted: false, code: 'bad_signature', reason: expect.stringContaining(reason) as string });
  expect(world.types('errand/e1')).toEqual(['actor.created']);
});

test('given a worker that wants cancel signed, when it comes unsigned and then signed, then only the second is taken; what needs no signature is still a claim', async () => {
  const world = await begun(['cancel']);
  const claim = await world.send('errand/e1', 'cancel');
  await world.send('errand/e1', 'stop');
  await world.clock.advance(10);
  expect(world.answer(claim)).toMatchObject({ accepted: false, code: 'identity_needed' });
  expect(world.records('errand/e1').find(({ type }) => type === 'stop')).toMatchObject({ by: 'tester' });
  await signed(world, ann, { command: 'cancel', id: 's9' });
  expect(world.status('errand/e1')).toBe('cancelled');
});

test('given a chart told by whom a command was signed, when a body says so itself, then it is refused', async () => {
  const world = await begun();
  const id = await world.send('errand/e1', 'stop', { signedBy: ann.publicKey });
  await world.clock.advance(10);
  expect(world.answer(id)).toMatchObject({ accepted: false, code: 'bad_body' });
});
