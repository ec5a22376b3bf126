import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { z } from 'zod';
import { defineMachine } from '../../../src/kernel/define.ts';
import { redactData } from '../../../src/kernel/redact-json.ts';
import { requireNoSecrets, secret, withoutMarked } from '../../../src/kernel/secret.ts';

const machine = defineMachine({
  machine: setup({}).createMachine({ id: 'deploy', initial: 'a', states: { a: {} } }), version: '1',
  input: z.object({ app: z.string(), token: secret(), more: z.array(z.object({ pin: secret() })).optional() }),
  commands: { rotate: z.union([z.object({ to: secret() }), z.object({ none: z.literal(true) })]) },
});

describe('given a field that is marked secret', () => {
  it('when a reference stands in it, then it is taken', () => {
    expect(() => requireNoSecrets(machine, 'create', { app: 'a', token: { $secret: 'DEPLOY' }, more: [{ pin: { $secret: 'PIN' } }] })).not.toThrow();
  });

  it('when a plain value stands in it, however deep, then the field is named and the value is not', () => {
    const body = { app: 'a', token: 'hunter22', more: [{ pin: { $secret: 'PIN' } }, { pin: '1234' }] };
    expect(() => requireNoSecrets(machine, 'create', body)).toThrow(/plain value in token, more\.1\.pin, which is marked secret/);
    expect(withoutMarked(machine, 'create', body)).toEqual({ app: 'a', token: '[redacted]', more: [{ pin: { $secret: 'PIN' } }, { pin: '[redacted]' }] });
    expect(withoutMarked(machine, 'rotate', { to: 'hunter22' })).toEqual({ to: '[redacted]' });
  });

  it('when it is only left out, then that is no secret given away', () => {
    expect(() => requireNoSecrets(machine, 'create', { app: 'a' })).not.toThrow();
  });
});

describe('given data on its way into a record', () => {
  it('when nothing of it is a credential, then it is the very same object: ids, digests, leases and references stay', () => {
    const data = {
      effect: '3:0', digest: 'a'.repeat(64), id: 'b6c1f2de-8a55-4c7e-9a3c-0d2f1e4b5a69', key: 'order/o1#3:0', token: 'lease-17', secretName: 'deploy',
      apiKey: { $secret: 'API' }, env: { LEASE: 'token 17', BUILD_KEY: 'b-1' }, url: 'https://example.com/a?b=c', note: 'the key is in the lock', list: [1, null, true, 'x'],
    };
    expect(redactData(data)).toBe(data);
  });

  it('when a text looks like one, or stands under its name, or was given, then only that is redacted', () => {
    const note = { keep: 1 };
    const clean = redactData({ log: `push with ghp_${'a1B2'.repeat(9)}`, password: 'x', env: { DEPLOY_TOKEN: 'x', PATH: '/bin' }, list: ['a', 'https://u:p@host/x'], echoed: 'it said open-sesame twice', note }, ['open-sesame']);
    expect(clean).toEqual({ log: 'push with [redacted]', password: '[redacted]', env: { DEPLOY_TOKEN: '[redacted]', PATH: '/bin' }, list: ['a', 'https://[redacted]@host/x'], echoed: 'it said [redacted] twice', note });
    expect(clean.note).toBe(note);
  });
});
