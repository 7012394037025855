/** The browser shell: serves the window and its engine on this machine's loopback address. */
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { newSecret } from '../page/security';
import { INDEX, readStaticFile } from '../page/static-files';
import { EngineProcess, type EngineProcessOptions } from '../process/engine-process';
import { badInput, type EngineError, failure } from '../protocol';
import { Pages } from './pages';
import { DEFAULT_LIMITS, type SocketLimits, Sockets } from './sockets';
import { Visitors } from './visitors';

export interface ServerOptions {
  /** 0: any free port. */
  port?: number;
  /** Folder of the built window. */
  root?: string;
  engine?: EngineProcessOptions;
  limits?: Partial<SocketLimits>;
  /** Connections that are not a window's WebSocket. */
  maxVisitors?: number;
}

/** A request from this machine is whole within a moment; Node looks for late ones every 30 s otherwise. */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };

const AGAIN = 'Start SLOT Studio again.';

export interface WindowServer {
  /** The address to open, token included. */
  url: string;
  /** Another address of the same window, for one use within a minute, without the token. */
  ticket(): { url: string; isGone: Promise<void> };
  port: number;
  token: string;
  engine: EngineProcess;
  /** Resolves if the server can no longer be reached. */
  failed: Promise<EngineError>;
  close(): Promise<void>;
}

/** dist/renderer, seen from the source (engine/serve) or from the bundle (dist/electron). */
export const RENDERER_ROOT = import.meta.url.endsWith('.ts')
  ? join(import.meta.dirname, '..', '..', 'dist', 'renderer')
  : join(import.meta.dirname, '..', 'renderer');

/** Rejects with an EngineError: the window is not built, the port is taken. */
export async function startServer(options: ServerOptions = {}): Promise<WindowServer> {
  const { port: wanted = 0, root = RENDERER_ROOT } = options;
  if ((await readStaticFile(root, `/${INDEX}`)) === null) {
    throw badInput('window-not-built', 'the window has not been built yet', 'Run `npm run build` first.');
  }
  const server = createServer(PATIENCE);
  const port = await listen(server, wanted);
  const failed = new Promise<EngineError>((resolve) => {
    server.on('error', ({ message }) =>
      resolve(failure('server-failed', `the server failed: ${message}`, AGAIN)),
    );
  });
  const token = newSecret();
  const pages = new Pages({ root, port, token });
  const engine = new EngineProcess(options.engine);
  const sockets = new Sockets(engine, { ...DEFAULT_LIMITS, ...options.limits });

  server.on('request', (request, response) => {
    pages.answer(request, response).catch(() => response.destroy());
  });
  const visitors = new Visitors(options.maxVisitors);
  server.on('connection', (socket) => visitors.add(socket));
  server.on('upgrade', (request, stream, head) => {
    if (sockets.upgrade(request, stream, head, { port, token })) visitors.release(request.socket);
  });

  const origin = `http://127.0.0.1:${port}`;
  return {
    url: `${origin}/?token=${token}`,
    ticket() {
      const { path, isGone } = pages.ticket();
      return { url: origin + path, isGone };
    },
    port,
    token,
    engine,
    failed,
    async close() {
      server.close();
      await sockets.close();
      server.closeAllConnections();
      await engine.stop();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const hint = 'Choose another with --port, or leave --port out for any free one.';
      if (error.code === 'EADDRINUSE') reject(failure('port-in-use', `port ${port} is in use`, hint));
      else if (error.code === 'EACCES')
        reject(failure('port-denied', `port ${port} needs more rights`, hint));
      else reject(failure('no-listener', `cannot listen on port ${port}: ${error.message}`, hint));
    };
    server.once('error', refuse);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', refuse);
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
}
