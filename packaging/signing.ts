/** Whether a package is signed: environment variables decide, as electron-builder reads them. */
import type { Platform } from './targets';

export interface Signing {
  readonly isSigned: boolean;
  /** Whether Apple is asked to notarise it. */
  readonly isNotarised: boolean;
  /** What whoever makes the package should know; empty where all is well. */
  readonly notice: string;
}

const has = (env: NodeJS.ProcessEnv, ...names: string[]) => names.every((name) => (env[name] ?? '') !== '');

export function signingOf(platform: Platform, env: NodeJS.ProcessEnv): Signing {
  const isSigned =
    platform === 'darwin'
      ? has(env, 'CSC_LINK') || has(env, 'CSC_NAME')
      : platform === 'win32' && hasWindows(env);
  const isNotarised =
    isSigned &&
    platform === 'darwin' &&
    (has(env, 'APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER') ||
      has(env, 'APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID') ||
      has(env, 'APPLE_KEYCHAIN_PROFILE'));
  return { isSigned, isNotarised, notice: noticeOf(platform, isSigned, isNotarised) };
}

const hasWindows = (env: NodeJS.ProcessEnv) => has(env, 'WIN_CSC_LINK') || has(env, 'CSC_LINK');

function noticeOf(platform: Platform, isSigned: boolean, isNotarised: boolean): string {
  if (platform === 'linux') return '';
  if (!isSigned) {
    const names = platform === 'darwin' ? 'CSC_LINK (or CSC_NAME)' : 'WIN_CSC_LINK';
    return `unsigned: ${platform === 'darwin' ? 'macOS' : 'Windows'} will warn of it. Set ${names} to sign it.`;
  }
  if (platform === 'darwin' && !isNotarised)
    return 'signed, not notarised: set APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER to have it notarised.';
  return '';
}
