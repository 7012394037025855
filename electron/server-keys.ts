/** Keys of servers, encrypted with the system's keychain; where that has none, they are not kept. */
import { dirname } from 'node:path';
import { safeStorage } from 'electron';
import { z } from 'zod';
import { readJson } from '../engine/files/read';
import { createFolder, writeWhole } from '../engine/files/write';
import { ServerAddress } from '../engine/protocol';

const MAX_BYTES = 2 ** 22;
/** By address: what is encrypted, in base64. */
const Kept = z.record(ServerAddress, z.string().max(65_536));

export class ServerKeyring {
  constructor(private readonly file: string) {}

  /** @param key null forgets it @returns whether it will be there when the app is next started */
  keep(address: string, key: string | null): boolean {
    const { [address]: _before, ...others } = this.read();
    const isKept = key !== null && canEncrypt();
    const own = isKept ? { [address]: safeStorage.encryptString(key).toString('base64') } : {};
    createFolder(dirname(this.file));
    writeWhole(this.file, JSON.stringify({ ...others, ...own }));
    return isKept;
  }

  /** Those that this system can decrypt. */
  all(): [address: string, key: string][] {
    if (!canEncrypt()) return [];
    return Object.entries(this.read()).flatMap(([address, encrypted]): [string, string][] => {
      try {
        return [[address, safeStorage.decryptString(Buffer.from(encrypted, 'base64'))]];
      } catch {
        // Encrypted by another user or system.
        return [];
      }
    });
  }

  private read(): z.infer<typeof Kept> {
    try {
      return readJson(this.file, MAX_BYTES, Kept) ?? {};
    } catch {
      return {};
    }
  }
}

/** On Linux without a keychain Electron would encrypt with a password that is known to all. */
function canEncrypt(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false;
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
}
