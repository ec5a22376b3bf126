import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headersOf, sizeOf, type Outgoing } from '../../../src/adapters/nats/group-commit/wire.ts';

const line = fc.string().map((text) => text.replaceAll(/[\r\n]/g, ''));

describe('a message on its way', () => {
  it('given any headers, with an expectation or without, then its size is what the server will count', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('Millrace-By', 'Nats-Msg-Id', 'x'), fc.oneof(line, fc.constant('Jörg 🚂')))), fc.uint8Array(), fc.option(fc.nat(), { nil: undefined }), (headers, body, after) => {
      const message: Outgoing = { actor: 'order/a', subject: 'evt.order.a', headers, body, ...(after === undefined ? {} : { after }) };
      const { encode } = headersOf(message) as unknown as { encode(): Uint8Array };
      expect(sizeOf(message)).toBe(encode().length + body.length);
    }));
  });
});
