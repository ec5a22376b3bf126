import { web, type Detector } from './stack.ts';

export const staticSite: Detector = {
  stack: 'static',
  looksFor: 'index.html',
  reads: [],
  detect(listing) {
    if (!listing.has('index.html')) return undefined;
    return { command: 'test -s index.html', artifact: '.', services: web('python3 -m http.server "${PORT:-8080}"') };
  },
};
