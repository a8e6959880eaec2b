/**
 * The two users of the demonstration. The server that serves this page knows them too, and gives
 * them their tokens (scripts/fieldnotes-hub.mjs); what each may do is its policies' business.
 */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

export const users: readonly User[] = [
  { id: 'ada', name: 'Ada', role: 'leads the team: writes notes, photos and notices' },
  { id: 'bo', name: 'Bo', role: 'surveys: writes notes and photos, and reads notices' },
];

const userKey = 'fieldnotes-user';

/** Who signed in here last, and did not sign out. */
export function signedIn(): User | undefined {
  const id = localStorage.getItem(userKey);
  return users.find((user) => user.id === id);
}

export function rememberUser(user: User | undefined): void {
  if (user === undefined) localStorage.removeItem(userKey);
  else localStorage.setItem(userKey, user.id);
}

/** A token of the server, good for some minutes. Rejects when it cannot be had. */
export async function tokenOf(user: User): Promise<string> {
  const answer = await fetch(`/fieldnotes/token?user=${user.id}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`The server gives ${user.name} no token (${answer.status})`);
  return ((await answer.json()) as { readonly token: string }).token;
}
