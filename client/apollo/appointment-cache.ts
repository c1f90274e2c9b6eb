/**
 * Apollo's cache with one rule of ours: an older answer never overwrites a newer Appointment. Answers overtake each
 * other (a slow query against a live update), and field policies cannot know the version of the object they belong
 * to; so the comparison happens at the only door, `write`.
 */
import { type ApolloCache, gql, InMemoryCache, type TypePolicies } from '@apollo/client';
import type { Cache } from '@apollo/client/cache';

/** Appointments are kept by `id`, Apollo's default: `Appointment:<id>`. */
const typePolicies: TypePolicies = {
  Viewer: { keyFields: [], merge: true },
  Clinic: { keyFields: [], merge: true },
  // These have no identity of their own: each answer is complete.
  SlotList: { keyFields: false },
  Slot: { keyFields: false },
  // A participant's id is only unique within the appointment that was asked for.
  Participant: { keyFields: false },
  DemoPersona: { keyFields: false },
  Query: {
    fields: {
      appointment: {
        read: (existing, { args, toReference }) => existing ?? toReference({ __typename: 'Appointment', id: String(args?.id) }),
      },
    },
  },
};

/** Members of the schema's interfaces; held against schema.graphql by a test. */
export const possibleTypes: Record<string, string[]> = {
  UserError: [
    'NotAllowed',
    'NotFound',
    'InvalidInput',
    'SlotTaken',
    'CalcomUnavailable',
    'OutcomeUnknown',
    'VersionConflict',
    'InvalidTransition',
  ],
  Node: ['User', 'Clinician', 'Patient', 'EventType', 'Appointment'],
};

const VERSION = gql`
  fragment AppointmentVersion on Appointment {
    version
  }
`;

export class AppointmentCache extends InMemoryCache {
  constructor() {
    super({ typePolicies, possibleTypes });
  }

  override write<Data = unknown, Variables extends Record<string, unknown> = Record<string, unknown>>(
    options: Cache.WriteOptions<Data, Variables>,
  ): ReturnType<ApolloCache['write']> {
    return super.write({ ...options, result: this.#withoutOutdated(options.result, options.dataId) as typeof options.result });
  }

  /** The version that the cache holds; 0 when it does not know the appointment. */
  knownVersion(id: string): number {
    const known: { version?: number } | null = this.readFragment({ id: `Appointment:${id}`, fragment: VERSION, optimistic: false });
    return known?.version ?? 0;
  }

  #withoutOutdated(value: unknown, dataId?: string): unknown {
    if (Array.isArray(value)) {
      let changed = false;
      const next = value.map((each: unknown) => {
        const kept = this.#withoutOutdated(each);
        changed ||= kept !== each;
        return kept;
      });
      return changed ? next : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    const object = value as Record<string, unknown>;
    let next = this.#outdated(object, dataId);
    for (const [key, each] of Object.entries(next ?? object)) {
      const kept = this.#withoutOutdated(each);
      if (kept === each) continue;
      next ??= { ...object };
      next[key] = kept;
    }
    return next ?? object;
  }

  /** The object without those fields that the cache knows from a newer version, or null when the object is the newer one. */
  #outdated(object: Record<string, unknown>, dataId: string | undefined): Record<string, unknown> | null {
    if (object.__typename !== 'Appointment' || typeof object.version !== 'number') return null;
    const cacheId = typeof object.id === 'string' ? `Appointment:${object.id}` : dataId;
    if (cacheId === undefined || this.knownVersion(cacheId.slice('Appointment:'.length)) <= object.version) return null;
    const known = this.#knownFields(cacheId);
    return Object.fromEntries(Object.entries(object).filter(([field]) => field === '__typename' || field === 'id' || !known.has(field)));
  }

  /** Fields without arguments only: our documents have no aliases, so these are stored under their own name. */
  #knownFields(cacheId: string): Set<string> {
    const known = new Set<string>();
    this.modify({
      id: cacheId,
      optimistic: false,
      broadcast: false,
      fields: (value: unknown, { fieldName, storeFieldName }) => {
        if (fieldName === storeFieldName) known.add(fieldName);
        return value;
      },
    });
    return known;
  }
}
