/** What the tests of processes and sockets share: requests, waiting for messages, looking at processes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type EngineEntry, sourceEntry } from '../../engine/process/launch';
import { endsRun, type RunEvent, type ServerMessage } from '../../engine/protocol';

/** An engine process that follows the script in its prompt; see the fixture. */
export const SCRIPTED: EngineEntry = sourceEntry(
  fileURLToPath(new URL('./fixtures/scripted-engine.ts', import.meta.url)),
);

export function startRequest(id: number, runId: string, script: string) {
  const config = { prompt: { kind: 'raw', text: script }, lanes: [{ name: 'baseline', steps: 0 }] };
  return { kind: 'request', id, method: 'run.start', params: { runId, config } };
}

export function openRequest(id: number, folder: string | null = null) {
  return { kind: 'request', id, method: 'model.open', params: { folder } };
}

/** Collects messages and lets a test wait for one, past or to come. */
export class Inbox {
  readonly messages: ServerMessage[] = [];
  readonly #waiting = new Set<() => void>();

  readonly receive = (message: ServerMessage): void => {
    this.messages.push(message);
    for (const look of this.#waiting) look();
  };

  /** The first message from index `from` on that fits. */
  until(fits: (message: ServerMessage) => boolean, from = 0): Promise<ServerMessage> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.messages.slice(from).find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  answer(id: number): Promise<ServerMessage> {
    return this.until((message) => message.kind === 'response' && message.id === id);
  }

  engine(state: 'ready' | 'exited', from = 0): Promise<ServerMessage> {
    return this.until((message) => message.kind === 'engine' && message.state === state, from);
  }

  events(runId: string): RunEvent[] {
    return this.messages.flatMap((m) => (m.kind === 'event' && m.runId === runId ? [m.event] : []));
  }

  async event(runId: string, type: RunEvent['type']): Promise<RunEvent> {
    await this.until((m) => m.kind === 'event' && m.runId === runId && m.event.type === type);
    return this.events(runId).find((event) => event.type === type)!;
  }

  async end(runId: string): Promise<RunEvent> {
    await this.until((m) => m.kind === 'event' && m.runId === runId && endsRun(m.event));
    return this.events(runId).find(endsRun)!;
  }
}

/** Whether the process still runs; one that only waits for its parent to look at its end does not. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

/** The processes started by `pid`, and by those. */
export function descendants(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const children = table.filter(([, parent]) => parent === pid).map(([child]) => child!);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
