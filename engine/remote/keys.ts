/** Keys of servers, each for the origin that it was given for: in memory alone. */
import { badInput } from '../protocol';

export class ServerKeys {
  private readonly keys = new Map<string, string>();

  /**
   * @param server that SLOT_STUDIO_SERVER_KEY is for; by default SLOT_STUDIO_SERVER
   * @param baseline that SLOT_STUDIO_BASELINE_KEY is for
   */
  constructor(env: NodeJS.ProcessEnv = process.env, server = env.SLOT_STUDIO_SERVER, baseline?: string) {
    const given = [
      [server, env.SLOT_STUDIO_SERVER_KEY],
      [baseline, env.SLOT_STUDIO_BASELINE_KEY],
    ];
    for (const [address, key] of given) if (key && address && URL.canParse(address)) this.set(address, key);
  }

  /** @param key null forgets it @throws EngineError for what no header can carry */
  set(address: string, key: string | null): void {
    const { origin } = new URL(address);
    const text = key?.trim() ?? '';
    if (text === '') this.keys.delete(origin);
    else if (/^[\x21-\x7e]{1,4096}$/.test(text)) this.keys.set(origin, text);
    else throw badInput('server-key', 'the key holds characters that no key has', 'Copy it again.');
  }

  of(address: string): string | undefined {
    return this.keys.get(new URL(address).origin);
  }
}
