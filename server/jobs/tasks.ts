/**
 * What runs by the clock. A job is only a nudge: the rows it concerns are the truth, so a job lost or run twice does no
 * harm, and one that still waits is not queued a second time.
 */
import type { TaskList } from 'graphile-worker';

/** One function for each task; handed in by the gateway. */
export interface JobActions {
  /** What changed at Cal.com since the last look. */
  sweepRecent(): Promise<unknown>;
  /** Every booking that a board can show, compared field by field. */
  sweepWindow(): Promise<unknown>;
  /** Every booking near and far, once a day. */
  sweepEverything(): Promise<unknown>;
  /** Comparisons that people asked for and whose process ended before it began. */
  runRequestedSweeps(): Promise<unknown>;
  /** Webhook events that nobody has applied. */
  applyLeftovers(): Promise<unknown>;
  mirrorEventTypes(): Promise<unknown>;
  /** Past appointments of people of whom something changed that they are linked by. */
  linkPeople(): Promise<unknown>;
  /** What the Cal.com in use can do, and whether it is still the same. */
  checkCalcom(): Promise<unknown>;
  /** Deletes what has a limited life. */
  retention(): Promise<unknown>;
}

const schedule: Record<keyof JobActions, string> = {
  sweepRecent: '*/5 * * * *',
  sweepWindow: '*/15 * * * *',
  sweepEverything: '17 3 * * *',
  runRequestedSweeps: '* * * * *',
  applyLeftovers: '* * * * *',
  linkPeople: '* * * * *',
  mirrorEventTypes: '7 * * * *',
  checkCalcom: '37 * * * *',
  retention: '*/10 * * * *',
};

export const crontab = Object.entries(schedule)
  .map(([task, when]) => `${when} ${task} ?max=1&jobKey=${task}&jobKeyMode=preserve_run_at`)
  .join('\n');

export function taskList(actions: JobActions): TaskList {
  return {
    sweepRecent: async () => void (await actions.sweepRecent()),
    sweepWindow: async () => void (await actions.sweepWindow()),
    sweepEverything: async () => void (await actions.sweepEverything()),
    runRequestedSweeps: async () => void (await actions.runRequestedSweeps()),
    applyLeftovers: async () => void (await actions.applyLeftovers()),
    linkPeople: async () => void (await actions.linkPeople()),
    mirrorEventTypes: async () => void (await actions.mirrorEventTypes()),
    checkCalcom: async () => void (await actions.checkCalcom()),
    retention: async () => void (await actions.retention()),
  };
}
