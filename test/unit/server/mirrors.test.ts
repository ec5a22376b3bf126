import { describe, expect, it } from 'vitest';
import { ownArchives, parseSources } from '../../../src/adapters/nats/server/mirrors.ts';
import { parseOsRelease } from '../../../src/adapters/nats/server/install.ts';

const STANZAS = `# made by the installer
Types: deb deb-src
# snapshot
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`;

const LINES = `deb [signed-by=/usr/share/keyrings/x.gpg arch=amd64] http://mirror.example/debian bookworm main contrib # ours
# deb http://off.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb https://vendor.example/apt nodistro main
deb http://flat.example/ ./
`;

describe('the machine\'s own mirror, read from apt\'s sources', () => {
  it.each([['stanzas', STANZAS], ['lines', LINES]] as const)(
    'given sources as %s, only the enabled archive of the distribution itself is taken', (format, text) => {
      expect(ownArchives(parseSources(text, format), 'bookworm')).toEqual(['http://mirror.example/debian']);
    });

  it('given a machine that follows `stable` by name, its archive is found without a code name', () => {
    expect(ownArchives(parseSources('deb http://mirror.example/debian stable main', 'lines'), undefined)).toEqual(['http://mirror.example/debian']);
  });

  it('given an os-release, its values are read with and without quotes', () => {
    const os = parseOsRelease('PRETTY_NAME="Some Linux 1"\nID=some\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=xia\n');
    expect([os.get('ID'), os.get('ID_LIKE'), os.get('VERSION_CODENAME')]).toEqual(['some', 'ubuntu debian', 'xia']);
  });
});
