import { expect, it } from 'vitest';
import { sees, type Mill } from '../../support/browser/mill.ts';

export function accessStories(mill: Mill): void {
  it('given a console with a token, then the page asks for it, and it is in no address', async () => {
    const guarded = await mill.consoleWith({ MILLRACE_CONSOLE_TOKEN: 'a-token-nobody-guesses' });
    try {
      const at = await mill.visitAt(guarded.url);
      await at.fill('input[type=password]', 'wrong-wrong-wrong-wrong');
      await at.keyboard.press('Enter');
      await sees(at, '.token', 'That is not a token');
      await mill.picture('token');
      await at.fill('input[type=password]', 'a-token-nobody-guesses');
      await at.keyboard.press('Enter');
      await at.locator('.row').first().waitFor();
      expect(at.url()).not.toContain('nobody-guesses');
    } finally {
      await guarded.stop();
    }
  });
}
