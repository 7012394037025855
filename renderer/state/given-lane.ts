/** A lane with deltas that were learned before, as it is set up. */
import type { GivenOrigin } from '../../engine/protocol';
import { originDraft } from './lane-origin';
import { type LaneSetup, SLOT } from './lanes';

export function givenSetup(name: string, terms: GivenOrigin['terms']): LaneSetup {
  return { ...SLOT, name, origin: originDraft({ kind: 'given', terms, centred: false }) };
}
