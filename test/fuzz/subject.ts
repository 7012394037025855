/** What is fuzzed: how an input is made, and what must come of it. */
import { EngineError } from '../../engine/protocol';
import type { Random } from './random';

export interface Subject {
  readonly name: string;
  /** Out of 100 inputs of a whole run, so many are this subject's. */
  readonly share: number;
  /** Makes one input and has it read. @throws EngineError where it is refused, anything else where that fails */
  attempt(random: Random): void | Promise<void>;
}

/** `accepted`, or the code it was refused with. @throws Error for what no input may lead to */
export async function outcomeOf(subject: Subject, random: Random): Promise<string> {
  try {
    await subject.attempt(random);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, code } = error;
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(message)) throw new Error(`more than one line: ${message}`);
    if (message.length > 1100) throw new Error(`${message.length} characters of message: ${message}`);
    return code;
  }
}
