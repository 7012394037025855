/** Connects each window's WebSocket to the engine process, and keeps slow or vanished windows from costing memory. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { isOwnHost, isOwnOrigin, sameSecret } from '../page/security';
import { EngineLink } from '../process/engine-link';
import type { EngineProcess } from '../process/engine-process';
import { decodeJson, encodeJson, type ServerMessage } from '../protocol';
import { soleToken, splitTarget } from './pages';

export interface SocketLimits {
  /** Bytes of one message from a window. */
  maxMessage: number;
  /** Bytes that may wait for a window that reads slowly; beyond, it is dropped. */
  maxUnsent: number;
  /** Bytes from one window that may wait for the engine; beyond, the window's socket is not read. */
  maxUnread: number;
  /** Bytes from all windows, of messages that are not whole yet or wait; beyond, the window with most is dropped. */
  maxHeld: number;
  maxClients: number;
  /** Milliseconds between two signs of life asked of a window. */
  heartbeat: number;
  /** Milliseconds that a closing handshake may take. */
  closeTimeout: number;
}

export const DEFAULT_LIMITS: SocketLimits = {
  maxMessage: 64 * 2 ** 20,
  maxUnsent: 64 * 2 ** 20,
  maxUnread: 16 * 2 ** 20,
  maxHeld: 192 * 2 ** 20,
  maxClients: 32,
  heartbeat: 30_000,
  closeTimeout: 1_000,
};

const ENGINE_PATH = '/engine';

/** Close codes, as RFC 6455 and its registry name them. */
const CLOSE = { goingAway: 1001, unsupportedData: 1003, tryAgainLater: 1013 } as const;

/** What of a window's has been read and not passed on. */
interface Held {
  readonly bytes: () => number;
  readonly drop: () => void;
}

export class Sockets {
  readonly #server: WebSocketServer;
  readonly #held = new Set<Held>();

  constructor(
    readonly engine: EngineProcess,
    readonly limits: SocketLimits,
  ) {
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      maxPayload: limits.maxMessage,
      perMessageDeflate: false,
    });
  }

  /** Answers an HTTP upgrade: the one way in, for a page of this server that has the token. Returns whether it was. */
  upgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    access: { port: number; token: string },
  ): boolean {
    stream.on('error', () => stream.destroy());
    const { pathname, query } = splitTarget(request.url ?? '');
    const refused =
      pathname !== ENGINE_PATH
        ? '404 Not Found'
        : !isOwnHost(request.headers.host, access.port) ||
            !isOwnOrigin(request.headers.origin, access.port) ||
            !sameSecret(soleToken(query), access.token)
          ? '403 Forbidden'
          : this.#server.clients.size >= this.limits.maxClients
            ? '503 Service Unavailable'
            : null;
    if (refused !== null) {
      stream.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return false;
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#serve(socket, request.socket));
    return true;
  }

  async close(): Promise<void> {
    const closed = [...this.#server.clients].map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          this.#hangUp(socket, CLOSE.goingAway, 'SLOT Studio was stopped');
        }),
    );
    await Promise.all(closed);
    this.#server.close();
  }

  /** Closes with a code, and cuts the line where the other side does not answer. */
  #hangUp(socket: WebSocket, code: number, reason: string): void {
    socket.close(code, reason);
    const cut = setTimeout(() => socket.terminate(), this.limits.closeTimeout);
    socket.once('close', () => clearTimeout(cut));
  }

  #keepWithin(): void {
    const sizes = [...this.#held].map((held) => ({ held, bytes: held.bytes() }));
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= this.limits.maxHeld) return;
    sizes.sort((a, b) => b.bytes - a.bytes)[0]?.held.drop();
  }

  /** Cuts the line of a window that gives no sign of life; returns what ends the watch. */
  #pulse(socket: WebSocket): () => void {
    let alive = true;
    socket.on('pong', () => {
      alive = true;
    });
    const pulse = setInterval(() => {
      // While nothing is read from it, no sign of life can be seen.
      if (socket.isPaused) return;
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, this.limits.heartbeat);
    return () => clearInterval(pulse);
  }

  #serve(socket: WebSocket, line: Socket): void {
    const { maxUnsent, maxUnread } = this.limits;
    const link = new EngineLink(this.engine, (message) => deliver(message));
    let left = false;
    const leave = () => {
      left = true;
      stopPulse();
      this.#held.delete(held);
      link.close();
    };

    const deliver = (message: ServerMessage) => {
      if (left || socket.readyState !== WebSocket.OPEN) return;
      // One answer may be large; what counts is what had not left before it.
      if (socket.bufferedAmount <= maxUnsent) return socket.send(encodeJson(message));
      leave();
      this.#hangUp(socket, CLOSE.tryAgainLater, 'the window reads too slowly');
    };

    let unread = 0;
    // Where the last whole message ended; what follows lies in fragments until the next one is whole.
    let wholeUntil = line.bytesRead;
    const held: Held = {
      bytes: () => line.bytesRead - wholeUntil + unread,
      drop: () => {
        leave();
        socket.terminate();
      },
    };
    this.#held.add(held);
    line.on('data', () => this.#keepWithin());

    socket.on('message', (data: RawData, isBinary: boolean) => {
      wholeUntil = line.bytesRead;
      if (left) return;
      if (isBinary) return this.#hangUp(socket, CLOSE.unsupportedData, 'messages are JSON text');
      const text = data.toString();
      unread += text.length;
      if (unread > maxUnread) socket.pause();
      void link.send(parseJson(text)).then(() => {
        unread -= text.length;
        if (unread <= maxUnread && socket.isPaused) socket.resume();
      });
    });

    const stopPulse = this.#pulse(socket);
    // 'close' follows; without a listener the error would end this process.
    socket.on('error', () => {});
    socket.on('close', leave);
    // Early, so that the model opens without waiting for the process. A failure reaches the link.
    void this.engine.start().catch(() => {});
  }
}

/** Text that is not JSON becomes undefined, which the engine's host refuses with an answer. */
function parseJson(text: string): unknown {
  try {
    return decodeJson(text);
  } catch {
    return undefined;
  }
}
