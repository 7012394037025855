/** Connections that have not shown a token: at most so many, the newest ones. */
import type { Socket } from 'node:net';

/** A browser opens six at a time for a page. */
const MAX_VISITORS = 64;

export class Visitors {
  readonly #most: number;
  readonly #sockets = new Set<Socket>();

  constructor(most = MAX_VISITORS) {
    this.#most = most;
  }

  /** Makes room by ending the oldest: whoever holds connections open keeps nobody else out. */
  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const [oldest] = this.#sockets;
    if (this.#sockets.size > this.#most) oldest?.destroy();
  }

  /** It has shown the token and no longer counts here. */
  release(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
