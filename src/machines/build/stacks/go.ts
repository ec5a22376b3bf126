import { web, type Detector } from './stack.ts';

export const go: Detector = {
  stack: 'go',
  looksFor: 'go.mod',
  reads: ['go.mod'],
  detect(listing) {
    const text = listing.text('go.mod');
    if (text === undefined) return undefined;
    const program = listing.has('main.go') ? programName(text) : undefined;
    return {
      command: 'mkdir -p dist && go build -trimpath -o dist/ ./...',
      artifact: 'dist',
      services: web(program && `./${program}`),
    };
  },
};

/** `go build` names a program after its module's last part that is no major version. */
function programName(mod: string): string | undefined {
  const path = /^\s*module\s+"?([^\s"]+)/m.exec(mod)?.[1];
  return path?.split('/').findLast((part) => !/^v\d+$/.test(part));
}
