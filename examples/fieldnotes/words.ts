/** What the page says of sync, of notes, and of what can be wrong with them. */
import type { SyncState, SyncStatus } from 'tidetable/sync';

export const titleMax = 80;
export const textMax = 4000;
export const photoBytesMax = 300_000;

/** What keeps a note from being saved; empty when nothing does. */
export function problemOf(title: string, text: string): string {
  if (title.trim() === '') return 'A note has a title.';
  if (title.trim().length > titleMax) return `A title has at most ${titleMax} characters.`;
  if (text.length > textMax) return `A note has at most ${textMax} characters.`;
  return '';
}

const states: Readonly<Record<SyncState, string>> = {
  offline: 'Offline: everything is kept here and sent later',
  connecting: 'Connecting …',
  'catching-up': 'Catching up …',
  live: 'Up to date',
  'needs-auth': 'Waiting for a sign-in that the hub takes',
  'update-needed': 'This page is older than the hub: load it again',
  blocked: 'Stopped',
  paused: 'Network switched off: everything is kept here',
  closed: 'Closed',
};

export function stateWords({ state, message }: SyncStatus): string {
  const isOver = state === 'blocked' || state === 'closed';
  const why = isOver && message !== undefined ? `: ${message}` : '';
  return `${states[state]}${why}`;
}

/** What waits to be sent, what is being taken. */
export function pendingWords({ pending, oldestPendingMs, state, progress }: SyncStatus): string {
  if (pending > 0) {
    const age = oldestPendingMs === undefined ? '' : `, the oldest ${ageWords(oldestPendingMs)}`;
    return `${pending} to send${age}`;
  }
  if (state === 'catching-up' && progress.done > 0) {
    const total = Math.max(progress.total, progress.done).toLocaleString('en');
    return `${progress.done.toLocaleString('en')} of ${total}, ${sizeWords(progress.bytes)}`;
  }
  return 'nothing to send';
}

export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000
    ? `${(bytes / 1000).toFixed(0)} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Why the hub refused a write. */
export function refusalWords(code: string): string {
  switch (code) {
    case 'AccessDenied':
      return 'You may not write this';
    case 'StaleBase':
      return 'It was deleted by somebody else meanwhile';
    case 'DependsOnRefused':
      return 'It was made on a write that was refused';
    default:
      return `Refused (${code})`;
  }
}
