import { describe, expect, it } from 'vitest';
import { compareVersions, isTooOld, parseVersion, requireVersion, versionWarning } from '../../../src/adapters/nats/server/version.ts';

describe('the version of a nats-server', () => {
  it('given what `--version` prints, it is read from any form of it', () => {
    expect(parseVersion('nats-server: v2.15.1\n')).toBe('2.15.1');
    expect(parseVersion('nats-server: v2.14.0-RC.3')).toBe('2.14.0');
    expect(parseVersion('nats-server version 2.9.10')).toBe('2.9.10');
    expect(parseVersion('Segmentation fault')).toBeUndefined();
  });

  it('given numbers of two digits, they are compared as numbers', () => {
    expect(compareVersions('2.9.25', '2.14.0')).toBeLessThan(0);
    expect(compareVersions('2.15.10', '2.15.9')).toBeGreaterThan(0);
    expect(compareVersions('2.15.1', '2.15.1')).toBe(0);
  });

  it('given a server below 2.14, it is refused with its version and the reason', () => {
    expect(isTooOld('2.13.9')).toBe(true);
    expect(() => { requireVersion('2.9.10', 'the server'); })
      .toThrow(expect.objectContaining({ code: 'nats_server_too_old', message: expect.stringMatching(/2\.9\.10.*2\.14\.0.*schedules/) }));
  });

  it('given a server that works but is older than the tested one, there is a warning, and none for the tested one', () => {
    expect(isTooOld('2.14.0')).toBe(false);
    expect(versionWarning('2.14.3')).toMatch(/2\.14\.3.*2\.15\.1/);
    expect(versionWarning('2.15.1')).toBeUndefined();
    expect(versionWarning('2.16.0')).toBeUndefined();
  });
});
