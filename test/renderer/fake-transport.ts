/** A transport whose other end is the test. */
import type { ClientMessage, Request } from '../../engine/protocol';
import type { MessageTransport } from '../../renderer/engine/engine-client';
import { Listeners } from '../../renderer/engine/listeners';

export class FakeTransport implements MessageTransport {
  readonly sent: Request[] = [];
  /** Requests that the window no longer waits for. */
  readonly cancelled: number[] = [];
  isOpen = true;
  readonly #messages = new Listeners<[message: unknown]>();
  readonly #opens = new Listeners<[]>();
  readonly #closes = new Listeners<[reason: string]>();
  readonly onMessage = this.#messages.add;
  readonly onOpen = this.#opens.add;
  readonly onClose = this.#closes.add;

  send(message: ClientMessage): void {
    if (!this.isOpen) throw new Error('not connected');
    if (message.kind === 'cancel') this.cancelled.push(message.id);
    else this.sent.push(message);
  }
  retry(): void {}
  close(): void {
    this.isOpen = false;
  }

  receive(message: unknown): void {
    this.#messages.tell(message);
  }
  open(): void {
    this.isOpen = true;
    this.#opens.tell();
  }
  drop(reason: string): void {
    this.isOpen = false;
    this.#closes.tell(reason);
  }
  answer(result: unknown, request = this.sent.at(-1)): void {
    this.receive({ kind: 'response', id: request?.id, ok: true, result });
  }
}
