/** A transport whose other end is the test. */
import type { ClientMessage, Request } from '../../engine/protocol';
import { type MessageTransport, subscribe } from '../../renderer/engine/engine-client';

export class FakeTransport implements MessageTransport {
  readonly sent: Request[] = [];
  /** Requests that the window no longer waits for. */
  readonly cancelled: number[] = [];
  isOpen = true;
  readonly #messages = new Set<(message: unknown) => void>();
  readonly #opens = new Set<() => void>();
  readonly #closes = new Set<(reason: string) => void>();

  send(message: ClientMessage): void {
    if (!this.isOpen) throw new Error('not connected');
    if (message.kind === 'cancel') this.cancelled.push(message.id);
    else this.sent.push(message);
  }
  onMessage(callback: (message: unknown) => void) {
    return subscribe(this.#messages, callback);
  }
  onOpen(callback: () => void) {
    return subscribe(this.#opens, callback);
  }
  onClose(callback: (reason: string) => void) {
    return subscribe(this.#closes, callback);
  }
  retry(): void {}
  close(): void {
    this.isOpen = false;
  }

  receive(message: unknown): void {
    for (const callback of this.#messages) callback(message);
  }
  open(): void {
    this.isOpen = true;
    for (const callback of this.#opens) callback();
  }
  drop(reason: string): void {
    this.isOpen = false;
    for (const callback of this.#closes) callback(reason);
  }
  answer(result: unknown, request = this.sent.at(-1)): void {
    this.receive({ kind: 'response', id: request?.id, ok: true, result });
  }
}
