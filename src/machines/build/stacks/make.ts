import type { Detector } from './stack.ts';

const names = ['Makefile', 'makefile', 'GNUmakefile'];

export const make: Detector = {
  stack: 'make',
  looksFor: 'Makefile',
  reads: [],
  detect: (listing) => (names.some(listing.has) ? { command: 'make', artifact: '.', services: {} } : undefined),
};
