import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { ActorName } from '../../../src/kernel/record.ts';
import { press, sees, type Mill } from '../../support/browser/mill.ts';

/** Somebody put a folder where the link to the active release is to be: neither activation nor its undo can do anything. */
export function blockedStories(mill: Mill): void {
  const inTheWay = (app: string): string => join(mill.dataDir, 'apps', app, 'current');
  let [retried, abandoned] = [] as unknown as [ActorName, ActorName];
  beforeAll(async () => {
    for (const app of ['stuck', 'given-up']) await mkdir(inTheWay(app), { recursive: true });
    [retried, abandoned] = await Promise.all([mill.begin('stuck', 'quick'), mill.begin('given-up', 'quick')]);
  });

  it('given a blocked undo, then the board and the page say why and what helps; once the cause is gone, retry-undo from the page mends it', async () => {
    await mill.until(retried, 'blocked');
    const at = await mill.visit();
    await sees(at, '.row', /build\/stuck.*the undo of "set-active-version" failed: .*current is not a link.*retry-undo/);
    await at.click('.row a:text-is("build/stuck")');
    await sees(at, '.trouble', /is not a link.*Move it away.*Still to be undone: set-active-version.*receive-source.*retry-undo.*tries again/);
    await sees(at, '.lane', 'set-active-version undo failed');
    await at.locator('svg.millrace-chart').waitFor();
    await mill.picture('blocked');

    await press(at, '.trouble button:has-text("retry-undo")');
    await sees(at, '.said', 'build/stuck accepted retry-undo as record');
    await sees(at, '.asked li', /failed.*retry-undo.*ann/);
    await rm(inTheWay('stuck'), { recursive: true });
    await press(at, '.trouble button:has-text("retry-undo")', 'the folder is away');
    await sees(at, '.actor-head .state', 'failed');
    await sees(at, '.trouble', /Undone: set-active-version, provision-addons, create-version, create-config-version, next-version, receive-source/);
    await sees(at, '.asked li', /completed.*retry-undo.*ann.*“the folder is away”/);
    await mill.picture('blocked-mended');
    expect((await mill.millrace.history(retried)).filter(({ type }) => type === 'retry-undo').map(({ by }) => by)).toEqual(['ann (console)', 'ann (console)']);
  });

  it('given a blocked undo, when it is to be abandoned, then a warning asks first; what is left then is said, with who gave up and why', async () => {
    await mill.until(abandoned, 'blocked');
    const at = await mill.visit(`#/${abandoned}`);
    await at.click('.trouble button:has-text("abandon")');
    await sees(at, 'dialog', /abandon build\/given-up\?.*stays as it is, for good/);
    await mill.picture('abandon');
    await at.keyboard.press('Escape');
    expect(await mill.millrace.board.get(abandoned)).toMatchObject({ status: 'blocked' });
    await at.click('.trouble button:has-text("abandon")');
    await at.fill('dialog input', 'the host is gone');
    await at.click('dialog button:has-text("abandon")');
    await sees(at, '.actor-head .state', 'failed');
    await sees(at, '.trouble', /Left as it is: .*set-active-version/);
    await sees(at, '.asked li', /abandon.*ann.*the host is gone/);
    await at.locator('svg.millrace-chart').waitFor();
    await mill.picture('abandoned');
  });
}
