import { defineSaga } from '../../../../src/machines/saga/define.ts';
import type { Definition } from '../../../../src/kernel/definition.ts';
import { abc, plain, saga } from '../../saga/support/specs.ts';

const retry = { attempts: 3, delayMs: 500 };

/** As the quickstart's, with a single step; and sagas whose steps run side by side: all at once, one for two, and two for one. */
export const sagas: readonly Definition[] = [
  defineSaga({ ...saga(plain('write')), name: 'greet' }),
  defineSaga({ ...abc({ b: { after: ['a'], retry }, c: { after: ['a'] } }), name: 'fan', order: 'by-needs' }),
  defineSaga({ ...saga(...Array.from({ length: 8 }, (_, i) => plain(`step-${i}`, { retry }))), name: 'abreast', order: 'by-needs' }),
  defineSaga({ ...saga(plain('left', { retry }), plain('right', { undoRetry: retry }), plain('a-step-with-a-name-that-goes-on-for-longer-than-others', { after: ['left', 'right'], timeoutMs: 90_000 })), name: 'diamond', order: 'by-needs' }),
];
