import type { Blobs, Deployer } from '../../../machines/build/ports.ts';
import { activateRelease, deactivateRelease, dropRelease } from './activate.ts';
import { realDisk, type Disk } from './disk.ts';
import { layoutOf, requireVersion } from './layout.ts';
import { withLock } from './lock.ts';
import { activeVersion } from './look.ts';
import { prepareRelease } from './prepare.ts';
import type { Site } from './steps.ts';

/**
 * Releases side by side in `<dataDir>/apps/<app>/releases/<version>`, and a link `current` to the active
 * one, switched by one rename. Any number of processes may share the folder; a call that was cut off
 * anywhere is completed by the same call again.
 * Also throws TerminalError `bad_app_name`, `bad_version`, `unknown_release`, `release_active`,
 * `previous_release_gone`, `not_a_link`; RetryableError `deployer_busy`.
 */
export function releaseFolder(dataDir: string, blobs: Blobs, { disk = realDisk }: { readonly disk?: Disk } = {}): Deployer {
  const siteOf = (app: string): Site => ({ at: layoutOf(dataDir, app), disk });
  const locked = async <T>(app: string, version: string, work: (site: Site) => Promise<T>): Promise<T> => {
    const site = siteOf(app);
    requireVersion(version);
    return withLock(site.at.lock, () => work(site));
  };
  return {
    async prepare(app, version, artifact) {
      requireVersion(version);
      await prepareRelease(siteOf(app), blobs, version, artifact);
    },
    active: async (app) => activeVersion(layoutOf(dataDir, app)),
    activate: (app, version) => locked(app, version, (site) => activateRelease(site, version)),
    deactivate: (app, version) => locked(app, version, (site) => deactivateRelease(site, version)),
    removeRelease: (app, version) => locked(app, version, (site) => dropRelease(site, version)),
    location: (app) => layoutOf(dataDir, app).current,
  };
}
