import type { Broker } from './broker.ts';
import type { Dice } from './dice.ts';
import type { Fleet, Member } from './fleet.ts';
import type { Blow } from './plan.ts';

const mostHosts = 4;

/** Lets it happen. Gives false when there is nobody it could happen to. */
export function strike(blow: Blow, broker: Broker, fleet: Fleet, dice: Dice): boolean {
  const serving = fleet.serving();
  const member = serving[blow.who % Math.max(1, serving.length)];
  switch (blow.what) {
    case 'joins':
      if (serving.length >= mostHosts) return false;
      void fleet.begin();
      return true;
    case 'restarts':
      if (broker.isDown()) return false;
      broker.restart(blow.ms);
      return true;
    case 'resets':
      broker.queue.upsets.reset(() => dice.between('redelivery', 0, 2_000));
      return true;
    case 'moves': return chosen(broker.queue.upsets.groups(), blow.who, (group) => broker.queue.upsets.move(group));
    case 'repeats': return chosen(broker.queue.stored().filter(({ holder }) => holder !== undefined), blow.who, (message) => {
      broker.queue.upsets.redeliver(message, dice.chance('at once', 0.5) ? 0 : blow.ms);
      return true;
    });
    default: return member !== undefined && strikeHost(blow, member, broker, fleet);
  }
}

const chosen = <T>(items: readonly T[], who: number, then: (item: T) => boolean): boolean => {
  const item = items[who % Math.max(1, items.length)];
  return item !== undefined && then(item);
};

function strikeHost({ what, ms }: Blow, member: Member, { clock }: Broker, fleet: Fleet): boolean {
  const { connection, link } = member;
  switch (what) {
    case 'dies': fleet.kill(member, ms); break;
    case 'is stopped': void fleet.stop(member, ms); break;
    case 'is cut':
    case 'is deaf':
      link.setCut(what === 'is cut');
      connection.setCut(true);
      clock.after(ms, () => {
        link.setCut(false);
        connection.setCut(false);
      });
      break;
    default: return false;
  }
  return true;
}
