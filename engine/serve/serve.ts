/** `serve` as a command: one line with the address, then the window's server until a signal ends it. */
import { hasDisplay, openBrowser } from './browser';
import { type ServerOptions, startServer, type WindowServer } from './server';

interface ServeOptions extends ServerOptions {
  /** Open the browser, if there is a display. */
  open: boolean;
  /** The one line of output. */
  announce: (url: string) => string;
}

/**
 * Resolves when a signal has ended the server and its engine process is gone.
 * Rejects with an EngineError: it could not start, or it failed later.
 */
export async function serve({ open, announce, ...options }: ServeOptions): Promise<void> {
  const signalled = nextSignal();
  const server = await startServer(options);
  process.stdout.write(`${announce(server.url)}\n`);
  const discard = open && hasDisplay() ? openOnce(server) : () => {};
  const failed = await Promise.race([signalled, server.failed]);
  discard();
  await server.close();
  if (failed !== undefined) throw failed;
}

function openOnce(server: WindowServer): () => void {
  const { url, isGone } = server.ticket();
  const discard = openBrowser(url);
  void isGone.then(discard);
  return discard;
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false;
    const stop = () => {
      // A second Ctrl+C does not wait for anything.
      if (seen) process.exit(1);
      seen = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
