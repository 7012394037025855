/** Damage that knows no format: cut off, bytes changed, pieces removed, doubled or moved. */
import type { Random } from './random';

const MAX_PIECE_LENGTH = 200;

export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = () => random.below(bytes.length + 1);
  const start = at();
  const piece = bytes.subarray(start, start + 1 + random.below(MAX_PIECE_LENGTH));
  const rest = bytes.subarray(start + piece.length);
  switch (random.below(5)) {
    case 0:
      return bytes.subarray(0, start);
    case 1: {
      const mutant = Uint8Array.from(bytes);
      for (let i = 1 + random.below(4); i > 0; i--) mutant[at()] = random.below(256);
      return mutant;
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, start), rest]);
    case 3:
      return Buffer.concat([bytes.subarray(0, start), piece, piece, rest]);
    default: {
      const to = at();
      return Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to)]);
    }
  }
}
