/** The servers that the user added, in a file of the data folder, and how each of them stands. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { guarded } from '../files/guarded';
import { withLock } from '../files/lock';
import { readJson } from '../files/read';
import { createFolder, writeWhole } from '../files/write';
import {
  badInput,
  EngineError,
  failure,
  type ParsedParams,
  ServerEntry,
  type ServerStatus,
  toFailure,
} from '../protocol';
import { ServerConnection } from './connection';
import type { ServerKeys } from './keys';
import { openInference } from './recognise';

const MAX_SERVERS = 100;
const LARGEST_FILE = 2 ** 22;
/** For all that a status is made of; a server that is busy reads its two tokens late. */
const PATIENCE_MS = 30_000;

/** Without what is not kept. */
const Kept = z.object({ servers: z.array(ServerEntry.omit({ hasKey: true })).max(MAX_SERVERS) });
type Kept = z.infer<typeof Kept>['servers'];

export class Servers {
  private readonly path: string;

  /** @param folder see `dataFolder` */
  constructor(
    folder: string,
    private readonly keys: ServerKeys,
  ) {
    this.path = join(folder, 'servers.json');
  }

  list(): { servers: ServerEntry[] } {
    const hasKey = (address: string) => this.keys.of(address) !== undefined;
    return { servers: this.read().map((entry) => ({ ...entry, hasKey: hasKey(entry.address) })) };
  }

  /** @throws EngineError for a server that does not answer as it should, which is not kept */
  async add({ address, head, key }: ParsedParams<'servers.add'>, signal: AbortSignal): Promise<ServerStatus> {
    const before = this.keys.of(address);
    if (key !== null) this.keys.set(address, key);
    try {
      const status = await this.ask(address, signal);
      this.change((servers) => [...servers.filter((other) => other.address !== address), { address, head }]);
      return status;
    } catch (error) {
      this.keys.set(address, before ?? null);
      throw error;
    }
  }

  async status(address: string, signal: AbortSignal): Promise<ServerStatus> {
    try {
      return await this.ask(address, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { about: null, latency: null, problem: toFailure(error) };
    }
  }

  forget(address: string): void {
    this.change((servers) => servers.filter((other) => other.address !== address));
    this.keys.set(address, null);
  }

  private async ask(address: string, asked: AbortSignal): Promise<ServerStatus> {
    const connection = new ServerConnection(address, this.keys.of(address));
    const late = AbortSignal.timeout(PATIENCE_MS);
    const signal = AbortSignal.any([asked, late]);
    try {
      const { about } = await openInference(connection, signal);
      const started = performance.now();
      await connection.look('health', signal);
      const latency = performance.now() - started;
      return { about, latency, problem: null };
    } catch (error) {
      asked.throwIfAborted();
      if (error instanceof EngineError || !late.aborted) throw error;
      const message = `${connection.host} has not answered for ${PATIENCE_MS / 1000} seconds`;
      throw failure('server-silent', message, 'It may be busy: try again, or look at what it does.');
    } finally {
      await connection.close();
    }
  }

  /** A file that cannot be read counts as empty. */
  private read(): Kept {
    try {
      return readJson(this.path, LARGEST_FILE, Kept)?.servers ?? [];
    } catch {
      return [];
    }
  }

  private change(update: (servers: Kept) => Kept): void {
    guarded(() => {
      createFolder(dirname(this.path));
      withLock(`${this.path}.lock`, () => {
        const servers = update(this.read());
        if (servers.length > MAX_SERVERS)
          throw badInput('too-many-servers', `there are ${MAX_SERVERS} servers already`, 'Forget one first.');
        writeWhole(this.path, JSON.stringify({ servers } satisfies z.infer<typeof Kept>));
      });
    }, 'the list of servers');
  }
}
