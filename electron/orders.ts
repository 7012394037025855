/** What the page is to do, kept until it asks: a page that is still being loaded, or loaded anew, misses nothing. */
import { BrowserWindow } from 'electron';
import { MAX_ORDERS, type Order } from '../engine/protocol';
import { ORDERS_CHANNEL } from './names';

export class Orders {
  #waiting: Order[] = [];

  give(order: Order): void {
    if (this.#waiting.length < MAX_ORDERS) this.#waiting.push(order);
    for (const { webContents } of BrowserWindow.getAllWindows())
      webContents.postMessage(ORDERS_CHANNEL, null);
  }

  /** Each once, the oldest first. */
  take(): Order[] {
    return this.#waiting.splice(0);
  }
}
