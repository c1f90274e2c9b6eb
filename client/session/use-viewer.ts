/** The signed-in person as the gateway knows them, and what of the clinic every page needs. */
import { useQuery } from '@apollo/client/react';
import type { FrameQuery } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';

export const FRAME = graphql(`
  query Frame {
    viewer {
      role
      user {
        id
        name
        email
        phone
        timeZone
      }
      clinician {
        id
      }
    }
    clinic {
      name
      timeZone
      waitAmberMinutes
      waitRedMinutes
      patientChangeCutoffMinutes
      sandbox
      tokenUrl
      calcomWebappUrl
    }
  }
`);

export type Viewer = NonNullable<FrameQuery['viewer']>;
export type Clinic = FrameQuery['clinic'];

export interface Frame {
  viewer: Viewer | null;
  /** Null until the first answer. */
  clinic: Clinic | null;
  loading: boolean;
  failed: boolean;
  retry: () => void;
}

export function useFrame(): Frame {
  const { data, loading, error, refetch } = useQuery(FRAME);
  return {
    viewer: data?.viewer ?? null,
    clinic: data?.clinic ?? null,
    loading: loading && data === undefined,
    failed: error !== undefined && data === undefined,
    retry: () => void refetch(),
  };
}

export function isStaff(viewer: Viewer): boolean {
  return viewer.role !== 'PATIENT';
}

/** Auditors see what was done, and no appointments. */
export function seesAppointments(viewer: Viewer): boolean {
  return viewer.role !== 'AUDITOR';
}

export function mayBook(viewer: Viewer): boolean {
  return viewer.role !== 'AUDITOR' && viewer.role !== 'DISPLAY';
}
