/** The sandbox's people, by role, and what the gateway answers them. */
interface Persona {
  id: string;
  name: string;
  role: string;
}

/** Browser contexts become one of them by `?as=<id>`. */
export async function personaId(url: string, role: string, name?: string): Promise<string> {
  const { demoPersonas } = await ask<{ demoPersonas: Persona[] }>(url, null, '{ demoPersonas { id name role } }', {});
  const persona = demoPersonas.find((each) => each.role === role && (name === undefined || each.name === name));
  if (persona === undefined) throw new Error(`The sandbox has no ${role}${name === undefined ? '' : ` called ${name}`}.`);
  return persona.id;
}

/** Names of the participants of everything that the front desk sees at this instant. */
export async function bookedAt(url: string, startsAt: string): Promise<string[]> {
  const frontDesk = await personaId(url, 'FRONT_DESK');
  const { signInAs } = await ask<{ signInAs: { token: string } }>(
    url,
    null,
    'mutation($id: ID!) { signInAs(input: { personaId: $id }) { ... on SignInAsSuccess { token } } }',
    { id: frontDesk },
  );
  const at = Date.parse(startsAt);
  const filter = { startsAfter: new Date(at - 1).toISOString(), startsBefore: new Date(at + 1).toISOString() };
  const { appointments } = await ask<{ appointments: { nodes: { participants: { name: string }[] }[] } }>(
    url,
    signInAs.token,
    'query($filter: AppointmentFilter) { appointments(filter: $filter) { nodes { participants { name } } } }',
    { filter },
  );
  return appointments.nodes.flatMap((node) => node.participants.map(({ name }) => name));
}

async function ask<Answer>(url: string, token: string | null, query: string, variables: Record<string, unknown>): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-graphql-yoga-csrf': '1',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return ((await response.json()) as { data: Answer }).data;
}
