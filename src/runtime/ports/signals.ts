import type { ActorName } from '../../kernel/record.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** Messages for whoever listens now; nobody listening is normal, and nothing depends on them. */
export interface Signals {
  /** On `<prefix>.status.<type>.<id>`. */
  status(actor: ActorName, body: JsonObject): void;
  /** On `<prefix>.emit.<type>.<id>`. */
  emit(actor: ActorName, body: JsonObject): void;
}
