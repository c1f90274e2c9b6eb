/**
 * An appointment as iCalendar (RFC 5545) for the person's own calendar. Cal.com mails its own invitation with its own
 * UID; ours names the appointment, so a second download after a reschedule moves the entry instead of adding one.
 */
export interface CalendarEntry {
  id: string;
  version: number;
  startsAt: string;
  endsAt: string;
  title: string;
  description: string;
  cancelled: boolean;
}

export function calendarFile(entry: CalendarEntry, now: Date): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Fintan Gateway//Appointments//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${entry.id}@fintan-gateway`,
    `SEQUENCE:${entry.version}`,
    `DTSTAMP:${compact(now)}`,
    `DTSTART:${compact(new Date(entry.startsAt))}`,
    `DTEND:${compact(new Date(entry.endsAt))}`,
    `SUMMARY:${escaped(entry.title)}`,
    `DESCRIPTION:${escaped(entry.description)}`,
    `STATUS:${entry.cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.flatMap(foldedLine).join('\r\n')}\r\n`;
}

function compact(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function escaped(words: string): string {
  return words.replace(/[\\;,]/g, (mark) => `\\${mark}`).replace(/\r?\n/g, '\\n');
}

/** No line longer than 75 octets (RFC 5545, 3.1). */
function foldedLine(line: string): string[] {
  const lines: string[] = [];
  let current = '';
  let octets = 0;
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (octets + size > 74) {
      lines.push(current);
      current = ' ';
      octets = 1;
    }
    current += character;
    octets += size;
  }
  return [...lines, current];
}
