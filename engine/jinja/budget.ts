/** Bounds on what rendering may cost, since templates come with downloaded models. */
import { TemplateError } from './errors';

/**
 * Over a whole rendering: characters, list elements (as 8), and what is evaluated (as 16). Most of the text is gone again
 * soon; a chat of a million characters takes some hundredths of it.
 */
const MAX_WORK = 2 ** 27;
/** Integers beyond any use, which would double in length each time they are multiplied. */
const MAX_INTEGER = 2n ** 4096n;

export class Budget {
  private left = MAX_WORK;

  /** For an expression. @throws TemplateError */
  step(): void {
    this.take(16);
  }

  /** Before a text or a list of this size is made. @throws TemplateError */
  take(size: number): void {
    this.left -= size;
    if (!(this.left >= 0)) throw new TemplateError('it takes too much memory or too many steps');
  }
}

/** @throws TemplateError */
export function bounded(integer: bigint): bigint {
  if (integer > MAX_INTEGER || integer < -MAX_INTEGER) throw new TemplateError('a number is too large');
  return integer;
}
