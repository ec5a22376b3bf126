import { createHost, type Host } from '../../src/runtime/host/host.ts';
import type { HostParts } from '../../src/runtime/host/context.ts';
import type { FakeQueue } from '../support/fake/queue.ts';
import type { Yard } from './cast/builds.ts';
import type { Hands } from './cast/hands.ts';
import type { Cast } from './cast/pool.ts';
import type { Broker } from './broker.ts';
import type { Dice } from './dice.ts';
import type { Faults } from './faults.ts';
import { handsOf } from './hands.ts';
import type { Ledger } from './ledger.ts';
import { makeLink, type Link } from './link.ts';
import type { Settings } from './plan.ts';
import { portsOf } from './ports.ts';
import type { Witness } from './witness.ts';

/** A way to break a host on purpose. */
export interface Sabotage {
  readonly parts?: (parts: HostParts) => HostParts;
  readonly hands?: (hands: Hands) => Hands;
}

export interface Member {
  readonly host: Host;
  readonly link: Link;
  readonly connection: FakeQueue;
  state: 'starting' | 'serving' | 'stopping' | 'gone';
}

/** The hosts: they start, die, and others take their place. */
export interface Fleet {
  begin(): Promise<void>;
  serving(): readonly Member[];
  /** The host stops in good order; `afterMs` later another one takes its place. */
  stop(member: Member, afterMs: number): Promise<void>;
  kill(member: Member, afterMs: number): void;
  /** Does anyone start, stop, or wait for a place? */
  isChanging(): boolean;
  /** How many there ever were. */
  count(): number;
  end(): void;
}

interface Given {
  readonly broker: Broker;
  readonly cast: Cast;
  readonly dice: Dice;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly settings: Settings;
  readonly sabotage: Sabotage;
  readonly witness: Witness;
  readonly yard: Yard;
}

export function makeFleet({ broker, cast, dice, faults, ledger, settings, sabotage, witness, yard }: Given): Fleet {
  const { clock } = broker;
  const members: Member[] = [];
  let waiting = 0;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => { clock.after(ms, resolve); });

  const later = (ms: number): void => {
    waiting++;
    clock.after(ms, () => {
      waiting--;
      void begin();
    });
  };
  async function begin(): Promise<void> {
    let afterDeath = (): void => {};
    const link = makeLink(broker, faults, dice, () => afterDeath());
    const connection = broker.queue.connect();
    // The first definitions are the chronicle's.
    const lent = cast(members.length + 1);
    const hands = handsOf({ broker, dice, settings, ledger, link, witness });
    lent.lend(sabotage.hands?.(hands) ?? hands, yard);
    const parts = portsOf({ broker, link, connection, witness, settings, definitions: lent.definitions, skewMs: dice.between('skew of one', -settings.skewMs, settings.skewMs) });
    const host = createHost(sabotage.parts?.(parts) ?? parts);
    const member: Member = { host, link, connection, state: 'starting' };
    members.push(member);
    afterDeath = () => {
      host.abandon();
      connection.crash();
      const isReplaced = member.state === 'gone' || member.state === 'stopping';
      member.state = 'gone';
      if (!isReplaced) later(dice.between('next one', 0, 8_000));
    };
    while (broker.isDown()) await wait(200);
    if (link.isDead()) return;
    // A worker that cannot begin ends, and is started again.
    await host.start().catch(() => { link.die(); });
    if (!link.isDead()) member.state = 'serving';
  }

  return {
    begin,
    serving: () => members.filter(({ state }) => state === 'serving'),
    async stop(member, afterMs) {
      member.state = 'stopping';
      later(afterMs);
      await member.host.stop();
      if (member.link.isDead()) return;
      member.state = 'gone';
      member.link.die();
    },
    kill(member, afterMs) {
      member.state = 'gone';
      later(afterMs);
      member.link.die();
    },
    isChanging: () => waiting > 0 || members.some(({ state }) => state === 'starting' || state === 'stopping'),
    count: () => members.length,
    end() {
      for (const member of members) {
        member.state = 'gone';
        member.link.die();
      }
    },
  };
}
