/** An end to work that a model's own files drive: a template's loops, a tokenizer's regular expressions. */
import { createContext, Script } from 'node:vm';
import type { EngineError } from '../protocol';

const context: { work?: (() => unknown) | undefined } = createContext({});
const call = new Script('work()');

/**
 * Synchronous work, stopped wherever it is once `ms` have passed, even inside a regular expression. What it allocates
 * until then is not bounded otherwise, so keep `ms` short where it may.
 * @throws what `late` returns, once the time is over
 */
export function withinTime<T>(ms: number, work: () => T, late: () => EngineError): T {
  context.work = work;
  try {
    return call.runInContext(context, { timeout: ms }) as T;
  } catch (error) {
    throw isTimeout(error) ? late() : error;
  } finally {
    context.work = undefined;
  }
}

/**
 * Time that many calls share: a limit for each of them would let a run of a thousand tokens take a thousand times as
 * long. Only what a call takes beyond its allowance counts.
 */
export class TimeBudget {
  #leftMs: number;

  constructor(ms: number) {
    this.#leftMs = ms;
  }

  /** @throws what `late` returns, once the time of all calls together is over */
  within<T>(allowanceMs: number, work: () => T, late: () => EngineError): T {
    const started = performance.now();
    try {
      return withinTime(Math.max(1, Math.ceil(allowanceMs + this.#leftMs)), work, late);
    } finally {
      const beyond = performance.now() - started - allowanceMs;
      this.#leftMs = Math.max(0, this.#leftMs - Math.max(0, beyond));
    }
  }
}

/** The error belongs to the context's own realm: it is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return Object(error).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
