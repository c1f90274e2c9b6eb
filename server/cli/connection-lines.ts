/** What doctor says about how clinicians get connected: the ways that the configuration offers, and who has to do it again. */
import type { Core } from '../core.ts';
import type { DoctorLine } from './doctor.ts';

export async function connectionLines({ services }: Pick<Core, 'services'>): Promise<DoctorLine[]> {
  const { calcom } = services.config;
  const ways = [
    'API key of each clinician',
    ...(calcom?.apiKey == null ? [] : ['one key (CALCOM_API_KEY)']),
    ...(calcom?.oauth === undefined ? [] : ['signing in at Cal.com (OAuth)']),
    ...(calcom?.platform === undefined ? [] : ['users made by the gateway (platform client; deprecated by Cal.com)']),
  ];
  const lines: DoctorLine[] = [{ what: 'Ways to connect', problem: null, mend: null, note: ways.join(', ') }];
  const waiting = await services.connections.reconnects();
  if (waiting > 0) {
    lines.push({
      what: 'Connections',
      problem: waiting === 1 ? 'One clinician has to connect to Cal.com again.' : `${waiting} clinicians have to connect to Cal.com again.`,
      mend: '`Clinician.calcomConnection` shows admins whose; `connectCalcom`, or `setCalcomApiKey`.',
      note: null,
    });
  }
  return lines;
}
