import type { ActorName, EffectId } from '../../kernel/record.ts';

/** `<actor>#<effect>`: the id of whatever an effect sends, and the key an activity is given. */
export const effectKey = (actor: ActorName, effect: EffectId): string => `${actor}#${effect}`;

/** The `seq` of the record that asked for the effect. */
export const askedBy = (effect: EffectId): number => Number.parseInt(effect, 10);
