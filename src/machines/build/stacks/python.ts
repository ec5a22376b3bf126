import { web, type Detector, type Listing } from './stack.ts';

export const python: Detector = {
  stack: 'python',
  looksFor: 'requirements.txt, pyproject.toml or setup.py',
  reads: [],
  detect(listing) {
    const install = installCommand(listing);
    if (install === undefined) return undefined;
    const entry = ['main.py', 'app.py', 'server.py'].find(listing.has);
    const program = listing.has('manage.py') ? 'manage.py runserver' : entry;
    return {
      command: `${install} && python3 -m compileall -q .`,
      artifact: '.',
      services: web(program && `PYTHONPATH=vendor python3 ${program}`),
    };
  },
};

/** Into a folder of the release: a virtual environment does not survive being moved. */
function installCommand(listing: Listing): string | undefined {
  const pip = 'python3 -m pip install --disable-pip-version-check --target vendor';
  if (listing.has('requirements.txt')) return `${pip} -r requirements.txt`;
  return listing.has('pyproject.toml') || listing.has('setup.py') ? `${pip} .` : undefined;
}
