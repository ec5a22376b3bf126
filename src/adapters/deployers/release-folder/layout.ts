import { join, resolve } from 'node:path';
import { requireToken } from '../../../kernel/names.ts';

/** Where one app lives: `<dataDir>/apps/<app>`. Names that begin with a dot are ours, no version's. */
export interface Layout {
  readonly app: string;
  readonly home: string;
  readonly releases: string;
  /** A relative link to the active release. */
  readonly current: string;
  /** What is on its way in or out, named `<version>.<uuid>`. */
  readonly staging: string;
  /** Outside of `home`, which goes with its last release. */
  readonly lock: string;
  readonly release: (version: string) => string;
  /** The artifact's digest; there once the release is complete. */
  readonly digest: (version: string) => string;
  /** What was active before the version: there from just before its first activation. */
  readonly journal: (version: string) => string;
}

/** @throws TerminalError `bad_app_name`. */
export function layoutOf(dataDir: string, app: string): Layout {
  requireToken(app, 'bad_app_name', 'the app');
  const home = resolve(dataDir, 'apps', app);
  const releases = join(home, 'releases');
  return {
    app, home, releases, current: join(home, 'current'), staging: join(home, '.staging'), lock: resolve(dataDir, 'apps', '.locks', app),
    release: (version) => join(releases, version),
    digest: (version) => join(releases, `.${version}.digest`),
    journal: (version) => join(releases, `.${version}.activation.json`),
  };
}

/** @throws TerminalError `bad_version`. */
export const requireVersion = (version: string): void => requireToken(version, 'bad_version', 'the version');
