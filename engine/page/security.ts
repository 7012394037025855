/** What keeps other programs, pages and users of this machine away from the window's server. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 192 bits, safe in a URL. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** Compares in a time that tells nothing of where the two differ, nor of their lengths. */
export function sameSecret(given: string | null | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(secret));
}

const LOOPBACK = ['127.0.0.1', 'localhost'];

/** Whether `host`, a Host header, names this server: a page that rebinds its own name to 127.0.0.1 says another. */
export function isOwnHost(host: string | undefined, port: number): boolean {
  const own = LOOPBACK.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  return host !== undefined && own.includes(host.toLowerCase());
}

/** Whether `origin` is a page of this server. Only programs that are no browser leave it out; they need the token. */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  if (origin === undefined) return true;
  return origin.startsWith('http://') && isOwnHost(origin.slice('http://'.length), port);
}

/** Headers of every answer. `connect`: where the page may connect to, besides its own origin. */
export function securityHeaders(connect: readonly string[] = []): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
