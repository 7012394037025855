/** The one error type that reaches users: what is wrong, and what to do about it. */
import { z } from 'zod';
import { Name, Sentence } from './limits';

/** `input`: the user's request or files are at fault (exit code 2). `failure`: the work failed (exit code 1). */
export type ErrorKind = 'input' | 'failure';

const MAX_MESSAGE_LENGTH = 1000;

export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly kind: ErrorKind,
    /** Stable, kebab-case, for programs. */
    readonly code: string,
    message: string,
    /** The way out, as an instruction. Empty where the message says it all. */
    readonly hint = '',
  ) {
    super(oneLine(message));
  }
}

/** Messages quote names from files of unknown origin, which may hold anything. */
function oneLine(message: string): string {
  const line = message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH)} …` : line;
}

/** What to do where whoever refuses a model's file knows nothing better; as docs/troubleshooting.md has it. */
const USUAL_HINTS: ReadonlyMap<string, string> = new Map([
  ['malformed-gguf', 'Get the file again.'],
  ['malformed-json', 'Get the file again, or correct it.'],
  ['malformed-safetensors', 'Get the file again.'],
  ['oversized-file', 'Check that it is the right file.'],
  ['unsupported-checkpoint', 'Use an ONNX export of the model.'],
  ['unsupported-input', 'Use another export.'],
  ['kv-cache', 'Export the model with a key-value cache: task text-generation-with-past.'],
  ['tokenizer', 'Get the model again, with the tokenizer that it was published with.'],
]);

export function badInput(code: string, message: string, hint = USUAL_HINTS.get(code) ?? ''): EngineError {
  return new EngineError('input', code, message, hint);
}

export function failure(code: string, message: string, hint = ''): EngineError {
  return new EngineError('failure', code, message, hint);
}

const CANCELLED = 'cancelled';

/** What a query rejects with whose asker no longer waits for it. */
export function cancelled(): EngineError {
  return failure(CANCELLED, 'cancelled');
}

export function isCancelled(thrown: unknown): boolean {
  return thrown instanceof EngineError && thrown.code === CANCELLED;
}

/** What went wrong, as it travels and as views tell it. */
export const Failure = z.object({
  kind: z.enum(['input', 'failure']),
  code: Name,
  message: Sentence,
  hint: Sentence,
});
export type Failure = z.infer<typeof Failure>;

/** As a terminal tells it: what is wrong, what to do, and the code that docs/troubleshooting.md has it under. */
export function failureLine({ code, message, hint }: Pick<Failure, 'code' | 'message' | 'hint'>): string {
  return `${[message, hint].filter(Boolean).join('. ')} [${code}]`;
}

export function fromFailure({ kind, code, message, hint }: Failure): EngineError {
  return new EngineError(kind, code, message, hint);
}

/** Anything thrown, as an EngineError; unknown errors become failures that keep their first line only. */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return failure('internal', message.split('\n', 1)[0] ?? 'unknown error');
}

/** Anything thrown, as it travels; see `toEngineError`. */
export function toFailure(thrown: unknown): Failure {
  const { kind, code, message, hint } = toEngineError(thrown);
  return { kind, code, message, hint };
}
