/** One run of a command: its events shown as they come, an interrupt that cancels it, and how it ended. */
import { randomUUID } from 'node:crypto';
import type { Engine } from '../api/engine';
import { EngineError, failure, type RunConfig, type RunEvent, visibleJson } from '../protocol';
import { onInterrupt } from './interrupt';
import { withoutFinalNewlineOf } from './prompt-options';

interface RunReport {
  show(event: RunEvent): void;
}

/**
 * @param report without one, events are printed as JSON lines
 * @returns whether it ran to its end; otherwise it was interrupted, as the exit code says then
 * @throws EngineError where it failed, or was to be kept and could not be
 */
export async function answerPrompt(
  engine: Engine,
  config: RunConfig,
  report: RunReport | undefined,
  save = false,
): Promise<boolean> {
  const runId = randomUUID();
  let stop = () => {};
  let last: RunEvent | undefined;
  let notKept: string | undefined;
  const emit = (event: RunEvent) => {
    last = event;
    if (event.type === 'run.started') stop = cancelOnInterrupt(() => engine.cancel(runId));
    if (event.type === 'notice' && event.code === 'not-kept') notKept = event.message;
    if (report) report.show(event);
    // What must not reach a terminal is written as JSON's own escapes.
    else process.stdout.write(`${visibleJson(event)}\n`);
  };
  let isPreparing = false;
  const unwatch = engine.watchPreparing((progress) => {
    if ((progress !== null) === isPreparing) return;
    isPreparing = progress !== null;
    stop();
    stop = isPreparing ? cancelOnInterrupt(() => engine.cancel(runId)) : () => {};
  });
  try {
    await engine.run(runId, config, emit, save);
  } finally {
    unwatch();
    stop();
  }
  if (last?.type === 'run.failed') throw new EngineError(last.kind, last.code, last.message, last.hint);
  if (notKept !== undefined) throw failure('not-kept', notKept);
  if (save) process.stderr.write(`kept as run ${runId}\n`);
  if (last?.type !== 'run.cancelled') return true;
  process.exitCode = 130;
  return false;
}

/** An editor's last newline is part of the prompt, though nobody wrote it: said beside the output, not in it. */
export async function tellOfFinalNewline(engine: Engine, config: RunConfig): Promise<void> {
  const { model, prompt, template } = config;
  const trimmed = withoutFinalNewlineOf(prompt);
  if (trimmed === undefined) return;
  try {
    const { ids } = await engine.query('prompt.encode', { model, prompt, template });
    const { ids: fewer } = await engine.query('prompt.encode', { model, prompt: trimmed, template });
    // A template may trim it.
    if (ids.join() === fewer.join()) return;
    const made = ids.length - fewer.length;
    const what = made > 0 ? `makes ${made} ${made === 1 ? 'token' : 'tokens'}` : 'is part of a token';
    const advice = '--trim-final-newline leaves it out';
    process.stderr.write(`note: the file's final newline ${what} of the prompt; ${advice}\n`);
  } catch {
    // The run is about to say what is wrong.
  }
}

/**
 * First interrupt: stop what is prepared, or the run at its next step or token. Second: leave at once, which an
 * interrupt does by itself while onnxruntime opens the model: nothing would be heard.
 */
function cancelOnInterrupt(cancel: () => void): () => void {
  let asked = false;
  return onInterrupt(() => {
    if (asked) process.exit(130);
    asked = true;
    cancel();
  });
}
