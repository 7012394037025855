/** Two engine processes on one data folder, one of which is hurt in mid-run; what it had told must be readable after. */
import { isDeepStrictEqual } from 'node:util';
import { EngineLink } from '../../engine/process/engine-link';
import { EngineProcess } from '../../engine/process/engine-process';
import type { EngineEntry } from '../../engine/process/launch';
import { METHODS, type Method, type Params, type Result, type RunEvent } from '../../engine/protocol';
import type { Random } from '../fuzz/random';
import { Inbox } from '../process/support';

export const FAULTS = ['stop', 'hang', 'kill'] as const;
export type Fault = (typeof FAULTS)[number];

/** `events` had been told before the fault; `lost` of them cannot be read after it, and `hidden` runs not be listed. */
export interface Outcome {
  readonly fault: Fault;
  readonly events: number;
  readonly lost: number;
  readonly hidden: number;
  /** Whether the run was still going. */
  readonly isInterrupted: boolean;
}

/** Steps and tokens of a run, about as many events. */
const LENGTH = 40;
/** Has the process hang for good at SIGUSR2. */
const HANG_ON_SIGNAL = "data:text/javascript,process.on('SIGUSR2', () => { for (;;); });";

class Window {
  readonly engine: EngineProcess;
  readonly inbox = new Inbox();
  readonly #link: EngineLink;
  #lastId = 0;

  constructor({ path, execArgv }: EngineEntry) {
    this.engine = new EngineProcess({
      entry: { path, execArgv: [...execArgv, '--import', HANG_ON_SIGNAL] },
      stopTimeout: 300,
      heartbeat: { every: 50, silentAfter: 150 },
    });
    this.#link = new EngineLink(this.engine, this.inbox.receive);
  }

  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const id = ++this.#lastId;
    await this.#link.send({ kind: 'request', id, method, params });
    const answer = await this.inbox.answer(id);
    if (answer.kind !== 'response' || !answer.ok) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    // The method's own schema has checked it.
    return METHODS[method].result.parse(answer.result) as Result<M>;
  }

  async run(runId: string): Promise<void> {
    const config = {
      prompt: { kind: 'raw' as const, text: 'Tom has 3 apples and buys 5 more.' },
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'slot', steps: LENGTH },
      ],
      generation: { maxNewTokens: LENGTH, ignoreEos: true },
    };
    await this.request('run.start', { runId, config });
  }

  /** Each round waits among its own messages alone. */
  forget(): void {
    this.inbox.messages.length = 0;
  }

  /** What the engine has told of a run; the end that the link adds for a process that is gone was never stored. */
  told(runId: string): RunEvent[] {
    return this.inbox
      .events(runId)
      .filter((event) => !(event.type === 'run.failed' && event.code === 'engine-exited'));
  }
}

export class Studio {
  readonly #hurt: Window;
  readonly #spared: Window;
  readonly #runs: string[] = [];
  /** What is waited for, should nothing come. */
  stage = '';

  /** @param entry the engine's, from source or bundled */
  constructor(entry: EngineEntry) {
    this.#hurt = new Window(entry);
    this.#spared = new Window(entry);
  }

  /** @throws Error where the engine does not come back, or the other one does not finish */
  async round(number: number, fault: Fault, random: Random): Promise<Outcome> {
    const [runId, otherId] = [`hurt-${number}`, `spared-${number}`];
    for (const window of [this.#hurt, this.#spared]) window.forget();
    this.stage = 'the start of two runs';
    await Promise.all([this.#hurt.run(runId), this.#spared.run(otherId)]);
    this.stage = `the moment to ${fault} one`;
    const moment = 1 + random.below(3 * LENGTH);
    await this.#hurt.inbox.until(() => {
      const told = this.#hurt.told(runId);
      return told.length >= moment || told.at(-1)?.type === 'run.done';
    });
    await pause(random.below(30));
    this.stage = `another engine after a ${fault}`;
    await this.#harm(fault, random);
    this.stage = 'the ends of both runs';
    await this.#hurt.inbox.end(runId);
    const { type } = await this.#spared.inbox.end(otherId);
    if (type !== 'run.done') throw new Error(`the run of the other process ended with ${type}`);
    this.#runs.push(runId, otherId);
    this.stage = 'what was stored';

    const told = this.#hurt.told(runId);
    const isInterrupted = told.at(-1)?.type !== 'run.done';
    const lost = (await this.#lost(this.#hurt, runId, told)) + (await this.#lost(this.#spared, runId, told));
    return { fault, events: told.length, lost, hidden: await this.#hidden(), isInterrupted };
  }

  async close(): Promise<void> {
    await Promise.all([this.#hurt.engine.stop(), this.#spared.engine.stop()]);
  }

  /** Hurts the engine process, and has another in its place. */
  async #harm(fault: Fault, random: Random): Promise<void> {
    const { engine } = this.#hurt;
    const signal = { stop: 'SIGSTOP', hang: 'SIGUSR2', kill: 'SIGKILL' } as const;
    process.kill(engine.pid ?? Number.NaN, signal[fault]);
    await pause(random.below(fault === 'kill' ? 5 : 300));
    await engine.restart();
  }

  async #lost(reader: Window, runId: string, told: readonly RunEvent[]): Promise<number> {
    const { events } = await reader.request('runs.read', { runId });
    const stored = events.map((event) => plain(event));
    return told.filter((event, i) => !isDeepStrictEqual(plain(event), stored[i])).length;
  }

  async #hidden(): Promise<number> {
    let hidden = 0;
    for (const reader of [this.#hurt, this.#spared]) {
      const { runs } = await reader.request('runs.list', {});
      const whole = runs.filter(({ outcome }) => outcome !== 'damaged').map((run) => run.runId);
      hidden += this.#runs.filter((runId) => !whole.includes(runId)).length;
    }
    return hidden;
  }
}

/** As JSON has it. */
function plain(event: RunEvent): unknown {
  return JSON.parse(JSON.stringify(event));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
