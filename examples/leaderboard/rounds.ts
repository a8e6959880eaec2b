/** What may be entered, and the rounds of players who are not there. */

export const playerLengthMax = 24;
export const scoreMax = 1_000_000;

/** What keeps a round from being added; empty when nothing does. */
export function problemOf(player: string, score: string): string {
  const name = player.trim();
  if (name === '') return 'Who played? A player has a name.';
  if (name.length > playerLengthMax) return `A name has at most ${playerLengthMax} characters.`;
  const number = Number(score);
  const isScore = /^\d+$/.test(score.trim()) && number >= 1 && number <= scoreMax;
  return isScore ? '' : 'A score is a whole number from 1 to 1,000,000.';
}

const others = ['Amaru', 'Bertha', 'Chidi', 'Danuta', 'Eero', 'Freya', 'Giang', 'Hanna'];

export interface Round {
  readonly player: string;
  readonly score: number;
}

/** Ten rounds; `chance` answers numbers from 0 to below 1. */
export function othersRounds(chance: () => number): readonly Round[] {
  return Array.from({ length: 10 }, () => ({
    player: others[Math.floor(chance() * others.length)] ?? 'Amaru',
    score: 100 + Math.floor(chance() * 900),
  }));
}

/** Whole seconds that a session has left; 0 when its time is over. */
export function secondsLeft(until: number, nowMs: number): number {
  return Math.max(0, until - Math.floor(nowMs / 1000));
}

/** The length of a session: `?session=5` makes it short. */
export function sessionSeconds(search: string): number {
  const asked = Number(new URLSearchParams(search).get('session'));
  return asked >= 1 && asked <= 3600 ? Math.floor(asked) : 60;
}
