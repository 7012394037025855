/** What rounding weights loses, in words. */
import type { Loss } from '../checkpoint/prepare/prepared-index';

export type { Loss };

export function lossWords({ kl, same, tokens }: Loss): string {
  const share = (100 * same).toFixed(same < 0.995 ? 0 : 1);
  return (
    `rounded weights: over a text of ${tokens} tokens the next-token distributions differ from the stored weights' by ` +
    `${kl.toPrecision(2)} nats (KL), and ${share} % have the same most probable token`
  );
}
