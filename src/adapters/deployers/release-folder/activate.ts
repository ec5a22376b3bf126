import { existsSync } from 'node:fs';
import { TerminalError } from '../../../kernel/errors.ts';
import { activationOf, activeVersion, releaseDigest } from './look.ts';
import { forgetActivation, pointTo, sweep, writeActivation, type Site } from './steps.ts';

/**
 * What was active before is written down before the link is switched, and never again: so a repeated
 * call after a crash in between still tells what was there at first.
 */
export async function activateRelease(site: Site, version: string): Promise<{ readonly previous: string | undefined }> {
  const { at } = site;
  if (await releaseDigest(at, version) === undefined) {
    throw new TerminalError('unknown_release', `${at.app} has no complete release ${version}.`, { hint: 'Prepare it first.' });
  }
  const active = await activeVersion(at);
  const known = await activationOf(at, version);
  const previous = known === undefined && active !== version ? active : known?.previous;
  if (known === undefined) await writeActivation(site, version, version, previous);
  if (active !== version) await pointTo(site, version, version);
  await sweep(site, version);
  return { previous };
}

type Outcome = 'restored' | 'left-alone' | 'nothing-to-do';

/** Back to what was before, only while `version` is the active one. @throws TerminalError `previous_release_gone`. */
export async function deactivateRelease(site: Site, version: string): Promise<Outcome> {
  const outcome = await takeBack(site, version);
  await sweep(site, version);
  return outcome;
}

async function takeBack(site: Site, version: string): Promise<Outcome> {
  const { at } = site;
  const [active, known] = [await activeVersion(at), await activationOf(at, version)];
  if (known === undefined && active !== version) return 'nothing-to-do';
  const previous = known?.previous;
  // The link may be back already: a call before this one got that far.
  if (active !== version && active !== previous) return 'left-alone';
  if (previous !== undefined && !existsSync(at.release(previous))) {
    throw new TerminalError('previous_release_gone', `${at.app} ${version} stays active: ${previous}, which was before it, is gone.`,
      { hint: 'Lay that release out again, or activate another version, then retry.' });
  }
  if (active === version) await pointTo(site, version, previous);
  await forgetActivation(site, version);
  return 'restored';
}

/** Last of all the app's own folder, when nothing is left in it. @throws TerminalError `release_active`. */
export async function dropRelease(site: Site, version: string): Promise<void> {
  const { at, disk } = site;
  if (await activeVersion(at) === version) {
    throw new TerminalError('release_active', `${at.app} ${version} is active.`, { hint: 'Activate another version first.' });
  }
  await forgetActivation(site, version);
  await disk.remove(at.digest(version));
  await disk.remove(at.release(version));
  await sweep(site, version);
  await disk.removeEmpty(at.releases);
  await disk.removeEmpty(at.home);
}
