/**
 * Instants as ISO 8601 text, by plain arithmetic on the civil calendar: time below the engine is a
 * number that was given.
 */

const dayMs = 86_400_000;

/** The UTC day of an instant, counted from 1970. */
export function dayOf(ms: number): number {
  return Math.floor(ms / dayMs);
}

/** ISO 8601 in UTC to the millisecond, without zone: `2015-05-11T21:21:33.291`. */
export function isoText(ms: number): string {
  const day = dayOf(ms);
  // Days since 1 March of year 0, in eras of 400 years (the proleptic Gregorian calendar repeats).
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const yearInEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) /
      365,
  );
  const inYear =
    inEra - (365 * yearInEra + Math.floor(yearInEra / 4) - Math.floor(yearInEra / 100));
  const monthFromMarch = Math.floor((5 * inYear + 2) / 153);
  const dayOfMonth = inYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearInEra + era * 400 + (month <= 2 ? 1 : 0);
  const rest = Math.floor(ms - day * dayMs);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`;
  const time = `${two(rest / 3_600_000)}:${two((rest / 60_000) % 60)}:${two((rest / 1000) % 60)}`;
  return `${date}T${time}.${String(rest % 1000).padStart(3, '0')}`;
}
