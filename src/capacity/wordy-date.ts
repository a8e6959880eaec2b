/** Instants in the words of DynamoDB's quotas: `Friday, October 9, 2026 at 12:21:34 AM ...`. */
import { dayOf, isoText } from '../base/iso.ts';

const days = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export function wordyDate(ms: number): string {
  const [date = '', time = ''] = isoText(ms).split('T');
  const [year, month, day] = date.split('-').map(Number);
  const hour = Number(time.slice(0, 2));
  // 1 January 1970 was a Thursday.
  const weekday = days[((dayOf(ms) % 7) + 7) % 7];
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}${time.slice(2, 8)} ${hour < 12 ? 'AM' : 'PM'}`;
  const name = months[(month ?? 1) - 1];
  return `${weekday}, ${name} ${day}, ${year} at ${clock} Coordinated Universal Time`;
}
