/** Overlapping appointments side by side: each gets a lane, and knows how many its group needs. */
interface Timed {
  id: string;
  startsAt: string;
  endsAt: string;
}

export interface Lane {
  lane: number;
  of: number;
}

export function lanesOf(appointments: readonly Timed[]): Map<string, Lane> {
  const lanes = new Map<string, Lane>();
  const sorted = [...appointments].sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt));
  let group: { id: string; lane: number }[] = [];
  let laneEnds: number[] = [];
  const close = (): void => {
    for (const { id, lane } of group) lanes.set(id, { lane, of: laneEnds.length });
    group = [];
    laneEnds = [];
  };
  for (const appointment of sorted) {
    const start = Date.parse(appointment.startsAt);
    if (laneEnds.every((end) => end <= start)) close();
    const free = laneEnds.findIndex((end) => end <= start);
    const lane = free === -1 ? laneEnds.length : free;
    laneEnds[lane] = Date.parse(appointment.endsAt);
    group.push({ id: appointment.id, lane });
  }
  close();
  return lanes;
}
